//! Live view: events as they are accepted and deliveries as they end, for viewers that are connected. Envelopes only, never payload.
//!
//! Entries come from the journal of this node, moments after they happened and, on Kafka, from all nodes. Each viewer has a bounded
//! queue; when it is full, entries are dropped and counted, so a slow viewer delays nobody. While nobody watches, an entry costs
//! one relaxed load.
//!
//! Not here: the form of the stream (`api-native`) and the search in what happened before ([`crate::events`]).

mod viewer;
mod watch;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use model::{
    Clock, KanaalName, Random, Subscription, SubscriptionId, Timestamp,
    clock::Instant,
    outcome::{DeliveryKey, Outcome},
};
use storage::journal::{Entry, EventRow};
use tokio::sync::mpsc;

pub use self::{
    viewer::{Viewer, ViewerMessage},
    watch::{StreamFilter, ViewerPosition},
};

/// Most viewers of this node.
const MAX_VIEWERS: usize = 20;

/// Most viewers of one client.
const MAX_VIEWERS_PER_CLIENT: usize = 5;

/// Most entries that wait for a viewer.
const QUEUE: usize = 500;

/// Most entries that are kept for viewers that reconnect.
const HISTORY: usize = 1_000;

/// How long entries are kept for reconnecting viewers after the last one left.
const LINGER: Duration = Duration::from_mins(1);

/// An entry with its number on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number, ascending.
    pub number: u64,
    /// What happened.
    pub what: StreamEntry,
}

/// Something that viewers see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEntry {
    /// An event was accepted.
    Event(EventRow),
    /// A delivery ended.
    Settled {
        /// The delivery.
        delivery: DeliveryKey,
        /// How it ended.
        outcome: Outcome,
        /// The number of requests made.
        attempts: u32,
        /// The status of the last answer, if there was one.
        code: Option<u16>,
        /// When it ended.
        at: Timestamp,
    },
}

impl StreamEntry {
    fn of(entry: &Entry) -> Option<Self> {
        match entry {
            Entry::Event(row) => Some(Self::Event(row.clone())),
            Entry::Settled { delivery, outcome, attempts, last, at } => Some(Self::Settled {
                delivery: delivery.clone(),
                outcome: *outcome,
                attempts: *attempts,
                code: last.as_ref().and_then(model::outcome::Attempt::code),
                at: *at,
            }),
            Entry::Attempt { .. } | Entry::SettledRange { .. } | Entry::Run(_) => None,
        }
    }
}

/// What a viewer wants to see.
#[derive(Debug, Clone, Default)]
struct EntryFilter {
    kanaal: Option<KanaalName>,
    subscription: Option<Arc<Subscription>>,
}

impl EntryFilter {
    fn matches(&self, what: &StreamEntry) -> bool {
        let (kanaal, subscription): (&KanaalName, Option<SubscriptionId>) = match what {
            StreamEntry::Event(row) => (&row.kanaal, None),
            StreamEntry::Settled { delivery, .. } => (&delivery.kanaal, Some(delivery.subscription)),
        };
        let of_subscription = self.subscription.as_ref().is_none_or(|own| match subscription {
            None => own.selection.covers(kanaal),
            Some(id) => id == own.id,
        });
        of_subscription && self.kanaal.as_ref().is_none_or(|own| own == kanaal)
    }
}

