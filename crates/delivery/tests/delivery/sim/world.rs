//! A world: logs, registry, progress and sinks, the machine in the middle, and what is under way between them. What
//! happens to it from outside is in `course`.

use std::{
    collections::{BTreeMap, BinaryHeap, VecDeque},
    sync::Arc,
    time::Duration,
};

use delivery::{
    DecodedEvent, Id, Reply, Settings,
    machine::{Action, CheckpointStep, Delivery, FetchedEvents, Input, Machine, Read, Request},
};
use model::{
    KanaalName, Mark, Partition, Random, Subscription, SubscriptionId, Timestamp,
    clock::{Now, SeededRandom},
    consent::Consent,
    outcome::DeliveryKey,
    run::{Run, RunId},
    subscription::Status,
};
use storage::{
    journal::Entry as JournalEntry,
    progress::{Entry, Key, Value as Progress},
};

use super::{
    answers::Sent,
    course::{self, Step},
    journal::Journal,
    made::{SINKS, any_consent, name, url, wants},
    oracle::{Oracle, PartitionName, delivery},
    parameters::{Parameters, Part, SUBSCRIPTIONS},
    quick_hash::{Map, Set},
    requests::{Moment, Requests},
    sinks::{Mood, below, chance},
    trace::{self, Trace},
};

/// Something that will happen.
pub enum Coming {
    /// An input for the machine. Lost in a crash.
    Input(Input),
    /// A read ends.
    Read(Read),
    /// A request is answered.
    Answer(Sent, Reply),
    /// The answer to a request that had timed out before.
    LateAnswer(Id<Request>),
    /// The first of these steps of a checkpoint becomes durable.
    Checkpoint(VecDeque<CheckpointStep>),
    /// A dead letter becomes durable (`true`) or cannot be stored.
    DeadLetter(Id<Delivery>, DeliveryKey, bool),
    /// The node dies.
    Crash,
    /// A node that stops looks whether it can hand the shard over; how often it looked before.
    Handover(u32),
    /// The pace of sinks becomes durable.
    Pace(Vec<Entry>),
    /// The registry changes as the machine asked.
    Status(SubscriptionId, u64, Status),
    EndRun(RunId),
    /// A step of the course; survives crashes.
    Step(Step),
}

/// When something comes, and its number among all that came.
pub struct Due(Timestamp, u64, pub Coming);

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.0, other.1).cmp(&(self.0, self.1))
    }
}

/// A log of one partition.
#[derive(Default)]
pub struct Log {
    pub items: Vec<Arc<DecodedEvent>>,
    pub oldest: usize,
}

/// Most inputs and wake-ups of one world; some thousand are usual.
const MOST_EVENTS_OF_WORLD: u64 = 3_000_000;

pub struct World {
    /// Durations and answers are drawn from it.
    random: SeededRandom,
    /// The machine draws from it.
    machine_random: Arc<SeededRandom>,
    /// The time that has passed; the machine waits by it.
    pub now: Timestamp,
    /// By how many microseconds the wall clock was set forward (negative: back).
    pub clock_step: i64,
    sequence: u64,
    pub coming: BinaryHeap<Due>,
    pub logs: BTreeMap<PartitionName, Log>,
    pub subscriptions: Vec<Subscription>,
    pub runs: Vec<Run>,
    pub store: Map<Key, Progress>,
    pub journal: Journal,
    pub moods: BTreeMap<String, Mood>,
    /// What each sink grants.
    pub consents: Vec<Consent>,
    pub machine: Machine,
    /// Whether the node is to hand the shard over.
    pub is_draining: bool,
    /// Whether the node dies as soon as the next checkpoint is durable.
    pub crashes_with_checkpoint: bool,
    /// Live deliveries that requests under way carry, with the digests of their keys.
    pub in_flight: Map<DeliveryKey, u64>,
    /// Subscriptions whose selection or approvals changed: what they must get depends on when it was read.
    pub reselected: Set<SubscriptionId>,
    /// Subscriptions that selected other kanalen: what their runs delivered depends on when it was read.
    pub moved: Set<SubscriptionId>,
    /// The ends of logs when a subscription left their kanaal: what it had read before may still be sent.
    pub left: Map<(SubscriptionId, PartitionName), Mark>,
    /// Subscriptions that were gone or expired once: their runs end early.
    pub ended: Set<SubscriptionId>,
    pub requests: Requests,
    pub oracle: Oracle,
    settings: Settings,
    /// Most events of one publication.
    pub most_events: u64,
    /// The number of requests so far.
    pub sent: u64,
    mended: bool,
    trace: Trace,
}

