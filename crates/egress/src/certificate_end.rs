//! When the certificates of a PEM file end, for the checks of operators. Whether a certificate may be used is decided during the
//! TLS handshake, not here.

use std::path::Path;

use x509::Certificate;

use crate::{SettingsError, pem};

/// The first moment, in seconds since 1970, at which a certificate of a PEM file is over. `None` when the validity of none of them
/// can be read.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn certificate_end(path: &Path) -> Result<Option<i64>, SettingsError> {
    let certificates = pem::certificates(path)?;
    Ok(certificates.iter().filter_map(|der| Certificate::read(der)).map(|read| read.not_after).min())
}
