//! What is due when. A timer that became pointless is left in the heap and does nothing when it fires.

use std::{cmp::Reverse, collections::BinaryHeap};

use model::Timestamp;

use super::{Delivery, Machine, Part, RunState, Sink, Sub};
use crate::arena::Id;

/// What to look at when a moment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A sink whose pace, silence or probe was waited for.
    Sink(Id<Sink>),
    /// A parked delivery.
    Retry(Id<Delivery>),
    /// A dead letter that could not be kept.
    Bury(Id<Delivery>),
    /// A subscription whose batch waited for more, or whose read failed.
    Sub(Id<Sub>),
    /// A shared reader whose read failed.
    Part(Id<Part>),
    /// A run whose read failed.
    Run(Id<RunState>),
}

/// Timers by moment.
#[derive(Debug, Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Timestamp, Timer)>>);

impl Timers {
    pub fn set(&mut self, at: Timestamp, timer: Timer) {
        self.0.push(Reverse((at, timer)));
    }

    pub fn next(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    fn pop_due(&mut self, now: Timestamp) -> Option<Timer> {
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
                Timer::Sink(id) => self.sink_timer(id),
                Timer::Retry(id) => self.retry_due(id),
                Timer::Bury(id) => self.bury_again(id),
                Timer::Sub(id) => self.subscription_timer(id),
                Timer::Part(id) => self.read_shared(id),
                Timer::Run(id) => self.feed_run(id),
            }
        }
    }
}