/// The viewers of this node.
pub struct Stream {
    hub: Mutex<Hub>,
    /// Whether entries are looked at: somebody watches, or did a moment ago.
    active: AtomicBool,
    /// Differs after each start, so that numbers of an earlier process are recognised.
    epoch: String,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Hub {
    viewers: HashMap<u64, RegisteredViewer>,
    next_viewer: u64,
    number: u64,
    history: VecDeque<Arc<Item>>,
    /// Since when nobody has watched.
    unwatched_since: Option<Instant>,
    closed: bool,
}

struct RegisteredViewer {
    client: String,
    filter: EntryFilter,
    queue: mpsc::Sender<Arc<Item>>,
    dropped: Arc<AtomicU64>,
}

impl Stream {
    /// Nobody watches yet.
    pub fn new(clock: Arc<dyn Clock>, random: &dyn Random) -> Self {
        let epoch = random.uuid().simple().to_string();
        Self { hub: Mutex::default(), active: AtomicBool::new(false), epoch, clock }
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues entries for the viewers that want them.
    pub fn publish(&self, entries: &[Entry]) {
        if !self.active.load(Ordering::Relaxed) {
            return;
        }
        let mut hub = self.hub();
        if hub.unwatched_since.is_some_and(|since| self.clock.instant().since(since) > LINGER) {
            hub.history.clear();
            // A viewer that comes back later has missed something.
            hub.number += 1;
            self.active.store(false, Ordering::Relaxed);
            return;
        }
        for what in entries.iter().filter_map(StreamEntry::of) {
            hub.number += 1;
            let item = Arc::new(Item { number: hub.number, what });
            if hub.history.len() == HISTORY {
                hub.history.pop_front();
            }
            hub.history.push_back(Arc::clone(&item));
            for viewer in hub.viewers.values().filter(|viewer| viewer.filter.matches(&item.what)) {
                // Viewers that have left are removed when they are dropped.
                if let Err(mpsc::error::TrySendError::Full(_)) = viewer.queue.try_send(Arc::clone(&item)) {
                    viewer.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Ends the stream of every viewer and admits no others, for shutdown.
    pub fn close(&self) {
        let mut hub = self.hub();
        hub.closed = true;
        hub.viewers.clear();
    }

    /// The number of viewers.
    pub fn viewers(&self) -> usize {
        self.hub().viewers.len()
    }

    fn leave(&self, viewer: u64) {
        let mut hub = self.hub();
        hub.viewers.remove(&viewer);
        if hub.viewers.is_empty() {
            hub.unwatched_since = Some(self.clock.instant());
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Partition, Position,
        clock::{ManualClock, SystemRandom},
    };

    use super::*;

    fn event(kanaal: &str, position: u64) -> Entry {
        Entry::Event(EventRow {
            kanaal: KanaalName::new(kanaal).unwrap(),
            partition: Partition(0),
            position: Position(position),
            id: position.to_string(),
            source: "/s".to_owned(),
            kind: "t".to_owned(),
            subject: None,
            appended: Timestamp::default(),
        })
    }

    /// A viewer without a task, and what is sent to it.
    fn viewer(stream: &Stream, kanaal: Option<&str>) -> (mpsc::Receiver<Arc<Item>>, Arc<AtomicU64>) {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let filter = EntryFilter { kanaal: kanaal.and_then(KanaalName::new), subscription: None };
        let mut hub = stream.hub();
        let id = hub.next_viewer;
        hub.next_viewer += 1;
        hub.unwatched_since = None;
        hub.viewers
            .insert(id, RegisteredViewer { client: "a".to_owned(), filter, queue, dropped: Arc::clone(&dropped) });
        stream.active.store(true, Ordering::Relaxed);
        (inbox, dropped)
    }

    #[test]
    fn a_viewer_that_takes_nothing_delays_nobody_and_its_entries_are_dropped_and_counted() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let stream = Stream::new(clock, &SystemRandom);
        let (slow, dropped) = viewer(&stream, None);
        let (mut other, lost) = viewer(&stream, Some("besluiten"));
        let entries: Vec<Entry> = (0..3_000).map(|position| event("zaken", position)).collect();
        stream.publish(&entries);
        stream.publish(&[event("besluiten", 1)]);
        assert_eq!((slow.len(), dropped.load(Ordering::Relaxed)), (QUEUE, 3_001 - QUEUE as u64));
        assert_eq!((other.try_recv().unwrap().number, lost.load(Ordering::Relaxed)), (3_001, 0));
        assert_eq!(stream.hub().history.len(), HISTORY);
    }

    #[test]
    fn nothing_is_kept_a_while_after_the_last_viewer_left() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let stream = Stream::new(Arc::clone(&clock) as _, &SystemRandom);
        let kept = || {
            let hub = stream.hub();
            (hub.number, hub.history.len())
        };
        stream.publish(&[event("zaken", 1)]);
        assert_eq!(kept(), (0, 0), "nobody watches");
        let _viewer = viewer(&stream, None);
        stream.publish(&[event("zaken", 2)]);
        stream.leave(0);
        clock.advance(LINGER);
        stream.publish(&[event("zaken", 3)]);
        assert_eq!(kept(), (2, 2), "it may come back");
        clock.advance(Duration::from_secs(1));
        stream.publish(&[event("zaken", 4)]);
        assert_eq!(kept(), (3, 0), "and its position is not known any more");
        assert!(!stream.active.load(Ordering::Relaxed));
    }
}
