//! What must always be true, recorded independently of the machine: what was promised, what was delivered, and when.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::Duration,
};

use delivery::{Cause, Class, machine::SendRequest};
use model::{
    KanaalName, Mark, Partition, Position, Sink, Subscription, SubscriptionId, Timestamp,
    clock::Now,
    consent::Rate,
    outcome::{DeliveryKey, Outcome},
    subscription::Order,
};
use storage::{
    journal::Entry,
    progress::{Key, Value},
};

/// A partition.
pub type PartitionName = (KanaalName, Partition);

/// So many different events of a sink that accepts nothing may be given up: the last of them begins an outage.
const FAILING_EVENTS: usize = 3;

/// Longest time after which what is settled must survive a crash: two checkpoints, and what storing them takes.
const STORED_WITHIN: Duration = Duration::from_millis(500);

/// The record of one world.
#[derive(Default)]
pub struct Oracle {
    /// How deliveries ended, and when.
    pub settled: HashMap<DeliveryKey, (Outcome, Timestamp)>,
    /// Those that ended since the last start.
    settled_now: HashSet<DeliveryKey>,
    /// Ranges that ended unread.
    pub ranges: Vec<(SubscriptionId, PartitionName, Mark, Mark)>,
    /// What sinks took.
    taken: HashSet<DeliveryKey>,
    /// Until when sinks asked for silence.
    silent: BTreeMap<String, Timestamp>,
    /// Sinks that answered 410, with the generations that it holds for.
    gone: HashMap<SubscriptionId, u64>,
    /// When requests to sinks started.
    starts: BTreeMap<String, VecDeque<Timestamp>>,
    /// How far stored marks have come, and what they passed that had not ended.
    passed: HashMap<(SubscriptionId, PartitionName), (Mark, Vec<Position>)>,
    /// How many requests sinks accepted, as far as the machine knows.
    accepted: HashMap<String, u64>,
    /// Failed deliveries, with their sink and what it had accepted at the first failure there.
    failed: HashMap<DeliveryKey, (String, u64)>,
    /// Deliveries whose retries may run out for other reasons: the answer was about the event, no outage holds them up, or they
    /// failed before a crash.
    consumes_retries: HashSet<DeliveryKey>,
    /// Events that were given up although their sink accepted nothing after they failed first, by sink and what it had
    /// accepted.
    given_up: HashMap<(String, u64), HashSet<(PartitionName, Position)>>,
    /// What ended so shortly before a crash that it may not be stored.
    unsure: HashSet<DeliveryKey>,
}

impl Oracle {
    /// The machine starts (again), with this progress.
    pub fn restarted(&mut self, now: Now, store: &HashMap<Key, Value>, subscriptions: &[Subscription]) {
        let recent = self
            .settled_now
            .drain()
            .filter(|key| self.settled[key].1 + STORED_WITHIN >= Timestamp::from_micros(now.instant.as_micros()));
        self.unsure.extend(recent);
        self.consumes_retries.extend(self.failed.drain().map(|(key, _)| key));
        self.given_up.clear();
        // What was not stored when the machine stopped may be repeated.
        self.silent.retain(|url, until| match store.get(&Key::Sink(url.clone())) {
            Some(Value::Sink { not_before: Some(stored), .. }) => {
                let stored = now.instant_within(*stored, Duration::MAX);
                *until = (*until).min(Timestamp::from_micros(stored.as_micros()));
                true
            }
            _ => false,
        });
        let recorded = |id: &SubscriptionId| {
            subscriptions.iter().any(|subscription| subscription.id == *id && !subscription.may_send())
        };
        self.gone.retain(|id, _| recorded(id));
    }

    /// A sink asked for silence, and the machine knows.
    pub fn asked_for_silence(&mut self, url: &str, until: Timestamp) {
        let silent = self.silent.entry(url.to_owned()).or_default();
        *silent = (*silent).max(until);
    }

    /// A sink answered 410, and the machine knows.
    pub fn is_gone<'a>(&mut self, subscriptions: impl Iterator<Item = &'a Subscription>) {
        for subscription in subscriptions {
            self.gone.insert(subscription.id, subscription.generation);
        }
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
            assert!(given_up.len() <= FAILING_EVENTS, "{key:?} is given up although its sink may fail: {given_up:?}");
        }
    }

    /// A request starts: I3, I4, I5, I6, and that not more is repeated than a crash may cost.
    pub fn starts(
        &mut self,
        send: &SendRequest,
        registered: Option<&Subscription>,
        keys: &[DeliveryKey],
        now: Timestamp,
    ) {
        let spec = &send.subscription;
        let silent = self.silent.get(spec.sink.key()).copied().unwrap_or_default();
        assert!(now >= silent, "I3: {} at {now}, silent until {silent}", spec.sink);
        let gone = self.gone.get(&spec.id).is_some_and(|generation| *generation == spec.generation);
        assert!(!gone, "I4: {}", spec.sink);
        assert!(spec.may_send(), "I5: {:?}", spec.status);
        let rate = registered.and_then(|registered| registered.consent.granted());
        let starts = self.starts.entry(spec.sink.key().to_owned()).or_default();
        starts.push_back(now);
        while starts.front().is_some_and(|first| *first + Duration::from_mins(1) <= now) {
            starts.pop_front();
        }
        if let Some((_, Rate::PerMinute(most))) = rate {
            assert!(starts.len() <= most.get() as usize, "I6: {} in a minute of {most}", starts.len());
        }
        for key in keys {
            assert!(!self.settled_now.contains(key), "{key:?} is sent although it ended");
            let fine = !self.settled.contains_key(key) || self.unsure.contains(key);
            assert!(fine, "{key:?} is repeated although it ended long before a crash");
        }
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

    /// What is written down.
    pub fn written(&mut self, entry: &Entry, now: Timestamp) {
        match entry {
            Entry::Settled { delivery, outcome, .. } => {
                assert!(self.settled_now.insert(delivery.clone()), "{delivery:?} ends twice");
                let taken = self.taken.contains(delivery);
                assert!(*outcome != Outcome::Delivered || taken, "{delivery:?} was never taken");
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
        let (here, mark) = ((key.kanaal.clone(), key.partition), key.position.mark());
        self.settled.contains_key(key)
            || self.ranges.iter().any(|(subscription, place, from, until)| {
                *subscription == key.subscription && *place == here && *from <= mark && mark < *until
            })
    }

    /// No stored mark is ahead of a delivery that neither ended nor is listed: I2. `wanted` gives what the subscription
    /// wants between two marks.
    pub fn marks_are_honest(
        &mut self,
        store: &HashMap<Key, Value>,
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
        open.retain(|position| !self.has_ended(&delivery(subscription.id, place, *position)));
        for position in &open {
            let key = Key::Unsettled(delivery(subscription.id, place, *position));
            let fine = position.mark() >= mark || store.contains_key(&key);
            assert!(fine, "I2: {key:?} neither ended nor is it listed, but the mark is {mark:?}");
        }
        self.passed.insert((subscription.id, place.clone()), (mark.max(passed), open));
    }
}

/// The live delivery of a record.
pub fn delivery(subscription: SubscriptionId, place: &PartitionName, position: Position) -> DeliveryKey {
    DeliveryKey { subscription, kanaal: place.0.clone(), partition: place.1, position, run: None }
}
