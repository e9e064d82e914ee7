//! Checkpoints: what is stored of progress, and when. They are incremental and atomic, one at a time, and at most one
//! per `checkpoint_interval`.
//!
//! A checkpoint is never ahead of the journal: the outcomes of everything that it leaves out are durable before it is, and
//! so is the removal of dead letters that a run redrove. The pace of sinks depends on neither, and is stored apart and
//! immediately.
//!
//! A checkpoint writes marks that are one interval old: those *noted* when the checkpoint before it was collected. With
//! them it lists every delivery that was accepted until then and is still unsettled. So a stored mark is never ahead of
//! a delivery that is neither settled nor listed (I2), and what is settled within an interval is never listed at all.
//! The time between two notings is an *epoch*; each accepted delivery is kept with its epoch, so that a checkpoint
//! knows which ones lie before the marks it writes.
//!
//! # Example
//!
//! One partition, one level subscription that wants everything, mark 10 in the store, `checkpoint_interval` 100 ms:
//!
//! - **0-100 ms, epoch 1.** 10 to 14 are accepted, so the mark of the reader is 15. 10, 11 and 12 are delivered.
//! - **100 ms, checkpoint A.** No marks are noted yet, so nothing is written. It notes 15. Store: mark 10.
//! - **100-200 ms, epoch 2.** 15 to 19 are accepted, so the mark is 20. 13, 15 and 16 are delivered. 14 and 18 fail and
//!   are parked for a retry.
//! - **200 ms, checkpoint B.** It writes mark 15. It lists 14, which was accepted in epoch 1 and is unsettled, and 18,
//!   which consumed a retry. It notes 20. Store: mark 15, list 14 and 18.
//! - **250 ms.** The node crashes.
//!
//! After the restart 14 and 18 come back with the retries they consumed, and wait until their next attempt is due. The
//! reader continues at 15: 15 and 16 are delivered again (the price of at-least-once), 17 and 19 for the first time. 18
//! is read again as well, but is in the window already (`SubscriptionState::rereads`), so it is not accepted twice. 10
//! to 13 are neither stored nor repeated.
//!
//! Without the crash, checkpoint C at 300 ms writes mark 20, lists 17 and 19 if they are unsettled, and deletes the
//! entries of 14 and 18 if they were settled. So a crash repeats at most what was settled in the last two intervals.
//! Had the marks of B been written as they were at 200 ms (20), B would have had to list 17 and 19 too, and in general
//! everything that is under way at that moment: most of it would be deleted again one interval later.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use model::{Timestamp, clock::Instant, outcome::DeliveryKey};
use storage::progress::{Entry, Key, Value};

use super::{
    Delivery, Machine, PartitionReader, RunState, SinkState, SubscriptionState,
    effects::{Action, Checkpoint},
};
use crate::{arena::Id, planted::planted};

/// While a checkpoint is being stored for longer than this, no request starts. So a crash repeats at most what was delivered
/// in this time and in two intervals, and what was under way.
const LONGEST_UNSTORED: Duration = Duration::from_secs(5);

/// Progress that changed since it was last stored.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// When the checkpoint that is being stored was collected; `None` when none is being stored.
    under_way: Option<Instant>,
    /// When the last checkpoint that is durable was collected.
    stored_at: Instant,
    /// Whether the next checkpoint does not wait for the interval.
    urgent: bool,
    /// Whether the pace of sinks is being stored.
    pace_under_way: bool,
    /// When the next checkpoint is due; `None` when nothing changed.
    due: Option<Instant>,
    /// The number of the current epoch.
    epoch: u64,
    /// Marks as they were at the end of the last epoch, for the next checkpoint.
    noted: Vec<Entry>,
    /// Deliveries with the epoch in which they were accepted, in that order.
    accepted: VecDeque<(u64, Id<Delivery>)>,
    /// Deliveries that consumed a retry: listed (again) by the next checkpoint, whatever their epoch.
    retried: Vec<Id<Delivery>>,
    /// Stored entries that the next checkpoint deletes.
    forgotten: Vec<Key>,
    /// Marks of shared readers, own cursors and marks of runs that moved in the current epoch.
    readers: BTreeSet<Id<PartitionReader>>,
    cursors: BTreeSet<(Id<SubscriptionState>, Id<PartitionReader>)>,
    runs: BTreeSet<(Id<RunState>, Id<PartitionReader>)>,
    /// Sinks whose pace or outage changed.
    sinks: BTreeSet<Id<SinkState>>,
    /// URLs of sinks that were removed.
    sinks_forgotten: Vec<String>,
    run_outcomes: RunOutcomes,
}

/// Deliveries of runs that were settled and are not stored yet.
#[derive(Debug, Default)]
struct RunOutcomes {
    /// Per delivery that was settled since the last checkpoint was collected: its run.
    settled: Vec<Id<RunState>>,
    /// The settled deliveries that redrove dead letters; the next checkpoint removes these.
    redriven: Vec<DeliveryKey>,
    /// Per settled delivery in the checkpoint that is being stored: its run.
    storing: Vec<Id<RunState>>,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self {
            under_way: None,
            stored_at: Instant::default(),
            urgent: false,
            pace_under_way: false,
            due: None,
            epoch: 1,
            noted: Vec::new(),
            accepted: VecDeque::new(),
            retried: Vec::new(),
            forgotten: Vec::new(),
            readers: BTreeSet::new(),
            cursors: BTreeSet::new(),
            runs: BTreeSet::new(),
            sinks: BTreeSet::new(),
            sinks_forgotten: Vec::new(),
            run_outcomes: RunOutcomes::default(),
        }
    }
}

