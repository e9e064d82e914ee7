//! Section `[tls]`: certificate and key of the listener, and the authorities of its clients.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// TLS of the listener. The files are read again when they change, and on SIGHUP.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the certificate, followed by the rest of its chain.
    #[schema(value_type = String)]
    pub certificate: PathBuf,
    /// PEM file with the private key.
    #[schema(value_type = String)]
    pub key: PathBuf,
    /// PEM file with the authorities whose client certificates are accepted (`certificate` of `[[applicatie]]`); absent: clients
    /// are not asked for a certificate. A client may always connect without one.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
    /// Files with revocation lists of those authorities, in PEM or DER. When there are any, a certificate whose issuer has no list
    /// here is refused.
    #[schema(value_type = Vec<String>)]
    #[serde(default)]
    pub client_crl: Vec<PathBuf>,
}
