//! One certificate (RFC 5280 section 4.1).

use crate::{
    der::{self, BOOLEAN, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element, optional},
    name::Subject,
    time::time,
};

/// The tag of `version`, which version 1 has not.
const VERSION: u8 = 0xa0;
/// The tag of `extensions`.
const EXTENSIONS: u8 = 0xa3;
/// The content of the object identifier of `subjectAltName`.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 17];
/// The tag of `dNSName` in it.
const DNS_NAME: u8 = 0x82;
/// The tag of `uniformResourceIdentifier` in it.
const URI: u8 = 0x86;

/// What a certificate says of itself. Nothing of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The first moment at which it is valid, in seconds since 1970.
    pub not_before: i64,
    /// The last moment at which it is valid, in seconds since 1970.
    pub not_after: i64,
    /// Whom it names; `None` when an attribute of the subject is not text in UTF-8.
    pub subject: Option<Subject>,
    /// Its alternative names that are DNS names.
    pub dns_names: Vec<String>,
    /// Its alternative names that are URIs.
    pub uris: Vec<String>,
}

impl Certificate {
    /// Reads a certificate in DER; `None` for what is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (certificate, _) = element(bytes, SEQUENCE)?;
        let (fields, _) = element(certificate, SEQUENCE)?;
        let (_, fields) = optional(fields, VERSION);
        let (_, fields) = element(fields, INTEGER)?;
        let (_, fields) = element(fields, SEQUENCE)?; // signature
        let (_, fields) = element(fields, SEQUENCE)?; // issuer
        let (validity, fields) = element(fields, SEQUENCE)?;
        let (not_before, rest) = time(validity)?;
        let (not_after, _) = time(rest)?;
        let (subject, fields) = element(fields, SEQUENCE)?;
        let (_, fields) = element(fields, SEQUENCE)?; // public key
        // Unique identifiers, which nobody uses, stand between.
        let extensions = der::all(fields)?.into_iter().find(|(tag, _)| *tag == EXTENSIONS);
        let names = match extensions {
            Some((_, content)) => alternative_names(content)?,
            None => Vec::new(),
        };
        let texts =
            |wanted: u8| names.iter().filter(|(tag, _)| *tag == wanted).filter_map(|(_, name)| text(name)).collect();
        let (dns_names, uris) = (texts(DNS_NAME), texts(URI));
        Some(Self { not_before, not_after, subject: Subject::read(subject), dns_names, uris })
    }
}

/// The alternative names, with the tags of their kinds.
fn alternative_names(extensions: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (extensions, _) = element(extensions, SEQUENCE)?;
    for (_, extension) in der::all(extensions)? {
        let (oid, rest) = element(extension, OBJECT_IDENTIFIER)?;
        let (_, rest) = optional(rest, BOOLEAN); // critical
        if oid == ALTERNATIVE_NAMES {
            let (value, _) = element(rest, OCTET_STRING)?;
            return der::all(element(value, SEQUENCE)?.0);
        }
    }
    Some(Vec::new())
}

fn text(name: &[u8]) -> Option<String> {
    name.is_ascii().then(|| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair, SanType, date_time_ymd, string::Ia5String};

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(["a.example".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn f5_the_dates_of_a_certificate_are_read() {
        for ((from, until), expected) in [
            (((1970, 1, 1), (2000, 2, 29)), (0, 951_782_400)),
            (((2024, 2, 29), (2049, 12, 31)), (1_709_164_800, 2_524_521_600)),
            (((2026, 3, 1), (2050, 1, 1)), (1_772_323_200, 2_524_608_000)),
            (((2100, 3, 1), (4096, 1, 1)), (4_107_542_400, 67_090_118_400)),
        ] {
            let certificate = made(|params| {
                params.not_before = date_time_ymd(from.0, from.1, from.2);
                params.not_after = date_time_ymd(until.0, until.1, until.2);
            });
            let read = Certificate::read(&certificate).unwrap();
            assert_eq!((read.not_before, read.not_after), expected);
        }
    }

    #[test]
    fn subject_and_alternative_names_are_read() {
        let certificate = made(|params| {
            let name = &mut params.distinguished_name;
            name.push(DnType::CountryName, "NL");
            name.push(DnType::OrganizationName, "Gemeente Ötterlo, dienst \"A+B\"");
            name.push(
                DnType::CustomDnType(vec![2, 5, 4, 5]),
                DnValue::PrintableString("00000001823288444000".try_into().unwrap()),
            );
            name.push(DnType::CustomDnType(vec![1, 3, 6, 1, 4, 1, 99_999]), "#x ");
            name.push(DnType::CommonName, "zaken");
            params.subject_alt_names.push(SanType::URI(Ia5String::try_from("urn:nld:oin:1").unwrap()));
            params.subject_alt_names.push(SanType::IpAddress("192.0.2.1".parse().unwrap()));
        });
        let read = Certificate::read(&certificate).unwrap();
        let subject = read.subject.unwrap();
        assert_eq!(subject.values("serialNumber").collect::<Vec<_>>(), ["00000001823288444000"]);
        assert_eq!(
            subject.to_string(),
            "CN=zaken,1.3.6.1.4.1.99999=\\#x\\ ,serialNumber=00000001823288444000,O=Gemeente Ötterlo\\, dienst \
             \\\"A\\+B\\\",C=NL"
        );
        assert_eq!((read.dns_names, read.uris), (vec!["a.example".to_owned()], vec!["urn:nld:oin:1".to_owned()]));
    }

    #[test]
    fn a_subject_that_is_not_utf_8_is_no_subject() {
        let certificate = made(|params| {
            params.distinguished_name.push(DnType::CommonName, DnValue::BmpString("zaken".try_into().unwrap()));
        });
        assert_eq!(Certificate::read(&certificate).unwrap().subject, None);
    }

    #[test]
    fn bytes_that_break_off_or_differ_are_no_certificate_or_another() {
        let certificate = made(|params| params.distinguished_name.push(DnType::CommonName, "zaken"));
        let whole = Certificate::read(&certificate);
        assert!(whole.is_some());
        for length in 0..certificate.len() {
            assert_eq!(Certificate::read(&certificate[..length]), None, "cut at {length}");
        }
        // A changed byte gives another result or none, and never a panic.
        for at in 0..certificate.len() {
            for byte in [0x00, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = certificate.clone();
                changed[at] = byte;
                let _ = Certificate::read(&changed).map(|read| read.subject.map(|subject| subject.to_string()));
            }
        }
    }
}
