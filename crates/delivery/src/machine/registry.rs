//! Changes of the registry: kanalen and subscriptions that come, change and go.

use std::sync::Arc;

use model::{KanaalName, Mark, Partition, Subscription, SubscriptionId, outcome::Outcome, subscription::Status};
use storage::progress::Key;

use super::{
    Machine, Part, Sub,
    partition::{Part as Reader, Place},
    restore::StoredMark,
    window::Stage,
};
use crate::{arena::Id, duplicates::Duplicates};

impl Machine {
    pub(super) fn kanaal_exists(&mut self, naam: &KanaalName, tails: &[Mark]) {
        for (number, tail) in tails.iter().enumerate() {
            let partition = Partition(number as u32);
            if self.part_ids.contains_key(&(naam.clone(), partition)) {
                self.tail_moved(naam.clone(), partition, *tail);
                continue;
            }
            let stored = self.restored.take_reader(naam, partition);
            let mark = stored.unwrap_or(Mark::BEGINNING);
            let span = self.settings.duplicates;
            let back = Mark(mark.0.saturating_sub(span as u64));
            let id = self.parts.insert(Reader {
                place: Arc::new(Place { kanaal: naam.clone(), partition }),
                mark,
                tail: *tail,
                covering: 0,
                behind: std::collections::BTreeSet::new(),
                ahead: Vec::new(),
                reading: false,
                duplicates: Duplicates::new(span),
                rebuild: Some(back).filter(|back| *back < mark),
                restored: stored.is_some(),
            });
            self.part_ids.insert((naam.clone(), partition), id);
            let covering: Vec<Id<Sub>> =
                self.subs.iter().filter(|(_, sub)| sub.spec.selection.covers(naam)).map(|(id, _)| id).collect();
            for sub in covering {
                self.attach(sub, id, None);
            }
        }
    }

    pub(super) fn kanaal_deleted(&mut self, naam: &KanaalName) {
        let gone: Vec<_> = self.part_ids.iter().filter(|((own, _), _)| own == naam).map(|(_, id)| *id).collect();
        for id in gone {
            let subs: Vec<Id<Sub>> =
                self.subs.iter().filter(|(_, sub)| sub.spec.selection.covers(naam)).map(|(id, _)| id).collect();
            for sub in subs {
                self.detach(sub, id);
                self.end_unsettled_in(sub, id);
            }
            if let Some(part) = self.parts.remove(id) {
                self.part_ids.remove(&(naam.clone(), part.place.partition));
                self.checkpoints.forget(Key::Reader(naam.clone(), part.place.partition));
            }
        }
    }

    fn end_unsettled_in(&mut self, sub: Id<Sub>, part: Id<Part>) {
        let Some(sub) = self.subs.get(sub) else { return };
        let all: Vec<_> = sub.unsettled.values().copied().collect();
        for id in all {
            let ends = self.deliveries.get(id).is_some_and(|delivery| {
                delivery.part == part && !matches!(delivery.stage, Stage::InFlight | Stage::Burying)
            });
            if ends {
                self.settle(id, Outcome::Ended, None);
            }
        }
    }

    pub(super) fn registry_loaded(&mut self) {
        self.loaded = true;
        for url in self.restored.sinks_left() {
            let sink = self.sink_of(&url);
            self.forget_idle_sink(sink);
        }
        for key in self.restored.drain() {
            self.checkpoints.forget(key);
        }
    }

    pub(super) fn subscription_set(&mut self, spec: Arc<Subscription>) {
        match self.sub_ids.get(&spec.id) {
            Some(id) => self.subscription_changed(*id, spec),
            None => self.subscription_made(spec),
        }
    }

    fn subscription_made(&mut self, spec: Arc<Subscription>) {
        let sink = self.sink_of(&spec.sink);
        let id = self.subs.insert(Sub::new(Arc::clone(&spec), sink));
        self.sub_ids.insert(spec.id, id);
        self.join_sink(sink, id);
        self.set_rate(sink);
        self.index.insert(id, &spec.selection);
        for part in self.parts_covered(&spec) {
            self.attach(id, part, None);
        }
        let unsettled = self.restored.take_unsettled(spec.id);
        self.restore_unsettled(id, unsettled);
        self.end_what_is_not_admitted(id);
        if let Some(outcome) = spec.status.end() {
            self.stand_still(id);
            self.end_unsettled(id, outcome);
        }
        self.wake_lags(id);
        self.queue_sub(id);
    }

