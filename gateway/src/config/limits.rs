//! Section `[limits]`: bounds of what comes in.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bounds of requests.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest body, in bytes (413).
    #[schema(minimum = 65536)]
    pub body_bytes: usize,
    /// Most events in one batch (400).
    #[schema(minimum = 1)]
    pub batch_events: usize,
    /// Deepest nesting of JSON (400).
    #[schema(minimum = 8)]
    pub depth: usize,
    /// Most headers of a request (431).
    #[schema(minimum = 100)]
    pub headers: usize,
    /// Most bytes of names and values of all headers together (431).
    #[schema(minimum = 65536)]
    pub header_bytes: usize,
    /// Most publishing requests per second of one client (429); absent: no limit.
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub requests_per_second: Option<NonZeroU32>,
    /// How long a request may take to arrive, in seconds (408).
    #[schema(minimum = 1)]
    pub receive_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1_048_576,
            batch_events: 1_000,
            depth: 64,
            headers: 256,
            header_bytes: 131_072,
            requests_per_second: None,
            receive_seconds: 30,
        }
    }
}
