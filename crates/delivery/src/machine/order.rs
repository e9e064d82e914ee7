//! Order by key: with order `key`, an event is sent only when every earlier one with the same key is settled (I7).
//! Deliveries of runs take no part.
//!
//! The first unsettled delivery of a key may be sent; the later ones wait in the `KeyQueue` of the key, in order of their
//! records. When a subscription changes to order `key`, its unsettled deliveries are lined up in that way (`line_up`), as
//! after a restart. Requests of one key that were under way at that moment cannot be called back: they come first, and
//! nothing else of the key is sent before all of them are answered.

use std::collections::{VecDeque, hash_map::Entry};

use model::clock::Instant;

use super::{Delivery, Machine, Request, SubscriptionState, delivery::DeliveryState};
use crate::{arena::Id, planted::planted};

/// The place of a delivery in the order of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum KeyOrder {
    /// The delivery is not ordered: the order is `none`, it belongs to a run, or its key is not known yet.
    #[default]
    None,
    /// No earlier delivery of the key is unsettled.
    First,
    /// The delivery waits in the queue of its key.
    Behind,
}

/// The unsettled deliveries of a key behind the first one, and its requests under way.
#[derive(Debug, Default)]
pub(super) struct KeyQueue {
    /// The deliveries behind the first one, in order.
    behind: VecDeque<Id<Delivery>>,
    /// Requests under way of the key; more than one only when they were under way when the order changed.
    pub in_flight: u32,
}

