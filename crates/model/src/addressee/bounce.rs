//! Hard bounces: after some of them in a span, all addressees of the address and channel end (CH-113). Which answer is a hard
//! bounce is decided elsewhere.

use std::time::Duration;

use super::{Addressee, Channel, Digest, EndReason, State};
use crate::Timestamp;

/// The most bounces that are kept.
const MAX_KEPT: usize = 20;

/// The moments of hard bounces that count, oldest first, at most 20.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HardBounces(Vec<Timestamp>);

impl HardBounces {
    /// These moments, oldest first; of more than 20 the newest.
    pub fn new(mut moments: Vec<Timestamp>) -> Self {
        moments.drain(..moments.len().saturating_sub(MAX_KEPT));
        Self(moments)
    }

    /// The moments.
    pub fn moments(&self) -> &[Timestamp] {
        &self.0
    }
}

/// When hard bounces end an addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// How many, 1 to 20; by default 3, and 1 for a 5.1.x at RCPT.
    pub bounces: usize,
    /// Within which time; by default 30 days.
    pub within: Duration,
}

impl Default for Threshold {
    fn default() -> Self {
        Self { bounces: 3, within: Duration::from_hours(30 * 24) }
    }
}

impl Threshold {
    /// For an address that does not exist, as the server answered in the dialogue: the first one ends it.
    pub fn unknown_address() -> Self {
        Self { bounces: 1, ..Self::default() }
    }
}

/// Counts a hard bounce of an address: the confirmed addressees of this digest and channel, changed. They all have ended if one
/// of them reached the threshold; else each has the bounce noted. No acknowledgement is sent (CH-61).
pub fn hard(
    of_address: &[Addressee],
    (digest, channel): (Digest, Channel),
    threshold: Threshold,
    now: Timestamp,
) -> Vec<Addressee> {
    let counts = |moment: &Timestamp| *moment + threshold.within > now;
    let mut noted: Vec<(&Addressee, Vec<Timestamp>)> = Vec::new();
    for addressee in of_address.iter().filter(|addressee| (addressee.digest, addressee.channel) == (digest, channel)) {
        if let State::Confirmed { bounces, .. } = &addressee.state {
            let moments = bounces.0.iter().copied().filter(counts).chain([now]).collect();
            noted.push((addressee, moments));
        }
    }
    let is_reached = noted.iter().any(|(_, moments)| moments.len() >= threshold.bounces.clamp(1, MAX_KEPT));
    let changed = |(addressee, moments): (&Addressee, Vec<Timestamp>)| {
        let mut changed = addressee.clone();
        if is_reached {
            changed.state = State::Ended { at: now, reason: EndReason::Undeliverable };
        } else if let State::Confirmed { bounces, .. } = &mut changed.state {
            *bounces = HardBounces::new(moments);
        }
        changed
    };
    noted.into_iter().map(changed).collect()
}
