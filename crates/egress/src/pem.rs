//! Reads certificates and keys from PEM files, and names what a file is that holds none.

use std::path::Path;

use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::SettingsError;

/// The byte order mark of UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The certificates of a file; at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    let bytes = read(path)?;
    if contains(&bytes, b"-----BEGIN TRUSTED CERTIFICATE-----") {
        return Err(problem(
            path,
            "holds a TRUSTED CERTIFICATE, a form of OpenSSL only; convert it with openssl x509 -in FILE -out NEW.pem",
        ));
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| problem(path, words(&error)))?;
    // Behind a byte order mark the first BEGIN line is none, and its certificate would be left out.
    if found.is_empty() || bytes.starts_with(BOM) {
        return Err(problem(path, format!("holds no certificate{}", what_it_is(&bytes))));
    }
    Ok(found)
}

/// The private key of a file.
pub(crate) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, SettingsError> {
    let bytes = read(path)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        pem::Error::NoItemsFound => problem(path, format!("holds no private key{}", what_it_is(&bytes))),
        other => problem(path, words(&other)),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, SettingsError> {
    std::fs::read(path).map_err(|error| problem(path, error))
}

/// What a file is in which nothing was found, and how it is converted.
fn what_it_is(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(BOM) {
        ": it begins with a byte order mark (BOM), before which nothing is read; save it as text without one"
    } else if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        ": it is text in UTF-16; save it as plain text (ASCII or UTF-8)"
    } else if let [0x30, 0x81..=0x84, ..] = bytes {
        ": it is DER or PKCS#12, not PEM; convert it with openssl x509 -inform der -in FILE -out NEW.pem, or with openssl \
         pkcs12 -in FILE -out NEW.pem"
    } else if contains(bytes, b"-----BEGIN PKCS7-----") {
        ": it is PKCS#7; convert it with openssl pkcs7 -print_certs -in FILE -out NEW.pem"
    } else if contains(bytes, b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || contains(bytes, b"Proc-Type: 4,ENCRYPTED") {
        ": the key is encrypted; decrypt it with openssl pkey -in FILE -out NEW.pem"
    } else if contains(bytes, b"-----BEGIN CERTIFICATE REQUEST-----") {
        ": it is a request for a certificate, not the certificate"
    } else if contains(bytes, b"-----BEGIN CERTIFICATE-----") {
        ": it is a certificate"
    } else if contains(bytes, b"PRIVATE KEY-----") {
        ": it is a private key"
    } else {
        ""
    }
}

fn words(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "breaks off: an END line of PEM is missing",
        pem::Error::IllegalSectionStart { .. } => "has a malformed BEGIN line of PEM",
        pem::Error::Base64Decode(_) => "is damaged: what is between BEGIN and END is no base64",
        _ => "is no PEM file",
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn problem(path: &Path, problem: impl ToString) -> SettingsError {
    SettingsError::Pem { path: path.to_owned(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use rcgen::KeyPair;

    use super::*;

    #[test]
    fn f6_a_file_that_is_no_pem_is_named() {
        let key_pair = KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap().self_signed(&key_pair).unwrap();
        let pem = certificate.pem();
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(pem.bytes().flat_map(|byte| [byte, 0])).collect();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca");
        for (bytes, says) in [
            (certificate.der().to_vec(), "DER"),
            ([b"\xef\xbb\xbf", pem.as_bytes()].concat(), "byte order mark"),
            (utf16, "UTF-16"),
            (pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE").into_bytes(), "TRUSTED CERTIFICATE"),
            (pem.replace("CERTIFICATE", "PKCS7").into_bytes(), "PKCS#7"),
            (key_pair.serialize_pem().into_bytes(), "it is a private key"),
            (pem.replace("-----END CERTIFICATE-----", "").into_bytes(), "breaks off"),
            (b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n".to_vec(), "no base64"),
            (Vec::new(), "holds no certificate"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = certificates(&path).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("ca"), "{says}: {error}");
        }
        std::fs::write(&path, &pem).unwrap();
        assert_eq!(certificates(&path).unwrap().len(), 1);
        assert!(key(&path).unwrap_err().to_string().contains("it is a certificate"));
    }
}
