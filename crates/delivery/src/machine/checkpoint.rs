//! What is stored of progress, and when. Checkpoints are incremental and atomic, one at a time.
//!
//! A checkpoint writes the marks as they stood at the checkpoint before, together with every delivery that was taken
//! until then and is still unsettled. So a mark never passes a delivery that is neither settled nor listed (I2), and
//! what is settled quickly is never listed at all.

use std::collections::{BTreeSet, VecDeque};

use model::Timestamp;
use storage::progress::{Entry, Key, Value};

use super::{Delivery, Machine, Part, RunState, Sink, Sub, effects::Action};
use crate::arena::Id;

/// What changed since it was last stored.
#[derive(Debug)]
pub(super) struct Checkpoints {
    under_way: bool,
    urgent: bool,
    due: Option<Timestamp>,
    /// Counts the moments at which marks were noted.
    epoch: u64,
    /// Marks as they stood when `epoch` was last counted up.
    noted: Vec<Entry>,
    /// Deliveries by the epoch in which they were taken.
    taken: VecDeque<(u64, Id<Delivery>)>,
    /// Deliveries to list (again) at once.
    changed: Vec<Id<Delivery>>,
    forgotten: Vec<Key>,
    parts: BTreeSet<Id<Part>>,
    lags: BTreeSet<(Id<Sub>, Id<Part>)>,
    runs: BTreeSet<(Id<RunState>, Id<Part>)>,
    sinks: BTreeSet<Id<Sink>>,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self {
            under_way: false,
            urgent: false,
            due: None,
            epoch: 1,
            noted: Vec::new(),
            taken: VecDeque::new(),
            changed: Vec::new(),
            forgotten: Vec::new(),
            parts: BTreeSet::new(),
            lags: BTreeSet::new(),
            runs: BTreeSet::new(),
            sinks: BTreeSet::new(),
        }
    }
}

impl Checkpoints {
    pub fn landed(&mut self) {
        self.under_way = false;
    }

    /// When the next one is due, if it need not wait for the last one.
    pub fn next(&self) -> Option<Timestamp> {
        self.due.filter(|_| !self.under_way)
    }

    pub fn part_moved(&mut self, part: Id<Part>) {
        self.parts.insert(part);
    }

    pub fn lag_moved(&mut self, sub: Id<Sub>, part: Id<Part>) {
        self.lags.insert((sub, part));
    }

    pub fn run_moved(&mut self, run: Id<RunState>, part: Id<Part>) {
        self.runs.insert((run, part));
    }

    /// Pace and outages of sinks are stored at once.
    pub fn sink_changed(&mut self, sink: Id<Sink>) {
        self.sinks.insert(sink);
        self.urgent = true;
    }

    pub fn taken(&mut self, delivery: Id<Delivery>) {
        self.taken.push_back((self.epoch, delivery));
    }

    pub fn changed(&mut self, delivery: Id<Delivery>) {
        self.changed.push(delivery);
    }

    pub fn forget(&mut self, key: Key) {
        self.forgotten.push(key);
    }

    fn is_clean(&self) -> bool {
        self.noted.is_empty()
            && self.taken.is_empty()
            && self.changed.is_empty()
            && self.forgotten.is_empty()
            && self.parts.is_empty()
            && self.lags.is_empty()
            && self.runs.is_empty()
            && self.sinks.is_empty()
    }
}

impl Machine {
    /// Whether everything known is stored.
    pub fn is_stored(&self) -> bool {
        self.checkpoints.is_clean() && !self.checkpoints.under_way
    }

    /// Makes the next checkpoint one that does not wait for the interval.
    pub fn hurry_checkpoint(&mut self) {
        self.checkpoints.urgent = true;
    }

    pub(super) fn checkpoint_when_due(&mut self) {
        if self.checkpoints.under_way || !self.loaded {
            return;
        }
        if self.checkpoints.is_clean() {
            self.checkpoints.due = None;
            self.checkpoints.urgent = false;
            return;
        }
        let due = *self.checkpoints.due.get_or_insert(self.now + self.settings.checkpoint_interval);
        if !self.checkpoints.urgent && due > self.now {
            return;
        }
        let entries = self.collect();
        self.checkpoints.urgent = false;
        self.checkpoints.due = None;
        if entries.is_empty() {
            // Only noted now; written with the next one.
            self.checkpoints.due = Some(self.now + self.settings.checkpoint_interval);
            return;
        }
        self.checkpoints.under_way = true;
        self.effects.actions.push(Action::Checkpoint(entries));
    }

    fn collect(&mut self) -> Vec<Entry> {
        let mut entries = std::mem::take(&mut self.checkpoints.noted);
        entries.extend(self.checkpoints.forgotten.drain(..).map(|key| (key, None)));
        let noted_in = self.checkpoints.epoch - 1;
        while let Some((epoch, id)) = self.checkpoints.taken.front().copied()
            && epoch <= noted_in
        {
            self.checkpoints.taken.pop_front();
            if self.deliveries.get(id).is_some_and(|delivery| !delivery.listed) {
                self.list(id, &mut entries);
            }
        }
        for id in std::mem::take(&mut self.checkpoints.changed) {
            self.list(id, &mut entries);
        }
        let now = self.now;
        for id in std::mem::take(&mut self.checkpoints.sinks) {
            let Some(sink) = self.sinks.get_mut(id) else { continue };
            let value = sink.value(now);
            if value.is_some() || sink.stored {
                sink.stored = value.is_some();
                entries.push((Key::Sink(sink.url.clone()), value));
            }
        }
        self.note_marks();
        entries
    }

    fn list(&mut self, id: Id<Delivery>, entries: &mut Vec<Entry>) {
        if let Some(delivery) = self.deliveries.get_mut(id) {
            delivery.listed = true;
            let value = Value::Unsettled { attempts: delivery.attempts, not_before: delivery.not_before };
            entries.push((Key::Unsettled(delivery.key()), Some(value)));
        }
    }

    /// Notes how the marks stand now, to be written with the next checkpoint.
    fn note_marks(&mut self) {
        let mut noted = Vec::new();
        for id in std::mem::take(&mut self.checkpoints.parts) {
            if let Some(part) = self.parts.get(id) {
                let key = Key::Reader(part.place.kanaal.clone(), part.place.partition);
                noted.push((key, Some(Value::At(part.mark))));
            }
        }
        for (sub_id, part_id) in std::mem::take(&mut self.checkpoints.lags) {
            if let (Some(sub), Some(part)) = (self.subs.get(sub_id), self.parts.get(part_id))
                && sub.spec.selection.covers(&part.place.kanaal)
            {
                let key = Key::Subscription(sub.spec.id, part.place.kanaal.clone(), part.place.partition);
                let value = sub.lags.get(&part_id).map_or(Value::Level, |lag| Value::At(lag.mark));
                noted.push((key, Some(value)));
            }
        }
        for (run_id, part_id) in std::mem::take(&mut self.checkpoints.runs) {
            if let (Some(run), Some(part)) = (self.runs.get(run_id), self.parts.get(part_id))
                && let Some(mark) = run.mark_in(part_id)
            {
                let key = Key::Run(run.spec.id, part.place.kanaal.clone(), part.place.partition);
                noted.push((key, Some(Value::At(mark))));
            }
        }
        self.checkpoints.noted = noted;
        self.checkpoints.epoch += 1;
    }
}
