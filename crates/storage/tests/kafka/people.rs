//! People on Kafka: the contract suites on the node that owns them, and what is special about the topic: other nodes, the next owner,
//! copies, and erasure by compaction.

use std::{collections::HashSet, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{
    Mark, Partition, Position, Random, Timestamp,
    addressee::{Addressee, Channel, EventReference, Evidence, FilterText, Message, Outcome},
    clock::{SystemClock, SystemRandom},
    inbox::{Change, MessageId, NewMessage},
    mailing::{FollowedTo, MailingStart},
};
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};
use storage::{
    Audience, Error, Feeds, Inbox, Mailings,
    audience::{self, EvidencePage, Outgoing, OutgoingId, Purge, Put, Settlement, Walk},
    kafka::{Kafka, KafkaPeople, Options},
    suite::{
        audience::{AudienceHarness, address, addressee, digest},
        collected::{CollectedHarness, Ports},
        feeds::FeedsHarness,
        inbox::InboxHarness,
        mailings::MailingsHarness,
        replacements::{self, ReplacementsHarness},
        sample::{name, sealed},
    },
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::stored::broker;

pub fn options() -> Options {
    let mut options = Options::new(broker().address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    options.prefix = format!("t{}", SystemRandom.uuid().simple());
    (options.partitions, options.replication, options.min_insync_replicas, options.shards) = (1, 1, 1, 1);
    // So long that a node keeps the ownership when the machine is busy.
    (options.deadline, options.session_timeout) = (Duration::from_mins(1), Duration::from_secs(45));
    options
}

pub async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(5), what).await.expect("in time")
}

async fn node(options: &Options, directory: &Path) -> KafkaPeople {
    let kafka = Kafka::new(options.clone()).expect("the options are right");
    in_time(kafka.people(directory, true)).await.expect("people open")
}

pub async fn owner(options: &Options, directory: &Path) -> KafkaPeople {
    let node = node(options, directory).await;
    in_time(node.owned()).await.expect("it becomes the owner");
    node
}

/// Closes a node as at the end of a process.
pub async fn close(node: KafkaPeople) {
    tokio::task::spawn_blocking(move || drop(node)).await.expect("closed");
}

/// A node that owns people.
struct OnKafka {
    options: Options,
    directory: TempDir,
    node: Option<KafkaPeople>,
    fillers: u32,
}

impl OnKafka {
    fn new() -> Self {
        Self { options: options(), directory: tempfile::tempdir().expect("a directory"), node: None, fillers: 0 }
    }

    async fn started(&mut self) -> &KafkaPeople {
        self.node.insert(owner(&self.options, self.directory.path()).await)
    }

    async fn stopped(&mut self) {
        close(self.node.take().expect("it runs")).await;
    }

    /// How often these bytes are in the files and on the topic, after the brokers have compacted it.
    async fn occurrences(&mut self, sought: &[u8]) -> usize {
        let topic = format!("{}.people", self.options.prefix);
        compact_soon(&topic).await;
        let ports = self.node.as_ref().expect("it runs").ports();
        let records = in_time(async {
            loop {
                // Closes the segment with what came before.
                self.fillers += 1;
                let text = FilterText::new(format!("filler-{}", self.fillers)).expect("a filter");
                ports.filter_id(text).await.expect("stored");
                let records = records(&topic);
                if is_compacted(&records) {
                    return records;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
        .await;
        let is_of = |bytes: &[u8]| memchr::memmem::find_iter(bytes, sought).count();
        let on_topic: usize = records.iter().map(|(key, value)| is_of(key) + value.as_deref().map_or(0, is_of)).sum();
        let files = std::fs::read_dir(self.directory.path()).expect("a directory");
        let in_files: usize =
            files.map(|file| is_of(&std::fs::read(file.expect("a file").path()).expect("read"))).sum();
        on_topic + in_files
    }
}

/// Settings with which the brokers compact a topic at once; those of the gateway take a day.
async fn compact_soon(topic: &str) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", broker().address()).create().expect("a client");
    let mut change = AlterConfig::new(ResourceSpecifier::Topic(topic));
    for (name, value) in [
        ("cleanup.policy", "compact"),
        ("message.timestamp.type", "LogAppendTime"),
        ("segment.ms", "100"),
        ("max.compaction.lag.ms", "100"),
        ("min.cleanable.dirty.ratio", "0.0"),
        ("delete.retention.ms", "0"),
    ] {
        change = change.set(name, value);
    }
    let altered = admin.alter_configs(&[change], &AdminOptions::new()).await.expect("altered");
    for one in altered {
        one.expect("altered");
    }
}

type Record = (Vec<u8>, Option<Vec<u8>>);

/// Every record that the broker still has of a topic, committed or not.
fn records(topic: &str) -> Vec<Record> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker().address()).set("group.id", "records").set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.set("isolation.level", "read_uncommitted").create().expect("a consumer");
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Beginning).expect("a partition");
    consumer.assign(&list).expect("assigned");
    let mut records = Vec::new();
    loop {
        match consumer.poll(Duration::from_secs(30)) {
            Some(Ok(message)) => {
                let (key, value) = (message.key().unwrap_or_default(), message.payload());
                records.push((key.to_vec(), value.map(<[u8]>::to_vec)));
            }
            Some(Err(KafkaError::PartitionEOF(_))) => return records,
            Some(Err(error)) => panic!("{error}"),
            None => panic!("the topic is not read"),
        }
    }
}

