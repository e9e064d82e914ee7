//! Section `[auth]`: tokens of applicaties.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Autorisaties;

/// How tokens are judged.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// How far clocks may differ, in seconds.
    pub leeway_seconds: u32,
    /// How long a token is good after its `iat`, in seconds.
    #[schema(minimum = 1)]
    pub max_age_seconds: u32,
    /// Whether a token in the query parameter `access_token` is accepted (CE-WHA-02). It ends up in logs of proxies.
    pub query_token: bool,
    /// Where the scopes of applicaties that declare none come from; absent: they have none.
    pub autorisaties: Option<Autorisaties>,
}

impl Default for Auth {
    fn default() -> Self {
        Self { leeway_seconds: 0, max_age_seconds: 3_600, query_token: false, autorisaties: None }
    }
}
