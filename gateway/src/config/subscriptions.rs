//! Section `[subscriptions]`: how subscriptions are managed over the native API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How subscriptions are managed over the native API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Subscriptions {
    /// Whether changing, deleting or judging a subscription needs `If-Match`: 428 without.
    pub require_if_match: bool,
}