/// Whether nothing is left that was replaced or removed, except by what closes segments.
fn is_compacted(records: &[Record]) -> bool {
    let mut keys = HashSet::new();
    let is_of_filler = |key: &[u8]| key.starts_with(b"sqlite_sequence\0") || key.starts_with(b"filter\0");
    records
        .iter()
        .filter(|(key, _)| !is_of_filler(key) && key != b"beat")
        .all(|(key, value)| value.is_some() && keys.insert(key.clone()))
}

#[async_trait]
impl AudienceHarness for OnKafka {
    async fn open(&mut self) -> Arc<dyn Audience> {
        self.started().await.ports()
    }

    async fn close(&mut self, audience: Arc<dyn Audience>) {
        drop(audience);
        self.stopped().await;
    }

    async fn occurrences(&mut self, text: &str) -> usize {
        self.occurrences(text.as_bytes()).await
    }
}

#[async_trait]
impl MailingsHarness for OnKafka {
    async fn open(&mut self) -> Arc<dyn Mailings> {
        self.started().await.mailings()
    }

    async fn close(&mut self, mailings: Arc<dyn Mailings>) {
        drop(mailings);
        self.stopped().await;
    }
}

#[async_trait]
impl InboxHarness for OnKafka {
    async fn open(&mut self) -> Arc<dyn Inbox> {
        self.started().await.ports()
    }

    async fn close(&mut self, inbox: Arc<dyn Inbox>) {
        drop(inbox);
        self.stopped().await;
    }

    async fn occurrences(&mut self, bytes: &[u8]) -> usize {
        OnKafka::occurrences(self, bytes).await
    }
}

#[async_trait]
impl CollectedHarness for OnKafka {
    async fn open(&mut self) -> Ports {
        let people = self.started().await;
        (people.ports(), people.mailings())
    }

    async fn close(&mut self, ports: Ports) {
        drop(ports);
        self.stopped().await;
    }
}

#[async_trait]
impl ReplacementsHarness for OnKafka {
    async fn open(&mut self) -> replacements::Ports {
        let people = self.started().await;
        (people.mailings(), people.ports())
    }

    async fn close(&mut self, ports: replacements::Ports) {
        drop(ports);
        self.stopped().await;
    }
}

mod replacements_suite {
    storage::replacements_suite!(super::OnKafka::new());
}

mod collected_suite {
    storage::collected_suite!(super::OnKafka::new());
}

mod audience_suite {
    storage::audience_suite!(super::OnKafka::new());
}

mod mailings_suite {
    storage::mailings_suite!(super::OnKafka::new());
}

#[async_trait]
impl FeedsHarness for OnKafka {
    async fn open(&mut self) -> Arc<dyn Feeds> {
        self.started().await.feeds()
    }

    async fn close(&mut self, feeds: Arc<dyn Feeds>) {
        drop(feeds);
        self.stopped().await;
    }
}

mod feeds_suite {
    storage::feeds_suite!(super::OnKafka::new());
}

mod inbox_suite {
    storage::inbox_suite!(super::OnKafka::new());
}

/// The suites on a node that is not the owner: every change goes to the owner. Cases of what only the owner does are left out.
mod from_another_node {
    use super::*;

    struct TwoNodes {
        owner: OnKafka,
        other: Option<KafkaPeople>,
        directory: TempDir,
    }

    impl TwoNodes {
        fn new() -> Self {
            Self { owner: OnKafka::new(), other: None, directory: tempfile::tempdir().expect("a directory") }
        }
    }

    #[async_trait]
    impl AudienceHarness for TwoNodes {
        async fn open(&mut self) -> Arc<dyn Audience> {
            self.owner.started().await;
            let other = self.other.insert(node(&self.owner.options, self.directory.path()).await);
            assert!(!*other.ownership().borrow());
            other.ports()
        }

        async fn close(&mut self, audience: Arc<dyn Audience>) {
            drop(audience);
            // First, so that it does not become the owner.
            close(self.other.take().expect("it runs")).await;
            self.owner.stopped().await;
        }

        async fn occurrences(&mut self, text: &str) -> usize {
            self.owner.occurrences(text.as_bytes()).await
        }
    }

