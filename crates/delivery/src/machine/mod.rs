//! The delivery machine of one shard: a pure function of its inputs. It holds everything that is known of the shard and
//! returns what to do next; it reads no log, sends no request and has no clock. (It does log single events:
//! `event_log`.)
//!
//! Use: [`Machine::handle`] for every input, then [`Machine::advance`], then [`Machine::take_effects`]. Call `advance`
//! again at [`Machine::next_wake`]. One task owns the machine, so nothing in it is locked and a checkpoint is a
//! consistent snapshot.
//!
//! What it waits for is an `Instant`, which no change of the wall clock moves; what it stores and shows is a `Timestamp`.
//! A stored time is read back as a wait, at most as long as the wait can be.
//!
//! # The types
//!
//! | name | type | what it is |
//! |---|---|---|
//! | shard | [`Machine`] | all sinks whose keys hash to one number; one node owns it at a time |
//! | sink | `SinkState` | one destination: granted rate, `Retry-After`, outage and request slots, shared by its subscriptions |
//! | subscription | `SubscriptionState` | which events go where in which format, and everything under way for it |
//! | partition reader | `PartitionReader` | shared by level subscriptions: reads each record of a partition once |
//! | own cursor | `OwnCursor` | where a subscription is in a partition while it is not level with the shared reader |
//! | window | `Window` | the deliveries of a subscription that are not settled; bounded |
//! | delivery | [`Delivery`] | one event for one subscription, until it is settled with exactly one outcome |
//! | request | [`Request`] | one request under way, for one delivery or for several in a batch |
//! | run | `RunState` | a replay or redrive: a second source of deliveries for a subscription, with marks of its own |
//! | checkpoint | `Checkpoints` | what the store must hold so that a restart skips nothing |
//!
//! Everything lives in an `Arena` and refers to other things by [`Id`]. An id of something that was removed finds
//! nothing, so late answers need no bookkeeping: every lookup is an `Option`.
//!
//! A *position* numbers a record of a partition; a *mark* is the position of the next record to look at (in Kafka
//! both are offsets, and a mark is what a consumer commits).
//!
//! # The life of an event
//!
//! 1. [`Input::TailMoved`]: the log grew. `queue_shared_read` queues a read of the shared reader (`partition`);
//!    `start_fetches` turns it into [`Action::Read`] when a place is free (`fetch`).
//! 2. [`Input::Fetched`]: `distribute` asks the index which subscriptions want each event and offers it to them.
//! 3. `accept` puts a [`Delivery`] into the window of the subscription (`window`). With order `key` it may be blocked
//!    behind an earlier delivery (`order`); otherwise it is ready.
//! 4. A subscription with something ready is in the queue of its sink (`subscription`, `sink`). `start_requests` starts
//!    a request when consent, rate, `Retry-After`, outage and the bounds on requests under way allow it (`request`):
//!    [`Action::SendRequest`].
//! 5. [`Input::Answered`]: `apply_answer` settles the deliveries, parks them for a retry, makes them dead letters, or
//!    finds that the sink fails as a whole (`outage`).
//! 6. `settle` counts and journals the outcome and makes room; a later checkpoint covers it (`checkpoint`).
//!
//! # Level, behind, ahead
//!
//! In each partition that it covers, a subscription is in one of three places:
//!
//! - **level** (no own cursor): its position is the mark of the shared reader. This is the normal case, and costs
//!   nothing per subscription and record.
//! - **behind** (`OwnCursor::Behind`): its window was full when the reader offered an event, or it is paused, ended or
//!   in outage. The reader goes on without it. When its window is at most half full, it reads for itself from its
//!   cursor (`catch_up`).
//! - **ahead** (`OwnCursor::Ahead`): it starts beyond the reader, for example one that was created to start at the end
//!   while the reader still works through a backlog for others. It accepts nothing until the reader is there.
//!
//! Example: the reader is at mark 10 and the log ends at 20. A and B are level, C was created with `start` 20 and is
//! ahead at 20. The reader reads 10 to 19. A accepts all ten. B has room for five: it is offered 15, has no room, and
//! is behind at 15. The reader's mark is 20 now, and C is level. When B has delivered half of its window, it reads 15
//! to 19 itself; its cursor reaches 20 and is removed: B is level, and the three share every read again.
//!
//! When all subscriptions of a partition are behind (one subscription whose sink is slow is enough), the shared reader
//! is idle, and the one that is furthest sets it back to its own cursor (`rewind_shared_reader`): it and all others at
//! the same mark are level again.
//!
//! # Checkpoints
//!
//! The store holds marks and a list of unsettled deliveries. After a crash, everything from the marks on is read again
//! and everything on the list is delivered; the rest is settled. The marks in the store are one checkpoint old, so that
//! only what takes longer than an interval must be listed. `checkpoint` has an example with positions.

