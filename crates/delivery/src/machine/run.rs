//! Runs: deliveries that an owner asked for beside the live stream (replay of ranges, redrive of chosen records). They
//! share the window of their subscription, keep marks of their own, and bypass the duplicates window and the order.

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Mark, Position,
    outcome::{DeliveryKey, Outcome},
    run::{Run, RunId, RunSelection},
};
use storage::progress::Key;

use super::{
    Delivery, Machine, PartitionReader, SubscriptionState,
    effects::{Action, FetchedEvents},
    fetch::{Extent, Purpose, Waiting},
    run_progress::Recorded,
};
use crate::{arena::Id, decoded_event::DecodedEvent, planted::planted};

/// A run, with its position in each partition.
#[derive(Debug)]
pub(super) struct RunState {
    pub spec: Arc<Run>,
    subscription: Id<SubscriptionState>,
    partitions: BTreeMap<Id<PartitionReader>, Progress>,
    /// The number of its deliveries that are not settled.
    pub unsettled: usize,
    /// The number of its settled deliveries that no checkpoint has stored yet.
    unstored: usize,
    /// Whether a read is queued or under way.
    pub reading: bool,
    /// Whether the registry was asked to end it.
    over: bool,
    /// When its progress was recorded last, and whether a timer is set to record it again.
    pub recorded: Recorded,
}

/// The position of a run in one partition.
#[derive(Debug)]
struct Progress {
    /// The position of the next record to read.
    mark: Mark,
    /// The first record that is not part of the run.
    until: Mark,
    /// The positions to deliver, ascending; `None` for every event that the subscription wants.
    chosen: Option<Vec<Position>>,
}

impl Progress {
    /// The mark to read next; `None` when everything was read.
    fn next(&self) -> Option<Mark> {
        let next = match &self.chosen {
            Some(chosen) => chosen.get(chosen.partition_point(|position| position.mark() < self.mark))?.mark(),
            None => self.mark,
        };
        (next < self.until).then_some(next)
    }

    /// How many records are to be looked at.
    fn left(&self) -> u64 {
        match &self.chosen {
            Some(chosen) => (chosen.len() - chosen.partition_point(|position| position.mark() < self.mark)) as u64,
            None => self.until.0.saturating_sub(self.mark.0),
        }
    }
}

impl RunState {
    /// Whether it delivers chosen records, from the log or from their dead letters.
    pub fn is_over_records(&self) -> bool {
        matches!(self.spec.what, RunSelection::Records(_))
    }

    /// How many records need nothing more: they are not wanted, or settled.
    pub fn done(&self) -> u64 {
        let left = self.partitions.values().map(Progress::left).fold(self.unsettled as u64, u64::saturating_add);
        self.spec.what.records().saturating_sub(left)
    }

    pub fn mark_in(&self, reader: Id<PartitionReader>) -> Option<Mark> {
        self.partitions.get(&reader).map(|progress| progress.mark)
    }
}

impl Machine {
    pub(super) fn run_started(&mut self, spec: Arc<Run>) {
        if self.run_ids.contains_key(&spec.id) {
            return;
        }
        let Some(&subscription_id) = self.subscription_ids.get(&spec.subscription) else {
            self.effects.actions.push(Action::EndRun(spec.id));
            return;
        };
        let partitions = self.run_partitions(&spec);
        let id = self.runs.insert(RunState {
            spec: Arc::clone(&spec),
            subscription: subscription_id,
            partitions,
            unsettled: 0,
            unstored: 0,
            reading: false,
            over: false,
            recorded: Recorded::default(),
        });
        self.run_ids.insert(spec.id, id);
        let unsettled = self.restored.take_run_unsettled(spec.id);
        if let Some(subscription) = self.subscriptions.get_mut(subscription_id) {
            subscription.runs.push(id);
        }
        self.restore_unsettled(subscription_id, unsettled);
        self.end_withheld(subscription_id);
        if self.subscriptions.get(subscription_id).is_some_and(|one| one.end_outcome().is_some()) {
            self.end_runs(subscription_id);
        }
        self.record_run(id, None);
        self.queue_run_read(id);
    }

    /// Asks the registry to end all runs of a subscription.
    pub(super) fn end_runs(&mut self, id: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get(id) else { return };
        for run in &subscription.runs {
            if let Some(run) = self.runs.get_mut(*run)
                && !run.over
            {
                run.over = true;
                self.effects.actions.push(Action::EndRun(run.spec.id));
            }
        }
    }

