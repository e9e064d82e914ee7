//! The window of a subscription: deliveries that were accepted and are not settled. It is bounded by number and by the
//! payload bytes it holds (I8). Deliveries that failed for a reason of their own wait for their retries without holding up
//! others: they have a bound of their own.

use std::{collections::BTreeMap, sync::Arc};

use model::{clock::Instant, run::RunId, subscription::Format};

use super::{
    Delivery, Machine, PartitionReader, RunState, SubscriptionState,
    delivery::{DeliveryState, Failure, Form},
    order::KeyOrder,
    partition::ROOM,
};
use crate::{
    arena::Id,
    decoded_event::DecodedEvent,
    invariants::{Invariant, check},
};

/// The unsettled deliveries of one subscription.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// All unsettled deliveries by number, which is the order of arrival.
    pub unsettled: BTreeMap<u64, Id<Delivery>>,
    /// The deliveries that may be sent, and those of them whose payload is being read again.
    pub ready: BTreeMap<u64, Id<Delivery>>,
    /// The number of the delivery that was accepted last.
    last_number: u64,
    /// The number of unsettled deliveries that have not failed yet.
    pub unfailed: usize,
    /// Payload bytes held.
    pub bytes: usize,
    /// Since when less than a part ([`ROOM`]) of the window is free; `None` when more is.
    pub nearly_full_since: Option<Instant>,
}

impl Window {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// All deliveries, in order of arrival, to be changed one by one.
    pub fn ids(&self) -> Vec<Id<Delivery>> {
        self.unsettled.values().copied().collect()
    }
}

/// Windows shrink to this many deliveries when all of them together hold too many bytes.
const CROWDED_WINDOW: usize = 16;

impl Machine {
    /// How many more events the window of a subscription has room for, as far as their number is concerned. During an outage it
    /// has room for one that has not failed yet, the next probe; beyond the window, until as many were sent as the window holds.
    pub(super) fn room(&self, subscription: &SubscriptionState) -> usize {
        let (window, settings) = (&subscription.window, &self.settings);
        let left = settings.unsettled().saturating_sub(window.unsettled.len());
        if !self.is_held_up(subscription) {
            return left.min(settings.window.saturating_sub(window.unfailed));
        }
        let few = window.unsettled.len() < settings.window || self.unfailed_probes(subscription.sink) < settings.window;
        let may_probe = window.unfailed == 0 && few;
        left.min(usize::from(may_probe))
    }

    /// Whether the window of a subscription has room for one more event.
    pub(super) fn can_accept(&self, subscription: &SubscriptionState) -> bool {
        let window = &subscription.window;
        subscription.may_send()
            && !self.draining
            && !subscription.refetch.keys_unknown
            && self.room(subscription) > 0
            && window.bytes < self.settings.window_bytes
            && (window.unsettled.len() < CROWDED_WINDOW || self.bytes < self.settings.total_bytes)
    }

