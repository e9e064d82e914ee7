//! Subscriptions with a mark of their own: behind the shared reader they read for themselves, when their window has
//! room, until they are level again; ahead of it they wait for it.

use std::sync::Arc;

use model::{Mark, Timestamp, outcome::Outcome};

use super::{
    Machine, Part, Sub,
    effects::Batch,
    fetch::{Extent, Purpose, Waiting},
    timers::Timer,
};
use crate::{arena::Id, item::Item};

/// The own mark of a subscription in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lag {
    /// The first event not taken.
    pub mark: Mark,
    /// Whether it is beyond the shared mark.
    pub ahead: bool,
}

/// Most records read for a subscription whose sink is out and that has nothing left to probe with.
const PROBE_RECORDS: usize = 16;

impl Machine {
    /// Sets the mark of a subscription in a partition that it covers: level when it is the shared mark, else its own.
    pub(super) fn place(&mut self, sub_id: Id<Sub>, part_id: Id<Part>, mark: Mark) {
        let (Some(sub), Some(part)) = (self.subs.get_mut(sub_id), self.parts.get_mut(part_id)) else { return };
        match sub.lags.remove(&part_id) {
            Some(lag) if lag.ahead => part.ahead.retain(|other| *other != sub_id),
            Some(_) => drop(part.behind.remove(&sub_id)),
            None => {}
        }
        if mark != part.mark {
            let ahead = mark > part.mark;
            sub.lags.insert(part_id, Lag { mark, ahead });
            if ahead {
                part.ahead.push(sub_id);
            } else {
                part.behind.insert(sub_id);
            }
        }
        self.checkpoints.lag_moved(sub_id, part_id);
        self.read_shared(part_id);
    }

    /// Gives a subscription a mark of its own that counts as behind, also when the shared mark is the same now.
    pub(super) fn fall_behind(&mut self, sub_id: Id<Sub>, part_id: Id<Part>, mark: Mark) {
        let (Some(sub), Some(part)) = (self.subs.get_mut(sub_id), self.parts.get_mut(part_id)) else { return };
        if sub.lags.insert(part_id, Lag { mark, ahead: false }).is_some_and(|lag| lag.ahead) {
            part.ahead.retain(|other| *other != sub_id);
        }
        part.behind.insert(sub_id);
        self.checkpoints.lag_moved(sub_id, part_id);
    }

    /// Lets a lagging subscription read on, if it has room.
    pub(super) fn wake_lags(&mut self, id: Id<Sub>) {
        let half = self.settings.window / 2;
        let half_bytes = self.settings.window_bytes / 2;
        let Some(sub) = self.subs.get(id) else { return };
        if sub.lags.is_empty()
            || sub.catching
            || sub.unsettled.len() > half
            || sub.bytes > half_bytes
            || !self.can_take(sub)
        {
            return;
        }
        if let Some(sub) = self.subs.get_mut(id) {
            sub.catching = true;
            self.fetches.others_waiting.push_back(Waiting::CatchUp(id));
        }
    }

    pub(super) fn start_catch_up(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get_mut(id) else { return };
        sub.catching = false;
        let lags: Vec<(Id<Part>, Lag)> = sub.lags.iter().map(|(part, lag)| (*part, *lag)).collect();
        // The partitions take turns.
        let start = lags.iter().position(|(part, _)| Some(*part) > sub.caught_up_last).unwrap_or(0);
        for at in 0..lags.len() {
            let (part_id, lag) = lags[(start + at) % lags.len()];
            let Some(part) = self.parts.get(part_id) else { continue };
            if lag.ahead {
                continue;
            }
            if lag.mark >= part.mark {
                self.place(id, part_id, lag.mark);
                continue;
            }
            let Some(sub) = self.subs.get(id) else { return };
            if !self.can_take(sub) {
                return;
            }
            if self.leads(id, part_id, lag.mark) {
                self.take_reader_back(part_id, lag.mark);
                continue;
            }
            let Some(sub) = self.subs.get(id) else { return };
            let room = if self.is_out(sub.sink) { PROBE_RECORDS } else { self.settings.window - sub.unsettled.len() };
            let records = room.min(self.settings.fetch_records);
            let extent = Extent { part: part_id, from: lag.mark, records, or_dead_letter: None };
            self.read(Purpose::CatchUp(id, part_id), extent);
            if let Some(sub) = self.subs.get_mut(id) {
                sub.catching = true;
                sub.caught_up_last = Some(part_id);
            }
            return;
        }
    }