impl Checkpoints {
    /// Notes that the last checkpoint is durable.
    fn checkpoint_stored(&mut self) {
        if let Some(collected) = self.under_way.take() {
            self.stored_at = collected;
        }
    }

    /// Whether storing the last checkpoint takes so long that no more requests may start: a crash would repeat them.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.under_way.is_some_and(|since| now.since(since) > LONGEST_UNSTORED)
    }

    /// How long a change has waited to be stored; zero when everything is stored.
    pub fn age(&self, now: Instant) -> Duration {
        if self.is_clean() && self.under_way.is_none() { Duration::ZERO } else { now.since(self.stored_at) }
    }

    /// Notes that the pace of sinks is durable.
    pub fn pace_stored(&mut self) {
        self.pace_under_way = false;
    }

    /// When the next checkpoint is due; `None` while the last one is being stored or nothing changed.
    pub fn next(&self) -> Option<Instant> {
        self.due.filter(|_| self.under_way.is_none())
    }

    pub fn reader_moved(&mut self, reader: Id<PartitionReader>) {
        self.readers.insert(reader);
    }

    pub fn cursor_moved(&mut self, subscription: Id<SubscriptionState>, reader: Id<PartitionReader>) {
        if !planted!(CursorIsNotStored) {
            self.cursors.insert((subscription, reader));
        }
    }

    pub fn run_moved(&mut self, run: Id<RunState>, reader: Id<PartitionReader>) {
        self.runs.insert((run, reader));
    }

    /// Pace and outages are stored without waiting for the interval: a restart must not forget a `Retry-After`.
    pub fn sink_changed(&mut self, sink: Id<SinkState>) {
        self.sinks.insert(sink);
    }

    /// Deletes the stored pace of a sink with the next checkpoint.
    pub fn sink_removed(&mut self, url: String) {
        self.sinks_forgotten.push(url);
    }

    /// Notes that a delivery of a run was settled. The next checkpoint removes the dead letter that it redrove, if any.
    pub fn run_settled(&mut self, run: Id<RunState>, redriven: Option<DeliveryKey>) {
        self.run_outcomes.settled.push(run);
        self.run_outcomes.redriven.extend(redriven);
    }

    pub fn delivery_accepted(&mut self, delivery: Id<Delivery>) {
        self.accepted.push_back((self.epoch, delivery));
    }

    pub fn delivery_retried(&mut self, delivery: Id<Delivery>) {
        self.retried.push(delivery);
    }

    /// Deletes an entry with the next checkpoint.
    pub fn forget(&mut self, key: Key) {
        self.forgotten.push(key);
    }

    fn is_clean(&self) -> bool {
        self.noted.is_empty()
            && self.accepted.is_empty()
            && self.retried.is_empty()
            && self.forgotten.is_empty()
            && self.readers.is_empty()
            && self.cursors.is_empty()
            && self.runs.is_empty()
            && self.run_outcomes.settled.is_empty()
    }

    fn is_pace_clean(&self) -> bool {
        self.sinks.is_empty() && self.sinks_forgotten.is_empty()
    }
}

impl Machine {
    /// Whether all progress is stored.
    pub fn is_stored(&self) -> bool {
        let checkpoints = &self.checkpoints;
        checkpoints.is_clean()
            && checkpoints.under_way.is_none()
            && checkpoints.is_pace_clean()
            && !checkpoints.pace_under_way
    }

    /// Applies [`super::Input::Checkpointed`]: the last checkpoint is durable.
    pub(super) fn checkpoint_stored(&mut self) {
        self.checkpoints.checkpoint_stored();
        for run in std::mem::take(&mut self.checkpoints.run_outcomes.storing) {
            self.run_outcome_stored(run);
        }
    }

    /// Stores the pace of sinks that changed, one write at a time.
    pub(super) fn store_pace(&mut self) {
        if self.checkpoints.pace_under_way || !self.loaded || self.checkpoints.is_pace_clean() {
            return;
        }
        let removed = self.checkpoints.sinks_forgotten.drain(..);
        let mut entries: Vec<Entry> = removed.map(|url| (Key::Sink(url), None)).collect();
        let now = self.moment();
        for id in std::mem::take(&mut self.checkpoints.sinks) {
            let Some(sink) = self.sinks.get_mut(id) else { continue };
            let value = sink.value(now);
            if value.is_some() || sink.stored {
                sink.stored = value.is_some();
                entries.push((Key::Sink(sink.key.clone()), value));
            }
        }
        if !entries.is_empty() {
            self.checkpoints.pace_under_way = true;
            self.effects.actions.push(Action::StorePace(entries));
        }
    }

