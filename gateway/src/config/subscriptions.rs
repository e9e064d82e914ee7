//! Section `[subscriptions]`: how subscriptions are managed, and how many a client may have.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How subscriptions are managed, and how many a client may have.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Subscriptions {
    /// Whether changing, deleting or judging a subscription needs `If-Match`: 428 without.
    pub require_if_match: bool,
    /// Most subscriptions and abonnementen of one client (409); administrators are not limited.
    #[schema(minimum = 1)]
    pub per_client: usize,
    /// Most replays of one client that have not ended (409); administrators are not limited.
    #[schema(minimum = 1)]
    pub replays_per_client: usize,
    /// Most redrives of one client that have not ended, with deliveries of single events again (409); each is of one
    /// subscription and at most 5,000 events. Administrators are not limited.
    #[schema(minimum = 1)]
    pub redrives_per_client: usize,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self { require_if_match: false, per_client: 1_000, replays_per_client: 10, redrives_per_client: 1_000 }
    }
}
