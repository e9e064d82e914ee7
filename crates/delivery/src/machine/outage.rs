//! Outages of sinks. During one, no retry is consumed, and one delivery at a time is sent as a probe: one that has not
//! failed yet if there is one, since a delivery that fails again may be to blame itself. A subscription accepts a new
//! delivery only when all of its unsettled ones have failed. The waits between probes are those between retries, at most
//! [`LONGEST_WAIT`]. A delivery that has not failed yet need not wait that long ([`Outage::next_check`]), so that one
//! event which the sink cannot take does not hold up those that it can. Subscriptions with `ladder_only` are not held up.
//!
//! A success ends an outage. A refusal ends it only if no answer in it left open whether the event or the sink is to blame: a
//! receiver may refuse some events before it fails on all others, and these are not given up.

use std::time::Duration;

use model::{
    Position,
    clock::Instant,
    outcome::Outcome,
    subscription::{RetryPolicy, Status},
};

use super::{
    Delivery, Machine, PartitionReader, SinkState, SubscriptionState,
    effects::Action,
    subscription::{Halt, HaltCause},
};
use crate::{arena::Id, backoff, channel::Cause, planted::planted};

/// An outage of a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outage {
    pub since: Instant,
    /// The part that the last failure is attributed to.
    cause: Cause,
    /// The number of probes that failed in a row.
    probes: u32,
    pub next_probe: Instant,
    /// When a delivery that has not failed yet may be sent as a probe; not later than `next_probe`.
    next_check: Instant,
    /// How many more deliveries may be sent at `next_check` instead of `next_probe`.
    checks_left: u32,
    /// How many deliveries that had not failed yet were sent.
    unfailed_probes: usize,
    /// Whether one of these was appended after the outage began.
    tried_newer: bool,
    /// Whether an answer left open whether the event or the sink is to blame; also when that is not known any more.
    is_ambiguous: bool,
}

/// When a probe may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProbeWait {
    /// Immediately, or there is no outage.
    None,
    /// At this time.
    Until(Instant),
    /// After the answer of a request under way, which decides.
    Answer,
}

/// After this number of different failing events without a success between them, the sink counts as failing.
pub const FAILING_EVENTS: usize = 3;
/// How many deliveries that have not failed yet are sent before `next_probe` in one outage.
pub const CHECKS: u32 = 20;
/// The longest wait between probes, whatever the retry policy: the longest wait of Open Notificaties by default.
pub const LONGEST_WAIT: Duration = Duration::from_secs(48);

impl Outage {
    /// The part that the last failure is attributed to.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    fn new(now: Instant, cause: Cause, wait: Duration) -> Self {
        let next_probe = now + wait.min(LONGEST_WAIT);
        // An answer may have been about its event alone, so another one is sent immediately.
        let next_check = if cause == Cause::Connection { next_probe } else { now };
        Self {
            since: now,
            cause,
            probes: 0,
            next_probe,
            next_check,
            checks_left: CHECKS,
            unfailed_probes: 0,
            tried_newer: false,
            is_ambiguous: cause == Cause::EventOrSink,
        }
    }

    /// An outage from before a restart; the first probe may start immediately.
    pub fn resume(since: Instant, now: Instant) -> Self {
        let begun = Self::new(now, Cause::Sink, Duration::ZERO);
        Self { since, next_probe: now, next_check: now, is_ambiguous: true, ..begun }
    }

    /// A probe failed. `wait` is the wait of the policy by number of failed probes.
    fn probe_failed(&mut self, now: Instant, cause: Cause, wait: impl Fn(u32) -> Duration) {
        self.cause = cause;
        self.is_ambiguous |= cause == Cause::EventOrSink;
        self.probes = self.probes.saturating_add(1);
        self.next_probe = now + wait(self.probes).min(LONGEST_WAIT);
        self.next_check = match cause {
            _ if self.checks_left == 0 => self.next_probe,
            Cause::EventOrSink => now,
            _ => self.next_probe.min(now + wait(0)),
        };
    }

    /// Whether only events failed that were there when it began, each perhaps for a reason of its own: nothing else was
    /// published since. At the limit they are given up instead of suspending the subscriptions.
    fn may_be_events_alone(&self) -> bool {
        self.cause == Cause::EventOrSink && !self.tried_newer
    }

    /// When a delivery may be sent as a probe at the earliest; `failed`: it failed before.
    pub fn next_for(&self, failed: bool) -> Instant {
        if failed { self.next_probe } else { self.next_check }
    }

    /// No probe starts before this timestamp.
    pub fn not_before(&mut self, until: Instant) {
        self.next_probe = self.next_probe.max(until);
        self.next_check = self.next_check.max(until);
    }
}

impl Machine {
    pub(super) fn in_outage(&self, id: Id<SinkState>) -> bool {
        self.sinks.get(id).is_some_and(|sink| sink.outage.is_some())
    }

    fn subscriptions_of(&self, id: Id<SinkState>) -> Vec<Id<SubscriptionState>> {
        self.sinks.get(id).map(|sink| sink.subscriptions.iter().copied().collect()).unwrap_or_default()
    }

