//! Bounds on the time and the bytes of one exchange (CE-WH-24).

use std::time::Duration;

/// The bounds of one exchange; the defaults are 30 s in total, 10 s idle, 4 KiB kept and 64 KiB drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time from the call to the last byte read.
    pub total: Duration,
    /// The longest pause between two pieces of the body.
    pub idle: Duration,
    /// Bytes of the body that are returned.
    pub keep: usize,
    /// Further bytes that are read and discarded, so that the connection can be reused; a longer body closes it.
    pub drain: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(30), idle: Duration::from_secs(10), keep: 4 * 1024, drain: 64 * 1024 }
    }
}
