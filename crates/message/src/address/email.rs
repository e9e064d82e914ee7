//! One e-mail address: a dot-atom, `@` and a domain name (RFC 5321), at most 254 octets (CH-14).
//!
//! It is a subset of RFC 5321: no quoted local part, no address literal, no local part outside ASCII. Names of domains are
//! converted to ASCII (UTS 46). Nothing here asks the DNS.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

/// The longest address, in octets (RFC 5321 4.5.3.1.3: a path of 256 with its angle brackets).
const MAX_ADDRESS: usize = 254;
/// The longest local part, in octets (RFC 5321 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The longest label of a domain, in octets (RFC 1035 2.3.4).
const MAX_LABEL: usize = 63;

/// An e-mail address. Equality, order and hash are those of the whole address, with local part and domain in lower case
/// (CH-15); what is sent to has the local part as it was written.
#[derive(Clone)]
pub struct EmailAddress {
    /// The local part as written, `@`, the domain in ASCII and lower case.
    written: String,
    /// `written` in lower case.
    folded: String,
}

/// The rule that a text breaks. No variant has a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// No character at all.
    #[error("the address is empty")]
    Empty,
    /// More than 254 octets (RFC 5321 4.5.3.1.3).
    #[error("the address is longer than 254 octets")]
    TooLong,
    /// A control character, such as a line break.
    #[error("the address has a control character")]
    Control,
    /// No `@`.
    #[error("the address has no @")]
    NoAt,
    /// Nothing before the `@`.
    #[error("the address has no local part")]
    LocalEmpty,
    /// More than 64 octets before the `@` (RFC 5321 4.5.3.1.1).
    #[error("the local part is longer than 64 octets")]
    LocalTooLong,
    /// A quoted local part, which RFC 5321 4.1.2 advises against.
    #[error("a quoted local part is not accepted")]
    LocalQuoted,
    /// A character that no atom has (RFC 5322 3.2.3).
    #[error("the local part has a character that is not allowed")]
    LocalCharacter,
    /// A dot at the start, at the end, or after another one.
    #[error("the local part has a dot at its start or end, or two in a row")]
    LocalDot,
    /// Nothing after the `@`.
    #[error("the address has no domain")]
    DomainEmpty,
    /// An IP address in brackets.
    #[error("an address literal is not accepted as a domain")]
    DomainLiteral,
    /// A character that no name of a host has, or a name that has no form in ASCII (UTS 46).
    #[error("the domain has a character that is not allowed")]
    DomainCharacter,
    /// A label that is empty, longer than 63 octets, or begins or ends with a hyphen.
    #[error("a label of the domain is empty, longer than 63 octets, or has a hyphen at its start or end")]
    DomainLabel,
    /// A single label, or digits alone after the last dot.
    #[error("the domain must have a top-level domain")]
    TopLevel,
}

impl EmailAddress {
    /// Parses an address without a name around it.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > MAX_ADDRESS {
            return Err(EmailError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(EmailError::Control);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::NoAt)?;
        check_local(local)?;
        let domain = ascii_domain(domain)?;
        let written = format!("{local}@{domain}");
        if written.len() > MAX_ADDRESS {
            return Err(EmailError::TooLong);
        }
        let folded = written.to_ascii_lowercase();
        Ok(Self { written, folded })
    }

    /// The address in clear, to send to or to seal. It does not belong in logs, metrics or errors (CH-134).
    pub fn expose(&self) -> &str {
        &self.written
    }

    /// The form that is compared: all in lower case. Personal data, as [`Self::expose`] is.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The domain in ASCII.
    pub fn domain(&self) -> &str {
        self.folded.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// `a…@e…`: the first character of both parts (CH-141).
    pub fn masked(&self) -> String {
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        format!("{}…@{}…", first(&self.folded), first(self.domain()))
    }
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::LocalEmpty);
    }
    if local.len() > MAX_LOCAL {
        return Err(EmailError::LocalTooLong);
    }
    if local.starts_with('"') {
        return Err(EmailError::LocalQuoted);
    }
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if !local.chars().all(is_atom) {
        return Err(EmailError::LocalCharacter);
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::LocalDot);
    }
    Ok(())
}

fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    if domain.is_empty() {
        return Err(EmailError::DomainEmpty);
    }
    if domain.starts_with('[') {
        return Err(EmailError::DomainLiteral);
    }
    let domain = idna::domain_to_ascii(domain).map_err(|_| EmailError::DomainCharacter)?;
    if !domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.') {
        return Err(EmailError::DomainCharacter);
    }
    let is_label =
        |label: &str| !label.is_empty() && label.len() <= MAX_LABEL && !label.starts_with('-') && !label.ends_with('-');
    if !domain.split('.').all(is_label) {
        return Err(EmailError::DomainLabel);
    }
    match domain.rsplit_once('.') {
        Some((_, top)) if !top.bytes().all(|b| b.is_ascii_digit()) => Ok(domain),
        _ => Err(EmailError::TopLevel),
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for EmailAddress {}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(text: &str, expected: &str) {
        assert_eq!(EmailAddress::parse(text).unwrap().expose(), expected, "{text}");
    }

    #[test]
    fn ch_14_good_addresses() {
        let local = "a".repeat(64);
        let long = format!("{local}@{}.{}.{}.nl", "b".repeat(63), "c".repeat(63), "d".repeat(58));
        assert_eq!(long.len(), 254);
        for text in [
            "an@example.nl",
            "An.De.Vries+afval@example.nl",
            "a@x.nl",
            "o'brien@example.nl",
            "!#$%&'*+-/=?^_`{|}~@example.nl",
            "123@example.nl",
            "an@sub.sub.example.amsterdam",
            "an@1-2.nl",
            "an@xn--caf-dma.nl",
            &format!("{local}@example.nl"),
            &long,
        ] {
            good(text, text);
        }
        good("An@EXAMPLE.nl", "An@example.nl");
        good("an@café.nl", "an@xn--caf-dma.nl");
        good("an@CAFÉ.nl", "an@xn--caf-dma.nl");
        good("an@例え.jp", "an@xn--r8jz45g.jp");
    }

    #[test]
    fn ch_14_bad_addresses_name_the_rule() {
        use EmailError::{
            Control, DomainCharacter, DomainEmpty, DomainLabel, DomainLiteral, Empty, LocalCharacter, LocalDot,
            LocalEmpty, LocalQuoted, LocalTooLong, NoAt, TooLong, TopLevel,
        };
        for (text, error) in [
            ("", Empty),
            ("an", NoAt),
            ("example.nl", NoAt),
            ("@example.nl", LocalEmpty),
            ("an@", DomainEmpty),
            ("an@@example.nl", LocalCharacter),
            ("an@bo@example.nl", LocalCharacter),
            (".an@example.nl", LocalDot),
            ("an.@example.nl", LocalDot),
            ("a..n@example.nl", LocalDot),
            ("a n@example.nl", LocalCharacter),
            ("an,bo@example.nl", LocalCharacter),
            ("an <an@example.nl>", LocalCharacter),
            ("<an@example.nl>", LocalCharacter),
            ("\"an\"@example.nl", LocalQuoted),
            ("é@example.nl", LocalCharacter),
            ("an@[192.0.2.1]", DomainLiteral),
            ("an@192.0.2.1", TopLevel),
            ("an@localhost", TopLevel),
            ("an@example", TopLevel),
            ("an@.nl", DomainLabel),
            ("an@example..nl", DomainLabel),
            ("an@example.nl.", DomainLabel),
            ("an@-example.nl", DomainLabel),
            ("an@example-.nl", DomainLabel),
            ("an@exam_ple.nl", DomainCharacter),
            ("an@exam ple.nl", DomainCharacter),
            ("an@example.nl>", DomainCharacter),
            ("an@example.nl;bo", DomainCharacter),
            ("an@example.nl\r\nBcc: bo@example.nl", Control),
            ("an\0@example.nl", Control),
            ("an\t@example.nl", Control),
            (&format!("{}@example.nl", "a".repeat(65)), LocalTooLong),
            (&format!("an@{}.nl", "a".repeat(64)), DomainLabel),
            (&format!("an@{}nl", "a.".repeat(126)), TooLong),
            (&format!("an@{}.nl", "é".repeat(125)), TooLong),
        ] {
            let found = EmailAddress::parse(text).expect_err(text);
            assert_eq!(found, error, "{text}");
        }
    }

    #[test]
    fn ch_15_addresses_are_compared_whole_and_folded() {
        let parse = |text| EmailAddress::parse(text).unwrap();
        assert_eq!(parse("An@example.nl"), parse("an@EXAMPLE.NL"));
        assert_eq!(parse("an@café.nl"), parse("AN@xn--caf-dma.nl"));
        for other in ["jan@x.nl", "an@x.nl.nl", "an@xx.nl", "a.n@x.nl", "an+1@x.nl"] {
            assert_ne!(parse("an@x.nl"), parse(other), "{other}");
        }
    }

    #[test]
    fn ch_141_masked_shows_two_characters() {
        assert_eq!(EmailAddress::parse("An.de.Vries@example.nl").unwrap().masked(), "a…@e…");
    }
}