    fn subscription_changed(&mut self, id: Id<Sub>, spec: Arc<Subscription>) {
        let Some(sub) = self.subs.get_mut(id) else { return };
        let old = std::mem::replace(&mut sub.spec, Arc::clone(&spec));
        if sub.halted.is_some_and(|halt| spec.generation != halt.generation || spec.status != Status::Active) {
            sub.halted = None;
        }
        let (old_sink, drops_order) = (sub.sink, old.order != spec.order);
        if old.sink != spec.sink {
            let sink = self.sink_of(&spec.sink);
            if let Some(sub) = self.subs.get_mut(id) {
                sub.sink = sink;
                sub.queued = false;
            }
            self.leave_sink(old_sink, id);
            self.join_sink(sink, id);
            self.set_rate(old_sink);
        }
        if drops_order {
            self.drop_order(id);
        }
        if old.selection != spec.selection {
            self.index.remove(id, &old.selection);
            self.index.insert(id, &spec.selection);
            let (before, after) = (self.parts_covered(&old), self.parts_covered(&spec));
            for part in before.iter().filter(|part| !after.contains(part)) {
                self.detach(id, *part);
            }
            for part in after.iter().filter(|part| !before.contains(part)) {
                self.attach(id, *part, Some(&old));
            }
        }
        match (old.status.end(), spec.status.end()) {
            (Some(outcome), None) => self.start_over(id, outcome),
            (None, Some(outcome)) => self.end_subscription(id, outcome),
            _ => {}
        }
        if old.approvals != spec.approvals {
            self.end_what_is_not_admitted(id);
        }
        let Some(sub) = self.subs.get(id) else { return };
        let sink = sub.sink;
        if !sub.may_send() {
            self.shed(id);
        }
        self.set_rate(sink);
        self.wake_lags(id);
        self.feed_runs(id);
        self.queue_sub(id);
    }

    pub(super) fn subscription_deleted(&mut self, id: SubscriptionId) {
        let Some(sub_id) = self.sub_ids.remove(&id) else { return };
        let Some(spec) = self.subs.get(sub_id).map(|sub| Arc::clone(&sub.spec)) else { return };
        let outcome = spec.status.end().unwrap_or(Outcome::Ended);
        self.stand_still(sub_id);
        for part_id in self.parts_covered(&spec) {
            self.end_range(sub_id, part_id, outcome);
            self.detach(sub_id, part_id);
        }
        self.end_unsettled(sub_id, outcome);
        self.index.remove(sub_id, &spec.selection);
        let Some(sub) = self.subs.remove(sub_id) else { return };
        for run in sub.runs {
            self.drop_run(run);
        }
        self.leave_sink(sub.sink, sub_id);
        self.set_rate(sub.sink);
    }

    /// The partitions that the selection of a subscription covers.
    fn parts_covered(&self, spec: &Subscription) -> Vec<Id<Part>> {
        let covered = self.part_ids.iter().filter(|((kanaal, _), _)| spec.selection.covers(kanaal));
        covered.map(|(_, id)| *id).collect()
    }

    /// A subscription covers a partition from now on. Where it starts: at its stored mark; else where its `start` says,
    /// or at the beginning; one that only now came to cover an older kanaal starts with what comes next, unless its
    /// `start` was set for it.
    fn attach(&mut self, sub_id: Id<Sub>, part_id: Id<Part>, before: Option<&Subscription>) {
        let (Some(sub), Some(part)) = (self.subs.get(sub_id), self.parts.get_mut(part_id)) else { return };
        let spec = Arc::clone(&sub.spec);
        let place = Arc::clone(&part.place);
        part.covering += 1;
        if let Some(stored) = self.restored.take_mark(spec.id, &place.kanaal, place.partition) {
            if let StoredMark::At(mark) = stored
                && mark != part.mark
            {
                self.place(sub_id, part_id, mark);
            }
            self.read_shared(part_id);
            return;
        }
        let listed = start_in(&spec, &place);
        let start = match before {
            Some(before) if listed == start_in(before, &place) => part.tail,
            _ => listed.unwrap_or(Mark::BEGINNING),
        };
        // Nobody relies on the shared mark: it need not be read up to where this one starts.
        if part.level() == 1 && start > part.mark && !part.reading && (self.loaded || !part.restored) {
            part.mark = start;
            part.duplicates = Duplicates::new(self.settings.duplicates);
            part.rebuild = None;
            self.checkpoints.part_moved(part_id);
        }
        self.place(sub_id, part_id, start);
    }