mod apply_answer;
mod catch_up;
mod checkpoint;
mod delivery;
mod effects;
mod extra_request;
mod fetch;
mod order;
mod outage;
mod partition;
mod refetch;
mod registry;
mod request;
mod restore;
mod run;
mod run_progress;
mod settle;
mod sink;
mod status;
mod subscription;
mod timers;
mod waiting;
mod window;

#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use model::{
    KanaalName, Partition, Random, SubscriptionId, Timestamp,
    clock::{Instant, Now},
    run::RunId,
};

pub(crate) use self::status::{count_kanaal, keep_worst};
use self::{
    checkpoint::Checkpoints, delivery::DeliveryState, fetch::Fetches, partition::PartitionReader,
    restore::RestoredProgress, run::RunState, sink::SinkState, subscription::SubscriptionState, timers::Timers,
};
pub use self::{
    delivery::Delivery,
    effects::{Action, Checkpoint, CheckpointStep, Counts, Effects, FetchedEvents, Input, Read, SendRequest},
    extra_request::ExtraRequest,
    fetch::Fetch,
    outage::{CHECKS, FAILING_EVENTS, LONGEST_WAIT},
    request::Request,
    status::{ShardStatus, SinkOutage, SubscriptionStatus},
    waiting::{NextAttempt, WaitingFor},
};
use crate::{
    arena::{Arena, Id},
    index::Index,
    settings::Settings,
};

/// The delivery machine of one shard.
pub struct Machine {
    settings: Settings,
    random: Arc<dyn Random>,
    /// The latest instant that was passed in: everything that is waited for is measured by it.
    now: Instant,
    /// The wall clock at that instant, for what is stored and shown.
    wall: Timestamp,

    readers: Arena<PartitionReader>,
    reader_ids: BTreeMap<(KanaalName, Partition), Id<PartitionReader>>,
    subscriptions: Arena<SubscriptionState>,
    subscription_ids: HashMap<SubscriptionId, Id<SubscriptionState>>,
    sinks: Arena<SinkState>,
    sink_ids: HashMap<String, Id<SinkState>>,
    runs: Arena<RunState>,
    run_ids: HashMap<RunId, Id<RunState>>,
    deliveries: Arena<Delivery>,
    requests: Arena<Request>,
    fetches: Fetches,
    /// Which subscriptions want an event.
    index: Index<Id<SubscriptionState>>,
    timers: Timers,
    checkpoints: Checkpoints,
    /// Stored progress whose subscription, kanaal or run is not known yet.
    restored: RestoredProgress,

    /// Whether the registry is complete as it was at the start; no checkpoint is written before.
    loaded: bool,
    /// Whether the shard stops: nothing more is read or sent.
    draining: bool,

    /// Sinks that may be able to start a request.
    runnable_sinks: Vec<Id<SinkState>>,
    /// Sinks that could start a request if the shard had fewer under way, in turn.
    sinks_waiting_for_shard: VecDeque<Id<SinkState>>,
    /// Subscriptions whose window has become nearly full.
    nearly_full: Vec<Id<SubscriptionState>>,
    /// Shared readers that wait a moment for one of these.
    readers_waiting_for_room: Vec<Id<PartitionReader>>,
    /// Payload bytes held by all windows.
    bytes: usize,

    /// For the driver, since it last took them.
    effects: Effects,
}

/// The wall clock was set when it differs by more than this from what was expected since the last input.
const CLOCK_DRIFT: Duration = Duration::from_secs(1);

