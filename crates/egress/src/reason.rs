//! Errors of TLS and HTTP libraries in words, with what can be done. The texts of the libraries are not repeated: they
//! name types of Rust and can hold URLs.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

/// Most names of a certificate that are listed.
const MAX_NAMES: usize = 3;
/// The longest name that is listed, in characters.
const MAX_NAME: usize = 100;

/// The first error of type `T` in the chain of sources, also inside an [`io::Error`].
pub(crate) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        // `io::Error` does not return the error that it wraps from `source`.
        let carried = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = carried.map(|carried| carried as &(dyn Error + 'static)).or_else(|| cause.source());
    }
    None
}

/// Why a TLS handshake failed.
pub(crate) fn of_handshake(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = find::<rustls::Error>(error) {
        return of_tls(error);
    }
    if find::<rustls_pki_types::InvalidDnsNameError>(error).is_some() {
        return "the host of the URL is no name that a certificate can have".to_owned();
    }
    "the receiver closed the connection during the handshake; it may not speak TLS on this port, or refuse us"
        .to_owned()
}

/// The text for an error of the TLS library.
pub(crate) fn of_tls(error: &rustls::Error) -> String {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(error) => of_certificate(error),
        E::AlertReceived(alert) => of_alert(*alert).to_owned(),
        E::InvalidMessage(_) | E::PeerSentOversizedRecord => {
            "what listens on this port does not speak TLS; check port and scheme of the URL".to_owned()
        }
        E::PeerIncompatible(_) | E::NoApplicationProtocol => {
            "the receiver supports no version or cipher of TLS that is accepted here; it needs TLS 1.2 with ECDHE, or TLS 1.3"
                .to_owned()
        }
        E::NoCertificatesPresented => "the receiver shows no certificate".to_owned(),
        E::PeerMisbehaved(_) | E::InappropriateMessage { .. } | E::InappropriateHandshakeMessage { .. } | E::DecryptError => {
            "the receiver breaks the protocol of TLS; update its TLS software".to_owned()
        }
        E::FailedToGetCurrentTime | E::FailedToGetRandomBytes => "this machine has no clock or no randomness".to_owned(),
        _ => "the TLS handshake failed".to_owned(),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => {
            "the certificate of the receiver has expired; it must be renewed there".to_owned()
        }
        E::NotValidYet | E::NotValidYetContext { .. } => {
            "the certificate of the receiver is not valid yet; check the clocks of both machines".to_owned()
        }
        E::UnknownIssuer => "the certificate of the receiver is not from an authority that is trusted here; add that \
                             authority to egress.extra_ca, or have the receiver send its intermediate certificates"
            .to_owned(),
        E::NotValidForName => format!("{OTHER_NAME}; {NAME_REMEDY}"),
        E::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().take(MAX_NAMES).map(|name| printable(name));
            let names = names.collect::<Vec<_>>().join(", ");
            if names.is_empty() {
                format!("the certificate of the receiver names no host (subjectAltName is absent); {NAME_REMEDY}")
            } else {
                format!("{OTHER_NAME} ({names}); {NAME_REMEDY}")
            }
        }
        E::Revoked => "the certificate of the receiver was revoked; it must be replaced there".to_owned(),
        E::BadSignature | E::BadEncoding | E::UnhandledCriticalExtension => {
            "the certificate of the receiver is damaged or malformed; it must be replaced there".to_owned()
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "the certificate of the receiver is not meant for servers (extended key usage); it must be replaced there".to_owned()
        }
        _ => "the certificate of the receiver cannot be used: it may be one of an authority, of an old version, or with a weak \
              signature. Add it to egress.extra_ca if it is self-signed, or replace it there"
            .to_owned(),
    }
}

const OTHER_NAME: &str = "the certificate of the receiver is for another host";
const NAME_REMEDY: &str = "use a host of the certificate in the URL, or have a certificate made for this one";