    /// Accepts an event that a subscription wants into its window; `false` when there is no room. Events that need no
    /// delivery count as accepted: those already restored from the last checkpoint, and those of a kanaal whose owner
    /// does not admit the subscription.
    pub(super) fn accept(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        reader_id: Id<PartitionReader>,
        item: &Arc<DecodedEvent>,
        run: Option<(Id<RunState>, RunId)>,
    ) -> bool {
        let (Some(subscription), Some(reader)) = (self.subscriptions.get(subscription_id), self.readers.get(reader_id))
        else {
            return true;
        };
        let record = (reader_id, item.position, run.map(|(run, _)| run));
        if subscription.rereads.contains(&record) {
            if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
                subscription.rereads.remove(&record);
            }
            return true;
        }
        if subscription.is_withheld(&reader.name.kanaal) {
            return true;
        }
        if !self.can_accept(subscription) {
            return false;
        }
        let delivery = Delivery {
            subscription: subscription_id,
            subscription_id: subscription.spec.id,
            reader: reader_id,
            partition: Arc::clone(&reader.name),
            position: item.position,
            run,
            number: 0,
            key: Some(item.key),
            order: KeyOrder::None,
            state: DeliveryState::Ready { payload: Some(Arc::clone(item)) },
            retries: 0,
            failure: None,
            requests: 0,
            appended: Some(item.appended),
            listed: false,
            form: Form::AsSubscribed,
        };
        let id = self.insert_delivery(subscription_id, delivery);
        self.checkpoints.delivery_accepted(id);
        self.count_payload(subscription_id, item.size);
        self.update_nearly_full(subscription_id);
        self.apply_key_order(id, item.key, Instant::default());
        // The first one that has not failed may be sent earlier than those that have.
        if let Some(subscription) = self.subscriptions.get(subscription_id)
            && subscription.window.unfailed == 1
            && subscription.queued
        {
            self.mark_runnable(subscription.sink);
        }
        true
    }

    /// Adds a delivery to the window of its subscription, whatever its bounds. Its payload is not counted yet.
    pub(super) fn insert_delivery(
        &mut self,
        subscription_id: Id<SubscriptionState>,
        mut delivery: Delivery,
    ) -> Id<Delivery> {
        let number = self.subscriptions.get_mut(subscription_id).map_or(0, |one| one.window.next_number());
        delivery.number = number;
        if let Some(run) = delivery.run.and_then(|(run, _)| self.runs.get_mut(run)) {
            run.unsettled += 1;
        }
        let unfailed = usize::from(delivery.failure.is_none());
        let id = self.deliveries.insert(delivery);
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.window.unfailed += unfailed;
            let unsettled = &mut subscription.window.unsettled;
            unsettled.insert(number, id);
            let within = unsettled.len() <= self.settings.unsettled() || !subscription.rereads.is_empty();
            let violations = &mut self.effects.counts.violations;
            check(violations, Invariant::I8, within, || format!("{} unsettled", unsettled.len()));
        }
        id
    }

    fn count_payload(&mut self, subscription_id: Id<SubscriptionState>, size: usize) {
        self.bytes += size;
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.window.bytes += size;
        }
    }

    /// Keeps the list of subscriptions whose window is nearly full; shared readers wait a moment for them.
    pub(super) fn update_nearly_full(&mut self, id: Id<SubscriptionState>) {
        let left = self.subscriptions.get(id).map_or(0, |subscription| self.room(subscription));
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let window = &mut subscription.window;
        let left_bytes = self.settings.window_bytes.saturating_sub(window.bytes);
        let nearly_full = left < self.settings.window / ROOM || left_bytes < self.settings.window_bytes / ROOM;
        if nearly_full && window.nearly_full_since.is_none() {
            window.nearly_full_since = Some(self.now);
            self.nearly_full.push(id);
        } else if !nearly_full && window.nearly_full_since.take().is_some() {
            self.nearly_full.retain(|other| *other != id);
            self.resume_waiting_readers();
        }
    }

    /// Gives a delivery that was read again its payload; it is ready then.
    pub(super) fn attach_payload(&mut self, id: Id<Delivery>, item: &Arc<DecodedEvent>) {
        let Some(delivery) = self.deliveries.get_mut(id).filter(|one| one.state.is_refetching()) else { return };
        delivery.state = DeliveryState::Ready { payload: Some(Arc::clone(item)) };
        delivery.appended = Some(item.appended);
        let subscription = delivery.subscription;
        self.count_payload(subscription, item.size);
    }

    /// Releases the payload of a delivery that waits; it keeps its position and is read again before it is sent. A run
    /// over chosen records keeps its payloads.
    pub(super) fn release_payload(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let keeps = delivery.run.is_some_and(|(run, _)| self.runs.get(run).is_some_and(RunState::is_over_records));
        if keeps {
            return;
        }
        let Some(item) = delivery.state.release_payload() else { return };
        self.bytes = self.bytes.saturating_sub(item.size);
        let subscription_id = delivery.subscription;
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.window.bytes = subscription.window.bytes.saturating_sub(item.size);
        }
        self.update_nearly_full(subscription_id);
    }

    /// Releases the payloads of all ready deliveries of a subscription, because nothing will be sent for some time.
    pub(super) fn release_payloads(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let ready: Vec<Id<Delivery>> = subscription.window.ready.values().copied().collect();
        for delivery in ready {
            self.release_payload(delivery);
        }
    }

    /// Makes a delivery ready to be sent, in its place in the order of arrival; blocks it when it is behind another one of
    /// its key.
    pub(super) fn make_ready(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        if delivery.order == KeyOrder::Behind {
            self.block(id, Instant::default());
            return;
        }
        let payload = delivery.state.take_payload();
        delivery.state = DeliveryState::Ready { payload };
        let (subscription_id, number) = (delivery.subscription, delivery.number);
        let Some(subscription) = self.subscriptions.get_mut(subscription_id) else { return };
        let ready = &mut subscription.window.ready;
        if ready.is_empty() && matches!(subscription.spec.format, Format::Batch { .. }) {
            subscription.linger.since = self.now;
        }
        ready.insert(number, id);
        if !subscription.queued {
            self.queue_at_sink(subscription_id);
        }
    }

    /// Notes that a delivery failed, at this number of successes of its sink.
    pub(super) fn mark_failed(&mut self, id: Id<Delivery>, successes: u64) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let before = delivery.failure;
        let is_own = before.is_some_and(|before| before.is_own || before.successes < successes);
        delivery.failure = Some(Failure { successes, is_own });
        if before.is_none()
            && let Some(subscription) = self.subscriptions.get_mut(delivery.subscription)
        {
            subscription.window.unfailed -= 1;
            let subscription = delivery.subscription;
            self.update_nearly_full(subscription);
        }
    }

    /// Forgets which deliveries of a subscription failed: they did so at another sink.
    pub(super) fn forget_failures(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        subscription.window.unfailed = subscription.window.unsettled.len();
        for id in subscription.window.ids() {
            if let Some(delivery) = self.deliveries.get_mut(id) {
                delivery.failure = None;
            }
        }
    }

    /// Moves a delivery behind all others of its subscription, so that each probe of an outage takes another event.
    pub(super) fn move_to_end_of_window(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(subscription) = self.subscriptions.get_mut(delivery.subscription) else { return };
        let window = &mut subscription.window;
        window.unsettled.remove(&delivery.number);
        window.ready.remove(&delivery.number);
        delivery.number = window.next_number();
        window.unsettled.insert(delivery.number, id);
    }
}