impl Machine {
    /// A machine without kanalen, subscriptions and progress.
    pub fn new(settings: Settings, random: Arc<dyn Random>) -> Self {
        Self {
            settings,
            random,
            now: Instant::default(),
            wall: Timestamp::default(),
            readers: Arena::default(),
            reader_ids: BTreeMap::new(),
            subscriptions: Arena::default(),
            subscription_ids: HashMap::new(),
            sinks: Arena::default(),
            sink_ids: HashMap::new(),
            runs: Arena::default(),
            run_ids: HashMap::new(),
            deliveries: Arena::default(),
            requests: Arena::default(),
            fetches: Fetches::default(),
            index: Index::default(),
            timers: Timers::default(),
            checkpoints: Checkpoints::default(),
            restored: RestoredProgress::default(),
            loaded: false,
            draining: false,
            runnable_sinks: Vec::new(),
            sinks_waiting_for_shard: VecDeque::new(),
            nearly_full: Vec::new(),
            readers_waiting_for_room: Vec::new(),
            bytes: 0,
            effects: Effects::default(),
        }
    }

    /// Applies one input. What follows from it is in the effects, some of it only after [`Self::advance`].
    pub fn handle(&mut self, input: Input, now: impl Into<Now>) {
        self.set_now(now.into());
        match input {
            Input::Restored(entries) => self.restored = RestoredProgress::new(entries),
            Input::Kanaal(naam, tails) => self.kanaal_set(&naam, &tails),
            Input::KanaalDeleted(naam) => self.kanaal_deleted(&naam),
            Input::Subscription(subscription) => self.subscription_set(subscription),
            Input::SubscriptionDeleted(id) => self.subscription_deleted(id),
            Input::Run(run) => self.run_started(run),
            Input::RunEnded(id) => self.run_ended(id),
            Input::Loaded => self.registry_loaded(),
            Input::TailMoved(kanaal, partition, tail) => self.tail_moved(kanaal, partition, tail),
            Input::Fetched(id, fetched) => self.read_fetched(id, fetched),
            Input::Answered(id, answer) => self.request_answered(id, answer),
            Input::DeadLetterStored(id, stored) => self.dead_letter_stored(id, stored),
            Input::Checkpointed => self.checkpoint_stored(),
            Input::PaceStored => self.checkpoints.pace_stored(),
            Input::Drain => self.draining = true,
        }
    }

    fn set_now(&mut self, now: Now) {
        // What a clock that nobody sets would show.
        let expected = self.moment().wall_of(now.instant);
        let is_first = self.now == Instant::default();
        self.now = self.now.max(now.instant);
        self.wall = now.wall;
        if !is_first && now.wall.since(expected).max(expected.since(now.wall)) > CLOCK_DRIFT {
            self.wall_clock_was_set(expected);
        }
    }

    /// The moment of the last input.
    fn moment(&self) -> Now {
        Now { instant: self.now, wall: self.wall }
    }

    fn wall_of(&self, at: Instant) -> Timestamp {
        self.moment().wall_of(at)
    }

    /// Fires the timers that are due and starts the requests, reads and the checkpoint that may start now.
    pub fn advance(&mut self, now: impl Into<Now>) {
        self.set_now(now.into());
        self.fire_timers();
        self.start_requests();
        self.start_fetches();
        self.store_pace();
        self.checkpoint_when_due();
    }

    /// When `advance` must be called again at the latest; `None` when nothing is waited for but inputs.
    pub fn next_wake(&self) -> Option<Instant> {
        [self.timers.next(), self.checkpoints.next()].into_iter().flatten().min()
    }

    /// Takes the effects since the last call.
    pub fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// Whether no request is under way and no dead letter is being stored.
    pub fn is_idle(&self) -> bool {
        let is_storing = |one: &Delivery| matches!(one.state, DeliveryState::StoringDeadLetter(_));
        self.requests.len() == 0 && !self.deliveries.iter().any(|(_, delivery)| is_storing(delivery))
    }

    /// The number of deliveries that were read and are not settled.
    pub fn unsettled(&self) -> usize {
        self.deliveries.len()
    }
}
