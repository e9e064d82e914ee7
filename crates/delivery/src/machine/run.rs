//! Runs: deliveries that an owner asked for beside the live stream (replay of ranges, redrive of chosen records). They
//! share the window of their subscription, keep marks of their own, and bypass duplicates window and order.

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Mark, Position,
    outcome::Outcome,
    run::{Run, RunId, RunSelection},
};
use storage::progress::Key;

use super::{
    Delivery, Machine, Part, Sub,
    effects::{Action, Batch},
    fetch::{Extent, Purpose, Waiting},
    timers::Timer,
};
use crate::arena::Id;

/// A run.
#[derive(Debug)]
pub(super) struct RunState {
    pub spec: Arc<Run>,
    pub sub: Id<Sub>,
    parts: BTreeMap<Id<Part>, Progress>,
    pub unsettled: usize,
    reading: bool,
    over: bool,
}

/// How far a run is in one partition.
#[derive(Debug)]
struct Progress {
    mark: Mark,
    until: Mark,
    /// Only these, ascending; `None` for every event that the subscription wants.
    chosen: Option<Vec<Position>>,
}

impl Progress {
    /// Where to read next; `None` when it is done.
    fn next(&self) -> Option<Mark> {
        let next = match &self.chosen {
            Some(chosen) => chosen.iter().find(|position| position.mark() >= self.mark)?.mark(),
            None => self.mark,
        };
        (next < self.until).then_some(next)
    }
}

impl RunState {
    /// Whether it delivers chosen records.
    pub fn is_over_records(&self) -> bool {
        matches!(self.spec.what, RunSelection::Records(_))
    }

    pub fn mark_in(&self, part: Id<Part>) -> Option<Mark> {
        self.parts.get(&part).map(|progress| progress.mark)
    }
}

impl Machine {
    pub(super) fn run_started(&mut self, spec: Arc<Run>) {
        if self.run_ids.contains_key(&spec.id) {
            return;
        }
        let Some(&sub_id) = self.sub_ids.get(&spec.subscription) else {
            self.effects.actions.push(Action::EndRun(spec.id));
            return;
        };
        let parts = self.run_parts(&spec);
        let run = RunState { spec: Arc::clone(&spec), sub: sub_id, parts, unsettled: 0, reading: false, over: false };
        let id = self.runs.insert(run);
        self.run_ids.insert(spec.id, id);
        let unsettled = self.restored.take_run_unsettled(spec.id);
        if let Some(sub) = self.subs.get_mut(sub_id) {
            sub.runs.push(id);
        }
        self.restore_unsettled(sub_id, unsettled);
        if self.subs.get(sub_id).is_some_and(|sub| sub.end().is_some()) {
            self.end_runs(sub_id);
        }
        self.feed_run(id);
    }

    /// Ends all runs of a subscription.
    pub(super) fn end_runs(&mut self, id: Id<Sub>) {
        let Some(sub) = self.subs.get(id) else { return };
        for run in &sub.runs {
            if let Some(run) = self.runs.get_mut(*run)
                && !run.over
            {
                run.over = true;
                self.effects.actions.push(Action::EndRun(run.spec.id));
            }
        }
    }

    fn run_parts(&mut self, spec: &Run) -> BTreeMap<Id<Part>, Progress> {
        let mut parts: BTreeMap<Id<Part>, Progress> = BTreeMap::new();
        match &spec.what {
            RunSelection::Replay(ranges) => {
                for range in ranges {
                    if let Some(&id) = self.part_ids.get(&(range.kanaal.clone(), range.partition)) {
                        parts.insert(id, Progress { mark: range.from, until: range.until, chosen: None });
                    }
                }
            }
            RunSelection::Records(records) => {
                for (kanaal, partition, position) in records {
                    if let Some(&id) = self.part_ids.get(&(kanaal.clone(), *partition)) {
                        let none = Progress { mark: Mark::BEGINNING, until: Mark::BEGINNING, chosen: Some(Vec::new()) };
                        let progress = parts.entry(id).or_insert(none);
                        progress.until = progress.until.max(position.after());
                        progress.chosen.get_or_insert_default().push(*position);
                    }
                }
            }
        }
        for (id, progress) in &mut parts {
            if let Some(chosen) = &mut progress.chosen {
                chosen.sort_unstable();
                chosen.dedup();
            }
            if let Some(place) = self.parts.get(*id).map(|part| Arc::clone(&part.place))
                && let Some(mark) = self.restored.take_run_mark(spec.id, &place.kanaal, place.partition)
            {
                progress.mark = progress.mark.max(mark);
            }
        }
        parts
    }

    pub(super) fn run_ended(&mut self, id: RunId) {
        if let Some(run_id) = self.run_ids.get(&id) {
            self.drop_run(*run_id);
        }
    }

