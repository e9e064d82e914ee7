//! Reads of logs: who asked, how many at once. Shared readers come first; reads for one subscription (catching up,
//! retries, runs) wait in one line, so that any number of lagging subscriptions costs a bounded amount of memory (I8).

use std::{collections::VecDeque, sync::Arc};

use model::{Mark, run::Run};

use super::{
    Machine, Part, RunState, Sub,
    effects::{Action, Batch, Read},
};
use crate::arena::{Arena, Id};

/// What a read is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The shared reader of a partition.
    Shared(Id<Part>),
    /// The duplicates window of a partition, after a restart.
    Rebuild(Id<Part>),
    /// A lagging subscription.
    CatchUp(Id<Sub>, Id<Part>),
    /// Payloads that parked deliveries gave up.
    Refetch(Id<Sub>, Id<Part>),
    /// A run.
    Run(Id<RunState>, Id<Part>),
}

/// A read under way.
#[derive(Debug)]
pub struct Fetch {
    purpose: Purpose,
    from: Mark,
}

/// Who waits to read for itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waiting {
    CatchUp(Id<Sub>),
    Refetch(Id<Sub>),
    Run(Id<RunState>),
}

/// All reads.
#[derive(Default)]
pub(super) struct Fetches {
    open: Arena<Fetch>,
    shared_open: usize,
    pub shared_waiting: VecDeque<Id<Part>>,
    pub others_waiting: VecDeque<Waiting>,
}

/// How much to read from where.
pub(super) struct Extent {
    pub part: Id<Part>,
    pub from: Mark,
    pub records: usize,
    pub or_dead_letter: Option<Arc<Run>>,
}

impl Machine {
    pub(super) fn start_fetches(&mut self) {
        if self.draining {
            return;
        }
        // These may wake shared readers, so they come first.
        while self.fetches.open.len() - self.fetches.shared_open < self.settings.other_fetches
            && let Some(waiting) = self.fetches.others_waiting.pop_front()
        {
            match waiting {
                Waiting::CatchUp(sub) => self.start_catch_up(sub),
                Waiting::Refetch(sub) => self.start_refetch(sub),
                Waiting::Run(run) => self.start_run_read(run),
            }
        }
        while self.fetches.shared_open < self.settings.shared_fetches
            && let Some(part) = self.fetches.shared_waiting.pop_front()
        {
            self.start_shared(part);
        }
    }

    /// Starts a read. The partition must exist.
    pub(super) fn read(&mut self, purpose: Purpose, extent: Extent) {
        let Some(part) = self.parts.get(extent.part) else { return };
        let (kanaal, partition) = (part.place.kanaal.clone(), part.place.partition);
        let shared = matches!(purpose, Purpose::Shared(_) | Purpose::Rebuild(_));
        self.fetches.shared_open += usize::from(shared);
        let id = self.fetches.open.insert(Fetch { purpose, from: extent.from });
        self.effects.actions.push(Action::Read(Read {
            id,
            kanaal,
            partition,
            from: extent.from,
            records: extent.records.max(1),
            bytes: self.settings.fetch_bytes,
            or_dead_letter: extent.or_dead_letter,
        }));
    }

    pub(super) fn fetched(&mut self, id: Id<Fetch>, batch: Option<Batch>) {
        let Some(fetch) = self.fetches.open.remove(id) else { return };
        let from = fetch.from;
        match fetch.purpose {
            Purpose::Shared(part) => {
                self.fetches.shared_open -= 1;
                self.shared_fetched(part, from, batch);
            }
            Purpose::Rebuild(part) => {
                self.fetches.shared_open -= 1;
                self.rebuild_fetched(part, from, batch);
            }
            Purpose::CatchUp(sub, part) => self.catch_up_fetched(sub, part, from, batch),
            Purpose::Refetch(sub, part) => self.refetched(sub, part, from, batch),
            Purpose::Run(run, part) => self.run_fetched(run, part, from, batch),
        }
    }
}