    /// A subscription does not cover a partition any more.
    fn detach(&mut self, sub_id: Id<Sub>, part_id: Id<Part>) {
        let (Some(sub), Some(part)) = (self.subs.get_mut(sub_id), self.parts.get_mut(part_id)) else { return };
        match sub.lags.remove(&part_id) {
            Some(lag) if lag.ahead => part.ahead.retain(|other| *other != sub_id),
            Some(_) => drop(part.behind.remove(&sub_id)),
            None => {}
        }
        part.covering -= 1;
        let key = Key::Subscription(sub.spec.id, part.place.kanaal.clone(), part.place.partition);
        self.checkpoints.forget(key);
    }

    /// It takes nothing any more: marks stand still, and what was read but not sent has ended. When its time is over, so
    /// has what was not read.
    pub(super) fn end_subscription(&mut self, id: Id<Sub>, outcome: Outcome) {
        self.stand_still(id);
        self.end_unsettled(id, outcome);
        self.end_runs(id);
        if outcome == Outcome::Expired {
            self.pass_over(id, outcome);
        }
    }

    /// What an owner of a kanaal does not let it have any more and no request is under way for has ended.
    fn end_what_is_not_admitted(&mut self, id: Id<Sub>) {
        let Some(spec) = self.subs.get(id).map(|sub| Arc::clone(&sub.spec)) else { return };
        // What it names holds all of it, and is kept until then.
        let excluded = |naam: &KanaalName| !spec.is_admitted(naam) && !spec.selection.names(naam);
        let parts: Vec<Id<Part>> =
            self.part_ids.iter().filter(|((naam, _), _)| excluded(naam)).map(|(_, part)| *part).collect();
        for part in parts {
            self.end_unsettled_in(id, part);
        }
    }

    /// The marks of a subscription stay where they are, whatever others read.
    fn stand_still(&mut self, sub_id: Id<Sub>) {
        let Some(spec) = self.subs.get(sub_id).map(|sub| Arc::clone(&sub.spec)) else { return };
        for part_id in self.parts_covered(&spec) {
            if let Some(mark) = self.mark_of(sub_id, part_id) {
                self.fall_behind(sub_id, part_id, mark);
            }
        }
    }

    /// A subscription that had ended starts anew with what comes next; what came meanwhile has ended.
    fn start_over(&mut self, sub_id: Id<Sub>, outcome: Outcome) {
        let Some(spec) = self.subs.get(sub_id).map(|sub| Arc::clone(&sub.spec)) else { return };
        for part_id in self.parts_covered(&spec) {
            self.end_range(sub_id, part_id, outcome);
            if let Some(tail) = self.parts.get(part_id).map(|part| part.tail) {
                self.place(sub_id, part_id, tail);
            }
        }
    }

    /// Its marks stand still behind everything there is now; what lay between has ended.
    fn pass_over(&mut self, sub_id: Id<Sub>, outcome: Outcome) {
        let Some(spec) = self.subs.get(sub_id).map(|sub| Arc::clone(&sub.spec)) else { return };
        for part_id in self.parts_covered(&spec) {
            self.end_range(sub_id, part_id, outcome);
            if let Some(tail) = self.parts.get(part_id).map(|part| part.tail) {
                self.place(sub_id, part_id, tail);
                self.fall_behind(sub_id, part_id, tail);
            }
        }
    }

    /// Writes down that what lies beyond the mark of a subscription has ended.
    fn end_range(&mut self, sub_id: Id<Sub>, part_id: Id<Part>, outcome: Outcome) {
        let (Some(mark), Some(part)) = (self.mark_of(sub_id, part_id), self.parts.get(part_id)) else { return };
        let Some(id) = self.subs.get(sub_id).map(|sub| sub.spec.id) else { return };
        let (place, tail) = (Arc::clone(&part.place), part.tail);
        self.settle_range(id, &place, mark, tail, outcome);
    }

    /// The mark of a subscription in a partition.
    pub(super) fn mark_of(&self, sub_id: Id<Sub>, part_id: Id<Part>) -> Option<Mark> {
        let (sub, part) = (self.subs.get(sub_id)?, self.parts.get(part_id)?);
        Some(sub.lags.get(&part_id).map_or(part.mark, |lag| lag.mark))
    }
}

fn start_in(spec: &Subscription, place: &Place) -> Option<Mark> {
    let here = |entry: &&(KanaalName, Partition, Mark)| entry.0 == place.kanaal && entry.1 == place.partition;
    spec.start.iter().find(here).map(|(_, _, mark)| *mark)
}
