//! Timers, by timestamp. One that is not needed any more stays in the heap and does nothing when it fires.

use std::{cmp::Reverse, collections::BinaryHeap};

use model::clock::Instant;

use super::{Delivery, Machine, PartitionReader, RunState, SinkState, SubscriptionState};
use crate::arena::Id;

/// The part of the machine that a timer checks again when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A sink that waited for its pace, its `Retry-After` or its next probe.
    Sink(Id<SinkState>),
    /// The next attempt of a parked delivery.
    Retry(Id<Delivery>),
    /// A dead letter that could not be stored.
    DeadLetter(Id<Delivery>),
    /// A subscription whose batch waited for more events, or whose read failed.
    Subscription(Id<SubscriptionState>),
    /// A shared reader whose read failed, or that waited for room in a window.
    Partition(Id<PartitionReader>),
    /// A run whose read failed.
    Run(Id<RunState>),
    /// A run whose progress is to be recorded.
    RunProgress(Id<RunState>),
}

/// All timers, the next one first.
#[derive(Debug, Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Instant, Timer)>>);

impl Timers {
    pub fn set(&mut self, at: Instant, timer: Timer) {
        self.0.push(Reverse((at, timer)));
    }

    pub fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, timer))| timer)
    }
}

impl Machine {
    pub(super) fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now) {
            match timer {
                Timer::Sink(id) => self.sink_timer_fired(id),
                Timer::Retry(id) => self.retry_due(id),
                Timer::DeadLetter(id) => self.retry_dead_letter(id),
                Timer::Subscription(id) => self.subscription_timer_fired(id),
                Timer::Partition(id) => self.queue_shared_read(id),
                Timer::Run(id) => self.queue_run_read(id),
                Timer::RunProgress(id) => self.run_progress_due(id),
            }
        }
    }
}
