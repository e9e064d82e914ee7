//! When the certificates of servers end, as they were shown in the TLS handshakes of this process. Nothing is requested for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509::Certificate;

/// Most names that are kept; a new one then takes the place of another.
const MAX_NAMES: usize = 20_000;

/// The end of the last certificate by the name of its server, in seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct SeenCertificates(Mutex<HashMap<String, i64>>);

impl SeenCertificates {
    /// The end of the last certificate of a host, as it is in a URL; `None` when none was seen.
    pub fn end_of(&self, host: &str) -> Option<i64> {
        let name = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name).copied()
    }

    fn record(&self, server: &ServerName<'_>, end: i64) {
        let name = server.to_str().to_ascii_lowercase();
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.len() >= MAX_NAMES && !ends.contains_key(&name) {
            let other = ends.keys().next().cloned();
            other.and_then(|other| ends.remove(&other));
        }
        ends.insert(name, end);
    }
}

/// Verifies as `inner` does, and records the end of certificates that are valid, or were.
#[derive(Debug)]
pub(crate) struct RecordingVerifier {
    pub inner: Arc<dyn ServerCertVerifier>,
    pub seen: Arc<SeenCertificates>,
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let is_known = match &verdict {
            Ok(_) => true,
            Err(Error::InvalidCertificate(error)) => {
                matches!(error, CertificateError::Expired | CertificateError::ExpiredContext { .. })
            }
            Err(_) => false,
        };
        if is_known && let Some(read) = Certificate::read(end_entity) {
            self.seen.record(server_name, read.not_after);
        }
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_end_of_a_host_is_kept_and_names_are_bounded() {
        let seen = SeenCertificates::default();
        let name = |text: String| ServerName::try_from(text).unwrap();
        seen.record(&name("sink.example".into()), 1);
        seen.record(&name("Sink.Example".into()), 2);
        seen.record(&name("2001:db8::1".into()), 3);
        assert_eq!(
            (seen.end_of("SINK.example"), seen.end_of("[2001:db8::1]"), seen.end_of("x")),
            (Some(2), Some(3), None)
        );
        for number in 0..MAX_NAMES {
            seen.record(&name(format!("s{number}.example")), 4);
        }
        assert_eq!(seen.0.lock().unwrap().len(), MAX_NAMES);
        assert_eq!(seen.end_of(&format!("s{}.example", MAX_NAMES - 1)), Some(4));
    }
}
