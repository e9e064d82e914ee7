//! Requests: which ready deliveries go into the next one. What its answer does to them is in `apply_answer`.

use std::sync::Arc;

use model::subscription::Format;

use super::{
    Delivery, Machine, SinkState, SubscriptionState,
    delivery::{DeliveryState, Form},
    effects::{Action, SendRequest},
    order::KeyOrder,
};
use crate::{
    arena::Id,
    decoded_event::DecodedEvent,
    invariants::{Invariant, check},
};

/// A request under way.
#[derive(Debug)]
pub struct Request {
    pub(super) subscription: Id<SubscriptionState>,
    pub(super) sink: Id<SinkState>,
    /// One, or several in a batch.
    pub(super) deliveries: Vec<Id<Delivery>>,
    /// Whether it probes a sink in outage.
    pub(super) probe: bool,
    /// Whether an outage does not hold it up: its subscription has `ladder_only`.
    pub(super) ignores_outage: bool,
    /// Whether it carries one event in the fallback format, because the sink refused the format of the subscription.
    pub(super) fallback: bool,
}

/// The deliveries of the next request, with their events.
struct Selected {
    deliveries: Vec<Id<Delivery>>,
    items: Vec<Arc<DecodedEvent>>,
    fallback: bool,
}

impl Machine {
    /// Starts one request for a subscription with ready deliveries. It starts none when the payload of the first must
    /// be read again.
    pub(super) fn start_request(&mut self, sink_id: Id<SinkState>, subscription_id: Id<SubscriptionState>) {
        let probe = self.subscriptions.get(subscription_id).is_some_and(|one| self.is_held_up(one));
        let Selected { deliveries, items, fallback } = self.select_for_request(subscription_id, probe);
        if deliveries.is_empty() {
            return;
        }
        let Some(subscription) = self.subscriptions.get_mut(subscription_id) else { return };
        let violations = &mut self.effects.counts.violations;
        check(violations, Invariant::I4, subscription.halt.is_none(), || subscription.spec.id.to_string());
        check(violations, Invariant::I5, subscription.spec.may_send(), || subscription.spec.id.to_string());
        subscription.in_flight += 1;
        let spec = Arc::clone(&subscription.spec);
        let ignores_outage = spec.retry.ladder_only;
        self.take_slot(sink_id, spec.id, ignores_outage);
        if probe {
            self.probe_started(sink_id, &deliveries);
        }
        let request =
            Request { subscription: subscription_id, sink: sink_id, deliveries, probe, ignores_outage, fallback };
        let id = self.requests.insert(request);
        self.effects.actions.push(Action::SendRequest(SendRequest { id, subscription: spec, items, fallback }));
    }

    /// Takes the deliveries of the next request out of the ready ones: one, or a batch within the bounds of the
    /// subscription and of one read. A delivery without payload is read again; it and those behind it wait. A probe
    /// carries one delivery, the first that has not failed yet if there is one.
    fn select_for_request(&mut self, subscription_id: Id<SubscriptionState>, probe: bool) -> Selected {
        let probed = match self.subscriptions.get(subscription_id) {
            Some(subscription) if probe => self.unfailed_ready(subscription),
            _ => None,
        };
        let (mut deliveries, mut items, mut bytes) = (Vec::with_capacity(1), Vec::with_capacity(1), 0);
        while let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            let most = match subscription.spec.format {
                Format::Batch { max_events, .. } if !probe => max_events.get() as usize,
                _ => 1,
            };
            let ready = &subscription.window.ready;
            let Some((&number, &id)) =
                probed.and_then(|number| ready.get_key_value(&number)).or_else(|| ready.first_key_value())
            else {
                break;
            };
            let Some(delivery) = self.deliveries.get_mut(id) else {
                subscription.window.ready.remove(&number);
                continue;
            };
            let DeliveryState::Ready { payload: Some(item) } = &delivery.state else {
                match probed {
                    Some(_) => self.refetch_payload(id),
                    None => self.refetch_first_ready(subscription_id),
                }
                break;
            };
            bytes += item.size;
            let alone = delivery.form != Form::AsSubscribed;
            if !deliveries.is_empty() && (alone || bytes > self.settings.fetch_bytes) {
                break;
            }
            subscription.window.ready.remove(&number);
            if subscription.keeps_key_order() && delivery.run.is_none() {
                let queue = delivery.key.and_then(|key| subscription.key_queues.get_mut(&key));
                let is_alone =
                    delivery.order == KeyOrder::First && queue.as_ref().is_some_and(|one| one.in_flight == 0);
                let violations = &mut self.effects.counts.violations;
                check(violations, Invariant::I7, is_alone, || subscription.spec.id.to_string());
                if let Some(queue) = queue {
                    queue.in_flight += 1;
                }
            }
            let Some(payload) = delivery.state.take_payload() else { break };
            items.push(Arc::clone(&payload));
            deliveries.push(id);
            delivery.state = DeliveryState::InFlight { payload };
            delivery.requests += 1;
            let fallback = delivery.form == Form::Fallback;
            if alone || deliveries.len() >= most {
                return Selected { deliveries, items, fallback };
            }
        }
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.linger.since = self.now;
        }
        Selected { deliveries, items, fallback: false }
    }
}
