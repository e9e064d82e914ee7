//! A DKIM signature of a finished mail (RFC 6376): `rsa-sha256` with relaxed canonicalization of header and body. It covers From and
//! both fields to unsubscribe, as RFC 8058 requires (CH-30). It makes and publishes no key, and verifies nothing.
//!
//! ```text
//! mail --relaxed body--> SHA-256 --> bh=
//!      --relaxed fields of h=, then this field without b=--> SHA-256, RSA --> b=
//! ```
//!
//! The same mail has the same signature: `t=` is the date of the mail.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::Timestamp;
use ring::{
    digest,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};

/// The fields that are signed, if the mail has them.
const SIGNED: [&str; 12] = [
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

/// The number of characters of `b=` on a line.
const LINE: usize = 72;

/// Signs the mails of one domain.
pub struct DkimSigner {
    domain: String,
    selector: String,
    key: RsaKeyPair,
}

/// Why nothing is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// The domain is no domain name.
    #[error("the domain is no domain name")]
    Domain,
    /// The selector is no label or labels of a domain name.
    #[error("the selector has something other than letters, digits, hyphens and dots")]
    Selector,
    /// The key cannot be used.
    #[error("the key is no RSA key in PKCS #8 of at least 2048 bits")]
    Key,
    /// The mail cannot be signed.
    #[error("the mail cannot be signed")]
    Signature,
}

impl std::fmt::Debug for DkimSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DkimSigner")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .finish_non_exhaustive()
    }
}

impl DkimSigner {
    /// Signs for a domain with a private key in PKCS #8 (DER); the public key is in DNS at `<selector>._domainkey.<domain>`.
    ///
    /// # Errors
    /// [`DkimError::Domain`], [`DkimError::Selector`] or [`DkimError::Key`].
    pub fn new(domain: &str, selector: &str, key: &[u8]) -> Result<Self, DkimError> {
        if !is_name(domain) || !domain.contains('.') {
            return Err(DkimError::Domain);
        }
        if !is_name(selector) {
            return Err(DkimError::Selector);
        }
        let key = RsaKeyPair::from_pkcs8(key).map_err(|_| DkimError::Key)?;
        Ok(Self { domain: domain.to_ascii_lowercase(), selector: selector.to_ascii_lowercase(), key })
    }

    /// The mail with a `DKIM-Signature` in front.
    ///
    /// # Errors
    /// [`DkimError::Signature`].
    pub fn sign(&self, mail: &[u8], date: Timestamp) -> Result<Vec<u8>, DkimError> {
        let (header, body) = split(mail);
        let fields = fields(header);
        let own: Vec<&(String, String)> =
            SIGNED.iter().filter_map(|name| fields.iter().find(|(found, _)| found == name)).collect();
        // The second From signs that there is none: a verifier refuses a mail to which one was added.
        let names: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).chain(["from"]).collect();
        let seconds = date.as_micros().div_euclid(1_000_000);
        let hash = STANDARD.encode(digest::digest(&digest::SHA256, &relaxed_body(body)));
        let field = format!(
            "v=1; a=rsa-sha256; c=relaxed/relaxed; d={};\r\n\ts={}; t={seconds};\r\n\th={};\r\n\tbh={hash};\r\n\tb=",
            self.domain,
            self.selector,
            names.join(":"),
        );
        let mut signed: String = own.iter().flat_map(|(name, value)| [name.as_str(), ":", value, "\r\n"]).collect();
        signed.push_str("dkim-signature:");
        signed.push_str(&relaxed_value(&field));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let made = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature);
        made.map_err(|_| DkimError::Signature)?;
        let signature = STANDARD.encode(signature);
        let mut bytes = format!("DKIM-Signature: {field}").into_bytes();
        for (index, line) in signature.as_bytes().chunks(LINE).enumerate() {
            if index > 0 {
                bytes.extend(b"\r\n\t");
            }
            bytes.extend(line);
        }
        bytes.extend(b"\r\n");
        bytes.extend(mail);
        Ok(bytes)
    }
}

/// Whether this is a domain name, or a part of one.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// The header and the body of a mail.
fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    const END: &[u8] = b"\r\n\r\n";
    match mail.windows(END.len()).position(|window| window == END) {
        Some(at) => (&mail[..at], &mail[at + END.len()..]),
        None => (mail, &[]),
    }
}

/// The fields of a header: their names in lower case, and their relaxed values.
fn fields(header: &[u8]) -> Vec<(String, String)> {
    let header = String::from_utf8_lossy(header);
    let mut found: Vec<(String, String)> = Vec::new();
    for line in header.split("\r\n") {
        match (line.starts_with([' ', '\t']), found.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => value.push_str(line),
            (false, _, Some((name, value))) => found.push((name.trim_end().to_ascii_lowercase(), value.to_owned())),
            _ => {}
        }
    }
    found.into_iter().map(|(name, value)| (name, relaxed_value(&value))).collect()
}

/// Section 3.4.2: unfolded, with one space for each run of white space, and none at the ends.
fn relaxed_value(value: &str) -> String {
    value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Section 3.4.4: one space for each run of white space, none at the ends of lines, and no empty lines at the end.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len());
    let mut empty_lines = 0;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty_lines) {
            relaxed.extend(b"\r\n");
        }
        let mut was_space = false;
        for byte in line {
            let is_space = matches!(byte, b' ' | b'\t');
            if !is_space {
                relaxed.push(*byte);
            } else if !was_space {
                relaxed.push(b' ');
            }
            was_space = is_space;
        }
        relaxed.extend(b"\r\n");
    }
    relaxed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of section 3.4.5.
    #[test]
    fn values_and_bodies_are_relaxed_as_rfc_6376_has_it_ch_30() {
        let found = fields(b"A: X\r\nB : Y\t\r\n\tZ  ");
        assert_eq!(found, [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
        assert_eq!(relaxed_body(b"a\r\n\r\nb"), b"a\r\n\r\nb\r\n");
    }

    #[test]
    fn names_and_keys_are_checked() {
        let error = |domain, selector| DkimSigner::new(domain, selector, b"no key").unwrap_err();
        assert_eq!(error("gemeente.example", "s1"), DkimError::Key);
        assert_eq!(error("gemeente", "s1"), DkimError::Domain);
        assert_eq!(error("gemeente.example; d=x", "s1"), DkimError::Domain);
        assert_eq!(error("gemeente.example", "-s"), DkimError::Selector);
        assert_eq!(error("gemeente.example", ""), DkimError::Selector);
    }
}
