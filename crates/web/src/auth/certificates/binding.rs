//! Which certificates are those of an applicatie.

use x509::Certificate;

/// The SHA-256 of a certificate in DER.
pub type Fingerprint = [u8; 32];

/// The attribute of the subject that holds the OIN in certificates of PKIoverheid.
const SERIAL_NUMBER: &str = "serialNumber";

/// The certificates of an applicatie: those that have all that is set here. Nothing set: none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The OIN in the subject, 20 digits.
    pub oin: Option<String>,
    /// The whole subject as text (RFC 4514).
    pub subject: Option<String>,
    /// One of the alternative names: a DNS name in any case, or a URI as it is.
    pub san: Option<String>,
    /// The certificate is one of these; empty: any.
    pub fingerprints: Vec<Fingerprint>,
}

impl Binding {
    /// Whether it is a certificate of the applicatie.
    pub fn matches(&self, certificate: &Certificate, fingerprint: &Fingerprint) -> bool {
        let subject = certificate.subject.as_ref();
        let oin =
            self.oin.as_ref().map(|wanted| subject.is_some_and(|subject| oin_of(subject) == Some(wanted.as_str())));
        let named = self.subject.as_ref().map(|wanted| subject.is_some_and(|subject| subject.to_string() == *wanted));
        let san = self.san.as_ref().map(|wanted| has_name(certificate, wanted));
        let listed = (!self.fingerprints.is_empty()).then(|| self.fingerprints.contains(fingerprint));
        let mut set = [oin, named, san, listed].into_iter().flatten().peekable();
        set.peek().is_some() && set.all(|holds| holds)
    }
}

/// The OIN of a subject: its one serial number, when that has 20 digits.
fn oin_of(subject: &x509::Subject) -> Option<&str> {
    let mut numbers = subject.values(SERIAL_NUMBER);
    let number = numbers.next().filter(|number| is_oin(number))?;
    numbers.next().is_none().then_some(number)
}

/// Whether a text has the form of an OIN: 20 digits.
pub fn is_oin(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_name(certificate: &Certificate, wanted: &str) -> bool {
    certificate.dns_names.iter().any(|name| name.eq_ignore_ascii_case(wanted))
        || certificate.uris.iter().any(|uri| uri == wanted)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    use super::*;

    /// A certificate whose subject has these serial numbers.
    fn certificate(numbers: &[&str]) -> Certificate {
        let mut params = CertificateParams::new(["zaken.example".to_owned()]).unwrap();
        let mut name = DistinguishedName::new();
        for number in numbers {
            name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), *number);
        }
        params.distinguished_name = name;
        Certificate::read(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der()).unwrap()
    }

    #[test]
    fn an_oin_is_a_serial_number_of_20_digits() {
        let oin = "00000001823288444000";
        let binding = |oin: &str| Binding { oin: Some(oin.to_owned()), ..Binding::default() };
        for (number, wanted, expected) in
            [(oin, oin, true), (oin, "00000001823288444001", false), ("1823288444000", "1823288444000", false)]
        {
            assert_eq!(binding(wanted).matches(&certificate(&[number]), &[0; 32]), expected, "{number} {wanted}");
        }
        assert!(!binding(oin).matches(&certificate(&[]), &[0; 32]));
    }

    #[test]
    fn all_that_is_set_must_hold_and_something_must_be_set() {
        let own = certificate(&["00000001823288444000"]);
        assert!(!Binding::default().matches(&own, &[0; 32]));
        let san = Some("ZAKEN.example".to_owned());
        let listed = Binding { san: san.clone(), fingerprints: vec![[1; 32], [2; 32]], ..Binding::default() };
        assert!(listed.matches(&own, &[2; 32]));
        assert!(!listed.matches(&own, &[3; 32]));
        let other = Binding { san, subject: Some("CN=x".to_owned()), ..Binding::default() };
        assert!(!other.matches(&own, &[2; 32]));
    }
}
