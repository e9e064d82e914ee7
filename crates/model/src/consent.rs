//! The stored result of asking a sink for consent (CE-WHV: CloudEvents HTTP webhook 1.0, section 4).
//!
//! `webhook-validator` obtains consent; this module only represents the result.

use std::num::NonZeroU32;

use crate::Timestamp;

/// How the sink of a subscription is asked for consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validation {
    /// The `WebHook-Request-Origin` handshake (the default of native subscriptions).
    Handshake,
    /// The two POST probes of the Notificaties API (the default of abonnementen).
    Probe,
    /// An agreement between organisations replaces consent (NLG-WH-05); only an administrator may set it.
    Manual {
        /// The agreement and where it is filed.
        agreement: String,
    },
}

/// A rate of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// No limit.
    Unlimited,
    /// At most this many requests per minute.
    PerMinute(NonZeroU32),
}

/// The state of consent of a subscription's sink. Only `Granted` permits deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// A request for consent is in progress or will be made.
    Validating {
        /// Requests made without a decision.
        attempts: u32,
        /// The earliest time of the next request.
        not_before: Timestamp,
        /// The error of the last request, if any.
        last: Option<String>,
    },
    /// The sink did not answer yet and may consent by callback.
    PendingCallback {
        /// When the callback URL expires.
        until: Timestamp,
        /// The answer of the sink, unless it was a success.
        last: Option<String>,
    },
    /// The sink has consented.
    Granted {
        /// The permitted origin, sent with every delivery.
        origin: String,
        /// The granted rate.
        rate: Rate,
        /// When it consented.
        at: Timestamp,
    },
    /// The sink has not consented; only the owner of the subscription can ask again.
    Refused {
        /// The reason, for the owner.
        reason: String,
        /// When consent was refused.
        at: Timestamp,
    },
}

impl Consent {
    /// The consent of a new subscription.
    pub fn fresh(now: Timestamp) -> Self {
        Self::Validating { attempts: 0, not_before: now, last: None }
    }

    /// Whether a step of the same generation can lead from this state to `next`. Two nodes may make a step at the same
    /// time, such as one that receives a callback and one that reads the response: the second must not undo the first.
    pub fn may_become(&self, next: &Self, validation: &Validation) -> bool {
        match (self, next) {
            (Self::Validating { .. }, _)
            | (Self::PendingCallback { .. }, Self::PendingCallback { .. } | Self::Granted { .. } | Self::Refused { .. })
            | (Self::Granted { .. }, Self::Granted { .. })
            // Consent is requested again after some time, or for another origin.
            | (Self::Granted { .. }, Self::Validating { attempts: 0, .. }) => true,
            (Self::Refused { .. }, Self::Granted { .. }) => matches!(validation, Validation::Manual { .. }),
            (Self::PendingCallback { .. } | Self::Granted { .. } | Self::Refused { .. }, _) => self == next,
        }
    }

    /// The permitted origin and rate; `None` while nothing may be sent.
    pub fn granted(&self) -> Option<(&str, Rate)> {
        match self {
            Self::Granted { origin, rate, .. } => Some((origin, *rate)),
            _ => None,
        }
    }
}