    /// One of the subscriptions of a sink, by which the log names it: its address is for its owner only.
    fn name_in_log(&self, id: Id<SinkState>) -> String {
        let first = self.sinks.get(id).and_then(|sink| sink.subscriptions.first().copied());
        first.and_then(|first| self.subscriptions.get(first)).map(|one| one.spec.id.to_string()).unwrap_or_default()
    }

    /// Whether an outage of its sink holds a subscription up.
    pub(super) fn is_held_up(&self, subscription: &SubscriptionState) -> bool {
        !subscription.spec.retry.ladder_only && self.in_outage(subscription.sink)
    }

    /// When a request to a sink may start, as far as an outage is concerned.
    pub(super) fn wait_for_probe(&self, id: Id<SinkState>) -> ProbeWait {
        let Some(sink) = self.sinks.get(id) else { return ProbeWait::None };
        let Some(outage) = &sink.outage else { return ProbeWait::None };
        let mut queued = sink.queue.iter().filter_map(|one| self.subscriptions.get(*one));
        if queued.clone().any(|one| one.spec.retry.ladder_only) {
            return ProbeWait::None;
        }
        if self.held_in_flight(id) > 0 && !planted!(ProbesDoNotWait) {
            return ProbeWait::Answer;
        }
        let has_unfailed = queued.any(|one| self.unfailed_ready(one).is_some());
        let at = if has_unfailed { outage.next_check } else { outage.next_probe };
        if at > self.now { ProbeWait::Until(at) } else { ProbeWait::None }
    }

    /// Takes the next subscription out of the queue of a sink. During an outage those that it does not hold up come
    /// first, then those with a delivery that has not failed yet.
    pub(super) fn take_next_in_queue(&mut self, id: Id<SinkState>) -> Option<Id<SubscriptionState>> {
        let sink = self.sinks.get(id)?;
        let place = if sink.outage.is_some() {
            let place = |is: &dyn Fn(&SubscriptionState) -> bool| {
                sink.queue.iter().position(|one| self.subscriptions.get(*one).is_some_and(is))
            };
            let ignores_outage = place(&|one| one.spec.retry.ladder_only);
            ignores_outage.or_else(|| place(&|one| self.unfailed_ready(one).is_some())).unwrap_or_default()
        } else {
            0
        };
        self.sinks.get_mut(id)?.queue.remove(place)
    }

    /// The number in the window of the first ready delivery that has not failed yet.
    pub(super) fn unfailed_ready(&self, subscription: &SubscriptionState) -> Option<u64> {
        if subscription.window.unfailed == 0 {
            return None;
        }
        let is_unfailed = |id: &Id<Delivery>| self.deliveries.get(*id).is_some_and(|one| one.failure.is_none());
        subscription.window.ready.iter().find(|(_, id)| is_unfailed(id)).map(|(number, _)| *number)
    }

    /// Counts a probe with these deliveries that starts.
    pub(super) fn probe_started(&mut self, id: Id<SinkState>, deliveries: &[Id<Delivery>]) {
        let deliveries = deliveries.iter().filter_map(|id| self.deliveries.get(*id));
        let appended: Vec<_> = deliveries.filter(|one| one.failure.is_none()).map(|one| one.appended).collect();
        let now = self.moment();
        if let Some(outage) = self.sinks.get_mut(id).and_then(|sink| sink.outage.as_mut())
            && !appended.is_empty()
        {
            outage.checks_left = outage.checks_left.saturating_sub(1);
            outage.unfailed_probes = outage.unfailed_probes.saturating_add(appended.len());
            let since = now.wall_of(outage.since);
            outage.tried_newer |= appended.into_iter().any(|appended| appended.is_none_or(|at| at > since));
        }
    }

    /// How many deliveries that had not failed yet were sent during the present outage of a sink.
    pub(super) fn unfailed_probes(&self, id: Id<SinkState>) -> usize {
        let outage = self.sinks.get(id).and_then(|sink| sink.outage.as_ref());
        outage.map_or(0, |outage| outage.unfailed_probes)
    }

    /// A request failed because of the sink or the connection: an outage starts, or its next probe waits longer. Past
    /// the outage limit the subscriptions of the sink are suspended.
    pub(super) fn sink_failed(&mut self, id: Id<SinkState>, policy: &RetryPolicy, cause: Cause, probe: bool) {
        let bits = self.random.bits();
        let (now, limit) = (self.now, self.settings.outage_limit);
        let Some(sink) = self.sinks.get_mut(id) else { return };
        let wait = |made| backoff::wait(policy, made, bits);
        let waits = match &mut sink.outage {
            None => {
                let outage = sink.outage.insert(Outage::new(now, cause, wait(0)));
                let waits = outage.next_check > now;
                self.checkpoints.sink_changed(id);
                let subscription = self.name_in_log(id);
                tracing::warn!(subscription, ?cause, "an outage of a sink began");
                waits
            }
            Some(outage) if probe => {
                outage.probe_failed(now, cause, wait);
                let waits = outage.probes == 1 || outage.checks_left == 0;
                let is_over = now.since(outage.since) >= limit;
                if is_over && outage.may_be_events_alone() {
                    self.give_up_failed(id);
                } else if is_over {
                    self.suspend(id);
                }
                waits
            }
            Some(_) => false,
        };
        if waits {
            for subscription in self.subscriptions_of(id) {
                self.release_payloads(subscription);
            }
        }
    }