impl Machine {
    /// Makes a delivery whose record was read ready, or blocks it behind an earlier one of its key. `not_before`: when its
    /// next attempt may start.
    pub(super) fn apply_key_order(&mut self, id: Id<Delivery>, key: u64, not_before: Instant) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        delivery.key = Some(key);
        let Some(subscription) = self.subscriptions.get_mut(delivery.subscription) else { return };
        if subscription.keeps_key_order() && delivery.run.is_none() {
            if subscription.refetch.keys_unknown {
                self.block(id, not_before);
                return;
            }
            match subscription.key_queues.entry(key) {
                Entry::Occupied(_) if planted!(KeyIsNotBlocked) => delivery.order = KeyOrder::First,
                Entry::Occupied(queue) => {
                    delivery.order = KeyOrder::Behind;
                    queue.into_mut().behind.push_back(id);
                    // After a restart a later one of the key may be first, because it was listed and this one is read again.
                    if !subscription.rereads.is_empty() {
                        let subscription_id = delivery.subscription;
                        self.line_up(subscription_id);
                    }
                }
                Entry::Vacant(place) => {
                    delivery.order = KeyOrder::First;
                    place.insert(KeyQueue::default());
                }
            }
        }
        self.make_ready_or_park(id, not_before);
    }

    /// A delivery waits for earlier ones, or until the keys of all others are known.
    pub(super) fn block(&mut self, id: Id<Delivery>, not_before: Instant) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let payload = delivery.state.take_payload();
        delivery.state = DeliveryState::Blocked { payload, not_before };
        if let Some(subscription) = self.subscriptions.get_mut(delivery.subscription) {
            subscription.window.ready.remove(&delivery.number);
        }
    }

    /// A delivery was settled: when it was the first of its key, the next one is first.
    pub(super) fn release_key(&mut self, subscription_id: Id<SubscriptionState>, id: Id<Delivery>, settled: &Delivery) {
        let (Some(key), Some(subscription)) = (settled.key, self.subscriptions.get_mut(subscription_id)) else {
            return;
        };
        let Some(queue) = subscription.key_queues.get_mut(&key) else { return };
        match settled.order {
            KeyOrder::None => {}
            KeyOrder::Behind => queue.behind.retain(|other| *other != id),
            KeyOrder::First => match queue.behind.pop_front() {
                Some(next) => self.make_first(next),
                None => drop(subscription.key_queues.remove(&key)),
            },
        }
    }

    fn make_first(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        delivery.order = KeyOrder::First;
        if matches!(delivery.state, DeliveryState::Blocked { .. }) {
            let not_before = delivery.state.not_before();
            self.make_ready_or_park(id, not_before);
        }
    }

    pub(super) fn make_ready_or_park(&mut self, id: Id<Delivery>, not_before: Instant) {
        if not_before > self.now {
            self.park(id, not_before);
        } else {
            self.make_ready(id);
        }
    }

    /// A request was answered: it counts no longer among those of its keys.
    pub(super) fn request_left_keys(&mut self, request: &Request) {
        let Some(subscription) = self.subscriptions.get_mut(request.subscription) else { return };
        if !subscription.keeps_key_order() {
            return;
        }
        for id in &request.deliveries {
            if let Some(delivery) = self.deliveries.get(*id).filter(|one| one.order != KeyOrder::None)
                && let Some(queue) = delivery.key.and_then(|key| subscription.key_queues.get_mut(&key))
            {
                queue.in_flight = queue.in_flight.saturating_sub(1);
            }
        }
    }

    /// A delivery failed. While another request of its key is under way, or an earlier record of its key waits, it is not
    /// the first of the key: it waits in its place in the order.
    pub(super) fn yield_key(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get(id) else { return };
        let (Some(key), order, reader, position) = (delivery.key, delivery.order, delivery.reader, delivery.position)
        else {
            return;
        };
        let Some(subscription) = self.subscriptions.get_mut(delivery.subscription) else { return };
        let Some(queue) = subscription.key_queues.get_mut(&key) else { return };
        let goes_first = |id: &Id<Delivery>| {
            let is_earlier = |one: &Delivery| one.reader == reader && one.position < position;
            self.deliveries.get(*id).is_some_and(|one| !one.can_end() || is_earlier(one))
        };
        let next = match order {
            // Not the next one: records of one key may be in several partitions, and it may be a later one of this partition.
            KeyOrder::First => {
                match queue.behind.iter().position(goes_first).or(planted!(RetryFreesKey).then_some(0)) {
                    Some(at) => queue.behind.remove(at),
                    None => return,
                }
            }
            KeyOrder::Behind => {
                queue.behind.retain(|other| *other != id);
                None
            }
            KeyOrder::None => return,
        };
        let is_later = |other: &Id<Delivery>| {
            let other = self.deliveries.get(*other).filter(|one| one.can_end() && one.reader == reader);
            other.is_some_and(|one| one.position > position)
        };
        let place = queue.behind.iter().position(is_later).unwrap_or(queue.behind.len());
        queue.behind.insert(place, id);
        if let Some(delivery) = self.deliveries.get_mut(id) {
            delivery.order = KeyOrder::Behind;
        }
        if let Some(next) = next {
            self.make_first(next);
        }
    }

    /// The order of a subscription changed.
    pub(super) fn change_order(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        subscription.refetch.keys_unknown = false;
        if subscription.keeps_key_order() {
            self.keep_key_order(id);
        } else {
            self.clear_key_order(id);
        }
    }

    /// From now on the order is `key`: lines the unsettled deliveries up, after the keys of those restored without their
    /// record were read.
    fn keep_key_order(&mut self, id: Id<SubscriptionState>) {
        let live = self.live_deliveries(id);
        let is_unknown = |id: &Id<Delivery>| self.deliveries.get(*id).is_some_and(|one| one.key.is_none());
        let unknown: Vec<Id<Delivery>> = live.iter().copied().filter(is_unknown).collect();
        if unknown.is_empty() {
            self.line_up(id);
            return;
        }
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            subscription.refetch.keys_unknown = true;
        }
        for delivery in live {
            let Some(state) = self.deliveries.get(delivery).map(|one| &one.state) else { continue };
            let not_before = state.not_before();
            match state {
                DeliveryState::Ready { .. } | DeliveryState::Parked { .. } => self.block(delivery, not_before),
                _ => {}
            }
        }
        for delivery in unknown {
            if self.deliveries.get(delivery).is_some_and(|one| one.can_end() && !one.state.is_refetching()) {
                self.refetch_payload(delivery);
            }
        }
    }

    /// Lines the unsettled deliveries of a subscription up by key, in order of their records. Their keys are known.
    pub(super) fn line_up(&mut self, subscription_id: Id<SubscriptionState>) {
        let mut live = self.live_deliveries(subscription_id);
        live.sort_by_key(|id| {
            let is_ordered = !planted!(LineUpByArrival);
            self.deliveries.get(*id).map(|one| (one.can_end(), one.reader, is_ordered.then_some(one.position)))
        });
        let Some(subscription) = self.subscriptions.get_mut(subscription_id) else { return };
        subscription.key_queues.clear();
        for id in live {
            let Some(subscription) = self.subscriptions.get_mut(subscription_id) else { return };
            let Some(delivery) = self.deliveries.get_mut(id) else { continue };
            let Some(key) = delivery.key else { continue };
            let is_first = !subscription.key_queues.contains_key(&key);
            let queue = subscription.key_queues.entry(key).or_default();
            queue.in_flight += u32::from(matches!(delivery.state, DeliveryState::InFlight { .. }));
            delivery.order = if is_first { KeyOrder::First } else { KeyOrder::Behind };
            if !is_first {
                queue.behind.push_back(id);
            }
            let not_before = delivery.state.not_before();
            match delivery.state {
                DeliveryState::Blocked { .. } if is_first => self.make_ready_or_park(id, not_before),
                DeliveryState::Ready { .. } | DeliveryState::Parked { .. } if !is_first => self.block(id, not_before),
                _ => {}
            }
        }
    }

    /// From now on the order is `none`: no delivery waits for another.
    fn clear_key_order(&mut self, subscription_id: Id<SubscriptionState>) {
        let live = self.live_deliveries(subscription_id);
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.key_queues.clear();
        }
        for id in live {
            let Some(delivery) = self.deliveries.get_mut(id) else { continue };
            delivery.order = KeyOrder::None;
            if let DeliveryState::Blocked { not_before, .. } = delivery.state {
                self.make_ready_or_park(id, not_before);
            }
        }
    }

    /// The unsettled deliveries of a subscription that belong to no run.
    fn live_deliveries(&self, id: Id<SubscriptionState>) -> Vec<Id<Delivery>> {
        let Some(subscription) = self.subscriptions.get(id) else { return Vec::new() };
        let is_live = |id: &Id<Delivery>| self.deliveries.get(*id).is_some_and(|one| one.run.is_none());
        subscription.window.unsettled.values().copied().filter(is_live).collect()
    }
}
