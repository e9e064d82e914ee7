//! What must always be true, recorded independently of the machine: what was promised, what was delivered, and when.

use std::{collections::BTreeMap, time::Duration};

use delivery::{Cause, Class, machine::SendRequest};
use model::{
    KanaalName, Mark, Partition, Position, Sink, Subscription, SubscriptionId, Timestamp,
    clock::Now,
    outcome::{DeliveryKey, Outcome},
    run::{Run, RunId, RunSelection},
    subscription::{Order, Status},
};
use storage::{
    journal::Entry,
    progress::{Key, Value},
};

use super::{
    journal::Journal,
    quick_hash::{Map, Set},
    retries::Retries,
};

/// A partition.
pub type PartitionName = (KanaalName, Partition);

/// So many different events of a sink that accepts nothing may be given up: the last of them begins an outage.
const FAILING_EVENTS: usize = 3;

/// Longest time after which what is settled must survive a crash: two checkpoints, and what storing them takes.
pub const STORED_WITHIN: Duration = Duration::from_millis(500);

/// How far a stored time may be off: the clock may be set by a second at a time and nobody notices.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(4);

/// A silence that a sink asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Silence {
    until: Timestamp,
    /// When the machine came to know it.
    since: Timestamp,
}

/// The record of one world.
#[derive(Default)]
pub struct Oracle {
    /// How deliveries ended, and when.
    pub settled: Map<DeliveryKey, (Outcome, Timestamp)>,
    /// Those that ended since the last start.
    settled_now: Set<DeliveryKey>,
    /// Ranges that ended unread.
    pub ranges: Vec<(SubscriptionId, PartitionName, Mark, Mark)>,
    /// What sinks took.
    taken: Set<DeliveryKey>,
    /// Until when sinks asked for silence.
    silent: BTreeMap<String, Silence>,
    /// When the wall clock was set last.
    clock_set: Timestamp,
    /// Sinks that answered 410, with the generations that it holds for.
    gone: Map<SubscriptionId, u64>,
    /// Subscriptions that the machine wants suspended or ended, with the generations that it holds for.
    halted: Map<SubscriptionId, u64>,
    /// How far stored marks have come, and what they passed that had not ended.
    passed: Map<(SubscriptionId, PartitionName), (Mark, Vec<Position>)>,
    /// How many requests sinks accepted, as far as the machine knows.
    accepted: Map<String, u64>,
    /// Failed deliveries, with their sink and what it had accepted at the first failure there.
    failed: Map<DeliveryKey, (String, u64)>,
    /// Deliveries whose retries may run out for other reasons: the answer was about the event, no outage holds them up, or they
    /// failed before a crash.
    consumes_retries: Set<DeliveryKey>,
    /// Events that were given up although their sink accepted nothing after they failed first, by sink and what it had
    /// accepted.
    given_up: Map<(String, u64), Set<(PartitionName, Position)>>,
    /// What ended so shortly before a crash that it may not be stored.
    unsure: Set<DeliveryKey>,
    pub retries: Retries,
    /// Whose dead letters are durable.
    letters: Set<DeliveryKey>,
    /// Deliveries of runs that ended, whose dead letters are not removed yet.
    redriven: Set<DeliveryKey>,
    /// Whether many events may be given up at once, at the end of an outage.
    pub gives_up_at_limit: bool,
}

impl Oracle {
    /// The machine starts (again), with this progress.
    /// `is_handed_over`: everything was stored before.
    pub fn restarted(
        &mut self,
        now: Now,
        store: &Map<Key, Value>,
        subscriptions: &[Subscription],
        is_handed_over: bool,
    ) {
        let passed = Timestamp::from_micros(now.instant.as_micros());
        let recent =
            self.settled_now.drain().filter(|key| !is_handed_over && self.settled[key].1 + STORED_WITHIN >= passed);
        self.unsure.extend(recent);
        self.retries.restarted(store, passed);
        self.consumes_retries.extend(self.failed.drain().map(|(key, _)| key));
        self.given_up.clear();
        self.halted.clear();
        // What was not stored when the machine stopped may be repeated.
        let clock_set = self.clock_set;
        self.silent.retain(|url, silence| {
            let is_old = silence.since.max(clock_set) + STORED_WITHIN < passed;
            let stored = match store.get(&Key::Sink(url.clone())) {
                Some(Value::Sink { not_before: Some(stored), .. }) => {
                    Timestamp::from_micros(now.instant_within(*stored, Duration::MAX).as_micros())
                }
                _ => Timestamp::default(),
            };
            let least = if is_old { silence.until - CLOCK_TOLERANCE } else { Timestamp::default() };
            *silence = Silence { until: silence.until.min(stored).max(least), since: passed };
            silence.until > passed
        });
        let recorded = |id: &SubscriptionId| {
            subscriptions
                .iter()
                .any(|subscription| subscription.id == *id && matches!(subscription.status, Status::Gone { .. }))
        };
        self.gone.retain(|id, _| recorded(id));
    }

