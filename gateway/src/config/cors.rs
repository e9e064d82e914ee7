//! Section `[cors]`: which browser applications may call the APIs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Cross-origin requests of browsers. CORS is never consent of a webhook (ADR-31).
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cors {
    /// Origins (`https://host[:port]`) that may call; empty for none.
    pub allowed_origins: Vec<String>,
    /// Request headers they may send besides `Authorization` and `Content-Type`.
    pub allowed_headers: Vec<String>,
}
