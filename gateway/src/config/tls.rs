//! Section `[tls]`: certificate and key of the listener.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// TLS of the listener. Both files are read again when they change, and on SIGHUP.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate, followed by the rest of its chain.
    #[schema(value_type = String)]
    pub certificate: PathBuf,
    /// PEM file with the private key.
    #[schema(value_type = String)]
    pub key: PathBuf,
}
