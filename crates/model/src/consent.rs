//! Consent of a sink to receive from us, as it is stored (spec-notes on the handshake; rows CE-WHV).
//!
//! How consent is obtained is the business of `webhook-validator`; this is only the outcome.

use std::num::NonZeroU32;

use crate::Timestamp;

/// How a subscription's sink is asked for consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validation {
    /// The `WebHook-Request-Origin` handshake (the default of native subscriptions).
    Handshake,
    /// The two POST probes of the Notificaties API (the default of abonnementen).
    Probe,
    /// An agreement between organisations replaces it (NLG-WH-05); only an administrator may set it.
    Manual {
        /// What was agreed and where it is filed.
        agreement: String,
    },
}

/// A rate of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// No bound.
    Unlimited,
    /// At most so many requests per minute.
    PerMinute(NonZeroU32),
}

/// Where a subscription stands with its sink's consent. Only `Granted` lets anything be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// The handshake runs or will be tried (again).
    Validating {
        /// Requests made so far.
        attempts: u32,
        /// When the next one may be made.
        not_before: Timestamp,
        /// Why the last one did not decide, if there was one.
        last: Option<String>,
    },
    /// The sink did not answer for itself but was given a callback URL.
    PendingCallback {
        /// When the offer lapses.
        until: Timestamp,
    },
    /// The sink agreed.
    Granted {
        /// The origin it agreed to; sent with every delivery.
        origin: String,
        /// How fast it may be sent to.
        rate: Rate,
        /// When.
        at: Timestamp,
    },
    /// The sink did not agree; only its owner can ask again.
    Refused {
        /// Why, for the owner.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

impl Consent {
    /// The consent of a subscription nobody was asked for yet.
    pub fn fresh(now: Timestamp) -> Self {
        Self::Validating { attempts: 0, not_before: now, last: None }
    }

    /// The granted rate; `None` while nothing may be sent.
    pub fn granted(&self) -> Option<(&str, Rate)> {
        match self {
            Self::Granted { origin, rate, .. } => Some((origin, *rate)),
            _ => None,
        }
    }
}
