//! Reading payloads again. Parked deliveries, and those of a sink in outage or of a paused subscription, keep only
//! their position; so do deliveries restored from a checkpoint.

use std::{collections::BTreeMap, sync::Arc};

use model::{Mark, Position, outcome::Outcome};

use super::{
    Delivery, Machine, PartitionReader, SubscriptionState,
    delivery::DeliveryState,
    effects::FetchedEvents,
    fetch::{Extent, Purpose, Waiting},
    subscription::RecordRef,
};
use crate::{arena::Id, decoded_event::DecodedEvent};

/// The payloads of one subscription that are read again.
#[derive(Debug, Default)]
pub(super) struct Refetch {
    /// The deliveries in state `Refetching`, by where their record is.
    pub waiting: BTreeMap<RecordRef, Id<Delivery>>,
    /// Whether a read is queued or under way.
    pub reading: bool,
    /// With order `key`, after a restart or a change of the order: the keys of restored deliveries are in their records.
    /// Until all of these were read again, nothing is sent and nothing new is accepted.
    pub keys_unknown: bool,
}

/// Most records of one read, when several payloads are needed.
const RECORDS: usize = 64;

impl Machine {
    /// Reads the payloads of the first ready deliveries again, up to the first that has one.
    pub(super) fn refetch_first_ready(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        let bare = |id: &Id<Delivery>| self.deliveries.get(*id).is_some_and(|one| one.state.payload().is_none());
        let ready = subscription.window.ready.values().copied();
        let first: Vec<Id<Delivery>> = ready.take_while(bare).take(RECORDS).collect();
        for id in first {
            self.refetch_payload(id);
        }
    }

    /// Reads the payload of a delivery without one again.
    pub(super) fn refetch_payload(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(subscription) = self.subscriptions.get_mut(delivery.subscription) else { return };
        delivery.state = DeliveryState::Refetching { not_before: delivery.state.not_before() };
        let run = delivery.run.map(|(run, _)| run);
        subscription.refetch.waiting.insert((delivery.reader, delivery.position, run), id);
        let subscription_id = delivery.subscription;
        self.queue_refetch_read(subscription_id);
    }

    pub(super) fn queue_refetch_read(&mut self, id: Id<SubscriptionState>) {
        if let Some(subscription) = self.subscriptions.get_mut(id)
            && !subscription.refetch.reading
            && !subscription.refetch.waiting.is_empty()
        {
            subscription.refetch.reading = true;
            self.fetches.others_waiting.push_back(Waiting::Refetch(id));
        }
    }

    pub(super) fn start_refetch_read(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return };
        let refetch = &mut subscription.refetch;
        let Some((&(reader, position, run), _)) = refetch.waiting.first_key_value() else {
            refetch.reading = false;
            return;
        };
        let run = run.and_then(|run| self.runs.get(run)).filter(|run| run.is_over_records());
        let or_dead_letter = run.map(|run| Arc::clone(&run.spec));
        let records = if or_dead_letter.is_some() || refetch.waiting.len() == 1 {
            1
        } else {
            RECORDS.min(self.settings.fetch_records)
        };
        if self.readers.get(reader).is_none() {
            refetch.reading = false;
            self.expire_missing(id, reader, Mark::BEGINNING, Mark(u64::MAX));
            self.continue_after_refetch(id);
            return;
        }
        let extent = Extent { reader, from: position.mark(), records, or_dead_letter };
        self.read(Purpose::Refetch(id, reader), extent);
    }

    pub(super) fn refetch_fetched(
        &mut self,
        id: Id<SubscriptionState>,
        reader: Id<PartitionReader>,
        from: Mark,
        fetched: &FetchedEvents,
    ) {
        for item in &fetched.items {
            self.restore_payload(id, reader, item);
        }
        self.expire_missing(id, reader, from, fetched.next.max(fetched.oldest).max(Mark(from.0 + 1)));
        self.continue_after_refetch(id);
    }

    fn continue_after_refetch(&mut self, id: Id<SubscriptionState>) {
        self.finish_key_restore(id);
        self.queue_refetch_read(id);
        self.queue_at_sink(id);
    }

    /// Gives an event that was read again to the deliveries that wait for it.
    fn restore_payload(&mut self, id: Id<SubscriptionState>, reader: Id<PartitionReader>, item: &Arc<DecodedEvent>) {
        for delivery_id in self.take_refetching(id, reader, item.position, item.position) {
            let Some(delivery) = self.deliveries.get(delivery_id) else { continue };
            let (not_before, has_key) = (delivery.state.not_before(), delivery.key.is_some());
            self.attach_payload(delivery_id, item);
            if has_key {
                self.make_ready_or_park(delivery_id, not_before);
            } else {
                self.apply_key_order(delivery_id, item.key, not_before);
            }
            // Restored deliveries that were read for their key alone do not take memory beyond the bound.
            let over =
                |one: &SubscriptionState| one.refetch.keys_unknown && one.window.bytes > self.settings.window_bytes;
            if self.subscriptions.get(id).is_some_and(over) {
                self.release_payload(delivery_id);
            }
        }
    }

    /// Ends the deliveries whose records between these marks are not in the log any more.
    fn expire_missing(&mut self, id: Id<SubscriptionState>, reader: Id<PartitionReader>, from: Mark, until: Mark) {
        if from >= until {
            return;
        }
        for delivery in self.take_refetching(id, reader, Position(from.0), Position(until.0 - 1)) {
            self.settle(delivery, Outcome::Expired, None);
        }
    }

    fn take_refetching(
        &mut self,
        id: Id<SubscriptionState>,
        reader: Id<PartitionReader>,
        first: Position,
        last: Position,
    ) -> Vec<Id<Delivery>> {
        let Some(subscription) = self.subscriptions.get_mut(id) else { return Vec::new() };
        let waiting = &mut subscription.refetch.waiting;
        let records: Vec<RecordRef> = waiting
            .range((reader, first, None)..)
            .take_while(|((at, position, _), _)| *at == reader && *position <= last)
            .map(|(record, _)| *record)
            .collect();
        records.iter().filter_map(|record| waiting.remove(record)).collect()
    }

    /// When the keys of all restored deliveries are known, they are lined up and new events may follow.
    pub(super) fn finish_key_restore(&mut self, id: Id<SubscriptionState>) {
        if let Some(subscription) = self.subscriptions.get_mut(id)
            && subscription.refetch.keys_unknown
            && subscription.refetch.waiting.is_empty()
        {
            subscription.refetch.keys_unknown = false;
            self.line_up(id);
            self.queue_catch_up_read(id);
        }
    }
}
