//! Follows the log of one kanaal: makes a mailing of each event, and starts its driver when there is room.

use std::{collections::HashSet, sync::Arc};

use event_reader::{StoredEvent, read_one};
use model::{
    KanaalName, Mark, Partition, Timestamp,
    addressee::{Channel, EventReference},
    inbox::{AddressedTo, InboxKanalen},
    mailing::{self, FollowedTo, MailingId, MailingStart, Phase},
};
use storage::{
    log::{Batch, Limit},
    mailings::{MAX_PAGE, OpenMailing, mark_of},
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    MailingParts,
    first_mark::first_mark,
    run,
    schedule::{self, Waited},
    store::until_durable,
};

/// A read of the log. Each event becomes a mailing, which waits in memory until there is room.
const LIMIT: Limit = Limit { records: 16, bytes: 4 << 20 };

/// The room for mailings of a kanaal.
#[derive(Clone)]
pub(super) struct Room {
    walking: Arc<Semaphore>,
    open: Arc<Semaphore>,
    /// For those that wait for the moment of their event, or for the end of a pause.
    scheduled: Arc<Semaphore>,
}

/// What a follower does.
enum Work {
    /// Goes on with these mailings, and starts resends that are stored later.
    Resume(Vec<OpenMailing>, watch::Receiver<()>),
    /// Makes mailings of the events of a partition.
    Follow(Partition),
}

/// Starts mailings of one kanaal.
struct Follower {
    parts: Arc<MailingParts>,
    kanaal: KanaalName,
    room: Room,
    stop: CancellationToken,
    drivers: JoinSet<()>,
}

/// Goes on with the mailings of a kanaal that are open, and follows its log, until it is to stop.
pub(super) async fn kanaal(parts: Arc<MailingParts>, kanaal: KanaalName, stop: CancellationToken) {
    let room = Room {
        walking: Arc::new(Semaphore::new(parts.settings.walking)),
        open: Arc::new(Semaphore::new(parts.settings.open)),
        scheduled: Arc::new(Semaphore::new(parts.settings.scheduled)),
    };
    let follower = || Follower {
        parts: Arc::clone(&parts),
        kanaal: kanaal.clone(),
        room: room.clone(),
        stop: stop.clone(),
        drivers: JoinSet::new(),
    };
    let resends = parts.resends.subscribe();
    // All that is open is read before an event is, so that no mailing is started twice.
    let known = async {
        let open = until_durable(&parts, || open(&parts, &kanaal)).await;
        (open, until_durable(&parts, || parts.log.partitions(&kanaal)).await)
    };
    let (open, partitions) = tokio::select! {
        known = known => known,
        () = stop.cancelled() => return,
    };
    let mut followers = JoinSet::new();
    followers.spawn(follower().until_stop(Work::Resume(open, resends)));
    for partition in (0..partitions).map(Partition) {
        followers.spawn(follower().until_stop(Work::Follow(partition)));
    }
    while followers.join_next().await.is_some() {}
}

impl Follower {
    /// Does its work, and then waits for its mailings.
    async fn until_stop(mut self, work: Work) {
        let stop = self.stop.clone();
        let work = async {
            match work {
                Work::Follow(partition) => self.follow(partition).await,
                Work::Resume(open, resends) => self.resume(open, resends).await,
            }
        };
        tokio::select! {
            () = work => {}
            () = stop.cancelled() => {}
        }
        while self.drivers.join_next().await.is_some() {}
    }

    async fn resume(&mut self, open: Vec<OpenMailing>, mut resends: watch::Receiver<()>) {
        let mut known: HashSet<MailingId> = open.iter().map(|one| one.id).collect();
        for mailing in open {
            self.start(mailing, None).await;
        }
        while resends.changed().await.is_ok() {
            let open = until_durable(&self.parts, || self::open(&self.parts, &self.kanaal)).await;
            known.retain(|id| open.iter().any(|one| one.id == *id));
            for mailing in open {
                if mailing.start.resend.is_some() && known.insert(mailing.id) {
                    self.start(mailing, None).await;
                }
            }
            while self.drivers.try_join_next().is_some() {}
        }
    }