/// A name of a certificate as a bounded line. The TLS library writes it as `DnsName("a.example")`.
fn printable(text: &str) -> String {
    let bare = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(text);
    bare.trim_matches('"').chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

fn of_alert(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::HandshakeFailure | A::InsufficientSecurity => {
            "the receiver ended the handshake: it may want a client certificate ([egress.tls]), or another cipher"
        }
        A::ProtocolVersion => "the receiver accepts no version of TLS that is used here (1.2 and 1.3)",
        A::CertificateRequired | A::NoCertificate => {
            "the receiver wants a client certificate; configure one in [egress.tls]"
        }
        A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateExpired
        | A::CertificateUnknown
        | A::UnknownCA
        | A::DecryptError
        | A::AccessDenied => {
            "the receiver refuses our client certificate; check that it is valid and that the receiver trusts its authority"
        }
        A::UnrecognisedName => "the receiver does not know the host of the URL",
        A::NoApplicationProtocol => "the receiver accepts neither HTTP/2 nor HTTP/1.1",
        _ => "the receiver ended the handshake",
    }
}

/// Why there is no response on a connection that was made; `http` for the error of the HTTP library.
pub(crate) fn of_exchange(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = find::<h2::Error>(error) {
        return of_http2(error).to_owned();
    }
    if let Some(error) = find::<hyper::Error>(error) {
        if error.is_parse_too_large() {
            return "the head of the answer is too large".to_owned();
        }
        if error.is_parse() {
            return "the answer is not HTTP; check the port of the URL".to_owned();
        }
        if error.is_incomplete_message() {
            return "the receiver closed the connection without an answer".to_owned();
        }
        if error.is_timeout() {
            return "the connection is dead".to_owned();
        }
    }
    "the receiver closed the connection before its answer was complete".to_owned()
}

fn of_http2(error: &h2::Error) -> &'static str {
    match error.reason() {
        Some(h2::Reason::HTTP_1_1_REQUIRED) => "the receiver wants HTTP/1.1; list it in egress.http1",
        Some(h2::Reason::REFUSED_STREAM) => "the receiver refused the request before it looked at it (HTTP/2)",
        Some(h2::Reason::ENHANCE_YOUR_CALM) => "the receiver finds the traffic excessive (HTTP/2); lower the rate",
        Some(h2::Reason::INADEQUATE_SECURITY) => "the receiver finds the connection insecure (HTTP/2)",
        _ if error.is_go_away() => "the receiver ended the connection (HTTP/2 GOAWAY)",
        _ if error.is_reset() => "the receiver reset the request (HTTP/2)",
        _ if error.is_io() => "the receiver closed the connection without an answer",
        _ => "the answer breaks the protocol of HTTP/2; if this stays, list the receiver in egress.http1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b9_reasons_are_words_with_a_remedy() {
        use rustls::Error as E;
        let name = CertificateError::NotValidForNameContext {
            expected: "a.example".try_into().unwrap(),
            presented: vec!["DnsName(\"b.example\")".into()],
        };
        let other = rustls::OtherError(std::sync::Arc::new(io::Error::other("see https://docs.rs/x")));
        for (error, says) in [
            (E::InvalidCertificate(CertificateError::UnknownIssuer), "egress.extra_ca"),
            (E::InvalidCertificate(CertificateError::Expired), "renewed"),
            (E::InvalidCertificate(name), "b.example"),
            (E::InvalidCertificate(CertificateError::Other(other)), "self-signed"),
            (E::AlertReceived(AlertDescription::CertificateRequired), "[egress.tls]"),
            (E::AlertReceived(AlertDescription::UnknownCA), "client certificate"),
            (E::InvalidMessage(rustls::InvalidMessage::InvalidContentType), "does not speak TLS"),
            (E::General("debug { x: 1 }".into()), "handshake failed"),
        ] {
            let text = of_handshake(&io::Error::other(error));
            assert!(text.contains(says), "{text}");
            for debris in ["{", "https://", "::", "Error", "Context", "DnsName"] {
                assert!(!text.contains(debris), "{text}");
            }
        }
    }
}
