//! The clocks of this suite: a monotonic one for durations, and calendar time for tokens and headers.
//! The only module that reads a clock.

use std::time::{Duration, SystemTime};

pub use tokio::time::Instant;

/// The current time on the monotonic clock, for durations.
pub fn instant() -> Instant {
    Instant::now()
}

/// The current calendar time, for tokens and headers.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(unix_nanos())
}

/// The current time in nanoseconds since 1970-01-01T00:00:00Z.
pub fn unix_nanos() -> u64 {
    u64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos()).unwrap_or_default()
}

/// Now, as RFC 3339 text to the second.
pub fn rfc3339() -> String {
    let now = time::OffsetDateTime::now_utc().truncate_to_second();
    now.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