    storage::suite_tests!(
        audience,
        TwoNodes::new(),
        every_state_survives,
        a_change_needs_the_version_that_was_seen,
        many_are_stored_all_or_none,
        concurrent_changes_have_one_winner,
        kanaal_and_channel_do_not_change,
        the_only_one_of_an_address_is_added_once,
        erasure_leaves_the_digest_and_the_evidence,
        erasure_covers_every_kanaal_and_a_change_to_the_address,
        evidence_is_merged,
        evidence_is_complete_for_one_address_and_has_no_other,
        a_due_message_is_stored_with_its_addressee,
    );

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_person_changes_the_inbox_at_any_node_and_only_the_owner_follows_logs() {
        let mut harness = TwoNodes::new();
        let ports = AudienceHarness::open(&mut harness).await;
        drop(ports);
        let owner = harness.owner.node.as_ref().expect("it runs").ports();
        let other = harness.other.as_ref().expect("it runs").ports();
        let (now, undo, person) = (Timestamp::from_seconds(1_800_000_000), Duration::from_secs(100), digest(1));
        let message = |number: u64| NewMessage {
            id: MessageId(Uuid::from_u128(number.into())),
            event: EventReference { kanaal: name("weg"), source: "urn:s".into(), id: number.to_string() },
            partition: Partition(0),
            position: Position(number),
            person: Some(person),
            due: now,
            expires: None,
        };
        let followed = FollowedTo { partition: Partition(0), mark: Mark(3) };
        let messages = vec![message(1), message(2)];
        let refused = other.add(&name("weg"), followed, messages.clone(), now).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
        assert_eq!(owner.add(&name("weg"), followed, messages, now).await.expect("stored"), 2);
        let act = async |number: u64, change, at: u64| {
            let id = MessageId(Uuid::from_u128(number.into()));
            other.change(person, id, change, now + Duration::from_secs(at), undo).await.expect("changed")
        };
        let read = act(1, Change::Read, 0).await.expect("a message").expect("it is read");
        assert_eq!(Some(read), owner.message(person, MessageId(Uuid::from_u128(1))).await.expect("read"));
        act(2, Change::Delete, 0).await.expect("a message").expect("it is deleted");
        assert!(act(2, Change::Restore, 1_000).await.expect("a message").is_err());
        assert_eq!(act(3, Change::Read, 0).await, None);
        assert_eq!(other.erase_person(person).await.expect("erased"), 4);
        assert_eq!(owner.page(person, None, 10).await.expect("read"), []);
    }
}

async fn put(audience: &dyn Audience, numbers: impl Iterator<Item = u128>) {
    let puts = numbers.map(|number| Put::new(addressee(number, "weg")));
    audience.put(puts.collect()).await.expect("stored");
}

async fn all(audience: &dyn Audience) -> Vec<Addressee> {
    let walk =
        Walk { kanaal: name("weg"), channel: Channel::Email, after: None, state: None, filters: None, limit: 10_000 };
    let chunk = audience.walk(walk).await.expect("walked");
    chunk.addressees.into_iter().map(|stored| stored.addressee).collect()
}

/// The next owner has all that the one before stored, and the one before stores nothing any more: no mailing is continued twice and
/// no due message lost (I11).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i11_the_next_owner_goes_on_where_the_last_one_was() {
    let options = options();
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let first = owner(&options, dirs[0].path()).await;
    let second = node(&options, dirs[1].path()).await;
    let due = Outgoing {
        id: OutgoingId(Uuid::from_u128(77)),
        message: Message::Confirmation,
        secret: Some(sealed()),
        created: Timestamp::from_seconds(1),
    };
    put(&*first.ports(), 0..50).await;
    first.ports().put(vec![Put::new(addressee(60, "weg")).with_due(due)]).await.expect("stored");
    let start = MailingStart {
        event: EventReference { kanaal: name("weg"), source: "urn:s".into(), id: "1".into() },
        channel: Channel::Email,
        partition: Partition(0),
        position: Position(1),
        accepted: Timestamp::from_seconds(1),
        expires: None,
        resend: None,
    };
    let followed = FollowedTo { partition: Partition(0), mark: Mark(2) };
    let started = first.mailings().start(&name("weg"), followed, vec![start.clone()]).await.expect("stored");
    let expected = all(&*first.ports()).await;
    assert_eq!(expected.len(), 51);
    assert_eq!(all(&*second.ports()).await, expected, "another node has the same");
    let (old, old_mailings) = (first.ports(), first.mailings());
    close(first).await;
    in_time(second.owned()).await.expect("it becomes the owner");
    assert_eq!(all(&*second.ports()).await, expected);
    let open = second.mailings().open(&name("weg"), None, 10).await.expect("read");
    assert_eq!(open, started);
    let again = second.mailings().start(&name("weg"), followed, vec![start]).await.expect("stored");
    assert_eq!(again, [], "the event is a mailing already");
    let outbox = second.ports().outbox(Timestamp::from_seconds(10), 10).await.expect("read");
    assert_eq!(outbox.len(), 1);
    second.ports().settle(outbox[0].outgoing.id, Settlement::Done).await.expect("settled");
    let late = old_mailings.end(started[0].id, Timestamp::from_seconds(5)).await;
    assert!(matches!(late, Err(Error::Unavailable { .. })), "{late:?}");
    let late = old.settle(OutgoingId(Uuid::from_u128(77)), Settlement::Done).await;
    assert!(matches!(late, Err(audience::Error::Storage(Error::Unavailable { .. }))), "{late:?}");
    close(second).await;
}

