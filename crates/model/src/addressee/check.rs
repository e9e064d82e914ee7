//! The check of an address: a code to type and a link to open, of which only digests are kept (CH-44). It does not make or
//! send them.

use std::time::Duration;

use super::{Digest, Proof};
use crate::Timestamp;

/// Wrong tries after which a code is void (CH-45).
pub const MAX_TRIES: u8 = 5;

/// The most requests for a code in an hour (CH-46).
pub const MAX_CODE_REQUESTS: usize = 5;

const HOUR: Duration = Duration::from_hours(1);

/// A code and a link that confirm an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The digest of the code.
    pub code: Digest,
    /// The digest of the token in the link.
    pub link: Digest,
    /// Wrong tries that are left; at 0 the code is void. A new check has [`MAX_TRIES`].
    pub tries_left: u8,
    /// When the code ends; 10 minutes after it was made, by default.
    pub code_until: Timestamp,
    /// When the link ends; 24 hours after it was made, by default.
    pub link_until: Timestamp,
}

/// How a proof compares with a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It proves the address.
    Right,
    /// It is a wrong code: one try less.
    WrongCode,
    /// It is a wrong link, or something that has ended; nothing changes.
    Void,
}

impl Check {
    /// A check that was just made, with the default times.
    pub fn new(code: Digest, link: Digest, now: Timestamp) -> Self {
        let (code_until, link_until) = (now + Duration::from_mins(10), now + Duration::from_hours(24));
        Self { code, link, tries_left: MAX_TRIES, code_until, link_until }
    }

    /// Compares a proof. The digests are compared also when the code or link has ended, so that the time does not differ (CH-49).
    pub(super) fn compare(&self, proof: &Proof, now: Timestamp) -> Match {
        match proof {
            Proof::Code(code) => {
                let is_right = self.code.matches(code);
                match self.tries_left > 0 && now < self.code_until {
                    true if is_right => Match::Right,
                    true => Match::WrongCode,
                    false => Match::Void,
                }
            }
            Proof::Link(link) => {
                let is_right = self.link.matches(link);
                if is_right && now < self.link_until { Match::Right } else { Match::Void }
            }
        }
    }
}

/// The start of the digest of the link with which an address was confirmed: who presses the button again gets the same
/// answer (CH-48). 128 bits are as many as the token in the link has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UsedLink(pub [u8; 16]);

impl UsedLink {
    /// Of the digest of a link.
    pub fn of(link: &Digest) -> Self {
        let mut start = [0; 16];
        start.copy_from_slice(&link.0[..16]);
        Self(start)
    }

    pub(super) fn is_of(&self, proof: &Proof) -> bool {
        matches!(proof, Proof::Link(link) if Self::of(link) == *self)
    }
}

impl std::fmt::Debug for UsedLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UsedLink")
    }
}

/// The moments of requests for a code, oldest first, at most [`MAX_CODE_REQUESTS`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeRequests(Vec<Timestamp>);

impl CodeRequests {
    /// These moments, oldest first; of more than [`MAX_CODE_REQUESTS`] the newest.
    pub fn new(mut moments: Vec<Timestamp>) -> Self {
        moments.drain(..moments.len().saturating_sub(MAX_CODE_REQUESTS));
        Self(moments)
    }

    /// The moments.
    pub fn moments(&self) -> &[Timestamp] {
        &self.0
    }

    /// These and one more.
    ///
    /// # Errors
    /// When the next request is possible, if there were too many in the last hour.
    pub(super) fn with(&self, now: Timestamp) -> Result<Self, Timestamp> {
        let mut recent: Vec<Timestamp> = self.0.iter().copied().filter(|moment| *moment + HOUR > now).collect();
        match recent.first() {
            Some(oldest) if recent.len() >= MAX_CODE_REQUESTS => Err(*oldest + HOUR),
            _ => {
                recent.push(now);
                Ok(Self(recent))
            }
        }
    }
}
