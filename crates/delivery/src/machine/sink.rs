//! Sinks: what all subscriptions of one URL share (rate, silence, outage), and the line in which they take turns. A sink
//! that hangs fills only its own slots; it stands in nobody's way.

use std::collections::VecDeque;

use model::{Position, SubscriptionId, Timestamp, consent::Rate};
use storage::progress::{Key, Value};

use super::{Machine, Part, Sub, outage::Outage, timers::Timer};
use crate::{
    arena::Id,
    invariants::{Invariant, check},
    pace::Pace,
};

/// A sink.
#[derive(Debug)]
pub(super) struct Sink {
    pub url: String,
    pub subs: Vec<Id<Sub>>,
    /// Subscriptions with something to send, in turn.
    pub line: VecDeque<Id<Sub>>,
    pub in_flight: usize,
    pub pace: Pace,
    /// `Retry-After`: nothing starts before.
    pub silence: Option<Timestamp>,
    pub outage: Option<Outage>,
    /// Different events that failed since the last success.
    pub failing: Vec<(Id<Part>, Position)>,
    /// The moment of the timer that is set, if one is.
    pub timer: Option<Timestamp>,
    /// Whether it is among the runnable ones.
    pub runnable: bool,
    /// Whether it waits because too many requests are under way in all.
    pub crowded_out: bool,
    /// Whether stored progress has an entry of it.
    pub stored: bool,
}

impl Sink {
    fn new(url: String) -> Self {
        Self {
            url,
            subs: Vec::new(),
            line: VecDeque::new(),
            in_flight: 0,
            pace: Pace::UNLIMITED,
            silence: None,
            outage: None,
            failing: Vec::new(),
            timer: None,
            runnable: false,
            crowded_out: false,
            stored: false,
        }
    }

    /// As progress keeps it; `None` when there is nothing to remember.
    pub fn value(&self, now: Timestamp) -> Option<Value> {
        let not_before = self.silence.filter(|until| *until > now);
        let outage_since = self.outage.as_ref().map(|outage| outage.since);
        (not_before.is_some() || outage_since.is_some()).then(|| Value::Sink {
            not_before,
            outage_since,
            next_allowed: self.pace.next_allowed(),
        })
    }
}

impl Machine {
    /// The sink with this URL, made when it is new.
    pub(super) fn sink_of(&mut self, url: &str) -> Id<Sink> {
        if let Some(id) = self.sink_ids.get(url) {
            return *id;
        }
        let mut sink = Sink::new(url.to_owned());
        let restored = self.restored.take_sink(url);
        if let Some(Value::Sink { not_before, outage_since, next_allowed }) = restored {
            sink.stored = true;
            sink.silence = not_before;
            sink.outage = outage_since.map(|since| Outage::resumed(since, self.now));
            sink.pace.resume(self.now, next_allowed);
        }
        let id = self.sinks.insert(sink);
        self.sink_ids.insert(url.to_owned(), id);
        id
    }

    /// Adds a subscription to its sink.
    pub(super) fn join_sink(&mut self, sink_id: Id<Sink>, sub: Id<Sub>) {
        if let Some(sink) = self.sinks.get_mut(sink_id) {
            sink.subs.push(sub);
        }
    }

    /// Takes a subscription from its sink; a sink without any is forgotten, unless it asked for silence.
    pub(super) fn leave_sink(&mut self, sink_id: Id<Sink>, sub: Id<Sub>) {
        if let Some(sink) = self.sinks.get_mut(sink_id) {
            sink.subs.retain(|other| *other != sub);
            sink.line.retain(|other| *other != sub);
        }
        self.forget_idle_sink(sink_id);
    }

    pub(super) fn forget_idle_sink(&mut self, id: Id<Sink>) {
        let Some(sink) = self.sinks.get(id) else { return };
        if !sink.subs.is_empty() || sink.in_flight > 0 {
            return;
        }
        if let Some(until) = sink.silence.filter(|until| *until > self.now) {
            self.set_sink_timer(id, until);
            return;
        }
        if let Some(sink) = self.sinks.remove(id) {
            self.sink_ids.remove(&sink.url);
            if sink.stored {
                self.checkpoints.forget(Key::Sink(sink.url));
            }
        }
    }

