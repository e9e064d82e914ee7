//! What a world stores for its machine, and what is left of it after a crash or a handover to another node.

use std::{collections::VecDeque, time::Duration};

use delivery::machine::{CheckpointStep, Input};
use model::{Mark, clock::SeededRandom};
use storage::progress::Entry;

use super::{
    made::wants,
    sinks::{below, chance},
    trace,
    world::{Coming, World},
};

/// How often a node that stops looks whether everything is stored, before it leaves the shard as it is.
const LOOKS: u32 = 40;

/// By how many seconds the clocks of two nodes differ. An hour and more ends outages by the limit.
const CLOCKS: [i64; 6] = [-1_800, -60, -5, 5, 60, 1_800];

impl World {
    /// The next step of a checkpoint is durable.
    pub fn checkpoint_step(&mut self, mut steps: VecDeque<CheckpointStep>) {
        match steps.pop_front() {
            None => {}
            Some(CheckpointStep::MakeJournalDurable) => self.journal.make_durable(),
            Some(CheckpointStep::RemoveDeadLetters(keys)) => {
                for key in keys {
                    self.oracle.redriven_removed(&key);
                }
            }
            Some(CheckpointStep::StoreEntries(entries)) => {
                self.trace(|| format!("checkpoint: {}", trace::progress(&entries, |id| self.name_of(id))));
                self.stored(entries);
                if std::mem::take(&mut self.crashes_with_checkpoint) {
                    self.crash();
                    return;
                }
                self.input(Input::Checkpointed);
            }
        }
        if !steps.is_empty() {
            self.comes_soon(10_000, Coming::Checkpoint(steps));
        }
    }

    /// Entries of progress are durable.
    pub fn stored(&mut self, entries: Vec<Entry>) {
        for (key, value) in entries {
            match value {
                Some(value) => drop(self.store.insert(key, value)),
                None => drop(self.store.remove(&key)),
            }
        }
        let mut oracle = std::mem::take(&mut self.oracle);
        for subscription in self.subscriptions.iter().filter(|one| !self.reselected.contains(&one.id)) {
            for (place, log) in &self.logs {
                let wanted = |from: Mark, until: Mark| {
                    let items = &log.items[from.0 as usize..(until.0 as usize).min(log.items.len())];
                    let wanted = items.iter().filter(|item| wants(subscription, item));
                    wanted.map(|item| item.position).collect()
                };
                oracle.marks_are_honest(&self.store, &self.journal, subscription, place, wanted);
            }
        }
        self.oracle = oracle;
    }

    /// The node dies. Of what was being stored, each part may have become durable; a checkpoint may be torn between its steps.
    pub fn crash(&mut self) {
        let mut left = Vec::new();
        for due in std::mem::take(&mut self.coming).into_sorted_vec().into_iter().rev() {
            match due.2 {
                Coming::Step(_) => left.push(due),
                Coming::Checkpoint(mut steps) if chance(self.fate(), 50) => match steps.pop_front() {
                    Some(CheckpointStep::StoreEntries(entries)) => self.stored(entries),
                    Some(CheckpointStep::MakeJournalDurable) => self.journal.make_durable(),
                    Some(CheckpointStep::RemoveDeadLetters(_)) | None => {}
                },
                Coming::Pace(entries) if chance(self.fate(), 50) => self.stored(entries),
                _ => {}
            }
        }
        self.coming = left.into();
        let kept = below(self.fate(), self.journal.unwritten() as u64 + 1) as usize;
        self.journal.crash(kept);
        self.start(false);
    }

    /// The node dies, and another one with another clock continues.
    pub fn continue_elsewhere(&mut self, random: &SeededRandom) {
        let seconds = CLOCKS[below(random, CLOCKS.len() as u64) as usize];
        self.trace(|| format!("  the clock of the next node differs by {seconds} s"));
        self.clock_step += 1_000_000 * seconds;
        self.oracle.clock_was_set(self.now);
        self.crash();
    }

    /// The node is to hand the shard over to another one.
    pub fn stop(&mut self) {
        if !self.is_draining {
            self.is_draining = true;
            self.input(Input::Drain);
            self.comes_soon(1_000_000, Coming::Handover(0));
        }
    }

    /// A node that stops hands the shard over when everything is stored, or when it has waited long enough.
    pub fn hand_over(&mut self, looks: u32) {
        let is_stored = self.machine.is_stored() && self.machine.is_idle();
        if !is_stored && looks < LOOKS {
            if self.machine.is_idle() {
                self.machine.hurry_checkpoint();
            }
            let again = self.now + Duration::from_millis(50);
            self.comes_at(again, Coming::Handover(looks + 1));
            return;
        }
        self.trace(|| format!("the shard is handed over, everything is stored: {is_stored}"));
        if is_stored {
            self.journal.make_durable();
            self.coming.retain(|due| matches!(due.2, Coming::Step(_)));
            self.start(true);
        } else {
            self.crash();
        }
    }
}