/// A copy gets what changed, and loses what was erased, while its node was away; without its file it is filled from the topic.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_removed_or_is_behind_becomes_the_same_again() {
    let options = options();
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let first = owner(&options, dirs[0].path()).await;
    put(&*first.ports(), 0..20).await;
    let second = node(&options, dirs[1].path()).await;
    assert_eq!(all(&*second.ports()).await.len(), 20);
    close(second).await;
    // Behind: changed, erased and purged while the node was away.
    put(&*first.ports(), 20..30).await;
    first.ports().erase(digest(5), Timestamp::from_seconds(90)).await.expect("erased");
    first.ports().purge(Purge::Ended { before: Timestamp::from_seconds(4_000_000_000) }, 100).await.expect("purged");
    let expected = all(&*first.ports()).await;
    assert_eq!(expected.len(), 29);
    let second = node(&options, dirs[1].path()).await;
    assert_eq!(all(&*second.ports()).await, expected);
    let bytes = |dir: &TempDir| {
        let files = std::fs::read_dir(dir.path()).expect("a directory");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("read")).collect::<Vec<u8>>()
    };
    let erased = address(5).ciphertext;
    close(second).await;
    assert!(memchr::memmem::find(&bytes(&dirs[1]), &erased).is_none(), "CH-135: no copy has what was erased");
    // Removed.
    std::fs::remove_dir_all(dirs[1].path()).expect("removed");
    let second = node(&options, dirs[1].path()).await;
    assert_eq!(all(&*second.ports()).await, expected);
    close(first).await;
    in_time(second.owned()).await.expect("it becomes the owner");
    put(&*second.ports(), 40..45).await;
    assert_eq!(all(&*second.ports()).await.len(), 34);
    close(second).await;
}

/// A copy from before the topic was lost is not taken for the beginning of another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_lost_is_reported_at_the_start() {
    let options = options();
    let dir = tempfile::tempdir().expect("a directory");
    let first = owner(&options, dir.path()).await;
    put(&*first.ports(), 0..3).await;
    close(first).await;
    in_time(broker().delete_topic(&format!("{}.people", options.prefix))).await.expect("deleted");
    let opened = in_time(async {
        loop {
            match Kafka::new(options.clone()).expect("the options are right").people(dir.path(), true).await {
                // The broker still deletes.
                Err(Error::Unavailable { .. }) => tokio::time::sleep(Duration::from_millis(200)).await,
                opened => return opened.map(drop),
            }
        }
    })
    .await;
    assert!(matches!(opened, Err(Error::Corrupt { kind: "topic of people", .. })), "{opened:?}");
}

/// Evidence that another node stores at the same time is merged, and nothing of it is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_from_two_nodes_is_complete_ch_137() {
    let options = options();
    let dirs = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let first = owner(&options, dirs[0].path()).await;
    let second = node(&options, dirs[1].path()).await;
    // It is ready for answers once it follows.
    assert_eq!(all(&*second.ports()).await, []);
    let at = Timestamp::from_seconds(5);
    let evidence = |number: u32, outcome| Evidence {
        event: EventReference { kanaal: name("weg"), source: "urn:s".into(), id: number.to_string() },
        digest: digest(1),
        addressee: Some(addressee(1, "weg").id),
        accepted: at,
        tried: Some((1, at)),
        outcome,
        read: None,
    };
    for number in 0..20 {
        let sent = vec![evidence(number, Some((Outcome::Sent, at)))];
        let late = vec![evidence(number, Some((Outcome::Delivered, at)))];
        let (one, other) = (first.ports(), second.ports());
        let (one, other) = tokio::join!(one.record(sent), other.record(late));
        one.expect("recorded");
        other.expect("recorded");
    }
    let page = EvidencePage { offset: 0, limit: 100 };
    let found = second.ports().evidence(digest(1), page).await.expect("read");
    assert_eq!(found.len(), 20);
    assert_eq!(found, first.ports().evidence(digest(1), page).await.expect("read"));
    close(second).await;
    close(first).await;
}
