//! Reads of logs: what each is for and how many are under way. Shared readers have places of their own; reads for one
//! subscription (catching up, refetching payloads, runs) wait in one queue, so that any number of subscriptions that
//! are behind costs a bounded amount of memory (I8).

use std::{collections::VecDeque, sync::Arc};

use model::{Mark, run::Run};

use super::{
    Machine, PartitionReader, RunState, SubscriptionState,
    effects::{Action, FetchedEvents, Read},
    timers::Timer,
};
use crate::{
    arena::{Arena, Id},
    planted::planted,
};

/// The purpose of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The next records for all level subscriptions.
    Shared(Id<PartitionReader>),
    /// Earlier records, which fill the duplicates window of a partition after a restart.
    Duplicates(Id<PartitionReader>),
    /// The next records for a subscription that is behind.
    CatchUp(Id<SubscriptionState>, Id<PartitionReader>),
    /// Payloads that deliveries of a subscription released.
    Refetch(Id<SubscriptionState>, Id<PartitionReader>),
    /// Reads records for a replay or redrive.
    Run(Id<RunState>, Id<PartitionReader>),
}

impl Purpose {
    /// Whether it counts against the bound on reads of shared readers.
    fn is_shared(self) -> bool {
        matches!(self, Self::Shared(_) | Self::Duplicates(_))
    }

    /// The timer that reads again after storage failed.
    fn retry_timer(self) -> Timer {
        match self {
            Self::Shared(reader) | Self::Duplicates(reader) => Timer::Partition(reader),
            Self::CatchUp(subscription, _) | Self::Refetch(subscription, _) => Timer::Subscription(subscription),
            Self::Run(run, _) => Timer::Run(run),
        }
    }
}

/// A read that the driver performs; [`super::Input::Fetched`] ends it.
#[derive(Debug)]
pub struct Fetch {
    purpose: Purpose,
    from: Mark,
}

/// A queued read for one subscription. The position to read is decided when the read starts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waiting {
    CatchUp(Id<SubscriptionState>),
    Refetch(Id<SubscriptionState>),
    Run(Id<RunState>),
}

/// All reads under way and all that wait.
#[derive(Default)]
pub(super) struct Fetches {
    open: Arena<Fetch>,
    shared_open: usize,
    pub shared_waiting: VecDeque<Id<PartitionReader>>,
    pub others_waiting: VecDeque<Waiting>,
}

/// The extent of a read: at most this many records from a mark on.
pub(super) struct Extent {
    pub reader: Id<PartitionReader>,
    pub from: Mark,
    pub records: usize,
    /// The run whose dead letters may hold the record at `from` when the log does not have it any more.
    pub or_dead_letter: Option<Arc<Run>>,
}

impl Machine {
    /// Starts the reads that wait, as many as may be under way.
    pub(super) fn start_fetches(&mut self) {
        if self.draining {
            return;
        }
        // A catch-up read may make a shared reader continue instead, so these come first.
        while self.fetches.open.len() - self.fetches.shared_open < self.settings.other_fetches
            && let Some(waiting) = self.fetches.others_waiting.pop_front()
        {
            match waiting {
                Waiting::CatchUp(subscription) => self.start_catch_up_read(subscription),
                Waiting::Refetch(subscription) => self.start_refetch_read(subscription),
                Waiting::Run(run) => self.start_run_read(run),
            }
        }
        while self.fetches.shared_open < self.settings.shared_fetches
            && let Some(reader) = self.fetches.shared_waiting.pop_front()
        {
            self.start_shared_read(reader);
        }
    }

    /// Starts a read. The partition must exist.
    pub(super) fn read(&mut self, purpose: Purpose, extent: Extent) {
        let Some(reader) = self.readers.get(extent.reader) else { return };
        let (kanaal, partition) = (reader.name.kanaal.clone(), reader.name.number);
        self.fetches.shared_open += usize::from(purpose.is_shared());
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

    /// A read is over; `None` when storage failed, which is tried again later.
    pub(super) fn read_fetched(&mut self, id: Id<Fetch>, fetched: Option<FetchedEvents>) {
        let Some(Fetch { purpose, from }) = self.fetches.open.remove(id) else { return };
        self.fetches.shared_open -= usize::from(purpose.is_shared());
        let Some(reading) = self.reading_flag(purpose) else { return };
        *reading = false;
        let Some(fetched) = fetched else {
            if planted!(FailedReadIsForgotten) {
                return;
            }
            self.timers.set(self.now + self.settings.storage_retry, purpose.retry_timer());
            return;
        };
        let (Purpose::Shared(reader)
        | Purpose::Duplicates(reader)
        | Purpose::CatchUp(_, reader)
        | Purpose::Refetch(_, reader)
        | Purpose::Run(_, reader)) = purpose;
        if let Some(reader) = self.readers.get_mut(reader) {
            reader.oldest = reader.oldest.max(fetched.oldest);
        }
        match purpose {
            Purpose::Shared(reader) => self.shared_fetched(reader, from, &fetched),
            Purpose::Duplicates(reader) => self.duplicates_fetched(reader, from, &fetched),
            Purpose::CatchUp(subscription, reader) => self.catch_up_fetched(subscription, reader, from, &fetched),
            Purpose::Refetch(subscription, reader) => self.refetch_fetched(subscription, reader, from, &fetched),
            Purpose::Run(run, reader) => self.run_fetched(run, reader, from, &fetched),
        }
    }

    /// The flag that says that this read is queued or under way; `None` when its subscription, partition or run is
    /// gone.
    fn reading_flag(&mut self, purpose: Purpose) -> Option<&mut bool> {
        Some(match purpose {
            Purpose::Shared(reader) | Purpose::Duplicates(reader) => &mut self.readers.get_mut(reader)?.reading,
            Purpose::CatchUp(subscription, _) => &mut self.subscriptions.get_mut(subscription)?.cursors.reading,
            Purpose::Refetch(subscription, _) => &mut self.subscriptions.get_mut(subscription)?.refetch.reading,
            Purpose::Run(run, _) => &mut self.runs.get_mut(run)?.reading,
        })
    }
}
