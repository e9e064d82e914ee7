//! The end of deliveries: each ends in exactly one outcome, is counted and journalled, and makes room in its window.
//! One that ends without success leaves a dead letter, which is durable before the delivery is settled.

use std::sync::Arc;

use model::{
    Timestamp,
    clock::Instant,
    outcome::{Attempt, DeliveryKey, Outcome},
};
use storage::{
    journal::{DeadLetter, Entry},
    progress::Key,
};

use super::{
    Delivery, Machine, PartitionReader, SubscriptionState,
    delivery::{DeliveryState, UnstoredDeadLetter},
    effects::Action,
    order::KeyOrder,
    timers::Timer,
};
use crate::{arena::Id, channel::Answer, decoded_event::DecodedEvent, event_log, planted::planted};

impl Machine {
    /// Ends a delivery with this outcome; `last` is its last request, if there was one.
    pub(super) fn settle(&mut self, id: Id<Delivery>, outcome: Outcome, last: Option<Attempt>) {
        let Some(delivery) = self.deliveries.get(id) else { return };
        if outcome == Outcome::Delivered
            && let Some(item) = delivery.state.payload()
        {
            let status = last.as_ref().and_then(Attempt::code);
            event_log::log_delivered(item, delivery.subscription_id, delivery.requests, status);
            let accepted = item.accepted.received.unwrap_or(item.appended);
            self.effects.counts.delivered.push(self.wall.since(accepted));
        }
        let Some(delivery) = self.deliveries.remove(id) else { return };
        let key = delivery.delivery_key();
        if delivery.listed && !planted!(SettledStaysListed) {
            self.checkpoints.forget(Key::Unsettled(key.clone()));
        }
        self.journal_outcome(key.clone(), outcome, delivery.requests, last);
        let held = delivery.state.payload().map_or(0, |item| item.size);
        self.bytes = self.bytes.saturating_sub(held);
        if let Some(subscription) = self.subscriptions.get_mut(delivery.subscription) {
            let window = &mut subscription.window;
            window.bytes = window.bytes.saturating_sub(if planted!(PayloadIsCountedForever) { 0 } else { held });
            window.unfailed -= usize::from(delivery.failure.is_none());
            window.unsettled.remove(&delivery.number);
            window.ready.remove(&delivery.number);
            if delivery.state.is_refetching() {
                let run = delivery.run.map(|(run, _)| run);
                subscription.refetch.waiting.remove(&(delivery.reader, delivery.position, run));
            }
        }
        self.update_nearly_full(delivery.subscription);
        if delivery.order != KeyOrder::None {
            self.release_key(delivery.subscription, id, &delivery);
        }
        // A record that is missing has no key; the others need not wait for it.
        if delivery.state.is_refetching() {
            self.finish_key_restore(delivery.subscription);
        }
        if let Some((run, _)) = delivery.run {
            self.run_settled(run, key, outcome);
        }
        self.queue_catch_up_read(delivery.subscription);
        self.queue_run_reads(delivery.subscription);
    }

    /// Settles an event that is not delivered because the same event was delivered before (GW-09).
    pub(super) fn settle_duplicate(
        &mut self,
        subscription: Id<SubscriptionState>,
        reader: Id<PartitionReader>,
        item: &Arc<DecodedEvent>,
    ) {
        let (Some(subscription), Some(reader)) = (self.subscriptions.get(subscription), self.readers.get(reader))
        else {
            return;
        };
        let key = DeliveryKey {
            subscription: subscription.spec.id,
            kanaal: reader.name.kanaal.clone(),
            partition: reader.name.number,
            position: item.position,
            run: None,
        };
        self.journal_outcome(key, Outcome::Duplicate, 0, None);
    }

    pub(super) fn journal_outcome(
        &mut self,
        delivery: DeliveryKey,
        outcome: Outcome,
        attempts: u32,
        last: Option<Attempt>,
    ) {
        if let Some(at) = Outcome::ALL.iter().position(|other| *other == outcome) {
            self.effects.counts.outcomes[at] += 1;
        }
        self.effects.journal.push(Entry::Settled { delivery, outcome, attempts, last, at: self.wall });
    }