const START: Timestamp = Timestamp::from_seconds(1_000_000);

impl World {
    pub fn new(parameters: &Parameters, trace: Trace) -> Self {
        let random = parameters.random(Part::Settings);
        let settings = Settings {
            window: 4 + below(&random, 40) as usize,
            window_bytes: 20_000 + below(&random, 100_000) as usize,
            in_flight: 1 + below(&random, 8) as usize,
            in_flight_total: 2 + below(&random, 20) as usize,
            fetch_records: 1 + below(&random, 30) as usize,
            shared_fetches: 1 + below(&random, 2) as usize,
            other_fetches: 1 + below(&random, 3) as usize,
            duplicates: below(&random, 50) as usize,
            outage_limit: Duration::from_secs(if chance(&random, 30) { 20 + below(&random, 100) } else { 3_600 }),
            ..Settings::default()
        };
        let consents = (0..parameters.sinks).map(|_| any_consent(&random)).collect();
        let machine_random = Arc::new(parameters.random(Part::Machine));
        let machine = Machine::new(settings.clone(), Arc::clone(&machine_random) as Arc<dyn Random>);
        let places = [(0, 0), (0, 1), (1, 0)].map(|(kanaal, partition)| (name(kanaal), Partition(partition)));
        let mut world = Self {
            random: parameters.random(Part::Answers),
            machine_random,
            now: START,
            clock_step: 0,
            in_flight: Map::default(),
            reselected: Set::default(),
            moved: Set::default(),
            left: Map::default(),
            sequence: 0,
            coming: BinaryHeap::new(),
            logs: places.into_iter().map(|place| (place, Log::default())).collect(),
            subscriptions: vec![],
            runs: vec![],
            store: Map::default(),
            journal: Journal::default(),
            is_draining: false,
            crashes_with_checkpoint: false,
            ended: Set::default(),
            requests: Requests::default(),
            moods: BTreeMap::new(),
            consents,
            machine,
            oracle: Oracle::default(),
            settings,
            most_events: parameters.events,
            sent: 0,
            mended: false,
            trace,
        };
        world.oracle.gives_up_at_limit = world.settings.outage_limit < Duration::from_hours(1);
        world.trace(|| format!("the world of {parameters}"));
        world.trace(|| format!("  {:?}", world.settings));
        let random = parameters.random(Part::Subscriptions);
        for _ in 0..(1 + below(&random, SUBSCRIPTIONS)).min(parameters.subscriptions) {
            let own = SeededRandom::new(random.bits());
            world.subscribe(&own);
        }
        for step in course::steps(parameters) {
            world.comes_at(world.now + step.after, Coming::Step(step));
        }
        world.start(false);
        world
    }

    /// Runs to the end of the course, mends everything, and waits until all is settled. Gives the number of requests.
    pub fn run(mut self) -> u64 {
        let mut events = 0;
        let mut step = |world: &mut Self| {
            events += 1;
            assert!(events < MOST_EVENTS_OF_WORLD, "I1: the world does not come to an end");
            world.step();
        };
        while self.coming.iter().any(|due| matches!(due.2, Coming::Step(_))) {
            step(&mut self);
        }
        self.mend();
        let patience = self.now + Duration::from_hours(48);
        while !self.is_quiet() && self.now < patience {
            step(&mut self);
        }
        self.check_the_end();
        self.sent
    }

    /// Writes a line to the trace.
    pub fn trace(&self, text: impl FnOnce() -> String) {
        self.trace.line(Timestamp::from_micros(self.now.as_micros() - START.as_micros()), text);
    }

