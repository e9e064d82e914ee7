//! Sinks: what all subscriptions with the same key of a sink share (rate, `Retry-After`, outage), and the queue in which
//! they take turns. A sink that hangs uses only its own slots and delays no other sink.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    num::NonZeroU32,
    time::Duration,
};

use model::{
    Position, SubscriptionId, Timestamp,
    clock::{Instant, Now},
    consent::Rate,
};
use storage::progress::Value;

use super::{
    Machine, PartitionReader, SubscriptionState,
    outage::{Outage, ProbeWait},
    subscription::Sendable,
    timers::Timer,
};
use crate::{
    arena::Id,
    channel::{Cause, Class},
    invariants::{Invariant, check},
    pace::Pace,
    planted::planted,
};

/// A sink and the subscriptions that deliver to it.
#[derive(Debug)]
pub(super) struct SinkState {
    /// The key of the sink (`model::Sink::key`).
    pub key: String,
    pub subscriptions: BTreeSet<Id<SubscriptionState>>,
    /// The rates per minute that these were granted, each with how many were granted it: the lowest is found without a look at all
    /// of them.
    granted: BTreeMap<NonZeroU32, usize>,
    /// Subscriptions for which a request can be made; they take turns.
    pub queue: VecDeque<Id<SubscriptionState>>,
    in_flight: usize,
    /// Requests under way of subscriptions with `ladder_only`, which an outage does not hold up.
    in_flight_unheld: usize,
    /// The number of requests that the sink accepted since the start.
    pub successes: u64,
    /// Most requests under way. Each answer adds one and a failure resets it, so that many sinks that hang take few of
    /// the requests of the shard.
    slots: usize,
    pub pace: Pace,
    /// Until when the sink asked for no requests with `Retry-After` (I3).
    pub silent_until: Option<Instant>,
    pub outage: Option<Outage>,
    /// Different events that failed since the last success and had no success of others between their failures, where the
    /// answer does not tell whether the event or the sink is to blame; several of them start an outage.
    pub failing: Vec<(Id<PartitionReader>, Position)>,
    /// The timestamp for which a timer is set, if one is.
    timer: Option<Instant>,
    /// Whether the sink is in the list of runnable sinks.
    runnable: bool,
    /// Whether the sink waits because the shard has too many requests under way.
    waits_for_shard: bool,
    /// Whether the stored progress has an entry for it.
    pub stored: bool,
}

/// The longest time between two requests: the lowest rate is one a minute.
const LONGEST_INTERVAL: Duration = Duration::from_secs(61);

/// Slots of a sink that has not answered yet, or failed the last time.
const UNPROVEN_SLOTS: usize = 8;

impl SinkState {
    fn new(key: String) -> Self {
        Self {
            key,
            subscriptions: BTreeSet::new(),
            granted: BTreeMap::new(),
            queue: VecDeque::new(),
            in_flight: 0,
            in_flight_unheld: 0,
            successes: 0,
            slots: UNPROVEN_SLOTS,
            pace: Pace::UNLIMITED,
            silent_until: None,
            outage: None,
            failing: Vec::new(),
            timer: None,
            runnable: false,
            waits_for_shard: false,
            stored: false,
        }
    }

    /// The value to store for the sink; `None` when there is nothing to store.
    pub fn value(&self, now: Now) -> Option<Value> {
        let wall = |at: Instant| -> Timestamp { now.wall_of(at) };
        let not_before = self.silent_until.filter(|until| *until > now.instant).map(wall);
        let outage_since = self.outage.as_ref().map(|outage| wall(outage.since));
        (not_before.is_some() || outage_since.is_some()).then(|| Value::Sink {
            not_before,
            outage_since,
            next_allowed: self.pace.next_allowed().map(wall),
        })
    }
}

impl Machine {
    /// The sink with this key. A new one continues from its stored progress.
    pub(super) fn find_or_create_sink(&mut self, key: &str) -> Id<SinkState> {
        if let Some(id) = self.sink_ids.get(key) {
            return *id;
        }
        let mut sink = SinkState::new(key.to_owned());
        let restored = self.restored.take_sink(key);
        if let Some(Value::Sink { not_before, outage_since, next_allowed }) = restored {
            sink.stored = true;
            let now = self.moment();
            sink.silent_until = not_before.map(|until| now.instant_within(until, Duration::MAX));
            sink.outage = outage_since.map(|since| Outage::resume(now.instant_of_past(since), self.now));
            sink.pace.resume(self.now, next_allowed.map(|at| now.instant_within(at, LONGEST_INTERVAL)));
        }
        let id = self.sinks.insert(sink);
        self.sink_ids.insert(key.to_owned(), id);
        id
    }