    /// Ends these deliveries, those excepted that have a request under way or a dead letter being stored.
    pub(super) fn end_deliveries(&mut self, ids: Vec<Id<Delivery>>, outcome: Outcome) {
        for id in ids {
            if self.deliveries.get(id).is_some_and(Delivery::can_end) {
                self.settle(id, outcome, None);
            }
        }
    }

    /// Parks a delivery until its next attempt, without payload.
    pub(super) fn park(&mut self, id: Id<Delivery>, until: Instant) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        if delivery.order == KeyOrder::Behind {
            self.block(id, until);
            self.release_payload(id);
            return;
        }
        let payload = delivery.state.take_payload();
        delivery.state = DeliveryState::Parked { until, payload };
        self.timers.set(until, Timer::Retry(id));
        self.release_payload(id);
    }

    pub(super) fn retry_due(&mut self, id: Id<Delivery>) {
        let now = self.now;
        let is_due =
            |one: &Delivery| matches!(one.state, DeliveryState::Parked { .. }) && one.state.not_before() <= now;
        if self.deliveries.get(id).is_some_and(is_due) {
            self.make_ready(id);
        }
    }

    /// Stores a dead letter for a delivery whose request was answered without success; it is settled with this outcome
    /// when that is durable.
    pub(super) fn store_dead_letter(
        &mut self,
        id: Id<Delivery>,
        outcome: Outcome,
        answer: &Answer,
        last: Option<Attempt>,
    ) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let DeliveryState::InFlight { payload } = &delivery.state else { return };
        let payload = Arc::clone(payload);
        let event = &payload.accepted.event;
        let key = delivery.delivery_key();
        if planted!(ForgottenBeforeTheEnd) && std::mem::take(&mut delivery.listed) {
            self.checkpoints.forget(Key::Unsettled(key.clone()));
        }
        let letter = DeadLetter {
            id: DeadLetter::id_of(&key),
            delivery: key,
            event_id: event.id().to_owned(),
            event_source: event.source().to_owned(),
            event_kind: event.kind().to_owned(),
            record: payload.record.clone(),
            outcome,
            reason: answer.reply.reason(),
            last_code: answer.reply.code(),
            attempts: delivery.requests,
            at: self.wall,
        };
        self.effects.actions.push(Action::StoreDeadLetter(id, Box::new(letter.clone())));
        let unstored = UnstoredDeadLetter { payload, outcome, last, letter };
        delivery.state = DeliveryState::StoringDeadLetter(Box::new(unstored));
    }

    pub(super) fn retry_dead_letter(&mut self, id: Id<Delivery>) {
        let state = self.deliveries.get(id).map(|delivery| &delivery.state);
        if let Some(DeliveryState::StoringDeadLetter(unstored)) = state {
            self.effects.actions.push(Action::StoreDeadLetter(id, Box::new(unstored.letter.clone())));
        }
    }

    /// A dead letter is durable, or could not be stored and is stored again later.
    pub(super) fn dead_letter_stored(&mut self, id: Id<Delivery>, stored: bool) {
        if !stored && !planted!(DeadLetterIsAssumed) {
            if !planted!(DeadLetterIsNotRetried) {
                self.timers.set(self.now + self.settings.storage_retry, Timer::DeadLetter(id));
            }
            return;
        }
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let DeliveryState::StoringDeadLetter(unstored) = &mut delivery.state else { return };
        let (outcome, last) = (unstored.outcome, unstored.last.take());
        event_log::log_given_up(&unstored.payload, delivery.subscription_id, &unstored.letter, outcome);
        self.settle(id, outcome, last);
    }

    /// When the oldest unsettled event of a subscription was appended, as far as that is known.
    pub(super) fn oldest_unsettled(&self, subscription: &SubscriptionState) -> Option<Timestamp> {
        subscription.window.unsettled.values().filter_map(|id| self.deliveries.get(*id)?.appended).min()
    }
}
