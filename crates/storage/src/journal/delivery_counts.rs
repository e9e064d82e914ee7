//! Deliveries of a subscription, counted by hour: what pages and the API show of the last 30 days.

use model::Timestamp;

/// Most types that are counted by name in one hour of a subscription; others are counted together.
pub const MAX_TYPES: usize = 20;

/// How a number of deliveries ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeCount {
    /// `type` of the events, at most 200 characters of it; empty for those that are not known or were too many to name.
    pub kind: String,
    /// Deliveries that the sink accepted.
    pub delivered: u64,
    /// Deliveries that ended as a dead letter.
    pub failed: u64,
}

/// The counts of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// From when on they are complete; `None` when nothing was counted yet.
    pub since: Option<Timestamp>,
    /// What ended before this moment is counted; `None` when nothing was counted yet.
    pub until: Option<Timestamp>,
    /// By type, most first.
    pub types: Vec<TypeCount>,
    /// Requests by the status of their answer, ascending; 0 for those without an answer.
    pub statuses: Vec<(u16, u64)>,
}

/// The newest deliveries of a subscription by type, read one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentTypes {
    /// By type, most first.
    pub types: Vec<TypeCount>,
    /// Whether no delivery of the period was left out.
    pub is_complete: bool,
}