    /// Adds a subscription to a sink, with the rate that it was granted.
    pub(super) fn join_sink(&mut self, sink_id: Id<SinkState>, subscription_id: Id<SubscriptionState>) {
        if let Some(sink) = self.sinks.get_mut(sink_id) {
            sink.subscriptions.insert(subscription_id);
        }
        self.grant_changed(subscription_id);
    }

    /// Removes a subscription from a sink, with its rate `counted`, and the sink when it is not needed any more.
    pub(super) fn leave_sink(
        &mut self,
        sink_id: Id<SinkState>,
        subscription: Id<SubscriptionState>,
        counted: Option<NonZeroU32>,
    ) {
        if let Some(sink) = self.sinks.get_mut(sink_id) {
            sink.subscriptions.remove(&subscription);
            sink.queue.retain(|other| *other != subscription);
        }
        self.replace_rate(sink_id, counted, None);
        self.remove_idle_sink(sink_id);
    }

    /// Removes a sink without subscriptions and requests, once its `Retry-After` is over.
    pub(super) fn remove_idle_sink(&mut self, id: Id<SinkState>) {
        let Some(sink) = self.sinks.get(id) else { return };
        if !sink.subscriptions.is_empty() || sink.in_flight > 0 {
            return;
        }
        if let Some(until) = sink.silent_until.filter(|until| *until > self.now) {
            self.set_sink_timer(id, until);
            return;
        }
        if let Some(sink) = self.sinks.remove(id) {
            self.sink_ids.remove(&sink.key);
            if sink.stored {
                self.checkpoints.sink_removed(sink.key);
            }
        }
    }

    /// Counts the rate that a subscription was granted at its sink, in place of the one of before.
    pub(super) fn grant_changed(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let granted = match subscription.spec.consent.granted() {
            Some((_, Rate::PerMinute(number))) => Some(number),
            Some((_, Rate::Unlimited)) | None => None,
        };
        let (sink, counted) = (subscription.sink, std::mem::replace(&mut subscription.counted_rate, granted));
        self.replace_rate(sink, counted, granted);
    }

    /// Sets the rate of a sink, of whose subscriptions one was granted another rate: the lowest that any of them was granted
    /// (CE-WHV-20).
    fn replace_rate(&mut self, id: Id<SinkState>, old: Option<NonZeroU32>, new: Option<NonZeroU32>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        if let Some(number) = new {
            *sink.granted.entry(number).or_default() += 1;
        }
        if let Some(number) = old
            && let Some(count) = sink.granted.get_mut(&number)
        {
            *count -= 1;
            if *count == 0 {
                sink.granted.remove(&number);
            }
        }
        let of_one =
            if planted!(HighestRateCounts) { sink.granted.last_key_value() } else { sink.granted.first_key_value() };
        sink.pace.set_rate(of_one.map_or(Rate::Unlimited, |(number, _)| Rate::PerMinute(*number)));
        // Requests made just before a restart are not known.
        if !self.loaded {
            sink.pace.resume(self.now, None);
        }
    }

    /// Adds a sink to the list of those for which requests may start.
    pub(super) fn mark_runnable(&mut self, id: Id<SinkState>) {
        if let Some(sink) = self.sinks.get_mut(id)
            && !sink.runnable
        {
            sink.runnable = true;
            self.runnable_sinks.push(id);
        }
    }

    fn set_sink_timer(&mut self, id: Id<SinkState>, at: Instant) {
        if let Some(sink) = self.sinks.get_mut(id)
            && sink.timer.is_none_or(|set| (set > at || set <= self.now) && !planted!(SinkTimerIsSetOnce))
        {
            sink.timer = Some(at);
            self.timers.set(at, Timer::Sink(id));
        }
    }

    pub(super) fn sink_timer_fired(&mut self, id: Id<SinkState>) {
        self.mark_runnable(id);
        self.remove_idle_sink(id);
    }

