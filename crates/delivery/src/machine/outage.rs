//! Outages of sinks. While one lasts, marks stop, one probe at a time is sent over rotating events, and no retry is
//! consumed. Probes follow the ladder of retries up to its cap and then go on at the cap.

use std::time::Duration;

use model::{
    Position, Timestamp,
    subscription::{RetryPolicy, Status},
};

use super::{Machine, Part, Sink, Sub, effects::Action, subscription::Halt};
use crate::{arena::Id, backoff};

/// An outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outage {
    pub since: Timestamp,
    /// Probes that failed.
    pub probes: u32,
    pub next_probe: Timestamp,
}

/// After so many different failing events with no success between, it is the sink that fails.
const FAILING_EVENTS: usize = 3;

impl Outage {
    fn new(now: Timestamp, wait: Duration) -> Self {
        Self { since: now, probes: 0, next_probe: now + wait }
    }

    /// An outage that was going on before a restart is probed at once.
    pub fn resumed(since: Timestamp, now: Timestamp) -> Self {
        Self { since, probes: 0, next_probe: now }
    }

    /// Until when nothing may start; for ever while a request is under way, since its answer looks again.
    pub fn wait_until(&self, now: Timestamp, in_flight: usize) -> Option<Timestamp> {
        if in_flight > 0 {
            return Some(Timestamp::from_micros(i64::MAX));
        }
        (self.next_probe > now).then_some(self.next_probe)
    }
}

impl Machine {
    /// Whether a sink is out.
    pub(super) fn is_out(&self, id: Id<Sink>) -> bool {
        self.sinks.get(id).is_some_and(|sink| sink.outage.is_some())
    }

    /// The sink failed, or one probe of an outage did.
    pub(super) fn sink_failed(&mut self, id: Id<Sink>, policy: &RetryPolicy, probe: bool) {
        let bits = self.random.bits();
        let (now, limit) = (self.now, self.settings.outage_limit);
        let Some(sink) = self.sinks.get_mut(id) else { return };
        match &mut sink.outage {
            None => {
                sink.outage = Some(Outage::new(now, backoff::wait(policy, 0, bits)));
                self.checkpoints.sink_changed(id);
                let subs = self.sinks.get(id).map(|sink| sink.subs.clone()).unwrap_or_default();
                for sub in subs {
                    self.shed(sub);
                }
            }
            Some(outage) if probe => {
                outage.probes = outage.probes.saturating_add(1);
                outage.next_probe = now + backoff::wait(policy, outage.probes, bits);
                if now.since(outage.since) >= limit {
                    self.suspend(id);
                }
            }
            Some(_) => {}
        }
    }

    /// One event failed; with others before it, that may be the sink's fault.
    pub(super) fn event_failed(&mut self, id: Id<Sink>, policy: &RetryPolicy, event: (Id<Part>, Position)) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        if policy.ladder_only || sink.outage.is_some() || sink.failing.contains(&event) {
            return;
        }
        sink.failing.push(event);
        if sink.failing.len() >= FAILING_EVENTS {
            sink.failing.clear();
            self.sink_failed(id, policy, false);
        }
    }

    /// The sink answered as one that works.
    pub(super) fn sink_works(&mut self, id: Id<Sink>, delivered: bool) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        if delivered {
            sink.failing.clear();
        }
        if sink.outage.take().is_some() {
            sink.failing.clear();
            self.checkpoints.sink_changed(id);
            self.revive(id);
        }
    }

    /// Lets all subscriptions of a sink go on.
    fn revive(&mut self, id: Id<Sink>) {
        let subs = self.sinks.get(id).map(|sink| sink.subs.clone()).unwrap_or_default();
        for sub in subs {
            self.wake_lags(sub);
            self.queue_sub(sub);
        }
        self.run_sink(id);
    }

    /// The outage limit is over: all subscriptions of the sink are suspended until their owners resume them.
    fn suspend(&mut self, id: Id<Sink>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        let Some(outage) = sink.outage.take() else { return };
        sink.failing.clear();
        let subs = sink.subs.clone();
        self.checkpoints.sink_changed(id);
        let hours = self.settings.outage_limit.as_secs() / 3_600;
        for sub in subs {
            let Some(sub) = self.subs.get_mut(sub) else { continue };
            if sub.spec.status == Status::Active {
                let last = sub.last_error.as_ref().map_or("", |(_, error)| error);
                let reason = format!("the sink has failed since {}, more than {hours} hours: {last}", outage.since);
                let status = Status::Suspended { reason, at: self.now };
                halt(sub, status, &mut self.effects.actions);
            }
        }
    }

    /// The sink answered 410: nothing is sent to it any more (CE-WH-15, I4).
    pub(super) fn sink_gone(&mut self, id: Id<Sink>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        sink.outage = None;
        let subs = sink.subs.clone();
        self.checkpoints.sink_changed(id);
        for sub_id in subs {
            let Some(sub) = self.subs.get_mut(sub_id) else { continue };
            let at = self.now;
            if !matches!(sub.spec.status, Status::Gone { .. }) {
                halt(sub, Status::Gone { at }, &mut self.effects.actions);
            }
            self.end_subscription(sub_id, model::outcome::Outcome::Ended);
        }
    }
}

fn halt(sub: &mut Sub, status: Status, actions: &mut Vec<Action>) {
    let gone = matches!(status, Status::Gone { .. });
    sub.halted = Some(Halt { generation: sub.spec.generation, gone });
    actions.push(Action::SetStatus { id: sub.spec.id, generation: sub.spec.generation, status });
}