    /// The name of a subscription in the trace: its number in the order of creation.
    pub fn name_of(&self, id: &SubscriptionId) -> String {
        let number = self.subscriptions.iter().position(|one| one.id == *id);
        number.map_or("no subscription".to_owned(), |number| format!("subscription {number}"))
    }

    pub fn comes_at(&mut self, at: Timestamp, coming: Coming) {
        self.sequence += 1;
        self.coming.push(Due(at, self.sequence, coming));
    }

    pub fn comes_soon(&mut self, within_micros: u64, coming: Coming) {
        let at = self.now + Duration::from_micros(1 + below(&self.random, within_micros));
        self.comes_at(at, coming);
    }

    /// The next thing happens.
    fn step(&mut self) {
        let wake = self.machine.next_wake().map(|wake| Timestamp::from_micros(wake.as_micros()));
        let next = self.coming.peek().map(|due| due.0);
        let at = [wake, next].into_iter().flatten().min().unwrap_or(self.now + Duration::from_hours(1));
        self.now = self.now.max(at);
        if next.is_some_and(|next| next <= self.now)
            && let Some(due) = self.coming.pop()
        {
            self.happens(due.2);
        }
        self.machine.advance(self.moment());
        self.perform();
    }

    /// Both clocks.
    pub fn moment(&self) -> Now {
        Now { wall: self.wall(), ..Now::from(self.now) }
    }

    pub fn wall(&self) -> Timestamp {
        Timestamp::from_micros(self.now.as_micros() + self.clock_step)
    }

    pub fn input(&mut self, input: Input) {
        self.machine.handle(input, self.moment());
    }

    /// What crashes draw from.
    pub fn fate(&self) -> &SeededRandom {
        &self.random
    }

    /// (Re)starts the machine from what is stored; `is_handed_over`: after everything was stored.
    pub fn start(&mut self, is_handed_over: bool) {
        self.trace(|| format!("the machine starts with {} entries of progress", self.store.len()));
        self.in_flight.clear();
        self.requests.forget();
        self.is_draining = false;
        self.oracle.restarted(self.moment(), &self.store, &self.subscriptions, is_handed_over);
        self.machine = Machine::new(self.settings.clone(), Arc::clone(&self.machine_random) as Arc<dyn Random>);
        let stored = self.store.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.input(Input::Restored(stored));
        let mut kanalen: BTreeMap<KanaalName, Vec<Mark>> = BTreeMap::new();
        for ((kanaal, _), log) in &self.logs {
            kanalen.entry(kanaal.clone()).or_default().push(Mark(log.items.len() as u64));
        }
        for (kanaal, tails) in kanalen {
            self.input(Input::Kanaal(kanaal, tails));
        }
        // The registry lists them in another order than that of their creation.
        let mut subscriptions = self.subscriptions.clone();
        subscriptions.sort_unstable_by_key(|one| one.id);
        for subscription in subscriptions {
            self.input(Input::Subscription(Arc::new(subscription)));
        }
        for run in self.runs.clone() {
            self.input(Input::Run(Arc::new(run)));
        }
        self.input(Input::Loaded);
        self.check_restored_waits();
    }