    /// Whether the shared reader, which nobody is level with, may as well read for this subscription and all others that
    /// stand where it stands: nobody who reads is further.
    fn leads(&self, id: Id<Sub>, part_id: Id<Part>, mark: Mark) -> bool {
        let Some(part) = self.parts.get(part_id) else { return false };
        let further = |other: &Id<Sub>| {
            self.subs
                .get(*other)
                .is_some_and(|other| other.may_send() && other.lags.get(&part_id).is_some_and(|lag| lag.mark > mark))
        };
        part.level() == 0
            && !part.reading
            && part.rebuild.is_none()
            && !part.behind.iter().any(|other| *other != id && further(other))
    }

    /// Sets the shared mark back, for everybody who stands there and may be sent to.
    fn take_reader_back(&mut self, part_id: Id<Part>, mark: Mark) {
        let Some(part) = self.parts.get_mut(part_id) else { return };
        part.mark = mark;
        self.checkpoints.part_moved(part_id);
        for other in part.behind.clone() {
            let here = self
                .subs
                .get(other)
                .is_some_and(|other| other.may_send() && other.lags.get(&part_id).is_some_and(|lag| lag.mark == mark));
            if here {
                self.place(other, part_id, mark);
            }
        }
    }

    pub(super) fn catch_up_fetched(&mut self, id: Id<Sub>, part_id: Id<Part>, from: Mark, batch: Option<Batch>) {
        let Some(sub) = self.subs.get_mut(id) else { return };
        sub.catching = false;
        let Some(batch) = batch else {
            self.timers.set(self.now + self.settings.storage_retry, Timer::Sub(id));
            return;
        };
        if sub.lags.get(&part_id).is_some_and(|lag| !lag.ahead && lag.mark == from) {
            self.catch_up(id, part_id, from, &batch);
        }
        self.wake_lags(id);
    }

    fn catch_up(&mut self, id: Id<Sub>, part_id: Id<Part>, from: Mark, batch: &Batch) {
        let (Some(sub), Some(part)) = (self.subs.get(id), self.parts.get(part_id)) else { return };
        let (spec, shared) = (Arc::clone(&sub.spec), part.mark);
        let needs_members = spec.selection.needs_members();
        let mut mark = from;
        if batch.oldest > from {
            let place = Arc::clone(&part.place);
            mark = batch.oldest;
            self.settle_range(spec.id, &place, from, mark, Outcome::Expired);
        }
        let first = mark;
        let mut rest = batch.items.iter().skip_while(|item| item.position.mark() < first).peekable();
        let mut full = false;
        while let Some(item) = rest.next_if(|item| item.position.mark() < shared) {
            if spec.selection.matches(&item.facts(needs_members)) {
                let repeats = self.parts.get(part_id).and_then(|part| part.duplicates.repeats(item.position));
                if !self.take_or_repeat(id, part_id, item, repeats) {
                    mark = item.position.mark();
                    full = true;
                    break;
                }
            }
            mark = item.position.after();
        }
        if !full {
            mark = mark.max(batch.next.min(shared));
        }
        if mark < shared {
            self.fall_behind(id, part_id, mark);
            return;
        }
        // Level. When the shared reader stood still because nobody was, what was read beyond it serves it.
        let carries = self
            .parts
            .get(part_id)
            .is_some_and(|part| part.mark == shared && part.level() == 0 && !part.reading && part.rebuild.is_none());
        let rest: Vec<Arc<Item>> = rest.cloned().collect();
        self.place(id, part_id, shared);
        if carries && batch.next > shared {
            self.take_shared(part_id, &rest, batch.next);
        }
        self.read_shared(part_id);
    }

    /// Gives an event to a subscription that wants it; `false` when it cannot take it now.
    pub(super) fn take_or_repeat(
        &mut self,
        id: Id<Sub>,
        part: Id<Part>,
        item: &Arc<Item>,
        repeats: Option<Timestamp>,
    ) -> bool {
        let Some(sub) = self.subs.get(id) else { return true };
        // A record from before the subscription was made or changed says nothing about what it was sent.
        if repeats.is_some_and(|original| original >= sub.spec.changed) {
            self.settle_duplicate(id, part, item);
            return true;
        }
        self.take(id, part, item, None)
    }
}
