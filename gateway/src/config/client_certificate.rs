//! Member `certificate` of `[[applicatie]]`: the client certificates that are those of an applicatie.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::auth::certificates::{Binding, Fingerprint, is_oin};

/// The client certificates of an applicatie: those that have all that is set here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientCertificate {
    /// The OIN of its organisation: 20 digits, the `serialNumber` in the subject of certificates of PKIoverheid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oin: Option<String>,
    /// The whole subject (RFC 4514), as `openssl x509 -noout -subject -nameopt RFC2253,utf8,-esc_msb` prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// One of its alternative names: a DNS name or a URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub san: Option<String>,
    /// SHA-256 fingerprints, in hexadecimal digits with or without colons; several while a certificate is being replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sha256: Vec<String>,
}

impl ClientCertificate {
    /// The binding; `None` when nothing is set or a fingerprint is none.
    pub fn binding(&self) -> Option<Binding> {
        let fingerprints: Vec<Fingerprint> = self.sha256.iter().map(|text| fingerprint(text)).collect::<Option<_>>()?;
        let binding =
            Binding { oin: self.oin.clone(), subject: self.subject.clone(), san: self.san.clone(), fingerprints };
        (binding != Binding::default()).then_some(binding)
    }

    /// What is wrong with it: the key and why.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_set = |text: &Option<String>| text.as_deref() != Some("");
        let rules = [
            (*self != Self::default(), "applicatie.certificate", "needs oin, subject, san or sha256"),
            (
                self.oin.as_deref().is_none_or(is_oin),
                "applicatie.certificate.oin",
                "must have 20 digits, such as 00000001823288444000",
            ),
            (is_set(&self.subject), "applicatie.certificate.subject", "is empty"),
            (is_set(&self.san), "applicatie.certificate.san", "is empty"),
            (
                self.sha256.iter().all(|text| fingerprint(text).is_some()),
                "applicatie.certificate.sha256",
                "must be fingerprints of 64 hexadecimal digits",
            ),
        ];
        rules.into_iter().find(|(holds, ..)| !holds).map(|(_, key, why)| (key, why))
    }
}

/// The bytes of a fingerprint in text.
fn fingerprint(text: &str) -> Option<Fingerprint> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let mut bytes = Fingerprint::default();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_openssl_prints_them() {
        let plain = "0a".repeat(32);
        let colons = vec!["0A"; 32].join(":");
        assert_eq!(fingerprint(&plain), Some([10; 32]));
        assert_eq!(fingerprint(&colons), Some([10; 32]));
        for text in ["", "0a", &plain[1..], &format!("{plain}0"), &plain.replace('a', "g"), &plain.replace('a', "é")] {
            assert_eq!(fingerprint(text), None, "{text}");
        }
    }
}
