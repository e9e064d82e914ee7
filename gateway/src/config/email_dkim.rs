//! Section `[email.dkim]`: the DKIM signature that the gateway gives its mails, where the relay gives none.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A DKIM signature (RFC 6376) in every mail.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailDkim {
    /// The domain that signs; absent: that of `email.from`. Its DNS has the public key at `<selector>._domainkey.<domain>`.
    pub domain: Option<String>,
    /// The selector: the name of the key in DNS.
    pub selector: String,
    /// A file with the private key: RSA of at least 2048 bits, PKCS #8 in PEM (`-----BEGIN PRIVATE KEY-----`).
    #[schema(value_type = String)]
    pub key_file: PathBuf,
}