    /// Makes the next checkpoint one that does not wait for the interval.
    pub fn hurry_checkpoint(&mut self) {
        self.checkpoints.urgent = true;
    }

    pub(super) fn checkpoint_when_due(&mut self) {
        if self.checkpoints.under_way.is_some() || !self.loaded {
            return;
        }
        if self.checkpoints.is_clean() {
            self.checkpoints.due = None;
            self.checkpoints.urgent = false;
            self.checkpoints.stored_at = self.now;
            return;
        }
        let due = *self.checkpoints.due.get_or_insert(self.now + self.settings.checkpoint_interval);
        if !self.checkpoints.urgent && due > self.now {
            return;
        }
        let entries = self.collect_entries();
        let RunOutcomes { settled, redriven, .. } = std::mem::take(&mut self.checkpoints.run_outcomes);
        self.checkpoints.urgent = false;
        self.checkpoints.due = None;
        if entries.is_empty() && settled.is_empty() {
            // Marks were only noted; the next checkpoint writes them.
            self.checkpoints.due = Some(self.now + self.settings.checkpoint_interval);
            return;
        }
        self.checkpoints.under_way = Some(self.now);
        self.checkpoints.run_outcomes.storing = settled;
        self.effects.actions.push(Action::Checkpoint(Checkpoint { redriven, entries }));
    }

    /// The wall clock was set. Waits go on unchanged; what is stored of them is stored again in the time that holds now.
    pub(super) fn wall_clock_was_set(&mut self, expected: Timestamp) {
        tracing::warn!(%expected, now = %self.wall, "the clock of the machine was set; waits go on unchanged");
        let stored = self.sinks.iter().filter(|(_, sink)| sink.stored).map(|(id, _)| id);
        if !planted!(RetryAfterIgnoresClock) {
            self.checkpoints.sinks.extend(stored);
        }
        let listed = self.deliveries.iter().filter(|(_, delivery)| delivery.listed).map(|(id, _)| id);
        self.checkpoints.retried.extend(listed);
        self.checkpoints.urgent = true;
    }

    /// The entries of a checkpoint; starts the next epoch.
    fn collect_entries(&mut self) -> Vec<Entry> {
        let mut entries = std::mem::take(&mut self.checkpoints.noted);
        entries.extend(self.checkpoints.forgotten.drain(..).map(|key| (key, None)));
        let noted_epoch = self.checkpoints.epoch.saturating_sub(if planted!(EpochIsOneOff) { 2 } else { 1 });
        while let Some((_, id)) = self.checkpoints.accepted.pop_front_if(|(epoch, _)| *epoch <= noted_epoch) {
            if self.deliveries.get(id).is_some_and(|delivery| !delivery.listed) {
                self.list(id, &mut entries);
            }
        }
        for id in std::mem::take(&mut self.checkpoints.retried) {
            self.list(id, &mut entries);
        }
        self.note_marks();
        if planted!(MarksAreNotHeldBack) {
            entries.append(&mut self.checkpoints.noted);
        }
        entries
    }

    /// Lists a delivery that is unsettled.
    fn list(&mut self, id: Id<Delivery>, entries: &mut Vec<Entry>) {
        let now = self.moment();
        if let Some(delivery) = self.deliveries.get_mut(id) {
            delivery.listed = true;
            // One that waits for nothing is due since it was stored.
            let not_before = now.wall_of(delivery.state.not_before().max(now.instant));
            let attempts = if planted!(RetriesAreNotStored) { 0 } else { delivery.retries };
            let value = Value::Unsettled { attempts, not_before };
            entries.push((Key::Unsettled(delivery.delivery_key()), Some(value)));
        }
    }

    /// Notes the marks that moved, as they are now, for the next checkpoint.
    fn note_marks(&mut self) {
        let mut noted = Vec::new();
        for id in std::mem::take(&mut self.checkpoints.readers) {
            if let Some(reader) = self.readers.get(id) {
                let key = Key::Reader(reader.name.kanaal.clone(), reader.name.number);
                noted.push((key, Some(Value::At(reader.mark))));
            }
        }
        for (subscription_id, reader_id) in std::mem::take(&mut self.checkpoints.cursors) {
            if let (Some(subscription), Some(reader)) =
                (self.subscriptions.get(subscription_id), self.readers.get(reader_id))
                && subscription.spec.selection.covers(&reader.name.kanaal)
            {
                let key = Key::Subscription(subscription.spec.id, reader.name.kanaal.clone(), reader.name.number);
                let value = subscription.cursor_in(reader_id).map_or(Value::Level, |cursor| Value::At(cursor.mark()));
                noted.push((key, Some(value)));
            }
        }
        for (run_id, reader_id) in std::mem::take(&mut self.checkpoints.runs) {
            if let (Some(run), Some(reader)) = (self.runs.get(run_id), self.readers.get(reader_id))
                && let Some(mark) = run.mark_in(reader_id)
            {
                let key = Key::Run(run.spec.id, reader.name.kanaal.clone(), reader.name.number);
                noted.push((key, Some(Value::At(mark))));
            }
        }
        self.checkpoints.noted = noted;
        self.checkpoints.epoch += 1;
    }
}
