//! The configured values.

use std::time::Duration;

/// Thresholds and quiet times.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `source` of the events.
    pub source: String,
    /// The URL below which the schemas of their data are served by name, with a slash at the end.
    pub schemas: String,
    /// The time between two comparisons.
    pub interval: Duration,
    /// How long an outage lasts before it is announced.
    pub outage_after: Duration,
    /// After an event about an outage of a subscription, the next one is not announced to begin before this is over.
    pub outage_quiet: Duration,
    /// How long an outage may last before the subscriptions of the sink are suspended.
    pub outage_limit: Duration,
    /// The parts of that limit, in percents from 1 to 99, at which an outage is announced again; each of them once.
    pub suspension_percent: Vec<u32>,
    /// The least time between two events about dead letters of a subscription.
    pub dead_letters_quiet: Duration,
    /// The least time between two events about retention of a subscription.
    pub retention_quiet: Duration,
    /// The least time between two events about approval of a subscription by the owner of a kanaal.
    pub approval_quiet: Duration,
    /// The least time between two events about people of a kanaal that messages do not reach.
    pub undeliverable_quiet: Duration,
    /// A certificate is announced this number of days before its end, for each of them once, and when it has ended.
    pub certificate_days: Vec<u32>,
}
