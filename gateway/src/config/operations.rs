//! Section `[operations]`: where health and metrics are answered.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Health and metrics.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Operations {
    /// A listener of their own for `/livez`, `/readyz` and `/metrics`; absent: the main one.
    #[schema(value_type = Option<String>)]
    pub listen: Option<SocketAddr>,
}