    /// The answer to a request does not tell whether its event or the sink is to blame. After several different events
    /// the sink counts as failing.
    pub(super) fn event_or_sink_failed(
        &mut self,
        id: Id<SinkState>,
        policy: &RetryPolicy,
        event: (Id<PartitionReader>, Position),
    ) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        if sink.outage.is_some() || sink.failing.contains(&event) {
            return;
        }
        sink.failing.push(event);
        if sink.failing.len() >= FAILING_EVENTS {
            self.sink_failed(id, policy, Cause::EventOrSink, false);
        }
    }

    /// The sink accepted an event: an outage is over.
    pub(super) fn sink_succeeded(&mut self, id: Id<SinkState>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        sink.successes += 1;
        sink.failing.clear();
        self.end_outage(id);
    }

    /// The sink refused an event. It can be reached; whether it can accept others is open.
    pub(super) fn sink_refused(&mut self, id: Id<SinkState>) {
        let now = self.now;
        let outage = self.sinks.get_mut(id).and_then(|sink| sink.outage.as_mut());
        match outage {
            Some(outage) if outage.is_ambiguous => outage.next_check = now,
            _ => self.end_outage(id),
        }
    }

    /// The outage limit is over, and only events failed that were there when the outage began: these are retried and given
    /// up as if others had succeeded.
    fn give_up_failed(&mut self, id: Id<SinkState>) {
        for subscription in self.subscriptions_of(id) {
            let Some(subscription) = self.subscriptions.get(subscription) else { continue };
            for delivery in subscription.window.unsettled.values() {
                if let Some(failure) = self.deliveries.get_mut(*delivery).and_then(|one| one.failure.as_mut()) {
                    failure.is_own = true;
                }
            }
        }
        if let Some(sink) = self.sinks.get_mut(id) {
            sink.failing.clear();
        }
        self.end_outage(id);
    }

    fn end_outage(&mut self, id: Id<SinkState>) {
        if let Some(outage) = self.sinks.get_mut(id).and_then(|sink| sink.outage.take()) {
            let seconds = self.now.since(outage.since).as_secs();
            tracing::info!(subscription = self.name_in_log(id), seconds, "an outage of a sink ended");
            self.checkpoints.sink_changed(id);
            self.resume_subscriptions(id);
        }
    }

    fn resume_subscriptions(&mut self, id: Id<SinkState>) {
        for subscription in self.subscriptions_of(id) {
            self.queue_catch_up_read(subscription);
            self.queue_at_sink(subscription);
        }
        self.mark_runnable(id);
    }

    /// The outage limit is over: the active subscriptions of the sink are suspended until their owners resume them.
    fn suspend(&mut self, id: Id<SinkState>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        let Some(outage) = sink.outage.take() else { return };
        sink.failing.clear();
        self.checkpoints.sink_changed(id);
        let (now, since) = (self.wall, self.wall_of(outage.since));
        let hours = self.settings.outage_limit.as_secs() / 3_600;
        for subscription in self.subscriptions_of(id) {
            let Some(subscription) = self.subscriptions.get_mut(subscription) else { continue };
            if subscription.spec.status == Status::Active {
                let last = subscription.last_error.as_ref().map_or("", |(_, error)| error);
                let reason = format!("the sink has failed since {since}, more than {hours} hours: {last}");
                let status = Status::Suspended { reason, at: now };
                halt(subscription, HaltCause::OutageLimit, status, &mut self.effects.actions);
            }
        }
    }

    /// The sink answered 410: nothing is sent to it any more (CE-WH-15, I4).
    pub(super) fn sink_gone(&mut self, id: Id<SinkState>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        sink.outage = None;
        self.checkpoints.sink_changed(id);
        for subscription_id in self.subscriptions_of(id) {
            if planted!(GoneEndsOnlyOne) && self.subscriptions_of(id).first() != Some(&subscription_id) {
                continue;
            }
            let Some(subscription) = self.subscriptions.get_mut(subscription_id) else { continue };
            if !matches!(subscription.spec.status, Status::Gone { .. }) {
                halt(subscription, HaltCause::Gone, Status::Gone { at: self.wall }, &mut self.effects.actions);
            }
            self.end_subscription(subscription_id, Outcome::Ended);
        }
    }
}

/// Stops a subscription and asks the registry for its new status.
fn halt(subscription: &mut SubscriptionState, cause: HaltCause, status: Status, actions: &mut Vec<Action>) {
    let (id, generation) = (subscription.spec.id, subscription.spec.generation);
    if !planted!(GoneIsNotNoted) {
        subscription.halt = Some(Halt { generation, cause });
    }
    actions.push(Action::SetStatus { id, generation, status });
}
