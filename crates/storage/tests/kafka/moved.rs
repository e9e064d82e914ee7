//! People of an embedded file become people on Kafka: the same rows, with places on the other log; repeated, nothing is stored again.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use model::{
    KanaalName, Mark, Partition, Position, Timestamp,
    addressee::{Addressee, Channel, EventReference, FilterText},
    clock::SystemClock,
    inbox::{Change, MessageId, NewMessage},
    mailing::{Checkpoint, Counts, Cursor, End, FollowedTo, MailingStart, Phase},
};
use storage::{
    Audience, Inbox, Mailings,
    audience::{Put, Walk},
    sqlite::{Embedded, Options, Places, SqliteAudience},
    suite::{
        audience::{addressee, digest, of_every_kind},
        sample::name,
    },
};
use uuid::Uuid;

use crate::people::{close, in_time, options, owner};

/// The other log has two partitions; the first record of the file is not on it any more.
struct OtherLog;

impl Places for OtherLog {
    fn marks(&self, kanaal: &KanaalName, mark: Mark) -> Vec<(Partition, Mark)> {
        if kanaal.as_str() != "weg" {
            return Vec::new();
        }
        vec![(Partition(0), mark), (Partition(1), Mark(mark.0 + 100))]
    }

    fn record(&self, _: &KanaalName, position: Position) -> (Partition, Position) {
        (Partition(1), Position(position.0 + 10))
    }

    fn is_on_log(&self, _: &KanaalName, position: Position) -> bool {
        position.0 > 0
    }
}

fn now() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000)
}

fn open(dir: &Path) -> Arc<SqliteAudience> {
    let mut options = Options::new(Arc::new(SystemClock::default()));
    options.deadline = Duration::from_mins(1);
    let store = Embedded::open(dir, options.clone()).expect("the store opens");
    store.open_audience(&options).expect("the audience opens")
}

fn event(id: &str) -> EventReference {
    EventReference { kanaal: name("weg"), source: "urn:s".into(), id: id.into() }
}

fn message(position: u64) -> NewMessage {
    NewMessage {
        id: MessageId(Uuid::from_u128(position.into())),
        event: event(&position.to_string()),
        partition: Partition(0),
        position: Position(position),
        person: Some(digest(1)),
        due: now(),
        expires: None,
    }
}

/// A file with addressees, a filter, a mailing that is under way, and messages of which one was read.
async fn filled(dir: &Path) -> Arc<SqliteAudience> {
    let audience = open(dir);
    let filter = FilterText::new("{\"dialect\":\"exact\",\"value\":\"é\"}".into()).expect("a filter");
    let filter = audience.filter_id(filter).await.expect("an id");
    let with_filter = Addressee { filter: Some(filter), ..addressee(1, "weg") };
    let mut all: Vec<Addressee> = of_every_kind();
    all.push(with_filter);
    all.extend((10_000..12_200).map(|number| addressee(number, "raad")));
    for some in all.chunks(500) {
        audience.put(some.iter().cloned().map(Put::new).collect()).await.expect("stored");
    }
    let followed = FollowedTo { partition: Partition(0), mark: Mark(3) };
    let start = MailingStart {
        event: event("1"),
        channel: Channel::Email,
        partition: Partition(0),
        position: Position(1),
        accepted: now(),
        expires: None,
        resend: None,
    };
    let started = audience.start(&name("weg"), followed, vec![start]).await.expect("started");
    let mut counts = Counts::default();
    counts.candidates = 2;
    counts.open = 1;
    counts.count(End::ALL[0], 1);
    let cursor = Cursor::After(Some(digest(1)));
    let checkpoint = Checkpoint { cursor, phase: Phase::Active, counts, changed: Vec::new(), ended: Vec::new() };
    audience.apply(started[0].id, checkpoint).await.expect("stored");
    audience.add(&name("weg"), followed, vec![message(0), message(1), message(2)], now()).await.expect("stored");
    for number in [0, 1] {
        let id = MessageId(Uuid::from_u128(number));
        let read = Inbox::change(&*audience, digest(1), id, Change::Read, now(), Duration::from_hours(1)).await;
        read.expect("stored").expect("a message").expect("it is read");
    }
    audience
}

async fn all(audience: &dyn Audience) -> Vec<storage::audience::Stored> {
    let mut found = Vec::new();
    for count in audience.counts(None).await.expect("counts") {
        let walk = Walk {
            kanaal: count.kanaal,
            channel: count.channel,
            after: None,
            state: Some(count.state),
            filters: None,
            limit: 10_000,
        };
        found.extend(audience.walk(walk).await.expect("read").addressees);
    }
    found.sort_by_key(|stored| stored.addressee.id);
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_a_file_are_the_same_on_kafka_with_places_on_the_other_log() {
    let (dir, copy, other) =
        (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a"), tempfile::tempdir().expect("a"));
    let source = filled(dir.path()).await;
    let positions: Vec<u64> = source.references().await.expect("read").into_iter().map(|(_, at)| at).collect();
    assert_eq!(positions, [0, 1, 2, 3]);
    let options = options();
    let target = owner(&options, copy.path()).await;
    let done = in_time(target.fill(&source, Arc::new(OtherLog))).await.expect("filled");
    assert!(done.is_equal(), "{done:?}");
    assert_eq!(
        (done.source["addressee"], done.source["inbox_message"], done.source["inbox_state"]),
        (of_every_kind().len() as u64 + 2_201, 2, 1)
    );
    let again = in_time(target.fill(&source, Arc::new(OtherLog))).await.expect("filled");
    assert_eq!((again.added, again.is_equal(), &again.source_digest), (0, true, &done.source_digest));
    close(target).await;

    // Another node reads the topic.
    let next = owner(&options, other.path()).await;
    let ports = next.ports();
    assert_eq!(all(&*ports).await, all(&*source).await);
    let followed = Mailings::followed(&*next.mailings(), &name("weg")).await.expect("read");
    let marks: BTreeMap<u32, u64> = followed.iter().map(|one| (one.partition.0, one.mark.0)).collect();
    assert_eq!(marks, BTreeMap::from([(0, 3), (1, 103)]));
    assert_eq!(Inbox::followed(&*ports, &name("weg")).await.expect("read"), followed);
    let (old, new) = (source.open(&name("weg"), None, 10).await, next.mailings().open(&name("weg"), None, 10).await);
    let (old, new) = (old.expect("read"), new.expect("read"));
    assert_eq!((new[0].id, &new[0].start.event), (old[0].id, &old[0].start.event));
    assert_eq!((new[0].start.partition, new[0].start.position), (Partition(1), Position(11)));
    assert_eq!(
        next.mailings().progress(new[0].id).await.expect("read"),
        source.progress(old[0].id).await.expect("read")
    );
    // The message whose event is gone is not there; the state of the other one is.
    let messages = ports.page(digest(1), None, 10).await.expect("read");
    let shown: Vec<_> = messages.iter().map(|own| (own.id.0.as_u128(), own.changed.is_some())).collect();
    assert_eq!(shown, [(2, false), (1, true)]);
    // What is added next gets numbers that no other row had.
    let new = Put::new(addressee(20_000, "weg"));
    ports.put(vec![new]).await.expect("stored");
    assert!(ports.get(addressee(20_000, "weg").id).await.expect("read").is_some());
    close(next).await;
}
