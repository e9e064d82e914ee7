//! Reading payloads again: parked deliveries, and those of a sink that is out, keep only their position.

use std::sync::Arc;

use model::{Mark, Position, outcome::Outcome};

use super::{
    Delivery, Machine, Part, Sub,
    effects::Batch,
    fetch::{Extent, Purpose, Waiting},
    timers::Timer,
    window::Stage,
};
use crate::{arena::Id, item::Item};

/// Most records of one read, when several payloads are wanted.
const RECORDS: usize = 64;

impl Machine {
    /// Asks for the payloads of the first ready deliveries, which have none.
    pub(super) fn want_first(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get(id) else { return };
        let bare = |id: &Id<Delivery>| self.deliveries.get(*id).is_some_and(|delivery| delivery.item.is_none());
        let first: Vec<Id<Delivery>> = sub.ready.values().copied().take_while(bare).take(RECORDS).collect();
        for id in first {
            self.want(id);
        }
    }

    /// Asks for the payload of a delivery.
    pub(super) fn want(&mut self, id: Id<Delivery>) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(sub) = self.subs.get_mut(delivery.sub) else { return };
        delivery.stage = Stage::Wanted;
        let run = delivery.run.map(|(run, _)| run);
        sub.wanted.insert((delivery.part, delivery.position, run), id);
        let sub_id = delivery.sub;
        self.wake_refetch(sub_id);
    }

    pub(super) fn wake_refetch(&mut self, id: Id<Sub>) {
        if let Some(sub) = self.subs.get_mut(id)
            && !sub.refetching
            && !sub.wanted.is_empty()
        {
            sub.refetching = true;
            self.fetches.others_waiting.push_back(Waiting::Refetch(id));
        }
    }

    pub(super) fn start_refetch(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get_mut(id) else { return };
        let Some((&(part, position, run), _)) = sub.wanted.first_key_value() else {
            sub.refetching = false;
            return;
        };
        let run = run.and_then(|run| self.runs.get(run)).filter(|run| run.is_over_records());
        let or_dead_letter = run.map(|run| Arc::clone(&run.spec));
        let records = if or_dead_letter.is_some() || sub.wanted.len() == 1 {
            1
        } else {
            RECORDS.min(self.settings.fetch_records)
        };
        if self.parts.get(part).is_none() {
            self.refetch_lost(id, part, Mark::BEGINNING, Mark(u64::MAX));
            return;
        }
        self.read(Purpose::Refetch(id, part), Extent { part, from: position.mark(), records, or_dead_letter });
    }

    pub(super) fn refetched(&mut self, id: Id<Sub>, part: Id<Part>, from: Mark, batch: Option<Batch>) {
        let Some(sub) = self.subs.get_mut(id) else { return };
        sub.refetching = false;
        let Some(batch) = batch else {
            self.timers.set(self.now + self.settings.storage_retry, Timer::Sub(id));
            return;
        };
        for item in &batch.items {
            self.supply(id, part, item);
        }
        self.refetch_lost(id, part, from, batch.next.max(batch.oldest).max(Mark(from.0 + 1)));
        self.keyed(id);
        self.wake_refetch(id);
        self.queue_sub(id);
    }

    fn supply(&mut self, id: Id<Sub>, part: Id<Part>, item: &Arc<Item>) {
        for delivery in self.take_wanted(id, part, item.position, item.position) {
            self.hold(delivery, item);
            let keyed = self.deliveries.get(delivery).is_some_and(|delivery| delivery.key.is_some());
            if keyed {
                self.make_ready(delivery);
            } else {
                self.line_up(delivery, item.key);
            }
            // Restored ones that only needed their key do not stay in memory beyond the bound.
            if self.subs.get(id).is_some_and(|sub| sub.unkeyed > 0 && sub.bytes > self.settings.window_bytes) {
                self.let_go(delivery);
            }
        }
    }

    /// What should have been between these marks is not in the log any more.
    fn refetch_lost(&mut self, id: Id<Sub>, part: Id<Part>, from: Mark, until: Mark) {
        if from >= until {
            return;
        }
        for delivery in self.take_wanted(id, part, Position(from.0), Position(until.0 - 1)) {
            self.settle(delivery, Outcome::Expired, None);
        }
    }

    fn take_wanted(&mut self, id: Id<Sub>, part: Id<Part>, first: Position, last: Position) -> Vec<Id<Delivery>> {
        let Some(sub) = self.subs.get_mut(id) else { return Vec::new() };
        let keys: Vec<_> = sub
            .wanted
            .range((part, first, None)..)
            .take_while(|((at, position, _), _)| *at == part && *position <= last)
            .map(|(key, _)| *key)
            .collect();
        keys.iter().filter_map(|key| sub.wanted.remove(key)).collect()
    }

    /// When the keys of everything restored are known, new events may follow.
    fn keyed(&mut self, id: Id<Sub>) {
        if let Some(sub) = self.subs.get_mut(id)
            && sub.unkeyed > 0
            && sub.wanted.is_empty()
        {
            sub.unkeyed = 0;
            self.wake_lags(id);
        }
    }
}