    /// The partitions of a run, each with the range or the records to deliver, from the stored mark on if there is one.
    fn run_partitions(&mut self, spec: &Run) -> BTreeMap<Id<PartitionReader>, Progress> {
        let mut partitions: BTreeMap<Id<PartitionReader>, Progress> = BTreeMap::new();
        match &spec.what {
            RunSelection::Replay(ranges) => {
                for range in ranges {
                    if let Some(&id) = self.reader_ids.get(&(range.kanaal.clone(), range.partition)) {
                        partitions.insert(id, Progress { mark: range.from, until: range.until, chosen: None });
                    }
                }
            }
            RunSelection::Records(records) => {
                for (kanaal, partition, position) in records {
                    if let Some(&id) = self.reader_ids.get(&(kanaal.clone(), *partition)) {
                        let none = Progress { mark: Mark::BEGINNING, until: Mark::BEGINNING, chosen: Some(Vec::new()) };
                        let progress = partitions.entry(id).or_insert(none);
                        progress.until = progress.until.max(position.after());
                        progress.chosen.get_or_insert_default().push(*position);
                    }
                }
            }
        }
        for (id, progress) in &mut partitions {
            if let Some(chosen) = &mut progress.chosen {
                chosen.sort_unstable();
                chosen.dedup();
            }
            if let Some(name) = self.readers.get(*id).map(|reader| Arc::clone(&reader.name))
                && let Some(mark) = self.restored.take_run_mark(spec.id, &name.kanaal, name.number)
                && !planted!(RunStartsAgain)
            {
                progress.mark = progress.mark.max(mark);
            }
        }
        partitions
    }

    pub(super) fn run_ended(&mut self, id: RunId) {
        if let Some(&run_id) = self.run_ids.get(&id) {
            self.record_run(run_id, Some(self.wall));
            self.remove_run(run_id);
        }
    }

    /// Removes a run and ends its deliveries that can be ended now.
    pub(super) fn remove_run(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.remove(id) else { return };
        self.run_ids.remove(&run.spec.id);
        for reader in run.partitions.keys() {
            if let Some(reader) = self.readers.get(*reader) {
                self.checkpoints.forget(Key::Run(run.spec.id, reader.name.kanaal.clone(), reader.name.number));
            }
        }
        let Some(subscription) = self.subscriptions.get_mut(run.subscription) else { return };
        subscription.runs.retain(|other| *other != id);
        let is_of_run = |one: &Delivery| one.run.is_some_and(|(run, _)| run == id);
        let unsettled = subscription.window.unsettled.values().copied();
        let of_run = unsettled.filter(|one| self.deliveries.get(*one).is_some_and(is_of_run)).collect();
        self.end_deliveries(of_run, Outcome::Ended);
    }

    /// Queues reads for the runs of a subscription, if at least half of its window is free, or it may send a probe.
    pub(super) fn queue_run_reads(&mut self, subscription: Id<SubscriptionState>) {
        let Some(subscription) = self.subscriptions.get(subscription).filter(|one| !one.runs.is_empty()) else {
            return;
        };
        for run in subscription.runs.clone() {
            self.queue_run_read(run);
        }
    }

    /// Queues the next read of a run, or ends the run when everything was read and settled and that is stored.
    pub(super) fn queue_run_read(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.get(id) else { return };
        if run.reading || run.over {
            return;
        }
        if run.partitions.values().all(|progress| progress.next().is_none()) {
            self.end_finished_run(id);
            return;
        }
        let half = self.settings.window / 2;
        let subscription = self.subscriptions.get(run.subscription);
        let is_free = |one: &SubscriptionState| self.room(one) >= half || self.is_held_up(one);
        let has_room = subscription.is_some_and(|one| is_free(one) && self.can_accept(one));
        if has_room && let Some(run) = self.runs.get_mut(id) {
            run.reading = true;
            self.fetches.others_waiting.push_back(Waiting::Run(id));
        }
    }

    fn end_finished_run(&mut self, id: Id<RunState>) {
        if let Some(run) = self.runs.get_mut(id).filter(|run| {
            let is_settled = run.unsettled == 0 || planted!(RunEndsBeforeItsLast);
            let is_stored = run.unstored == 0 || planted!(RunEndsBeforeCheckpoint);
            is_settled && is_stored
        }) {
            run.over = true;
            self.effects.actions.push(Action::EndRun(run.spec.id));
        }
    }