    /// A sink asked for silence, and the machine knows.
    pub fn asked_for_silence(&mut self, url: &str, until: Timestamp, now: Timestamp) {
        let silence = self.silent.entry(url.to_owned()).or_default();
        if until > silence.until {
            *silence = Silence { until, since: now };
        }
    }

    /// The wall clock was set.
    pub fn clock_was_set(&mut self, now: Timestamp) {
        self.clock_set = now;
    }

    /// A dead letter is durable.
    pub fn letter_stored(&mut self, key: DeliveryKey) {
        self.letters.insert(key);
    }

    /// The dead letter that a delivery redrove is removed.
    pub fn redriven_removed(&mut self, key: &DeliveryKey) {
        self.redriven.remove(key);
    }

    /// A run ends although its subscription goes on: it redrove what it was to redrive.
    pub fn run_ends(&self, run: RunId, wanted: impl Iterator<Item = DeliveryKey>) {
        for key in wanted {
            assert!(self.has_ended(&key), "runs: {key:?} has not ended");
        }
        let left = self.redriven.iter().find(|key| key.run == Some(run));
        assert!(left.is_none(), "runs: the dead letter that {left:?} redrove is there");
    }

    /// A sink answered 410, and the machine knows.
    pub fn is_gone<'a>(&mut self, subscriptions: impl Iterator<Item = &'a Subscription>) {
        for subscription in subscriptions {
            self.gone.insert(subscription.id, subscription.generation);
        }
    }

    /// The machine asked the registry for the end or the suspension of a subscription.
    pub fn asked_for_end(&mut self, id: SubscriptionId, generation: u64) {
        self.halted.insert(id, generation);
    }

    /// A subscription has another status, which holds now.
    pub fn has_other_status(&mut self, id: SubscriptionId) {
        self.halted.remove(&id);
    }

    /// A sink took events.
    pub fn took(&mut self, keys: impl Iterator<Item = DeliveryKey>) {
        self.taken.extend(keys);
    }

    /// A request was answered with this class, and the machine knows. `ladder_only`: no outage holds its subscription up.
    pub fn answered(&mut self, sink: &str, keys: &[DeliveryKey], class: Class, ladder_only: bool) {
        let accepted = self.accepted.entry(sink.to_owned()).or_default();
        *accepted += u64::from(class == Class::Delivered);
        if let Class::Failed(cause) = class {
            for key in keys {
                let failed = self.failed.entry(key.clone()).or_default();
                if failed.0 != sink {
                    *failed = (sink.to_owned(), *accepted);
                }
                if ladder_only || cause == Cause::Event {
                    self.consumes_retries.insert(key.clone());
                }
            }
        }
    }

    /// A subscription moved from or to this sink: what failed there is forgotten.
    pub fn moved(&mut self, sink: &Sink) {
        *self.accepted.entry(sink.key().to_owned()).or_default() += 1;
    }

    /// Few events are given up while their sink accepts nothing: it may be the sink that fails.
    fn gave_up(&mut self, key: &DeliveryKey) {
        if self.consumes_retries.contains(key) {
            return;
        }
        let (sink, accepted) = self.failed.get(key).cloned().unwrap_or_default();
        if self.accepted.get(&sink) == Some(&accepted) {
            let given_up = self.given_up.entry((sink, accepted)).or_default();
            given_up.insert(((key.kanaal.clone(), key.partition), key.position));
            let most = if self.gives_up_at_limit { usize::MAX } else { FAILING_EVENTS };
            assert!(given_up.len() <= most, "retries: {key:?} is given up although its sink may fail: {given_up:?}");
        }
    }

    /// A request starts: I3, I4, and that not more is repeated than a crash may cost.
    pub fn starts(&mut self, send: &SendRequest, keys: &[DeliveryKey], now: Timestamp) {
        let spec = &send.subscription;
        self.is_not_silent(spec.sink.key(), now);
        let gone = self.gone.get(&spec.id).is_some_and(|generation| *generation == spec.generation);
        let halted = self.halted.get(&spec.id).is_some_and(|generation| *generation == spec.generation);
        assert!(!gone && !halted, "I4: {}, its end is known", spec.sink);
        for key in keys {
            self.retries.starts(key, now);
            assert!(!self.settled_now.contains(key), "once: {key:?} is sent although it ended");
            let fine = !self.settled.contains_key(key) || self.unsure.contains(key);
            assert!(fine, "once: {key:?} is repeated although it ended long before a crash");
        }
    }

    /// No sink gets a request before its `Retry-After` is over: I3.
    pub fn is_not_silent(&self, sink: &str, now: Timestamp) {
        let silent = self.silent.get(sink).copied().unwrap_or_default().until;
        assert!(now >= silent, "I3: {sink} at {now}, silent until {silent}");
    }

    /// With order `key`, everything earlier of the key has ended: I7.
    pub fn keeps_order(&self, send: &SendRequest, earlier: impl Iterator<Item = Position>, place: &PartitionName) {
        if send.subscription.order != Order::Key {
            return;
        }
        for position in earlier {
            let key = delivery(send.subscription.id, place, position);
            assert!(self.has_ended(&key), "I7: {key:?} has not ended");
        }
    }

    /// What is written down. `runs`: those that were started.
    pub fn written(&mut self, entry: &Entry, now: Timestamp, runs: &[Run]) {
        match entry {
            Entry::Settled { delivery, outcome, .. } => {
                assert!(self.settled_now.insert(delivery.clone()), "once: {delivery:?} ends twice");
                let taken = self.taken.contains(delivery);
                assert!(*outcome != Outcome::Delivered || taken, "once: {delivery:?} was never taken");
                let has_letter = self.letters.contains(delivery);
                assert!(!outcome.is_dead_letter() || has_letter, "dead letter: that of {delivery:?} is not stored");
                let run = runs.iter().find(|run| Some(run.id) == delivery.run);
                if run.is_some_and(|run| matches!(run.what, RunSelection::Records(_)))
                    && (*outcome == Outcome::Delivered || outcome.is_dead_letter())
                {
                    self.redriven.insert(delivery.clone());
                }
                self.settled.insert(delivery.clone(), (*outcome, now));
                self.unsure.remove(delivery);
                if *outcome == Outcome::RetriesExhausted {
                    self.gave_up(delivery);
                }
            }
            Entry::SettledRange { subscription, kanaal, partition, from, until, .. } => {
                self.ranges.push((*subscription, (kanaal.clone(), *partition), *from, *until));
            }
            Entry::Event(_) | Entry::Attempt { .. } | Entry::Run(_) => {}
        }
    }

    /// Whether a delivery ended, on its own or in a range.
    pub fn has_ended(&self, key: &DeliveryKey) -> bool {
        self.settled.contains_key(key) || self.ended_unread(key)
    }

    /// Whether it is in a range that ended unread.
    pub fn ended_unread(&self, key: &DeliveryKey) -> bool {
        let mark = key.position.mark();
        self.ranges.iter().any(|(subscription, (kanaal, partition), from, until)| {
            let is_here = *subscription == key.subscription && (kanaal, *partition) == (&key.kanaal, key.partition);
            is_here && *from <= mark && mark < *until
        })
    }

    /// No stored mark is ahead of a delivery that neither ended nor is listed: I2. `wanted` gives what the subscription
    /// wants between two marks.
    pub fn marks_are_honest(
        &mut self,
        store: &Map<Key, Value>,
        journal: &Journal,
        subscription: &Subscription,
        place: &PartitionName,
        wanted: impl Fn(Mark, Mark) -> Vec<Position>,
    ) {
        let own = store.get(&Key::Subscription(subscription.id, place.0.clone(), place.1));
        let mark = match own {
            Some(Value::At(mark)) => *mark,
            Some(Value::Level) => match store.get(&Key::Reader(place.0.clone(), place.1)) {
                Some(Value::At(mark)) => *mark,
                _ => return,
            },
            _ => return,
        };
        let (passed, mut open) = self.passed.remove(&(subscription.id, place.clone())).unwrap_or_default();
        if mark > passed {
            open.extend(wanted(passed, mark));
        }
        open.retain(|position| !journal.has(&delivery(subscription.id, place, *position)));
        for position in &open {
            let key = Key::Unsettled(delivery(subscription.id, place, *position));
            let fine = position.mark() >= mark || store.contains_key(&key);
            assert!(fine, "I2: {key:?} is neither listed nor did it durably end, but the mark is {mark:?}");
        }
        self.passed.insert((subscription.id, place.clone()), (mark.max(passed), open));
    }
}

/// The live delivery of a record.
pub fn delivery(subscription: SubscriptionId, place: &PartitionName, position: Position) -> DeliveryKey {
    DeliveryKey { subscription, kanaal: place.0.clone(), partition: place.1, position, run: None }
}
