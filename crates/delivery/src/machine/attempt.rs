//! Requests: which deliveries go into one, and what its answer does to them.

use std::sync::Arc;

use model::{
    outcome::{Attempt, Outcome},
    subscription::Format,
};
use storage::journal::Entry;

use super::{
    Delivery, Machine, Sink, Sub,
    effects::{Action, Post},
    window::Stage,
};
use crate::{
    answer::{Answer, Class},
    arena::Id,
    backoff,
    invariants::{Invariant, check},
    item::Item,
    tell,
};

/// A request under way.
#[derive(Debug)]
pub struct Flight {
    sub: Id<Sub>,
    sink: Id<Sink>,
    pub(super) deliveries: Vec<Id<Delivery>>,
    /// Whether it probes a sink that is out.
    probe: bool,
    /// Whether it goes out structured because the subscription's format was refused.
    structured: bool,
}

impl Machine {
    /// Starts one request for a subscription that has something to send.
    pub(super) fn start_attempt(&mut self, sink_id: Id<Sink>, sub_id: Id<Sub>) {
        let (deliveries, items, structured) = self.choose(sub_id);
        if deliveries.is_empty() {
            return;
        }
        let Some(sub) = self.subs.get_mut(sub_id) else { return };
        check(Invariant::I4, sub.halted.is_none(), || sub.spec.id.to_string());
        check(Invariant::I5, sub.spec.may_send(), || sub.spec.id.to_string());
        sub.in_flight += 1;
        let subscription = Arc::clone(&sub.spec);
        for id in &deliveries {
            if let Some(delivery) = self.deliveries.get_mut(*id) {
                delivery.stage = Stage::InFlight;
                delivery.requests += 1;
            }
        }
        self.sink_started(sink_id, subscription.id);
        let probe = self.is_out(sink_id);
        let id = self.flights.insert(Flight { sub: sub_id, sink: sink_id, deliveries, probe, structured });
        self.effects.actions.push(Action::Post(Post { id, subscription, items, structured }));
    }

    /// Takes what goes into the next request out of the ready ones. When the first has no payload, it is asked for, and
    /// the others wait for it.
    fn choose(&mut self, sub_id: Id<Sub>) -> (Vec<Id<Delivery>>, Vec<Arc<Item>>, bool) {
        let (mut chosen, mut items, mut bytes) = (Vec::with_capacity(1), Vec::with_capacity(1), 0);
        while let Some(sub) = self.subs.get_mut(sub_id) {
            let most = match sub.spec.format {
                Format::Batch { max_events, .. } => max_events.get() as usize,
                _ => 1,
            };
            let Some(entry) = sub.ready.first_entry() else { break };
            let id = *entry.get();
            let Some(delivery) = self.deliveries.get(id) else {
                entry.remove();
                continue;
            };
            let Some(item) = delivery.item.clone() else {
                self.want_first(sub_id);
                break;
            };
            let alone = delivery.single || delivery.structured;
            bytes += item.size;
            if !chosen.is_empty() && (alone || bytes > self.settings.fetch_bytes) {
                break;
            }
            sub.ready.pop_first();
            let held = delivery.key.is_none_or(|key| sub.keys.contains_key(&key));
            check(Invariant::I7, held, || sub.spec.id.to_string());
            let structured = delivery.structured;
            chosen.push(id);
            items.push(item);
            if alone || chosen.len() >= most {
                return (chosen, items, structured);
            }
        }
        if let Some(sub) = self.subs.get_mut(sub_id) {
            sub.lingers_since = self.now;
        }
        (chosen, items, false)
    }

    pub(super) fn answered(&mut self, id: Id<Flight>, answer: Answer) {
        let Some(mut flight) = self.flights.remove(id) else { return };
        let class = answer.reply.class();
        self.effects.counts.attempts[class.number()] += 1;
        self.sink_answered(flight.sink, class);
        if let Some(sub) = self.subs.get_mut(flight.sub) {
            sub.in_flight -= 1;
            if !matches!(class, Class::Delivered) {
                sub.last_error = Some((self.now, answer.reply.reason()));
            }
        }
        if class != Class::Delivered {
            for delivery in flight.deliveries.iter().filter_map(|id| self.deliveries.get(*id)) {
                if let Some(item) = &delivery.item {
                    tell::failed(item, delivery.subscription, delivery.requests, &answer);
                }
            }
            self.drop_excluded(&mut flight, &answer);
        }
        self.judge(&flight, class, &answer);
        self.queue_sub(flight.sub);
        self.run_sink(flight.sink);
        self.sink_timer(flight.sink);
    }

    /// What the owner of its kanaal does not let the subscription have any more is not tried again.
    fn drop_excluded(&mut self, flight: &mut Flight, answer: &Answer) {
        let Some(spec) = self.subs.get(flight.sub).map(|sub| Arc::clone(&sub.spec)) else { return };
        let (kept, excluded) = std::mem::take(&mut flight.deliveries).into_iter().partition(|id| {
            self.deliveries.get(*id).is_none_or(|delivery| {
                let naam = &delivery.place.kanaal;
                spec.is_admitted(naam) || spec.selection.names(naam)
            })
        });
        flight.deliveries = kept;
        let excluded: Vec<Id<Delivery>> = excluded;
        for id in excluded {
            self.settle(id, Outcome::Ended, answer.attempt());
        }
    }

