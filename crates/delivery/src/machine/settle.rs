//! The end of deliveries: each ends in exactly one outcome, is counted and written down, and makes room. Those that end
//! without success first leave a dead letter that lasts.

use std::sync::Arc;

use model::{
    Timestamp,
    outcome::{Attempt, DeliveryKey, Outcome},
};
use storage::{
    journal::{DeadLetter, Entry},
    progress::Key,
};

use super::{Delivery, Machine, Part, RunState, Sub, effects::Action, timers::Timer, window::Stage};
use crate::{answer::Answer, arena::Id, item::Item, tell};

impl Machine {
    /// Ends a delivery.
    pub(super) fn settle(&mut self, id: Id<Delivery>, outcome: Outcome, last: Option<Attempt>) {
        let Some(delivery) = self.deliveries.get(id) else { return };
        if outcome == Outcome::Delivered
            && let Some(item) = &delivery.item
        {
            let status = last.as_ref().and_then(Attempt::status);
            tell::delivered(item, delivery.subscription, delivery.requests, status);
            let accepted = item.accepted.received.unwrap_or(item.appended);
            self.effects.counts.delivered.push(self.now.since(accepted));
        }
        let Some(delivery) = self.deliveries.remove(id) else { return };
        let key = delivery.key();
        if delivery.listed {
            self.checkpoints.forget(Key::Unsettled(key.clone()));
        }
        self.count(key.clone(), outcome, delivery.requests, last);
        let held = delivery.item.as_ref().map_or(0, |item| item.size);
        self.bytes = self.bytes.saturating_sub(held);
        if let Some(sub) = self.subs.get_mut(delivery.sub) {
            sub.bytes = sub.bytes.saturating_sub(held);
            sub.unsettled.remove(&delivery.number);
            sub.ready.remove(&delivery.number);
            if delivery.stage == Stage::Wanted {
                sub.wanted.remove(&(delivery.part, delivery.position, delivery.run.map(|(run, _)| run)));
            }
        }
        self.watch_room(delivery.sub);
        if let Some(order_key) = delivery.key {
            self.free_key(delivery.sub, id, order_key, delivery.stage);
        }
        if let Some((run, _)) = delivery.run {
            let chosen = self.runs.get(run).is_some_and(RunState::is_over_records);
            if chosen && (outcome == Outcome::Delivered || outcome.is_dead_letter()) {
                self.effects.actions.push(Action::Redriven(key));
            }
            self.run_settled(run);
        }
        self.wake_lags(delivery.sub);
        self.feed_runs(delivery.sub);
    }

    /// Ends a delivery that never started because the same event was delivered before (GW-09).
    pub(super) fn settle_duplicate(&mut self, sub: Id<Sub>, part: Id<Part>, item: &Arc<Item>) {
        let (Some(sub), Some(part)) = (self.subs.get(sub), self.parts.get(part)) else { return };
        let key = DeliveryKey {
            subscription: sub.spec.id,
            kanaal: part.place.kanaal.clone(),
            partition: part.place.partition,
            position: item.position,
            run: None,
        };
        self.count(key, Outcome::Duplicate, 0, None);
    }

    fn count(&mut self, delivery: DeliveryKey, outcome: Outcome, attempts: u32, last: Option<Attempt>) {
        if let Some(at) = Outcome::ALL.iter().position(|other| *other == outcome) {
            self.effects.counts.outcomes[at] += 1;
        }
        self.effects.journal.push(Entry::Settled { delivery, outcome, attempts, last, at: self.now });
    }

    /// Ends everything unsettled of a subscription that no request is under way for.
    pub(super) fn end_unsettled(&mut self, id: Id<Sub>, outcome: Outcome) {
        let Some(sub) = self.subs.get(id) else { return };
        let all: Vec<Id<Delivery>> = sub.unsettled.values().copied().collect();
        for id in all {
            let stage = self.deliveries.get(id).map(|delivery| delivery.stage);
            if !matches!(stage, Some(Stage::InFlight | Stage::Burying)) {
                self.settle(id, outcome, None);
            }
        }
    }

    /// Lets a delivery wait until its moment, without payload.
    pub(super) fn park(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        delivery.stage = Stage::Parked;
        self.timers.set(delivery.not_before, Timer::Retry(id));
        self.let_go(id);
    }

    pub(super) fn retry_due(&mut self, id: Id<Delivery>) {
        if self.deliveries.get(id).is_some_and(|delivery| delivery.stage == Stage::Parked) {
            self.make_ready(id);
        }
    }

    /// Ends a delivery without success, once its dead letter is kept.
    pub(super) fn bury(&mut self, id: Id<Delivery>, outcome: Outcome, answer: &Answer, last: Option<Attempt>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(item) = &delivery.item else { return };
        let event = &item.accepted.event;
        let key = delivery.key();
        let letter = DeadLetter {
            id: DeadLetter::id_of(&key),
            delivery: key,
            event_id: event.id().to_owned(),
            event_source: event.source().to_owned(),
            event_kind: event.kind().to_owned(),
            record: item.record.clone(),
            outcome,
            reason: answer.reply.reason(),
            last_status: answer.reply.status(),
            attempts: delivery.requests,
            at: self.now,
        };
        delivery.stage = Stage::Burying;
        delivery.burial = Some(Box::new((outcome, last, letter.clone())));
        self.effects.actions.push(Action::Bury(id, Box::new(letter)));
    }

    pub(super) fn bury_again(&mut self, id: Id<Delivery>) {
        if let Some(burial) = self.deliveries.get(id).and_then(|delivery| delivery.burial.as_ref()) {
            self.effects.actions.push(Action::Bury(id, Box::new(burial.2.clone())));
        }
    }

    pub(super) fn buried(&mut self, id: Id<Delivery>, kept: bool) {
        if !kept {
            self.timers.set(self.now + self.settings.storage_retry, Timer::Bury(id));
            return;
        }
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(burial) = delivery.burial.take() else { return };
        let (outcome, last, letter) = *burial;
        if let Some(item) = &delivery.item {
            tell::given_up(item, delivery.subscription, &letter, outcome);
        }
        self.settle(id, outcome, last);
    }

    /// The oldest moment at which something unsettled of a subscription was appended.
    pub(super) fn oldest_unsettled(&self, sub: &Sub) -> Option<Timestamp> {
        sub.unsettled.values().filter_map(|id| self.deliveries.get(*id)?.appended).min()
    }
}
