//! Order by key: with order `key`, an event waits until every earlier one with the same key is settled (I7). Deliveries
//! of runs do not take part.

use std::collections::VecDeque;

use super::{Delivery, Machine, Sub, window::Stage};
use crate::arena::Id;

impl Machine {
    /// Makes a delivery ready, or lets it wait behind its key.
    pub(super) fn line_up(&mut self, id: Id<Delivery>, key: u64) {
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        let Some(sub) = self.subs.get_mut(delivery.sub) else { return };
        if !sub.ordered() || delivery.run.is_some() {
            self.release(id);
            return;
        }
        delivery.key = Some(key);
        if let Some(waiting) = sub.keys.get_mut(&key) {
            delivery.stage = Stage::Blocked;
            waiting.push_back(id);
        } else {
            sub.keys.insert(key, VecDeque::new());
            self.release(id);
        }
    }

    /// A delivery that held this key, or waited for it, is over.
    pub(super) fn free_key(&mut self, sub_id: Id<Sub>, id: Id<Delivery>, key: u64, stage: Stage) {
        let Some(sub) = self.subs.get_mut(sub_id) else { return };
        let Some(waiting) = sub.keys.get_mut(&key) else { return };
        if stage == Stage::Blocked {
            waiting.retain(|other| *other != id);
            return;
        }
        match waiting.pop_front() {
            Some(next) => self.release(next),
            None => {
                sub.keys.remove(&key);
            }
        }
    }

    fn release(&mut self, id: Id<Delivery>) {
        let now = self.now;
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        if delivery.not_before > now {
            self.park(id);
        } else {
            self.make_ready(id);
        }
    }

    /// Order was given up: nobody waits for a key any more.
    pub(super) fn drop_order(&mut self, sub_id: Id<Sub>) {
        let Some(sub) = self.subs.get_mut(sub_id) else { return };
        let waiting: Vec<Id<Delivery>> = std::mem::take(&mut sub.keys).into_values().flatten().collect();
        let all: Vec<Id<Delivery>> = sub.unsettled.values().copied().collect();
        for id in all {
            if let Some(delivery) = self.deliveries.get_mut(id) {
                delivery.key = None;
            }
        }
        for id in waiting {
            self.release(id);
        }
    }
}
