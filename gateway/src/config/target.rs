//! Section `[target]`: the gateway as the target of another one's webhook.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who may deliver to us after a handshake (CE-WHV-22).
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// Origins (DNS names) that get our consent; empty for none.
    pub allowed_origins: Vec<String>,
    /// The most requests per minute that we grant; absent: as many as asked for.
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub rate_per_minute: Option<NonZeroU32>,
}
