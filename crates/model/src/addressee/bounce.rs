//! Bounces: after some hard ones in a span, all addressees of the address and channel end (CH-113), and so they do after more soft
//! ones without a mail that arrived between them (CH-114). Which answer is a bounce of which kind is decided elsewhere.

use std::time::Duration;

use super::{Addressee, Channel, Digest, EndReason, Evidence, Outcome, State};
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

/// When soft bounces end an addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftThreshold {
    /// How many mails that were given up, 2 to 100; by default 5.
    pub bounces: usize,
    /// Within which time they were sent; by default 30 days.
    pub within: Duration,
    /// How long after it was accepted a mail that has not bounced is taken for one that arrived; by default 5 days, which is how
    /// long relays try (RFC 5321 4.5.4.1).
    pub settled: Duration,
}

impl Default for SoftThreshold {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self { bounces: 5, within: 30 * day, settled: 5 * day }
    }
}

/// Whether the soft bounces of an address are too many (CH-114): its evidence has that many mails that were given up, sent since
/// `confirmed` and within the time, and none that arrived was sent after them.
pub fn is_soft_threshold_reached<'a>(
    of_address: impl Iterator<Item = &'a Evidence> + Clone,
    threshold: SoftThreshold,
    confirmed: Timestamp,
    now: Timestamp,
) -> bool {
    let sent = of_address.filter_map(|one| {
        let (outcome, at) = one.outcome?;
        Some((outcome, one.tried.map_or(at, |(_, last)| last)))
    });
    let has_arrived = |outcome: Outcome, at: Timestamp| match outcome {
        Outcome::Delivered => true,
        Outcome::Sent => at + threshold.settled <= now,
        _ => false,
    };
    let arrived = sent.clone().filter(|(outcome, at)| has_arrived(*outcome, *at)).map(|(_, at)| at).max();
    let counts = |(outcome, at): &(Outcome, Timestamp)| {
        *outcome == Outcome::TemporaryFailure
            && *at >= confirmed
            && *at + threshold.within > now
            && arrived.is_none_or(|arrived| *at > arrived)
    };
    sent.filter(counts).count() >= threshold.bounces.max(1)
}

/// Counts a hard bounce of an address: the confirmed addressees of this digest and channel, changed. They all have ended if one
/// of them reached the threshold; else each has the bounce noted. No acknowledgement is sent (CH-61).
///
/// Those that the person left are undeliverable as well when the threshold is reached, and when nobody is confirmed any more: nothing
/// counts bounces for them, and messages that have to be sent must not go to a dead address (CH-21). The moment of their end stays.
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
    let is_reached =
        noted.is_empty() || noted.iter().any(|(_, moments)| moments.len() >= threshold.bounces.clamp(1, MAX_KEPT));
    let left = of_address
        .iter()
        .filter(|addressee| is_reached && (addressee.digest, addressee.channel) == (digest, channel))
        .filter_map(|addressee| Some((addressee, addressee.left()?.0)));
    let undeliverable = |(addressee, at): (&Addressee, Timestamp)| Addressee {
        state: State::Ended { at, reason: EndReason::Undeliverable },
        ..addressee.clone()
    };
    let left: Vec<Addressee> = left.map(undeliverable).collect();
    let changed = |(addressee, moments): (&Addressee, Vec<Timestamp>)| {
        let mut changed = addressee.clone();
        if is_reached {
            changed.state = State::Ended { at: now, reason: EndReason::Undeliverable };
        } else if let State::Confirmed { bounces, .. } = &mut changed.state {
            *bounces = HardBounces::new(moments);
        }
        changed
    };
    noted.into_iter().map(changed).chain(left).collect()
}
