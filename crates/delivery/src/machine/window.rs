//! The window of a subscription: deliveries that were read and are not settled. It is bounded by number and by the
//! payload bytes it holds (I8).

use std::sync::Arc;

use model::{
    Position, SubscriptionId, Timestamp,
    outcome::{Attempt, DeliveryKey, Outcome},
    run::RunId,
    subscription::Format,
};
use storage::journal::DeadLetter;

use super::{
    Machine, Part, RunState, Sub,
    partition::{Place, ROOM},
};
use crate::{
    arena::Id,
    invariants::{Invariant, check},
    item::Item,
};

/// Where an unsettled delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It may be sent.
    Ready,
    /// It waits behind another one with the same key.
    Blocked,
    /// A request is under way.
    InFlight,
    /// It waits for its next attempt.
    Parked,
    /// Its payload is being read again.
    Wanted,
    /// Its dead letter is being kept.
    Burying,
}

/// One event for one subscription (and run).
#[derive(Debug)]
pub struct Delivery {
    pub(super) sub: Id<Sub>,
    pub(super) subscription: SubscriptionId,
    pub(super) part: Id<Part>,
    pub(super) place: Arc<Place>,
    pub(super) position: Position,
    pub(super) run: Option<(Id<RunState>, RunId)>,
    /// Its place in the order of arrival.
    pub(super) number: u64,
    /// The key that it holds or waits for, with order `key`.
    pub(super) key: Option<u64>,
    pub(super) item: Option<Arc<Item>>,
    pub(super) stage: Stage,
    /// Attempts that consumed a retry.
    pub(super) attempts: u32,
    /// Requests made.
    pub(super) requests: u32,
    pub(super) not_before: Timestamp,
    pub(super) appended: Option<Timestamp>,
    /// Whether the stored progress lists it.
    pub(super) listed: bool,
    /// Never again with others in a batch.
    pub(super) single: bool,
    /// Never again in the subscription's format: structured.
    pub(super) structured: bool,
    /// How it ends once its dead letter is kept.
    pub(super) burial: Option<Box<(Outcome, Option<Attempt>, DeadLetter)>>,
}

impl Delivery {
    pub(super) fn key(&self) -> DeliveryKey {
        DeliveryKey {
            subscription: self.subscription,
            kanaal: self.place.kanaal.clone(),
            partition: self.place.partition,
            position: self.position,
            run: self.run.map(|(_, id)| id),
        }
    }

    /// Whether a request is under way for it.
    pub(super) fn flies(&self) -> bool {
        self.stage == Stage::InFlight
    }
}

/// Windows shrink to this many deliveries when all of them together hold too many bytes.
const CROWDED_WINDOW: usize = 16;

impl Machine {
    /// Whether a subscription can take one more event.
    pub(super) fn can_take(&self, sub: &Sub) -> bool {
        let unsettled = sub.unsettled.len();
        sub.may_send()
            && !self.draining
            && sub.unkeyed == 0
            && unsettled < self.settings.window
            && sub.bytes < self.settings.window_bytes
            && (unsettled < CROWDED_WINDOW || self.bytes < self.settings.total_bytes)
            && (unsettled == 0 || !self.is_out(sub.sink))
    }

    /// Takes an event into the window of a subscription that wants it; `false` when it cannot. What the owner of the kanaal
    /// does not let it have is passed over.
    pub(super) fn take(
        &mut self,
        sub_id: Id<Sub>,
        part_id: Id<Part>,
        item: &Arc<Item>,
        run: Option<(Id<RunState>, RunId)>,
    ) -> bool {
        let (Some(sub), Some(part)) = (self.subs.get(sub_id), self.parts.get(part_id)) else { return true };
        let again = (part_id, item.position, run.map(|(run, _)| run));
        if sub.restored.contains(&again) {
            if let Some(sub) = self.subs.get_mut(sub_id) {
                sub.restored.remove(&again);
            }
            return true;
        }
        if !sub.spec.is_admitted(&part.place.kanaal) && !sub.spec.selection.names(&part.place.kanaal) {
            return true;
        }
        if !self.can_take(sub) {
            return false;
        }
        let (subscription, place) = (sub.spec.id, Arc::clone(&part.place));
        let delivery = Delivery {
            sub: sub_id,
            subscription,
            part: part_id,
            place,
            position: item.position,
            run,
            number: 0,
            key: None,
            item: None,
            stage: Stage::Ready,
            attempts: 0,
            requests: 0,
            not_before: Timestamp::default(),
            appended: Some(item.appended),
            listed: false,
            single: false,
            structured: false,
            burial: None,
        };
        let id = self.admit(sub_id, delivery);
        self.checkpoints.taken(id);
        self.hold(id, item);
        self.watch_room(sub_id);
        self.line_up(id, item.key);
        true
    }

