//! Whether the provider takes a message now: the state that was reported, an outage that the replies showed, and the pace.
//! Closed until its state is known.

use std::time::Duration;

use model::clock::Instant;

use super::ProviderState;
use crate::pace::Pace;

/// The wait after the first sign of an outage; it doubles with each message that is tried in vain.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait in an outage, unless the provider wants a longer one.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(super) struct Gate {
    reported: Reported,
    outage: Option<Outage>,
    pace: Pace,
    is_paced: bool,
    slots: usize,
}

#[derive(Debug, Clone, Copy)]
enum Reported {
    Open,
    ClosedUntil(Instant),
    Closed,
}

/// The provider failed. When the wait is over, one message is tried.
#[derive(Debug, Clone, Copy)]
struct Outage {
    until: Instant,
    wait: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self { reported: Reported::Closed, outage: None, pace: Pace::UNLIMITED, is_paced: false, slots: 0 }
    }
}

impl Gate {
    pub fn set(&mut self, state: ProviderState) {
        self.reported = match state {
            ProviderState::Open { rate, slots } => {
                self.pace.set_rate(rate);
                self.is_paced = rate != model::consent::Rate::Unlimited;
                self.slots = slots;
                Reported::Open
            }
            ProviderState::Closed { until: Some(until) } => Reported::ClosedUntil(until),
            ProviderState::Closed { until: None } => Reported::Closed,
        };
    }

    /// How many messages may be under way: one in an outage.
    pub fn slots(&self) -> usize {
        if self.outage.is_some() { self.slots.min(1) } else { self.slots }
    }

    /// How many states may be read at a time: one when there is a pace, so that the pace is counted where a message starts.
    pub fn checks(&self) -> usize {
        if self.is_paced { 1 } else { self.slots() }
    }

    /// Whether nothing may be sent now, apart from the pace.
    pub fn is_closed(&self, now: Instant) -> bool {
        let is_reported = match self.reported {
            Reported::Open => false,
            Reported::ClosedUntil(until) => now < until,
            Reported::Closed => true,
        };
        is_reported || self.outage.is_some_and(|outage| now < outage.until)
    }

    /// Whether a message may start now, if a slot is free.
    pub fn is_open(&self, now: Instant) -> bool {
        !self.is_closed(now) && self.pace.wait_until(now).is_none()
    }

    /// When it opens by itself; `None` when it is open, or that is not known.
    pub fn opens_at(&self, now: Instant) -> Option<Instant> {
        let reported = match self.reported {
            Reported::Open => None,
            Reported::ClosedUntil(until) => Some(until),
            Reported::Closed => return None,
        };
        let outage = self.outage.map(|outage| outage.until);
        [reported, outage, self.pace.wait_until(now)].into_iter().flatten().max().filter(|at| *at > now)
    }

    pub fn count_send(&mut self, now: Instant) {
        self.pace.count_request(now);
    }

    /// The provider failed. Replies to messages that were under way when it began do not make the wait longer.
    pub fn failed(&mut self, retry_after: Option<Duration>, now: Instant) {
        let outage = match self.outage {
            Some(outage) if now < outage.until => outage,
            Some(Outage { wait, .. }) => {
                let wait = wait.saturating_mul(2).min(LONGEST_WAIT);
                Outage { until: now + wait, wait }
            }
            None => Outage { until: now + FIRST_WAIT, wait: FIRST_WAIT },
        };
        let until = outage.until.max(now + retry_after.unwrap_or_default());
        self.outage = Some(Outage { until, ..outage });
    }

    /// The provider dealt with a message. A wait that it asked for is not shortened by the reply to an earlier message.
    pub fn works(&mut self, now: Instant) {
        self.outage = self.outage.filter(|outage| now < outage.until);
    }
}