    async fn follow(&mut self, partition: Partition) {
        let (parts, kanaal) = (Arc::clone(&self.parts), self.kanaal.clone());
        let mut end = parts.log.watch(&kanaal, partition);
        let mut next = until_durable(&parts, || from(&parts, &kanaal, partition)).await;
        loop {
            while next < *end.borrow_and_update() {
                let batch = until_durable(&parts, || parts.log.read(&kanaal, partition, next, LIMIT)).await;
                if batch.oldest > next {
                    tracing::warn!(%kanaal, "events were removed before they became mailings");
                }
                next = batch.next;
                let mut events = decode(&kanaal, partition, batch);
                events.retain(|(_, event)| is_for_all(&parts.inbox, event));
                let followed = FollowedTo { partition, mark: next };
                // Read behind the events: who confirmed before one was accepted is counted.
                let channels = until_durable(&parts, || channels(&parts, &kanaal)).await;
                let by = |start: &MailingStart| {
                    let start = start.clone();
                    channels.clone().into_iter().map(move |channel| MailingStart { channel, ..start.clone() })
                };
                let starts: Vec<MailingStart> = events.iter().flat_map(|(start, _)| by(start)).collect();
                let write = || parts.mailings.start(&kanaal, followed, starts.clone());
                for mailing in until_durable(&parts, write).await {
                    let same = |start: &MailingStart| start.event == mailing.start.event;
                    let event = events.iter().find(|(start, _)| same(start));
                    let event = event.map(|(_, event)| event.accepted.event.clone());
                    self.start(mailing, event).await;
                }
                while self.drivers.try_join_next().is_some() {}
            }
            if end.changed().await.is_err() {
                // The log was closed.
                return;
            }
        }
    }

    /// Starts the driver of a mailing when there is room, the moment of its event is there, and its kanaal does not wait.
    async fn start(&mut self, mailing: OpenMailing, event: Option<model::Event>) {
        let channel = mailing.start.channel;
        if self.parts.outlet(channel).is_none() {
            let kanaal = &self.kanaal;
            tracing::warn!(%kanaal, mailing = mailing.id.0, channel = channel.label(), "a mailing waits for its channel");
            return;
        }
        let event = match event {
            Some(event) => Some(event),
            None => self.event(&mailing.start).await,
        };
        let is_stopped = mailing.phase == Phase::Stopped;
        let due = event.as_ref().and_then(mailing::due).filter(|due| *due > self.parts.clock.now() && !is_stopped);
        let (parts, stop) = (Arc::clone(&self.parts), self.stop.clone());
        let stoppable = parts.stops.add(mailing.id, due);
        let mut sending = parts.sendings.of(&self.kanaal, mailing.start.accepted);
        // The semaphores are never closed.
        if due.is_some() || (sending.is_held() && !is_stopped) {
            let Ok(place) = Arc::clone(&self.room.scheduled).acquire_owned().await else { return };
            let room = self.room.clone();
            self.drivers.spawn(async move {
                let due = due.unwrap_or_default();
                if schedule::until(due, parts.clock.as_ref(), &stoppable.token, &stop).await == Waited::Ending {
                    return;
                }
                stoppable.begin().await;
                if sending.released(&stoppable.token, &stop).await == Waited::Ending {
                    return;
                }
                let Ok(open) = room.open.acquire_owned().await else { return };
                let Ok(walking) = Arc::clone(&room.walking).acquire_owned().await else { return };
                drop(place);
                Box::pin(run::mailing(parts, (mailing, stoppable), None, (room.walking, walking), stop)).await;
                drop(open);
            });
            return;
        }
        let Ok(open) = Arc::clone(&self.room.open).acquire_owned().await else { return };
        let Ok(walking) = Arc::clone(&self.room.walking).acquire_owned().await else { return };
        let walking = (Arc::clone(&self.room.walking), walking);
        self.drivers.spawn(async move {
            Box::pin(run::mailing(parts, (mailing, stoppable), event, walking, stop)).await;
            drop(open);
        });
    }

    /// The event of a mailing that was started before; `None` when it is not on the log any more.
    async fn event(&self, start: &MailingStart) -> Option<model::Event> {
        let log = self.parts.log.as_ref();
        let read = || read_one(log, &start.event.kanaal, start.partition, start.position);
        until_durable(&self.parts, read).await.map(|stored| stored.accepted.event)
    }
}

