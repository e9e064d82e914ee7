//! Addresses of people: an e-mail address or a phone number, parsed from the sink of a subscription.
//!
//! An address is personal data. `Debug` writes none of it and there is no `Display`; [`Address::masked`] is for
//! administrators, and only code that sends or seals calls `expose`.

mod email;
mod phone;

use std::fmt;

pub use email::{EmailAddress, EmailError};
pub use phone::{PhoneError, PhoneNumber, Region};

use crate::digest::{Digest, DigestKey, Purpose};

/// The address of one person. Two addresses are equal when they are the same whole address, folded (CH-15).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `mailto:` (protocol `SMTP`).
    Email(EmailAddress),
    /// `sms:` or `tel:` (protocol `SMS`).
    Phone(PhoneNumber),
}

/// Why the sink of a subscription is no address of a person. No variant has a part of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The scheme is another one.
    #[error("the sink must be mailto:, sms: or tel:")]
    Scheme,
    /// The URI has header fields, a query, a fragment or parameters (RFC 6068, RFC 5724, RFC 3966).
    #[error("the URI must be an address alone, without headers, query, parameters or fragment")]
    Parts,
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the URI must be percent-encoded UTF-8")]
    Encoding,
    /// No valid e-mail address.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// No valid phone number.
    #[error(transparent)]
    Phone(#[from] PhoneError),
}

impl Address {
    /// Parses a sink: `mailto:` with one address (CH-14), `sms:` or `tel:` with one number (CH-31). National numbers are
    /// those of `region`.
    pub fn parse_sink(sink: &str, region: Region) -> Result<Self, AddressError> {
        let (scheme, rest) = sink.split_once(':').ok_or(AddressError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "mailto" | "sms" | "tel") {
            return Err(AddressError::Scheme);
        }
        if rest.contains(['?', '#', ';']) {
            return Err(AddressError::Parts);
        }
        let text = percent_decode(rest).ok_or(AddressError::Encoding)?;
        match scheme.as_str() {
            "mailto" => Ok(Self::Email(EmailAddress::parse(&text)?)),
            _ => Ok(Self::Phone(PhoneNumber::parse(&text, region)?)),
        }
    }

    /// The address or the number in clear text.
    pub fn expose(&self) -> &str {
        match self {
            Self::Email(email) => email.expose(),
            Self::Phone(phone) => phone.expose(),
        }
    }

    /// The keyed digest that this address is stored and found by (CH-134): the same for every form of the same address.
    pub fn digest(&self, key: &DigestKey) -> Digest {
        match self {
            Self::Email(email) => key.digest(Purpose::Address, &[b"email", email.folded().as_bytes()]),
            Self::Phone(phone) => key.digest(Purpose::Address, &[b"phone", phone.expose().as_bytes()]),
        }
    }

    /// A form for administrators that does not identify the person (CH-141): `a…@e…` or `+31…78`.
    pub fn masked(&self) -> String {
        match self {
            Self::Email(email) => email.masked(),
            Self::Phone(phone) => phone.masked(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(email) => email.fmt(f),
            Self::Phone(phone) => phone.fmt(f),
        }
    }
}

/// `None` for a percent sign without two digits after it, and for bytes that are not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = after.as_bytes().get(..2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = after;
    }
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(sink: &str) -> Result<Address, AddressError> {
        Address::parse_sink(sink, Region::Netherlands)
    }

    #[test]
    fn ch_14_mailto_is_one_address_without_headers() {
        for sink in ["mailto:an@example.nl", "MAILTO:an%40example.nl", "mailto:an@Example.NL"] {
            assert_eq!(parse(sink), parse("mailto:an@example.nl"), "{sink}");
            assert!(parse(sink).is_ok(), "{sink}");
        }
        for (sink, error) in [
            ("an@example.nl", AddressError::Scheme),
            ("https://example.nl", AddressError::Scheme),
            ("mailto:an@example.nl?subject=x", AddressError::Parts),
            ("mailto:an@example.nl?", AddressError::Parts),
            ("mailto:an@example.nl#x", AddressError::Parts),
            ("mailto:?to=an@example.nl", AddressError::Parts),
            ("mailto:an%4", AddressError::Encoding),
            ("mailto:an%zz@example.nl", AddressError::Encoding),
            ("mailto:an%ff@example.nl", AddressError::Encoding),
            ("mailto:", AddressError::Email(EmailError::Empty)),
            ("mailto:an@example.nl,bo@example.nl", AddressError::Email(EmailError::LocalCharacter)),
            ("mailto:an@example.nl%2Cbo@example.nl", AddressError::Email(EmailError::LocalCharacter)),
            ("mailto:an@example.nl%0D%0ABcc:bo@example.nl", AddressError::Email(EmailError::Control)),
        ] {
            assert_eq!(parse(sink), Err(error), "{sink}");
        }
    }

    #[test]
    fn ch_31_sms_and_tel_are_one_number_without_parameters() {
        let number = parse("sms:+31612345678");
        assert!(number.is_ok());
        for sink in ["tel:+31-6-1234-5678", "SMS:%2B31612345678", "tel:0612345678", "sms:06%2012345678"] {
            assert_eq!(parse(sink), number, "{sink}");
        }
        for (sink, error) in [
            ("sms:+31612345678?body=x", AddressError::Parts),
            ("tel:+31612345678;ext=1", AddressError::Parts),
            ("tel:12345;phone-context=+31", AddressError::Parts),
            ("sms:+31612345678,+31687654321", AddressError::Phone(PhoneError::Character)),
            ("sms:", AddressError::Phone(PhoneError::Empty)),
        ] {
            assert_eq!(parse(sink), Err(error), "{sink}");
        }
    }

    #[test]
    fn ch_134_the_digest_is_of_the_folded_address() {
        let key = DigestKey::new(&[7; 32]);
        let digest = |sink| parse(sink).unwrap().digest(&key);
        assert_eq!(digest("mailto:An@Example.nl"), digest("mailto:an@example.NL"));
        assert_ne!(digest("mailto:an@example.nl"), digest("mailto:jan@example.nl"));
        assert_eq!(digest("sms:0612345678"), digest("tel:+31612345678"));
    }

    #[test]
    fn ch_134_debug_and_errors_show_no_address() {
        for sink in ["mailto:geheim@example.nl", "sms:+31612345678"] {
            let shown = format!("{:?}", parse(sink).unwrap());
            assert!(!shown.contains("geheim") && !shown.contains("example") && !shown.contains("3161"), "{shown}");
        }
        for sink in ["mailto:geheim@@example.nl", "mailto:geheim@example..nl", "sms:0900geheim"] {
            let error = parse(sink).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error}");
        }
    }
}