    fn happens(&mut self, coming: Coming) {
        match coming {
            Coming::Input(input) => {
                self.trace(|| trace::input(&input));
                self.input(input);
            }
            Coming::Read(read) => {
                let batch = if !self.mended && chance(&self.random, 2) { None } else { Some(self.read(&read)) };
                self.trace(|| {
                    let (kanaal, partition, from) = (&read.kanaal, read.partition.0, read.from.0);
                    format!("read of {kanaal}/{partition} from {from}: {}", trace::fetched(batch.as_ref()))
                });
                self.input(Input::Fetched(read.id, batch));
            }
            Coming::Answer(sent, reply) => self.answered(sent, reply),
            Coming::LateAnswer(id) => self.answered_late(id),
            Coming::Checkpoint(steps) => self.checkpoint_step(steps),
            Coming::DeadLetter(id, key, is_stored) => {
                self.trace(|| format!("dead letter of {}: stored {is_stored}", trace::delivery(&key)));
                if is_stored {
                    self.oracle.letter_stored(key);
                }
                self.input(Input::DeadLetterStored(id, is_stored));
            }
            Coming::Crash => self.crash(),
            Coming::Handover(looks) => self.hand_over(looks),
            Coming::Pace(entries) => {
                self.trace(|| format!("pace stored: {}", trace::progress(&entries, |id| self.name_of(id))));
                self.stored(entries);
                self.input(Input::PaceStored);
            }
            Coming::Status(id, generation, status) => {
                self.trace(|| format!("{} of generation {generation} becomes {status:?}", self.name_of(&id)));
                let known = self.subscriptions.iter_mut().find(|known| known.id == id);
                // As control decides: a report that comes late does not undo a 410.
                let holds = |known: &&mut Subscription| {
                    known.generation == generation && !matches!(known.status, Status::Gone { .. })
                };
                if let Some(known) = known.filter(holds) {
                    known.status = status;
                    // The owner resumes what a late time-out suspends at the end.
                    if self.mended && matches!(known.status, Status::Suspended { .. }) {
                        known.status = Status::Active;
                        known.generation += 1;
                    }
                    self.oracle.has_other_status(id);
                    self.ended.extend(known.status.end().map(|_| known.id));
                    let changed = Arc::new(known.clone());
                    self.input(Input::Subscription(changed));
                }
            }
            Coming::EndRun(id) => {
                self.trace(|| "a run ends".to_owned());
                self.runs.retain(|run| run.id != id);
                self.input(Input::RunEnded(id));
            }
            Coming::Step(step) => self.step_of_course(step),
        }
    }

    fn read(&self, read: &Read) -> FetchedEvents {
        let log = &self.logs[&(read.kanaal.clone(), read.partition)];
        let from = (read.from.0 as usize).max(log.oldest);
        let until = (from + read.records).min(log.items.len());
        let items = log.items.get(from..until).unwrap_or_default().to_vec();
        FetchedEvents { items, next: Mark(until.max(read.from.0 as usize) as u64), oldest: Mark(log.oldest as u64) }
    }

    fn perform(&mut self) {
        let effects = self.machine.take_effects();
        for entry in &effects.journal {
            self.trace(|| self.describe_entry(entry));
            self.journal.record(entry);
            self.oracle.written(entry, self.now, &self.runs);
            self.check_duplicate(entry);
        }
        let violations = &effects.counts.violations;
        assert!(violations.is_empty(), "{violations:?}");
        for action in effects.actions {
            match action {
                Action::Read(read) => self.comes_soon(5_000, Coming::Read(read)),
                Action::SendRequest(send) => self.send(send),
                Action::Checkpoint(checkpoint) => {
                    self.comes_soon(20_000, Coming::Checkpoint(checkpoint.into_steps().into()));
                }
                Action::StorePace(entries) => self.comes_soon(20_000, Coming::Pace(entries)),
                Action::StoreDeadLetter(id, letter) => {
                    self.oracle.retries.given_up(&letter.delivery);
                    let kept = self.mended || !chance(&self.random, 10);
                    self.comes_soon(20_000, Coming::DeadLetter(id, letter.delivery, kept));
                }
                Action::SetStatus { id, generation, status } => {
                    self.ended.extend(status.end().map(|_| id));
                    // Now and then the registry takes no changes for a while.
                    let within = if chance(&self.random, 30) { 60_000_000 } else { 20_000 };
                    self.oracle.asked_for_end(id, generation);
                    self.comes_soon(within, Coming::Status(id, generation, status));
                }
                Action::EndRun(id) => {
                    self.check_run(id);
                    self.comes_soon(20_000, Coming::EndRun(id));
                }
            }
        }
        // I8: what the machine holds is bounded by its settings, whatever the backlog.
        let status = self.machine.shard_status();
        assert!(
            status.in_flight <= self.settings.in_flight_total + SINKS as usize,
            "I8: {} in flight",
            status.in_flight
        );
    }

