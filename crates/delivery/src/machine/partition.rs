//! Shared readers: one per partition, for all subscriptions that are level with it. It never waits for a slow
//! subscription; who cannot take an event falls behind and reads for itself. When nobody is level it stands still.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::Outcome};
use storage::journal::Entry;

use super::{
    Machine, Sub,
    effects::Batch,
    fetch::{Extent, Purpose},
    timers::Timer,
};
use crate::{arena::Id, duplicates::Duplicates, item::Item};

/// A subscription is short of room when less than this part of its window is left.
pub(super) const ROOM: usize = 4;
/// Longest time that the shared reader waits for somebody who is short of room.
const HOLD: Duration = Duration::from_millis(10);

/// Name of a partition.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub kanaal: KanaalName,
    pub partition: Partition,
}

/// What is known of a partition.
#[derive(Debug)]
pub(super) struct Part {
    pub place: Arc<Place>,
    /// The next to read for everybody who is level.
    pub mark: Mark,
    /// The end of the log.
    pub tail: Mark,
    /// Subscriptions whose selection covers the kanaal.
    pub covering: usize,
    /// Those of them with a mark of their own behind `mark` (or standing still).
    pub behind: BTreeSet<Id<Sub>>,
    /// Those whose own mark is beyond `mark`.
    pub ahead: Vec<Id<Sub>>,
    /// Whether a read is under way or asked for.
    pub reading: bool,
    pub duplicates: Duplicates,
    /// Where reading back for the duplicates window stands, until it reaches `mark`.
    pub rebuild: Option<Mark>,
    /// Whether `mark` was stored, so that stored subscriptions may rely on it.
    pub restored: bool,
}

impl Part {
    /// How many subscriptions the shared reader reads for.
    pub fn level(&self) -> usize {
        self.covering - self.behind.len()
    }
}

impl Machine {
    pub(super) fn tail_moved(&mut self, kanaal: KanaalName, partition: Partition, tail: Mark) {
        let Some(&id) = self.part_ids.get(&(kanaal, partition)) else { return };
        if let Some(part) = self.parts.get_mut(id) {
            part.tail = part.tail.max(tail);
        }
        self.read_shared(id);
    }

    /// Lets the shared reader go on, if there is something to read and somebody to read it for.
    pub(super) fn read_shared(&mut self, id: Id<Part>) {
        if let Some(part) = self.parts.get_mut(id)
            && !part.reading
            && part.level() > 0
            && part.tail > part.mark
        {
            part.reading = true;
            self.fetches.shared_waiting.push_back(id);
        }
    }

    pub(super) fn start_shared(&mut self, id: Id<Part>) {
        // Whoever is not short of room can take a whole read.
        let records = self.settings.fetch_records.min(self.settings.window / ROOM);
        let held = self.is_held(id);
        let Some(part) = self.parts.get_mut(id) else { return };
        if held {
            part.reading = false;
            return;
        }
        part.rebuild = part.rebuild.filter(|next| *next < part.mark);
        let (purpose, from) = match part.rebuild {
            Some(next) => (Purpose::Rebuild(id), next),
            None if part.level() > 0 && part.tail > part.mark => (Purpose::Shared(id), part.mark),
            None => {
                part.reading = false;
                return;
            }
        };
        self.read(purpose, Extent { part: id, from, records, or_dead_letter: None });
    }

    /// Whether the reader waits a moment, because somebody who is level has just become short of room: falling behind and
    /// catching up costs more than that moment. Nobody holds it longer, or again before there was room.
    fn is_held(&mut self, id: Id<Part>) -> bool {
        let now = self.now;
        let mut until = None;
        let mut recent = std::mem::take(&mut self.short_of_room);
        recent.retain(|sub| {
            let Some(sub) = self.subs.get(*sub) else { return false };
            let Some(held_until) = sub.short_since.map(|since| since + HOLD).filter(|until| *until > now) else {
                return false;
            };
            let covers = self.parts.get(id).is_some_and(|part| sub.spec.selection.covers(&part.place.kanaal));
            if covers && !sub.lags.contains_key(&id) && sub.may_send() && !self.is_out(sub.sink) {
                until = until.max(Some(held_until));
            }
            true
        });
        self.short_of_room = recent;
        let Some(until) = until else { return false };
        self.timers.set(until, Timer::Part(id));
        if !self.held.contains(&id) {
            self.held.push(id);
        }
        true
    }

    /// Somebody has room again: readers that waited for that go on.
    pub(super) fn release_held(&mut self) {
        for id in std::mem::take(&mut self.held) {
            self.read_shared(id);
        }
    }