    /// Puts a delivery in the books of its subscription.
    pub(super) fn admit(&mut self, sub_id: Id<Sub>, mut delivery: Delivery) -> Id<Delivery> {
        let number = self.subs.get_mut(sub_id).map_or(0, Sub::next_number);
        delivery.number = number;
        if let Some(run) = delivery.run.and_then(|(run, _)| self.runs.get_mut(run)) {
            run.unsettled += 1;
        }
        let id = self.deliveries.insert(delivery);
        if let Some(sub) = self.subs.get_mut(sub_id) {
            sub.unsettled.insert(number, id);
            let within = sub.unsettled.len() <= self.settings.window || !sub.restored.is_empty();
            check(Invariant::I8, within, || format!("{} unsettled", sub.unsettled.len()));
        }
        id
    }

    /// Keeps the list of those whose window is nearly full.
    pub(super) fn watch_room(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get_mut(id) else { return };
        let left = self.settings.window.saturating_sub(sub.unsettled.len());
        let left_bytes = self.settings.window_bytes.saturating_sub(sub.bytes);
        let short = left < self.settings.window / ROOM || left_bytes < self.settings.window_bytes / ROOM;
        if short && sub.short_since.is_none() {
            sub.short_since = Some(self.now);
            self.short_of_room.push(id);
        } else if !short && sub.short_since.take().is_some() {
            self.short_of_room.retain(|other| *other != id);
            self.release_held();
        }
    }

    /// Gives a delivery its payload.
    pub(super) fn hold(&mut self, id: Id<Delivery>, item: &Arc<Item>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        if delivery.item.replace(Arc::clone(item)).is_none() {
            delivery.appended = Some(item.appended);
            self.bytes += item.size;
            if let Some(sub) = self.subs.get_mut(delivery.sub) {
                sub.bytes += item.size;
            }
        }
    }

    /// Takes the payload of a delivery away. A run over chosen records keeps it: the log may not have it any more.
    pub(super) fn let_go(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let kept = delivery.run.is_some_and(|(run, _)| self.runs.get(run).is_some_and(RunState::is_over_records));
        if !kept && let Some(item) = delivery.item.take() {
            self.bytes = self.bytes.saturating_sub(item.size);
            let sub_id = delivery.sub;
            if let Some(sub) = self.subs.get_mut(sub_id) {
                sub.bytes = sub.bytes.saturating_sub(item.size);
            }
            self.watch_room(sub_id);
        }
    }

    /// Makes a delivery one that may be sent.
    pub(super) fn make_ready(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        delivery.stage = Stage::Ready;
        let (sub_id, number) = (delivery.sub, delivery.number);
        let Some(sub) = self.subs.get_mut(sub_id) else { return };
        if sub.ready.is_empty() && matches!(sub.spec.format, Format::Batch { .. }) {
            sub.lingers_since = self.now;
        }
        sub.ready.insert(number, id);
        if !sub.queued {
            self.queue_sub(sub_id);
        }
    }

    /// Puts a delivery behind all others of its subscription, so that probes rotate.
    pub(super) fn move_to_end(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(sub) = self.subs.get_mut(delivery.sub) else { return };
        sub.unsettled.remove(&delivery.number);
        sub.ready.remove(&delivery.number);
        delivery.number = sub.next_number();
        sub.unsettled.insert(delivery.number, id);
    }
}
