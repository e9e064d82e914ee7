//! Why the consent service cannot start.

use webhook_validator::headers::OriginError;

/// Why the consent service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configured origin is no DNS name (CE-WHV-05).
    #[error("origin: {0}")]
    Origin(#[from] OriginError),
}