    pub(super) fn rebuild_fetched(&mut self, id: Id<Part>, from: Mark, batch: Option<Batch>) {
        let Some(part) = self.parts.get_mut(id) else { return };
        part.reading = false;
        let Some(batch) = batch else {
            self.timers.set(self.now + self.settings.storage_retry, Timer::Part(id));
            return;
        };
        for item in batch.items.iter().filter(|item| item.position.mark() < part.mark) {
            part.duplicates.see(item);
        }
        part.rebuild = Some(batch.next.max(batch.oldest)).filter(|next| *next > from && *next < part.mark);
        self.read_shared(id);
    }

    pub(super) fn shared_fetched(&mut self, id: Id<Part>, from: Mark, batch: Option<Batch>) {
        let Some(part) = self.parts.get_mut(id) else { return };
        part.reading = false;
        match batch {
            Some(batch) if from == part.mark => {
                if batch.oldest > from {
                    self.expire_shared(id, from, batch.oldest);
                }
                let stuck = batch.next == from && batch.items.is_empty();
                self.take_shared(id, &batch.items, batch.next);
                if stuck {
                    self.timers.set(self.now + self.settings.storage_retry, Timer::Part(id));
                } else {
                    self.read_shared(id);
                }
            }
            Some(_) => self.read_shared(id),
            None => self.timers.set(self.now + self.settings.storage_retry, Timer::Part(id)),
        }
    }

    /// Hands events that follow the shared mark to everybody who is level and wants them.
    pub(super) fn take_shared(&mut self, id: Id<Part>, items: &[Arc<Item>], next: Mark) {
        let mut takers = Vec::new();
        let mut reached = next;
        for item in items {
            let Some(part) = self.parts.get_mut(id) else { return };
            if item.position.mark() < part.mark {
                continue;
            }
            let repeats = part.duplicates.see(item);
            self.index.matching(item, &mut takers);
            for sub in &takers {
                self.offer_level(*sub, id, item, repeats);
            }
            let Some(part) = self.parts.get_mut(id) else { return };
            part.mark = item.position.after();
            if part.level() == 0 {
                reached = part.mark;
                break;
            }
        }
        let Some(part) = self.parts.get_mut(id) else { return };
        part.mark = part.mark.max(reached);
        let (mark, ahead) = (part.mark, part.ahead.clone());
        self.checkpoints.part_moved(id);
        for sub in ahead {
            if self.subs.get(sub).and_then(|sub| sub.lags.get(&id)).is_some_and(|lag| lag.mark <= mark) {
                self.place(sub, id, mark);
            }
        }
    }

    /// Offers an event of the shared reader to one subscription that wants it.
    fn offer_level(&mut self, sub_id: Id<Sub>, part: Id<Part>, item: &Arc<Item>, repeats: Option<Timestamp>) {
        let Some(sub) = self.subs.get(sub_id) else { return };
        let here = item.position.mark();
        match sub.lags.get(&part) {
            Some(lag) if lag.ahead && here >= lag.mark => {
                let Some(reader) = self.parts.get(part) else { return };
                self.place(sub_id, part, reader.mark);
            }
            Some(_) => return,
            None => {}
        }
        if !self.take_or_repeat(sub_id, part, item, repeats) {
            self.fall_behind(sub_id, part, here);
        }
    }

    /// Ends what retention removed before the shared reader came to it.
    fn expire_shared(&mut self, id: Id<Part>, from: Mark, until: Mark) {
        let Some(part) = self.parts.get_mut(id) else { return };
        part.mark = part.mark.max(until);
        let place = Arc::clone(&part.place);
        let missed: Vec<(SubscriptionId, Mark)> = self
            .subs
            .iter()
            .filter(|(_, sub)| sub.spec.selection.covers(&place.kanaal))
            .filter_map(|(_, sub)| match sub.lags.get(&id) {
                None => Some((sub.spec.id, from)),
                Some(lag) => lag.ahead.then_some((sub.spec.id, lag.mark)),
            })
            .collect();
        for (subscription, from) in missed {
            self.settle_range(subscription, &place, from, until, Outcome::Expired);
        }
    }

    /// Writes down that a range ended without being looked at.
    pub(super) fn settle_range(
        &mut self,
        subscription: SubscriptionId,
        place: &Place,
        from: Mark,
        until: Mark,
        outcome: Outcome,
    ) {
        if from < until {
            if let Some(at) = Outcome::ALL.iter().position(|other| *other == outcome) {
                self.effects.counts.passed_over[at] += until.0 - from.0;
            }
            self.effects.journal.push(Entry::SettledRange {
                subscription,
                kanaal: place.kanaal.clone(),
                partition: place.partition,
                from,
                until,
                outcome,
                at: self.now,
            });
        }
    }
}
