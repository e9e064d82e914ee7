//! The delivery machine of one shard: a pure function of what happened. It owns everything that is known of the shard
//! (readers, sinks, windows, runs) and says what to do next; it reads no log, sends no request and has no clock.
//!
//! Use: [`Machine::handle`] for every input, then [`Machine::advance`], then [`Machine::take_effects`]. Call
//! `advance` again at [`Machine::next_wake`].

mod attempt;
mod catch_up;
mod checkpoint;
mod effects;
mod fetch;
mod order;
mod outage;
mod partition;
mod refetch;
mod registry;
mod restore;
mod run;
mod settle;
mod sink;
mod status;
mod subscription;
mod timers;
mod window;

#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use model::{KanaalName, Partition, Random, SubscriptionId, Timestamp, run::RunId};

pub use self::{attempt::Flight, fetch::Fetch, window::Delivery};
use self::{
    checkpoint::Checkpoints, fetch::Fetches, partition::Part, restore::Restored, run::RunState, sink::Sink,
    subscription::Sub, timers::Timers,
};
pub use self::{
    effects::{Action, Batch, Counts, Effects, Input, Post, Read},
    status::{ShardStatus, SubscriptionStatus},
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
    now: Timestamp,
    parts: Arena<Part>,
    part_ids: BTreeMap<(KanaalName, Partition), Id<Part>>,
    subs: Arena<Sub>,
    sub_ids: HashMap<SubscriptionId, Id<Sub>>,
    sinks: Arena<Sink>,
    sink_ids: HashMap<String, Id<Sink>>,
    runs: Arena<RunState>,
    run_ids: HashMap<RunId, Id<RunState>>,
    deliveries: Arena<Delivery>,
    flights: Arena<Flight>,
    fetches: Fetches,
    index: Index<Id<Sub>>,
    timers: Timers,
    checkpoints: Checkpoints,
    restored: Restored,
    loaded: bool,
    draining: bool,
    /// Sinks that may be able to start a request.
    runnable: Vec<Id<Sink>>,
    /// Sinks that wait because too many requests are under way in all.
    crowded_out: std::collections::VecDeque<Id<Sink>>,
    /// Subscriptions whose window has become nearly full of late.
    short_of_room: Vec<Id<Sub>>,
    /// Shared readers that wait for one of them.
    held: Vec<Id<Part>>,
    /// Payload bytes held by all windows.
    bytes: usize,
    effects: Effects,
}

impl Machine {
    /// A machine that knows nothing yet.
    pub fn new(settings: Settings, random: Arc<dyn Random>) -> Self {
        Self {
            settings,
            random,
            now: Timestamp::default(),
            parts: Arena::default(),
            part_ids: BTreeMap::new(),
            subs: Arena::default(),
            sub_ids: HashMap::new(),
            sinks: Arena::default(),
            sink_ids: HashMap::new(),
            runs: Arena::default(),
            run_ids: HashMap::new(),
            deliveries: Arena::default(),
            flights: Arena::default(),
            fetches: Fetches::default(),
            index: Index::default(),
            timers: Timers::default(),
            checkpoints: Checkpoints::default(),
            restored: Restored::default(),
            loaded: false,
            draining: false,
            runnable: Vec::new(),
            crowded_out: std::collections::VecDeque::new(),
            short_of_room: Vec::new(),
            held: Vec::new(),
            bytes: 0,
            effects: Effects::default(),
        }
    }

    /// Takes in one thing that happened.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        self.now = self.now.max(now);
        match input {
            Input::Restored(entries) => self.restored = Restored::new(entries),
            Input::Kanaal(naam, tails) => self.kanaal_exists(&naam, &tails),
            Input::KanaalDeleted(naam) => self.kanaal_deleted(&naam),
            Input::Subscription(subscription) => self.subscription_set(subscription),
            Input::SubscriptionDeleted(id) => self.subscription_deleted(id),
            Input::Run(run) => self.run_started(run),
            Input::RunEnded(id) => self.run_ended(id),
            Input::Loaded => self.registry_loaded(),
            Input::TailMoved(kanaal, partition, tail) => self.tail_moved(kanaal, partition, tail),
            Input::Fetched(id, batch) => self.fetched(id, batch),
            Input::Answered(id, answer) => self.answered(id, answer),
            Input::Buried(id, kept) => self.buried(id, kept),
            Input::Checkpointed => self.checkpoints.landed(),
            Input::Drain => self.draining = true,
        }
    }

    /// Does everything that is due.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.fire_timers();
        self.pump();
        self.start_fetches();
        self.checkpoint_when_due();
    }

    /// When `advance` must be called again at the latest.
    pub fn next_wake(&self) -> Option<Timestamp> {
        [self.timers.next(), self.checkpoints.next()].into_iter().flatten().min()
    }

    /// What to do since this was last called.
    pub fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// Whether no request is under way and no dead letter is being kept.
    pub fn is_idle(&self) -> bool {
        self.flights.len() == 0 && !self.deliveries.iter().any(|(_, delivery)| delivery.burial.is_some())
    }

    /// Deliveries that were read and are not settled.
    pub fn unsettled(&self) -> usize {
        self.deliveries.len()
    }
}