    fn judge(&mut self, flight: &Flight, class: Class, answer: &Answer) {
        let attempt = answer.attempt();
        if class == Class::Delivered {
            self.sink_works(flight.sink, true);
            for id in &flight.deliveries {
                self.settle(*id, Outcome::Delivered, attempt.clone());
            }
            return;
        }
        // A sink that is gone ends what is left; so does an answer that comes after the end of its subscription.
        let Some(sub) = self.subs.get(flight.sub).filter(|_| class != Class::Gone) else {
            if class == Class::Gone {
                self.sink_gone(flight.sink);
            }
            for id in &flight.deliveries {
                self.settle(*id, Outcome::Ended, attempt.clone());
            }
            return;
        };
        if let Some(outcome) = sub.end() {
            for id in &flight.deliveries {
                self.settle(*id, outcome, attempt.clone());
            }
            return;
        }
        let policy = sub.spec.retry;
        let batch = matches!(sub.spec.format, Format::Batch { .. });
        let can_fall_back = !flight.structured && (batch || sub.spec.format == Format::Binary);
        match class {
            Class::Delivered | Class::Gone => {}
            Class::Paced(wait) => {
                let until = self.now + wait;
                if let Some(sink) = self.sinks.get_mut(flight.sink) {
                    sink.silence = sink.silence.max(Some(until));
                    if let Some(outage) = sink.outage.as_mut().filter(|_| flight.probe) {
                        outage.next_probe = outage.next_probe.max(until);
                    }
                }
                self.checkpoints.sink_changed(flight.sink);
                self.again(flight, attempt, |_| {});
            }
            Class::Format if can_fall_back => {
                self.sink_works(flight.sink, false);
                self.again(flight, attempt, |delivery| delivery.structured = true);
            }
            Class::Refused | Class::Format if flight.deliveries.len() > 1 => {
                self.sink_works(flight.sink, false);
                self.again(flight, attempt, |delivery| delivery.single = true);
            }
            Class::Refused | Class::Format if policy.ladder_only => {
                self.sink_works(flight.sink, false);
                self.climb_all(flight, answer, attempt.as_ref());
            }
            Class::Refused | Class::Format => {
                self.sink_works(flight.sink, false);
                self.bury_all(flight, Outcome::Refused, answer, attempt.as_ref());
            }
            Class::Untranslatable => self.bury_all(flight, Outcome::Untranslatable, answer, attempt.as_ref()),
            Class::Sink | Class::Event if self.is_out(flight.sink) || (class == Class::Sink && !policy.ladder_only) => {
                self.sink_failed(flight.sink, &policy, flight.probe);
                self.again_later(flight, attempt);
            }
            Class::Sink | Class::Event => {
                let first = flight.deliveries.first().and_then(|id| self.deliveries.get(*id));
                if let Some(event) = first.map(|delivery| (delivery.part, delivery.position)) {
                    self.event_failed(flight.sink, &policy, event);
                }
                self.climb_all(flight, answer, attempt.as_ref());
            }
        }
    }

    fn climb_all(&mut self, flight: &Flight, answer: &Answer, attempt: Option<&Attempt>) {
        for id in &flight.deliveries {
            self.climb(*id, answer, attempt);
        }
    }

    /// One step up the ladder of retries, or off it.
    fn climb(&mut self, id: Id<Delivery>, answer: &Answer, attempt: Option<&Attempt>) {
        let bits = self.random.bits();
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(sub) = self.subs.get(delivery.sub) else { return };
        if delivery.attempts >= sub.spec.retry.max_retries {
            self.bury(id, Outcome::DeadLettered, answer, attempt.cloned());
            return;
        }
        delivery.not_before = self.now + backoff::wait(&sub.spec.retry, delivery.attempts, bits);
        delivery.attempts += 1;
        self.checkpoints.changed(id);
        self.write_attempt(id, attempt);
        self.park(id);
    }

    /// Back among the ready ones, in its old place; no retry is consumed.
    fn again(&mut self, flight: &Flight, attempt: Option<Attempt>, change: impl Fn(&mut Delivery)) {
        for id in &flight.deliveries {
            if let Some(delivery) = self.deliveries.get_mut(*id) {
                change(delivery);
                self.write_attempt(*id, attempt.as_ref());
                self.make_ready(*id);
            }
        }
    }

    /// Back among the ready ones behind all others, without payload; no retry is consumed.
    fn again_later(&mut self, flight: &Flight, attempt: Option<Attempt>) {
        for id in &flight.deliveries {
            self.move_to_end(*id);
            self.let_go(*id);
        }
        self.again(flight, attempt, |_| {});
    }

    fn bury_all(&mut self, flight: &Flight, outcome: Outcome, answer: &Answer, attempt: Option<&Attempt>) {
        for id in &flight.deliveries {
            self.bury(*id, outcome, answer, attempt.cloned());
        }
    }

    fn write_attempt(&mut self, id: Id<Delivery>, attempt: Option<&Attempt>) {
        if let (Some(delivery), Some(attempt)) = (self.deliveries.get(id), attempt) {
            self.effects.journal.push(Entry::Attempt {
                delivery: delivery.key(),
                number: delivery.requests,
                attempt: attempt.clone(),
            });
        }
    }
}