    /// Forgets a run; what it has not delivered ends.
    pub(super) fn drop_run(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.remove(id) else { return };
        self.run_ids.remove(&run.spec.id);
        for part in run.parts.keys() {
            if let Some(part) = self.parts.get(*part) {
                self.checkpoints.forget(Key::Run(run.spec.id, part.place.kanaal.clone(), part.place.partition));
            }
        }
        let Some(sub) = self.subs.get_mut(run.sub) else { return };
        sub.runs.retain(|other| *other != id);
        let left: Vec<Id<Delivery>> = sub.unsettled.values().copied().collect();
        for delivery_id in left {
            let ends = self.deliveries.get(delivery_id).is_some_and(|delivery| {
                delivery.run.is_some_and(|(run, _)| run == id) && delivery.burial.is_none() && !delivery.flies()
            });
            if ends {
                self.settle(delivery_id, Outcome::Ended, None);
            }
        }
    }

    /// Lets the runs of a subscription go on, if there is room.
    pub(super) fn feed_runs(&mut self, sub: Id<Sub>) {
        let Some(sub) = self.subs.get(sub).filter(|sub| !sub.runs.is_empty()) else { return };
        for run in sub.runs.clone() {
            self.feed_run(run);
        }
    }

    pub(super) fn feed_run(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.get(id) else { return };
        if run.reading || run.over {
            return;
        }
        if run.parts.values().all(|progress| progress.next().is_none()) {
            if run.unsettled == 0 {
                let run_id = run.spec.id;
                if let Some(run) = self.runs.get_mut(id) {
                    run.over = true;
                }
                self.effects.actions.push(Action::EndRun(run_id));
            }
            return;
        }
        let half = self.settings.window / 2;
        let room = self.subs.get(run.sub).is_some_and(|sub| sub.unsettled.len() <= half && self.can_take(sub));
        if room && let Some(run) = self.runs.get_mut(id) {
            run.reading = true;
            self.fetches.others_waiting.push_back(Waiting::Run(id));
        }
    }

    pub(super) fn start_run_read(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.reading = false;
        let next = run.parts.iter().find_map(|(part, progress)| Some((*part, progress.next()?, progress)));
        let Some((part, from, progress)) = next else { return };
        let (records, or_dead_letter) = match progress.chosen {
            Some(_) => (1, Some(Arc::clone(&run.spec))),
            None => (self.settings.fetch_records.min(self.settings.window / 2), None),
        };
        if self.parts.get(part).is_none() {
            run.parts.remove(&part);
            self.feed_run(id);
            return;
        }
        run.reading = true;
        self.read(Purpose::Run(id, part), Extent { part, from, records, or_dead_letter });
    }

    pub(super) fn run_fetched(&mut self, id: Id<RunState>, part_id: Id<Part>, from: Mark, batch: Option<Batch>) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.reading = false;
        let Some(batch) = batch else {
            self.timers.set(self.now + self.settings.storage_retry, Timer::Run(id));
            return;
        };
        let (spec, sub_id) = (Arc::clone(&run.spec), run.sub);
        let Some(Progress { until, chosen, .. }) = run.parts.get(&part_id) else { return };
        let (until, over_records) = (*until, chosen.is_some());
        let Some(sub) = self.subs.get(sub_id) else { return };
        let subscription = Arc::clone(&sub.spec);
        let needs_members = subscription.selection.needs_members();
        // A chosen record that is nowhere any more is passed over.
        let mut mark = if over_records { Mark(from.0 + 1) } else { batch.next.max(batch.oldest).min(until) };
        for item in batch.items.iter().filter(|item| item.position.mark() >= from && item.position.mark() < until) {
            let wanted = if over_records {
                item.position.mark() == from
            } else {
                subscription.selection.matches(&item.facts(needs_members))
            };
            if !wanted {
                continue;
            }
            if !self.take(sub_id, part_id, item, Some((id, spec.id))) {
                mark = item.position.mark();
                break;
            }
        }
        if let Some(progress) = self.runs.get_mut(id).and_then(|run| run.parts.get_mut(&part_id)) {
            progress.mark = progress.mark.max(mark);
            // Nothing was there although the range goes on: retention or a log that was purged.
            if !over_records && batch.items.is_empty() && batch.next == from {
                progress.mark = until;
            }
        }
        if !over_records
            && batch.oldest > from
            && let Some(place) = self.parts.get(part_id).map(|part| Arc::clone(&part.place))
        {
            self.settle_range(subscription.id, &place, from, batch.oldest.min(until), Outcome::Expired);
        }
        self.checkpoints.run_moved(id, part_id);
        self.feed_run(id);
    }

    pub(super) fn run_settled(&mut self, id: Id<RunState>) {
        if let Some(run) = self.runs.get_mut(id) {
            run.unsettled = run.unsettled.saturating_sub(1);
        }
    }
}