    /// The rate of a sink is the lowest that any of its subscriptions was granted (CE-WHV-20).
    pub(super) fn set_rate(&mut self, id: Id<Sink>) {
        let Some(sink) = self.sinks.get_mut(id) else { return };
        let rates = sink.subs.iter().filter_map(|sub| self.subs.get(*sub)?.spec.consent.granted());
        let lowest = rates
            .filter_map(|(_, rate)| match rate {
                Rate::PerMinute(number) => Some(number),
                Rate::Unlimited => None,
            })
            .min();
        sink.pace.set_rate(lowest.map_or(Rate::Unlimited, Rate::PerMinute));
        if !self.loaded {
            sink.pace.resume(self.now, None);
        }
    }

    /// Looks at a sink when requests are started next.
    pub(super) fn run_sink(&mut self, id: Id<Sink>) {
        if let Some(sink) = self.sinks.get_mut(id)
            && !sink.runnable
        {
            sink.runnable = true;
            self.runnable.push(id);
        }
    }

    fn set_sink_timer(&mut self, id: Id<Sink>, at: Timestamp) {
        if let Some(sink) = self.sinks.get_mut(id)
            && sink.timer.is_none_or(|set| set > at || set <= self.now)
        {
            sink.timer = Some(at);
            self.timers.set(at, Timer::Sink(id));
        }
    }

    pub(super) fn sink_timer(&mut self, id: Id<Sink>) {
        self.run_sink(id);
        self.forget_idle_sink(id);
    }

    /// Starts every request that may start.
    pub(super) fn pump(&mut self) {
        while self.flights.len() < self.settings.in_flight_total
            && let Some(id) = self.crowded_out.pop_front()
        {
            if let Some(sink) = self.sinks.get_mut(id) {
                sink.crowded_out = false;
            }
            self.run_sink(id);
            self.pump_runnable();
        }
        self.pump_runnable();
    }

    fn pump_runnable(&mut self) {
        while let Some(id) = self.runnable.pop() {
            if let Some(sink) = self.sinks.get_mut(id) {
                sink.runnable = false;
                self.pump_sink(id);
            }
        }
    }

    fn pump_sink(&mut self, id: Id<Sink>) {
        while !self.draining && self.may_start(id) {
            let Some(sink) = self.sinks.get_mut(id) else { return };
            let Some(sub_id) = sink.line.pop_front() else { return };
            let Some(sub) = self.subs.get_mut(sub_id) else { continue };
            sub.queued = false;
            let Some(sub) = self.subs.get(sub_id) else { continue };
            match self.sendable(sub) {
                Ok(true) => self.start_attempt(id, sub_id),
                Ok(false) => {}
                Err(until) => self.linger(sub_id, until),
            }
            self.queue_sub(sub_id);
        }
    }

    /// Whether a request to this sink may start now; if a moment must be waited for, a timer is set.
    fn may_start(&mut self, id: Id<Sink>) -> bool {
        let Some(sink) = self.sinks.get(id) else { return false };
        if sink.line.is_empty() {
            return false;
        }
        let silence = sink.silence.filter(|until| *until > self.now);
        let probe = sink.outage.as_ref().and_then(|outage| outage.wait_until(self.now, sink.in_flight));
        let pace = sink.pace.wait_until(self.now);
        if let Some(until) = silence.max(probe).max(pace) {
            if until < Timestamp::from_micros(i64::MAX) {
                self.set_sink_timer(id, until);
            }
            return false;
        }
        if self.flights.len() >= self.settings.in_flight_total && sink.in_flight > 0 {
            if let Some(sink) = self.sinks.get_mut(id)
                && !sink.crowded_out
            {
                sink.crowded_out = true;
                self.crowded_out.push_back(id);
            }
            return false;
        }
        true
    }

    /// Takes note that a request to a sink starts.
    pub(super) fn sink_started(&mut self, id: Id<Sink>, subscription: SubscriptionId) {
        let now = self.now;
        let Some(sink) = self.sinks.get_mut(id) else { return };
        check(Invariant::I3, sink.silence.is_none_or(|until| until <= now), || format!("{subscription}"));
        check(Invariant::I6, sink.pace.wait_until(now).is_none(), || format!("{subscription}"));
        sink.in_flight += 1;
        sink.pace.started(now);
    }
}