    /// The registry and the machine at this moment.
    pub fn moment_of<'a>(&'a self, sink: &str) -> Moment<'a> {
        let outages = self.machine.outages();
        let is_there =
            |id: &SubscriptionId| self.subscriptions.iter().any(|one| one.id == *id && one.sink.key() == sink);
        Moment {
            now: self.now,
            registry: &self.subscriptions,
            in_flight: self.settings.in_flight,
            is_draining: self.is_draining,
            in_outage: outages.iter().any(|(id, _)| is_there(id)),
        }
    }

    /// An extra request to a sink starts.
    pub fn count_extra_start(&mut self, sink: &str) {
        self.oracle.is_not_silent(sink, self.now);
        let mut requests = std::mem::take(&mut self.requests);
        requests.count_start(sink, &self.moment_of(sink));
        self.requests = requests;
    }

    fn describe_entry(&self, entry: &JournalEntry) -> String {
        match entry {
            JournalEntry::Settled { delivery, outcome, attempts, .. } => {
                let (of, to) = (trace::delivery(delivery), self.name_of(&delivery.subscription));
                format!("{of} ends for {to}: {outcome:?} after {attempts} attempts")
            }
            JournalEntry::SettledRange { subscription, kanaal, partition, from, until, outcome, .. } => {
                let (to, at) = (self.name_of(subscription), partition.0);
                format!("{kanaal}/{at}@{}..{} ends unread for {to}: {outcome:?}", from.0, until.0)
            }
            JournalEntry::Attempt { delivery, number, .. } => {
                let (of, to) = (trace::delivery(delivery), self.name_of(&delivery.subscription));
                format!("{of} continues for {to} after attempt {number}")
            }
            JournalEntry::Event(_) | JournalEntry::Run(_) => format!("{entry:?}"),
        }
    }

    /// Everything works from now on, and every subscription is active.
    fn mend(&mut self) {
        self.trace(|| "everything works from now on".to_owned());
        self.mended = true;
        self.crashes_with_checkpoint = false;
        self.coming.retain(|due| !matches!(due.2, Coming::Handover(_) | Coming::Crash));
        if self.is_draining {
            self.crash();
        }
        self.moods.clear();
        for at in 0..self.subscriptions.len() {
            self.change_at(at, |subscription, consents| {
                if !matches!(subscription.status, Status::Gone { .. }) {
                    subscription.status = Status::Active;
                }
                subscription.generation += 1;
                subscription.approvals.clear();
                let sink =
                    (0..consents.len() as u64).find(|sink| url(*sink) == subscription.sink.key()).unwrap_or_default();
                subscription.consent = consents[sink as usize].clone();
            });
        }
        self.machine.advance(self.moment());
        self.perform();
    }

    fn is_quiet(&self) -> bool {
        let nothing_comes = self.coming.is_empty() && self.machine.next_wake().is_none();
        nothing_comes && self.machine.unsettled() == 0 && self.machine.is_stored() && self.runs.is_empty()
    }

    /// I1: every event that a subscription wants has ended, and nothing is left to remember but marks.
    fn check_the_end(&mut self) {
        self.journal.make_durable();
        for subscription in &self.subscriptions {
            self.trace(|| {
                let (name, status) = (self.name_of(&subscription.id), self.machine.status(subscription.id));
                format!("at the end {name} is {}; {status:?}", trace::subscription(subscription))
            });
        }
        assert!(self.is_quiet(), "I1: {} unsettled, {} runs", self.machine.unsettled(), self.runs.len());
        for subscription in &self.subscriptions {
            if matches!(subscription.status, Status::Gone { .. }) || self.reselected.contains(&subscription.id) {
                continue;
            }
            for (place, log) in &self.logs {
                for item in log.items.iter().filter(|item| wants(subscription, item)) {
                    let key = delivery(subscription.id, place, item.position);
                    assert!(self.journal.has(&key), "I1: {key:?} was skipped");
                }
            }
        }
        let listed = self.store.keys().filter(|key| matches!(key, Key::Unsettled(_) | Key::Run(..))).count();
        assert!(listed == 0, "once: {listed} deliveries that ended are listed");
        let bytes = self.machine.shard_status().bytes;
        assert!(bytes == 0, "I8: {bytes} bytes of payload are held");
    }
}
