//! The client certificate in a header of a proxy: a byte sequence as RFC 9440 has it, or PEM with percent-encoding as nginx
//! writes it (`$ssl_client_escaped_cert`).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};

use super::CertificateError;

/// The most certificates in the header with the chain.
const MAX_CHAIN: usize = 8;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The headers of a proxy.
#[derive(Debug, Clone)]
pub struct CertificateHeaders {
    /// The header with the certificate of the client.
    pub leaf: HeaderName,
    /// The header with the rest of its chain, which RFC 9440 names `Client-Cert-Chain`.
    pub chain: HeaderName,
}

impl CertificateHeaders {
    /// The certificates in the headers of a request, that of the client first; `None` when the client showed none.
    ///
    /// # Errors
    /// There are several, or one cannot be read.
    pub fn read(&self, headers: &HeaderMap) -> Result<Option<Vec<Vec<u8>>>, CertificateError> {
        let mut lines = headers.get_all(&self.leaf).iter();
        let Some(line) = lines.next() else { return Ok(None) };
        let text = line.to_str().map_err(|_| CertificateError::Header)?.trim();
        if lines.next().is_some() {
            return Err(CertificateError::Header);
        }
        // Proxies send an empty value for a client without a certificate.
        if text.is_empty() || text == "::" {
            return Ok(None);
        }
        let mut found = vec![certificate(text).ok_or(CertificateError::Header)?];
        for line in headers.get_all(&self.chain) {
            let text = line.to_str().map_err(|_| CertificateError::Header)?.trim();
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                found.push(byte_sequence(part).ok_or(CertificateError::Header)?);
            }
        }
        if found.len() > MAX_CHAIN + 1 { Err(CertificateError::Header) } else { Ok(Some(found)) }
    }
}

fn certificate(text: &str) -> Option<Vec<u8>> {
    if text.starts_with(':') { byte_sequence(text) } else { pem(text) }
}

/// A byte sequence of Structured Fields (RFC 9651 section 3.3.5).
fn byte_sequence(text: &str) -> Option<Vec<u8>> {
    let content = text.strip_prefix(':')?.strip_suffix(':')?;
    STANDARD.decode(content).ok().filter(|bytes| !bytes.is_empty())
}

/// One certificate in PEM, with percent-encoding.
fn pem(text: &str) -> Option<Vec<u8>> {
    let text = percent_decoded(text)?;
    let content = text.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let content: String = content.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    STANDARD.decode(content).ok().filter(|bytes| !bytes.is_empty())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let byte = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)?;
        decoded.push(char::from(byte));
        decoded.push_str(rest);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[(&'static str, &str)]) -> Result<Option<Vec<Vec<u8>>>, CertificateError> {
        let names = CertificateHeaders {
            leaf: HeaderName::from_static("client-cert"),
            chain: HeaderName::from_static("client-cert-chain"),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        names.read(&headers)
    }

    #[test]
    fn both_forms_are_read() {
        let pem = "-----BEGIN%20CERTIFICATE-----%0AQU%0AJD%0A-----END%20CERTIFICATE-----%0A";
        for (value, expected) in [
            (":QUJD:", Some(b"ABC".to_vec())),
            (pem, Some(b"ABC".to_vec())),
            (&pem.replace("%0A", "%0D%0A"), Some(b"ABC".to_vec())),
            ("", None),
            ("::", None),
        ] {
            assert_eq!(read(&[("client-cert", value)]), Ok(expected.map(|leaf| vec![leaf])), "{value}");
        }
        assert_eq!(read(&[("client-cert-chain", ":QUJD:")]), Ok(None));
        let lines =
            [("client-cert", ":QUJD:"), ("client-cert-chain", ":RA==:, :RQ==:"), ("client-cert-chain", ":Rg==:")];
        let all = [&b"ABC"[..], b"D", b"E", b"F"].map(<[u8]>::to_vec).to_vec();
        assert_eq!(read(&lines), Ok(Some(all)));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let chain = [":QUJD:"; MAX_CHAIN + 1].join(",");
        for lines in [
            &[("client-cert", "QUJD")][..],
            &[("client-cert", ":QUJD")],
            &[("client-cert", ":Q:")],
            &[("client-cert", ":QUJD:"), ("client-cert", ":QUJD:")],
            &[("client-cert", ":QUJD:"), ("client-cert-chain", "x")],
            &[("client-cert", ":QUJD:"), ("client-cert-chain", &chain)],
            &[("client-cert", "-----BEGIN%20CERTIFICATE-----%0")],
            &[("client-cert", "-----BEGIN%20CERTIFICATE-----%+f-----END%20CERTIFICATE-----")],
            &[("client-cert", "-----BEGIN%20CERTIFICATE-----%C3%A9-----END%20CERTIFICATE-----")],
            &[("client-cert", "-----BEGIN%20CERTIFICATE----------END%20CERTIFICATE-----")],
        ] {
            assert_eq!(read(lines), Err(CertificateError::Header), "{lines:?}");
        }
    }
}
