//! Section `[consent]`: the handshake with subscribers.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How subscribers are asked for consent.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consent {
    /// Time for one handshake request, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u64,
    /// Requests made before an unreachable subscriber counts as refusing.
    #[schema(minimum = 1)]
    pub max_attempts: u32,
    /// The first wait between requests, in seconds; it doubles.
    #[schema(minimum = 1)]
    pub retry_seconds: u64,
    /// The longest wait between requests, in seconds.
    #[schema(minimum = 1)]
    pub retry_cap_seconds: u64,
    /// Most handshakes and probes a second to one host; as many may start at once.
    #[schema(value_type = u32, minimum = 1)]
    pub requests_per_host: NonZeroU32,
    /// How long a subscriber may use the callback, in days.
    #[schema(minimum = 1)]
    pub callback_days: u32,
    /// The rate asked for when a subscription names none, per minute; absent: none is asked for.
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub requested_rate: Option<NonZeroU32>,
    /// Ask again when consent is older, in days; absent: never.
    #[schema(minimum = 1)]
    pub max_age_days: Option<u32>,
    /// Whether consent without `WebHook-Allowed-Rate`, where a rate was asked for, is no consent.
    pub strict: bool,
}

impl Default for Consent {
    fn default() -> Self {
        Self {
            timeout_seconds: 10,
            max_attempts: 10,
            retry_seconds: 5,
            retry_cap_seconds: 3_600,
            requests_per_host: const { NonZeroU32::new(20).expect("not zero") },
            callback_days: 7,
            requested_rate: None,
            max_age_days: None,
            strict: false,
        }
    }
}