    pub(super) fn start_run_read(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.reading = false;
        let next = run.partitions.iter().find_map(|(reader, progress)| Some((*reader, progress.next()?, progress)));
        let Some((reader, from, progress)) = next else { return };
        let (records, or_dead_letter) = match progress.chosen {
            Some(_) => (1, Some(Arc::clone(&run.spec))),
            None => (self.settings.fetch_records.min(self.settings.window / 2), None),
        };
        if self.readers.get(reader).is_none() {
            run.partitions.remove(&reader);
            self.queue_run_read(id);
            return;
        }
        run.reading = true;
        self.read(Purpose::Run(id, reader), Extent { reader, from, records, or_dead_letter });
    }

    pub(super) fn run_fetched(
        &mut self,
        id: Id<RunState>,
        reader_id: Id<PartitionReader>,
        from: Mark,
        fetched: &FetchedEvents,
    ) {
        let Some(run) = self.runs.get(id) else { return };
        let Some(Progress { until, chosen, .. }) = run.partitions.get(&reader_id) else { return };
        let (until, over_records) = (*until, chosen.is_some());
        let Some(subscription) = self.subscriptions.get(run.subscription) else { return };
        let subscription_id = subscription.spec.id;
        let mark = self.accept_for_run(id, reader_id, (from, until), over_records, fetched);
        if let Some(progress) = self.runs.get_mut(id).and_then(|run| run.partitions.get_mut(&reader_id)) {
            progress.mark = progress.mark.max(mark);
            // The range goes on but nothing was there: retention, or a log that was purged.
            if !over_records && fetched.items.is_empty() && fetched.next == from {
                progress.mark = until;
            }
        }
        if !over_records
            && fetched.oldest > from
            && let Some(name) = self.readers.get(reader_id).map(|reader| Arc::clone(&reader.name))
        {
            self.settle_range(subscription_id, &name, from, fetched.oldest.min(until), Outcome::Expired);
        }
        self.checkpoints.run_moved(id, reader_id);
        self.run_progressed(id);
        self.queue_run_read(id);
    }

    /// Accepts the events of a run that were read, as far as the window has room; returns the mark that the run
    /// reached. A chosen record that no longer exists is skipped.
    fn accept_for_run(
        &mut self,
        id: Id<RunState>,
        reader_id: Id<PartitionReader>,
        (from, until): (Mark, Mark),
        over_records: bool,
        fetched: &FetchedEvents,
    ) -> Mark {
        let Some(run) = self.runs.get(id) else { return from };
        let Some(subscription) = self.subscriptions.get(run.subscription) else { return from };
        let (run_id, subscription_id, spec) = (run.spec.id, run.subscription, Arc::clone(&subscription.spec));
        let needs_members = spec.selection.needs_members();
        let wants = |item: &DecodedEvent| {
            if over_records { item.position.mark() == from } else { spec.selection.matches(&item.facts(needs_members)) }
        };
        for item in fetched.items.iter().filter(|item| item.position.mark() >= from && item.position.mark() < until) {
            if planted!(RunStopsOneShort) && !over_records && item.position.after() == until {
                continue;
            }
            if wants(item) && !self.accept(subscription_id, reader_id, item, Some((id, run_id))) {
                return item.position.mark();
            }
        }
        if over_records { Mark(from.0 + 1) } else { fetched.next.max(fetched.oldest).min(until) }
    }

    /// A delivery of a run was settled. The run ends only when that is stored, with the removal of the dead letters that
    /// it redrove: when a run is gone, so is its progress, and a restart has nothing to continue from.
    pub(super) fn run_settled(&mut self, id: Id<RunState>, delivery: DeliveryKey, outcome: Outcome) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.unsettled = run.unsettled.saturating_sub(1);
        run.unstored += 1;
        let redrove = run.is_over_records()
            && !planted!(RedrivenIsNotRemoved)
            && (outcome == Outcome::Delivered || outcome.is_dead_letter());
        self.checkpoints.run_settled(id, redrove.then_some(delivery));
        self.run_progressed(id);
    }

    /// The outcome of one delivery of a run is stored.
    pub(super) fn run_outcome_stored(&mut self, id: Id<RunState>) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.unstored = run.unstored.saturating_sub(1);
        if run.unstored == 0 {
            self.queue_run_read(id);
        }
    }
}