/// All mailings of a kanaal that are open.
async fn open(parts: &MailingParts, kanaal: &KanaalName) -> Result<Vec<OpenMailing>, storage::Error> {
    let mut all: Vec<OpenMailing> = Vec::new();
    loop {
        let page = parts.mailings.open(kanaal, all.last().map(|last| last.id), MAX_PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The mark that is stored, or where a partition is followed from at first, which is stored then.
async fn from(
    parts: &MailingParts,
    kanaal: &KanaalName,
    partition: Partition,
) -> Result<Mark, storage::audience::Error> {
    if let Some(mark) = mark_of(&parts.mailings.followed(kanaal).await?, partition) {
        return Ok(mark);
    }
    let mark = first_mark(parts, kanaal, partition).await?;
    parts.mailings.start(kanaal, FollowedTo { partition, mark }, Vec::new()).await?;
    Ok(mark)
}

fn decode(kanaal: &KanaalName, partition: Partition, batch: Batch) -> Vec<(MailingStart, StoredEvent)> {
    let mut events = Vec::new();
    for stored in batch.records {
        let position = stored.position.0;
        match StoredEvent::decode(kanaal.clone(), partition, stored) {
            Ok(event) => events.push((start_of(&event), event)),
            Err(error) => tracing::warn!(%kanaal, position, error = %error.reason, "a record becomes no mailing"),
        }
    }
    events
}

/// Whether an event may go to every addressee of its kanaal: not one that is a message in the inbox of one person (CH-2).
fn is_for_all(inbox: &InboxKanalen, stored: &StoredEvent) -> bool {
    let kanaal = inbox.get(&stored.kanaal);
    kanaal.is_none_or(|kanaal| kanaal.addressed_to(&stored.accepted.event) == Ok(AddressedTo::Everybody))
}

/// The channels by which an event of the kanaal is sent: e-mail always, so that every event has a mailing there; others once they have
/// addressees that may get it.
async fn channels(parts: &MailingParts, kanaal: &KanaalName) -> Result<Vec<Channel>, storage::audience::Error> {
    let counts = parts.audience.counts(Some(kanaal)).await?;
    let has_any = |channel| counts.iter().any(|one| one.channel == channel && parts.is_sent_to(kanaal, one.state));
    Ok(parts.channels().filter(|channel| *channel == Channel::Email || has_any(*channel)).collect())
}

/// The mailing of an event, by e-mail.
fn start_of(stored: &StoredEvent) -> MailingStart {
    let event = &stored.accepted.event;
    let expires = event.attribute("expirytime").and_then(|value| Timestamp::parse_rfc3339(&value.canonical()));
    MailingStart {
        event: EventReference {
            kanaal: stored.kanaal.clone(),
            source: event.source().to_owned(),
            id: event.id().to_owned(),
        },
        channel: Channel::Email,
        partition: stored.partition,
        position: stored.position,
        accepted: stored.accepted.received.unwrap_or(stored.appended),
        expires,
        resend: None,
    }
}

#[cfg(test)]
mod tests {
    use model::{
        AttributeName, Data, Event, Position, Value,
        approval::Disclosure,
        data_filter::DataPath,
        event::{AcceptedEvent, PublishedAs},
        inbox::InboxKanaal,
    };
    use storage::log::{Record, Stored};

    use super::*;

    #[test]
    fn ch_2_an_event_for_one_person_is_mailed_to_nobody_else() {
        let naam = |text| KanaalName::new(text).expect("a name");
        let inbox = InboxKanaal {
            addressee: DataPath::new("/aan").expect("a path"),
            broadcast: DataPath::new("/iedereen").expect("a path"),
            disclosure: Disclosure::ALL,
        };
        let inbox = InboxKanalen::from([(naam("berichten"), inbox)]);
        for (kanaal, json, expected) in [
            ("berichten", r#"{"iedereen":true}"#, true),
            ("berichten", r#"{"aan":"an"}"#, false),
            ("berichten", "{}", false),
            ("wegen", r#"{"aan":"an"}"#, true),
        ] {
            let attributes = [("id", "1"), ("source", "/s"), ("type", "t")]
                .map(|(name, value)| (AttributeName::new(name).expect("a name"), Value::text(value).expect("a text")));
            let data = Data::Json(json.as_bytes().to_vec().into());
            let event = Event::new(attributes.into(), Some(data)).expect("an event");
            let published_as = PublishedAs::CloudEvent;
            let accepted = AcceptedEvent { event, published_as, received: None, publisher: None };
            let stored = Stored { position: Position(0), appended: Timestamp::default(), record: Record::default() };
            let stored = StoredEvent::new(naam(kanaal), Partition(0), stored, accepted);
            assert_eq!(is_for_all(&inbox, &stored), expected, "{kanaal} {json}");
        }
    }
}
