//! Section `[secrets]`: the key that encrypts stored secrets.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The key that encrypts stored secrets.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// File with the key; absent: `secrets.key` in the data directory, made at the first start.
    #[schema(value_type = Option<String>)]
    pub key_file: Option<PathBuf>,
}
