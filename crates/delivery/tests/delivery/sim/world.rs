//! A world: logs, registry, progress and sinks, the machine in the middle, and a course of events drawn from a seed.

use std::{
    collections::{BTreeMap, BinaryHeap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use delivery::{
    Answer, Class, DecodedEvent, Reply, Settings,
    machine::{Action, FetchedEvents, Input, Machine, Read, SendRequest},
};
use model::{
    KanaalName, Mark, Partition, Position, Random, Sink, Subscription, SubscriptionId, Timestamp,
    clock::{Now, SeededRandom},
    consent::Consent,
    outcome::DeliveryKey,
    run::{Range, Run, RunId, RunSelection},
    subscription::{Format, Order, Status},
};
use storage::progress::{Entry, Key, Value as Progress};

use super::{
    changes::{change_member, change_selection},
    made::{SINKS, TYPES, any_consent, any_subscription, item, name, url, wants},
    oracle::{Oracle, PartitionName, delivery},
    sinks::{Mood, below, chance},
};

/// Something that will happen.
enum Coming {
    /// An input for the machine. Lost in a crash.
    Input(Input),
    /// A read ends.
    Read(Read),
    /// A request is answered.
    Answer(SendRequest, Timestamp, Reply),
    /// A checkpoint becomes durable.
    Store(Vec<Entry>),
    /// The pace of sinks becomes durable.
    Pace(Vec<Entry>),
    /// The registry changes as the machine asked.
    Status(SubscriptionId, u64, Status),
    EndRun(RunId),
    /// The course of the world; survives crashes.
    Fate(Fate),
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Publish,
    Mood,
    Crash,
    Pause,
    Change,
    Trim,
    Clock,
    Replay,
    Subscribe,
}

struct Due(Timestamp, u64, Coming);

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
struct Log {
    items: Vec<Arc<DecodedEvent>>,
    oldest: usize,
}

pub struct World {
    random: Arc<SeededRandom>,
    /// The time that has passed; the machine waits by it.
    now: Timestamp,
    /// By how many microseconds the wall clock was set forward (negative: back).
    clock_step: i64,
    sequence: u64,
    coming: BinaryHeap<Due>,
    logs: BTreeMap<PartitionName, Log>,
    subscriptions: Vec<Subscription>,
    runs: Vec<Run>,
    store: HashMap<Key, Progress>,
    moods: BTreeMap<String, Mood>,
    /// What each sink grants.
    consents: Vec<Consent>,
    machine: Machine,
    /// Live deliveries that requests under way carry, with the digests of their keys.
    in_flight: HashMap<DeliveryKey, u64>,
    /// Subscriptions whose selection or approvals changed: what they must get depends on when it was read.
    reselected: HashSet<SubscriptionId>,
    oracle: Oracle,
    settings: Settings,
    sent: u64,
    mended: bool,
    loud: bool,
}

impl World {
    pub fn new(seed: u64, loud: bool) -> Self {
        let random = Arc::new(SeededRandom::new(seed));
        let settings = Settings {
            window: 4 + below(&random, 40) as usize,
            window_bytes: 20_000 + below(&random, 100_000) as usize,
            in_flight: 1 + below(&random, 8) as usize,
            in_flight_total: 2 + below(&random, 20) as usize,
            fetch_records: 1 + below(&random, 30) as usize,
            shared_fetches: 1 + below(&random, 2) as usize,
            other_fetches: 1 + below(&random, 3) as usize,
            outage_limit: Duration::from_hours(1),
            duplicates: below(&random, 50) as usize,
            ..Settings::default()
        };
        let consents = (0..SINKS).map(|_| any_consent(&random)).collect();
        let machine = Machine::new(settings.clone(), Arc::clone(&random) as Arc<dyn Random>);
        let places = [(0, 0), (0, 1), (1, 0)].map(|(kanaal, partition)| (name(kanaal), Partition(partition)));
        let mut world = Self {
            now: Timestamp::from_seconds(1_000_000),
            clock_step: 0,
            in_flight: HashMap::new(),
            reselected: HashSet::new(),
            sequence: 0,
            coming: BinaryHeap::new(),
            logs: places.into_iter().map(|place| (place, Log::default())).collect(),
            subscriptions: vec![],
            runs: vec![],
            store: HashMap::new(),
            moods: BTreeMap::new(),
            consents,
            machine,
            oracle: Oracle::default(),
            settings,
            sent: 0,
            mended: false,
            loud,
            random,
        };
        for _ in 0..=below(&world.random, 5) {
            world.subscribe();
        }
        let fates = [
            (Fate::Publish, 30),
            (Fate::Mood, 10),
            (Fate::Crash, 3),
            (Fate::Pause, 3),
            (Fate::Change, 8),
            (Fate::Trim, 2),
            (Fate::Clock, 3),
            (Fate::Replay, 2),
            (Fate::Subscribe, 2),
        ];
        let horizon = 1_000 * (30 + below(&world.random, 300));
        for (fate, most) in fates {
            for _ in 0..below(&world.random, most + 1) {
                let at = world.now + Duration::from_millis(below(&world.random, horizon));
                world.comes_at(at, Coming::Fate(fate));
            }
        }
        world.start();
        world
    }

    /// Runs to the end of the course, mends everything, and waits until all is settled. Gives the number of requests.
    pub fn run(mut self) -> u64 {
        while self.coming.iter().any(|due| matches!(due.2, Coming::Fate(_))) {
            self.step();
        }
        self.mend();
        let patience = self.now + Duration::from_hours(48);
        while !self.is_quiet() && self.now < patience {
            self.step();
        }
        self.check_the_end();
        self.sent
    }

    fn log(&self, what: impl FnOnce() -> String) {
        if self.loud {
            println!("{} {}", self.now, what());
        }
    }

    fn comes_at(&mut self, at: Timestamp, coming: Coming) {
        self.sequence += 1;
        self.coming.push(Due(at, self.sequence, coming));
    }

    fn comes_soon(&mut self, within_micros: u64, coming: Coming) {
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
    fn moment(&self) -> Now {
        Now { wall: self.wall(), ..Now::from(self.now) }
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_micros(self.now.as_micros() + self.clock_step)
    }

    fn input(&mut self, input: Input) {
        self.machine.handle(input, self.moment());
    }

    /// (Re)starts the machine from what is stored.
    fn start(&mut self) {
        self.in_flight.clear();
        self.oracle.restarted(self.moment(), &self.store, &self.subscriptions);
        self.machine = Machine::new(self.settings.clone(), Arc::clone(&self.random) as Arc<dyn Random>);
        let stored = self.store.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.input(Input::Restored(stored));
        let mut kanalen: BTreeMap<KanaalName, Vec<Mark>> = BTreeMap::new();
        for ((kanaal, _), log) in &self.logs {
            kanalen.entry(kanaal.clone()).or_default().push(Mark(log.items.len() as u64));
        }
        for (kanaal, tails) in kanalen {
            self.input(Input::Kanaal(kanaal, tails));
        }
        for subscription in self.subscriptions.clone() {
            self.input(Input::Subscription(Arc::new(subscription)));
        }
        for run in self.runs.clone() {
            self.input(Input::Run(Arc::new(run)));
        }
        self.input(Input::Loaded);
    }

    fn happens(&mut self, coming: Coming) {
        match coming {
            Coming::Input(input) => self.input(input),
            Coming::Read(read) => {
                let batch = if !self.mended && chance(&self.random, 2) { None } else { Some(self.read(&read)) };
                self.input(Input::Fetched(read.id, batch));
            }
            Coming::Answer(send, started, reply) => self.answered(send, started, reply),
            Coming::Store(entries) => {
                self.stored(entries);
                self.input(Input::Checkpointed);
            }
            Coming::Pace(entries) => {
                self.stored(entries);
                self.input(Input::PaceStored);
            }
            Coming::Status(id, generation, status) => {
                let known = self.subscriptions.iter_mut().find(|known| known.id == id);
                if let Some(known) = known.filter(|known| known.generation == generation) {
                    known.status = status;
                    let changed = Arc::new(known.clone());
                    self.input(Input::Subscription(changed));
                }
            }
            Coming::EndRun(id) => {
                self.runs.retain(|run| run.id != id);
                self.input(Input::RunEnded(id));
            }
            Coming::Fate(fate) => self.fate(fate),
        }
    }

    fn fate(&mut self, fate: Fate) {
        self.log(|| format!("{fate:?}"));
        match fate {
            Fate::Publish => self.publish(),
            Fate::Mood => {
                let sink = url(below(&self.random, SINKS));
                let mood = Mood::any(&self.random);
                self.log(|| format!("{sink} is {mood:?}"));
                self.moods.insert(sink, mood);
            }
            Fate::Crash => {
                self.coming.retain(|due| matches!(due.2, Coming::Fate(_)));
                self.start();
            }
            Fate::Pause => drop(self.change_one(|subscription, _, _| {
                subscription.status = match subscription.status {
                    Status::Active => Status::Paused,
                    _ if matches!(subscription.status, Status::Gone { .. }) => return,
                    _ => Status::Active,
                };
            })),
            Fate::Change => {
                let reselects = chance(&self.random, 5);
                let id = self.change_one(|subscription, random, consents| {
                    if reselects {
                        change_selection(subscription, random);
                    } else {
                        change_member(subscription, random, consents);
                    }
                });
                if reselects {
                    self.reselected.insert(id);
                }
            }
            Fate::Clock => {
                let steps = [-3_600, -10, -1, 1, 10, 3_600, 100 * 3_600];
                self.clock_step += 1_000_000 * steps[below(&self.random, steps.len() as u64) as usize];
            }
            Fate::Trim => {
                let places: Vec<PartitionName> = self.logs.keys().cloned().collect();
                let place = &places[below(&self.random, places.len() as u64) as usize];
                if let Some(log) = self.logs.get_mut(place) {
                    let left = log.items.len() - log.oldest;
                    log.oldest += below(&self.random, left as u64 / 2 + 1) as usize;
                }
            }
            Fate::Replay => self.replay(),
            Fate::Subscribe => {
                self.subscribe();
                if let Some(subscription) = self.subscriptions.last().cloned() {
                    self.input(Input::Subscription(Arc::new(subscription)));
                }
            }
        }
    }

    fn change_one(&mut self, change: impl FnOnce(&mut Subscription, &SeededRandom, &[Consent])) -> SubscriptionId {
        let at = below(&self.random, self.subscriptions.len() as u64) as usize;
        let (random, now) = (Arc::clone(&self.random), self.now);
        let subscription = &mut self.subscriptions[at];
        let sink = subscription.sink.clone();
        change(subscription, &random, &self.consents);
        if subscription.sink != sink {
            self.oracle.moved(&sink);
            self.oracle.moved(&subscription.sink);
        }
        subscription.changed = now;
        let (id, changed) = (subscription.id, Arc::new(subscription.clone()));
        self.input(Input::Subscription(changed));
        id
    }

    fn subscribe(&mut self) {
        let random = Arc::clone(&self.random);
        let kanalen = match below(&random, 3) {
            0 => vec![],
            1 => vec![name(0)],
            _ => vec![name(0), name(1)],
        };
        let types = if chance(&random, 50) { vec![] } else { vec![TYPES[below(&random, 3) as usize].into()] };
        let sink = below(&random, SINKS);
        let start = self.logs.iter().filter(|_| chance(&random, 70)).map(|((kanaal, partition), log)| {
            (kanaal.clone(), *partition, Mark(below(&random, log.items.len() as u64 + 1)))
        });
        let consent = self.consents[sink as usize].clone();
        let made = any_subscription(&random, self.now, Sink::Webhook(url(sink)), consent, kanalen, types);
        self.subscriptions.push(Subscription { start: start.collect(), ..made });
    }

    fn publish(&mut self) {
        let places: Vec<PartitionName> = self.logs.keys().cloned().collect();
        for _ in 0..=below(&self.random, 40) {
            let place = &places[below(&self.random, places.len() as u64) as usize];
            let random = Arc::clone(&self.random);
            let log = self.logs.entry(place.clone()).or_default();
            let position = log.items.len() as u64;
            let kind = TYPES[below(&random, 3) as usize].to_owned();
            let fresh = (format!("{position}"), kind, format!("k{}", below(&random, 4)));
            let again = log.items.last().filter(|_| chance(&random, 5)).map(|last| {
                let event = &last.accepted.event;
                (event.id().to_owned(), event.kind().to_owned(), event.key().to_owned())
            });
            let (id, kind, key) = again.unwrap_or(fresh);
            log.items.push(Arc::new(item(place, position, self.now, &id, &kind, &key)));
            let tail = Mark(position + 1);
            self.comes_soon(1_000, Coming::Input(Input::TailMoved(place.0.clone(), place.1, tail)));
        }
    }

    fn replay(&mut self) {
        let at = below(&self.random, self.subscriptions.len() as u64) as usize;
        let ranges = self.logs.iter().map(|((kanaal, partition), log)| Range {
            kanaal: kanaal.clone(),
            partition: *partition,
            from: Mark(below(&self.random, log.items.len() as u64 + 1)),
            until: Mark(log.items.len() as u64),
        });
        let what = if chance(&self.random, 50) {
            RunSelection::Replay(ranges.collect())
        } else {
            let records = ranges.filter(|range| range.from < range.until);
            RunSelection::Records(
                records.map(|range| (range.kanaal, range.partition, Position(range.from.0))).collect(),
            )
        };
        let subscription = self.subscriptions[at].id;
        let id = RunId(self.random.uuid());
        let run = Run { id, subscription, what, asked_by: "o".into(), created: self.now };
        self.runs.push(run.clone());
        self.input(Input::Run(Arc::new(run)));
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
            self.log(|| format!("{entry:?}"));
            self.oracle.written(entry, self.now);
        }
        for action in effects.actions {
            match action {
                Action::Read(read) => self.comes_soon(5_000, Coming::Read(read)),
                Action::SendRequest(send) => self.send(send),
                Action::Checkpoint(checkpoint) => self.comes_soon(20_000, Coming::Store(checkpoint.entries)),
                Action::StorePace(entries) => self.comes_soon(20_000, Coming::Pace(entries)),
                Action::StoreDeadLetter(id, _) => {
                    let kept = self.mended || !chance(&self.random, 10);
                    self.comes_soon(20_000, Coming::Input(Input::DeadLetterStored(id, kept)));
                }
                Action::SetStatus { id, generation, status } => {
                    self.comes_soon(20_000, Coming::Status(id, generation, status));
                }
                Action::EndRun(id) => self.comes_soon(20_000, Coming::EndRun(id)),
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

    fn send(&mut self, send: SendRequest) {
        self.sent += 1;
        let keys = self.machine.deliveries_of(send.id);
        self.log(|| format!("SEND {} {keys:?}", send.subscription.sink));
        let registered = self.subscriptions.iter().find(|known| known.id == send.subscription.id);
        self.oracle.starts(&send, registered, &keys, self.now);
        self.check_order(&send, &keys);
        for (key, item) in keys.iter().zip(&send.items).filter(|(key, _)| key.run.is_none()) {
            let before = self.in_flight.insert(key.clone(), item.key);
            assert!(before.is_none(), "{key:?} is sent twice at once");
        }
        let mood = self.moods.get(send.subscription.sink.key()).copied().unwrap_or(Mood::Well);
        let structured = send.fallback || matches!(send.subscription.format, Format::Structured(_));
        let number = send.items.iter().map(|item| item.position.0).fold(1, |all, position| all * (position + 1) % 5);
        let (wait, reply) = mood.answer(&self.random, number, structured);
        if reply.class == Class::Delivered {
            self.oracle.took(keys.into_iter());
        }
        let (now, at) = (self.now, self.now + wait);
        self.comes_at(at, Coming::Answer(send, now, reply));
    }

    fn check_order(&self, send: &SendRequest, keys: &[DeliveryKey]) {
        let registered = self.subscriptions.iter().find(|known| known.id == send.subscription.id);
        let Some(registered) = registered.filter(|known| known.order == Order::Key) else { return };
        for (item, key) in send.items.iter().zip(keys).filter(|(_, key)| key.run.is_none()) {
            let same =
                |(other, digest): (&DeliveryKey, &u64)| other.subscription == key.subscription && *digest == item.key;
            assert!(!self.in_flight.iter().any(same), "I7: {key:?} beside another one of its key");
            if self.reselected.contains(&registered.id) {
                continue;
            }
            let place = (item.kanaal.clone(), item.partition);
            let log = &self.logs[&place];
            let earlier = log.items[..item.position.0 as usize].iter();
            let same = earlier.filter(|other| other.key == item.key && wants(registered, other));
            self.oracle.keeps_order(send, same.map(|other| other.position), &place);
        }
    }

    fn answered(&mut self, send: SendRequest, started: Timestamp, reply: Reply) {
        for item in &send.items {
            let place = (item.kanaal.clone(), item.partition);
            self.in_flight.remove(&delivery(send.subscription.id, &place, item.position));
        }
        if let Class::Paced(wait) = reply.class {
            self.oracle.asked_for_silence(send.subscription.sink.key(), self.now + wait);
        }
        if reply.class == Class::Gone {
            // The request may have gone to a sink that the subscription has left since.
            let sink = &send.subscription.sink;
            self.oracle.is_gone(self.subscriptions.iter().filter(|known| known.sink == *sink));
        }
        let keys = self.machine.deliveries_of(send.id);
        let registered = self.subscriptions.iter().find(|known| known.id == send.subscription.id);
        let ladder_only = send.subscription.retry.ladder_only || registered.is_some_and(|one| one.retry.ladder_only);
        self.oracle.answered(send.subscription.sink.key(), &keys, reply.class, ladder_only);
        let duration_micros = self.now.since(started).as_micros() as u64;
        self.input(Input::Answered(send.id, Answer { started, duration_micros, reply }));
    }

    fn stored(&mut self, entries: Vec<Entry>) {
        for (key, value) in entries {
            match value {
                Some(value) => drop(self.store.insert(key, value)),
                None => drop(self.store.remove(&key)),
            }
        }
        let mut oracle = std::mem::take(&mut self.oracle);
        for subscription in self.subscriptions.iter().filter(|one| !self.reselected.contains(&one.id)) {
            for (place, log) in &self.logs {
                let wanted = |from: Mark, until: Mark| {
                    let items = &log.items[from.0 as usize..(until.0 as usize).min(log.items.len())];
                    let wanted = items.iter().filter(|item| wants(subscription, item));
                    wanted.map(|item| item.position).collect()
                };
                oracle.marks_are_honest(&self.store, subscription, place, wanted);
            }
        }
        self.oracle = oracle;
    }

    /// Everything works from now on, and every subscription is active.
    fn mend(&mut self) {
        self.log(|| "mended".to_owned());
        self.mended = true;
        self.moods.clear();
        for at in 0..self.subscriptions.len() {
            let subscription = &mut self.subscriptions[at];
            if !matches!(subscription.status, Status::Gone { .. }) {
                subscription.status = Status::Active;
            }
            subscription.generation += 1;
            subscription.approvals.clear();
            let sink = (0..SINKS).find(|sink| url(*sink) == subscription.sink.key()).unwrap_or_default();
            subscription.consent = self.consents[sink as usize].clone();
            let changed = Arc::new(subscription.clone());
            self.input(Input::Subscription(changed));
        }
        self.machine.advance(self.moment());
        self.perform();
    }

    fn is_quiet(&self) -> bool {
        let nothing_comes = self.coming.is_empty() && self.machine.next_wake().is_none();
        nothing_comes && self.machine.unsettled() == 0 && self.machine.is_stored() && self.runs.is_empty()
    }

    /// I1: every event that a subscription wants has ended, and nothing is left to remember but marks.
    fn check_the_end(&self) {
        for subscription in &self.subscriptions {
            self.log(|| format!("{subscription:?}\n{:?}", self.machine.status(subscription.id)));
        }
        assert!(self.is_quiet(), "{} unsettled, {} runs", self.machine.unsettled(), self.runs.len());
        for subscription in &self.subscriptions {
            if matches!(subscription.status, Status::Gone { .. }) || self.reselected.contains(&subscription.id) {
                continue;
            }
            for (place, log) in &self.logs {
                for item in log.items.iter().filter(|item| wants(subscription, item)) {
                    let key = delivery(subscription.id, place, item.position);
                    assert!(self.oracle.has_ended(&key), "I1: {key:?} was skipped");
                }
            }
        }
        let listed = self.store.keys().filter(|key| matches!(key, Key::Unsettled(_) | Key::Run(..))).count();
        assert_eq!(listed, 0, "nothing unsettled is stored");
        let bytes = self.machine.shard_status().bytes;
        assert_eq!(bytes, 0, "no payload is held");
    }
}