    /// Starts every request that may start; none while progress cannot be stored. Sinks that waited for the shard come
    /// first, in their order.
    pub(super) fn start_requests(&mut self) {
        if self.checkpoints.is_overdue(self.now) {
            return;
        }
        while self.requests.len() < self.settings.in_flight_total
            && let Some(id) = self.sinks_waiting_for_shard.pop_front()
        {
            if let Some(sink) = self.sinks.get_mut(id) {
                sink.waits_for_shard = false;
            }
            self.mark_runnable(id);
            self.start_requests_of_runnable();
        }
        self.start_requests_of_runnable();
    }

    fn start_requests_of_runnable(&mut self) {
        while let Some(id) = self.runnable_sinks.pop() {
            if let Some(sink) = self.sinks.get_mut(id) {
                sink.runnable = false;
                self.start_requests_of(id);
            }
        }
    }

    fn start_requests_of(&mut self, id: Id<SinkState>) {
        while (!self.draining || planted!(DrainGoesOn)) && self.may_start_request(id) {
            let Some(subscription_id) = self.take_next_in_queue(id) else { return };
            let Some(subscription) = self.subscriptions.get_mut(subscription_id) else { continue };
            subscription.queued = false;
            let Some(subscription) = self.subscriptions.get(subscription_id) else { continue };
            match self.sendable(subscription) {
                Sendable::Now => self.start_request(id, subscription_id),
                Sendable::At(until) => self.set_linger_timer(subscription_id, until),
                Sendable::No => {}
            }
            self.queue_at_sink(subscription_id);
        }
    }

    /// Whether a request to this sink may start now. If not, the sink is checked again when its timer fires, a request
    /// to it is answered, or the shard has fewer requests under way.
    fn may_start_request(&mut self, id: Id<SinkState>) -> bool {
        let Some(sink) = self.sinks.get(id) else { return false };
        if sink.queue.is_empty() || sink.in_flight >= sink.slots {
            return false;
        }
        let silent_until = sink.silent_until.filter(|until| *until > self.now);
        let pace = sink.pace.wait_until(self.now);
        let outage = match self.wait_for_probe(id) {
            ProbeWait::None => None,
            ProbeWait::Until(until) => Some(until),
            ProbeWait::Answer => return false,
        };
        if let Some(until) = silent_until.max(outage).max(pace) {
            self.set_sink_timer(id, until);
            return false;
        }
        let is_full = self.requests.len() >= self.settings.in_flight_total && !planted!(ShardTakesAnyNumber);
        if is_full && sink.in_flight > 0 {
            if let Some(sink) = self.sinks.get_mut(id)
                && !sink.waits_for_shard
            {
                sink.waits_for_shard = true;
                self.sinks_waiting_for_shard.push_back(id);
            }
            return false;
        }
        true
    }

    /// Counts a request to a sink that starts, in its slots and its pace. `ignores_outage`: an outage does not hold it
    /// up.
    pub(super) fn take_slot(&mut self, id: Id<SinkState>, subscription: SubscriptionId, ignores_outage: bool) {
        let now = self.now;
        let Some(sink) = self.sinks.get_mut(id) else { return };
        let violations = &mut self.effects.counts.violations;
        let silence_is_over = sink.silent_until.is_none_or(|until| until <= now);
        check(violations, Invariant::I3, silence_is_over, || format!("{subscription}"));
        check(violations, Invariant::I6, sink.pace.wait_until(now).is_none(), || format!("{subscription}"));
        sink.in_flight += 1;
        sink.in_flight_unheld += usize::from(ignores_outage);
        sink.pace.count_request(now);
    }

    /// Counts an answer of a sink: one request less is under way. An answer adds a slot; a failure of the sink or of the
    /// connection resets the slots to [`UNPROVEN_SLOTS`].
    pub(super) fn free_slot(&mut self, id: Id<SinkState>, class: Class, ignores_outage: bool) {
        if let Some(sink) = self.sinks.get_mut(id) {
            sink.in_flight -= usize::from(!planted!(SlotIsNotFreed) || class != Class::Failed(Cause::Gateway));
            sink.in_flight_unheld -= usize::from(ignores_outage);
            sink.slots = match class {
                Class::Failed(Cause::Sink | Cause::Connection) => UNPROVEN_SLOTS,
                Class::Failed(Cause::Gateway) => sink.slots,
                _ => sink.slots.saturating_add(1),
            };
        }
    }

    /// Requests under way that an outage would have held up.
    pub(super) fn held_in_flight(&self, id: Id<SinkState>) -> usize {
        self.sinks.get(id).map_or(0, |sink| sink.in_flight - sink.in_flight_unheld)
    }
}
