//! The header fields of a mailing: `List-Id` (RFC 2919), `List-Unsubscribe` (RFC 2369) and `List-Unsubscribe-Post` (RFC 8058)
//! (CH-18, CH-20).

use ring::digest;

use crate::address::{EmailAddress, EmailError};

/// The longest URL, in bytes: a line of a header has at most 998 octets.
const MAX_URL: usize = 900;
/// The longest first part of a [`ListId`], in bytes.
const MAX_LABEL: usize = 40;

/// What a mail to the subscribers of a kanaal has and others have not.
#[derive(Clone, PartialEq, Eq)]
pub struct List {
    /// The kanaal.
    pub id: ListId,
    /// How the addressee ends the subscription.
    pub unsubscribe: Unsubscribe,
}

/// The id of a list: a label and a domain of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListId(String);

/// The addresses of `List-Unsubscribe`. They identify the subscription; there is no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    url: String,
    address: Option<EmailAddress>,
}

/// Why a list has no header fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The domain is none.
    #[error("domain of the list: {0}")]
    Domain(EmailError),
    /// The URL is not an `https` one, has characters that no URL has, or is longer than 900 bytes.
    #[error(
        "the URL to unsubscribe must be https, in ASCII without spaces, quotes and angle brackets, at most 900 bytes"
    )]
    Url,
}

impl ListId {
    /// The id of a kanaal at a domain. A name with other characters than lower-case letters, digits and hyphens gets a digest at
    /// its end, so that two kanalen never have one id.
    pub fn of_kanaal(kanaal: &str, domain: &str) -> Result<Self, ListError> {
        let checked = EmailAddress::parse(&format!("x@{domain}")).map_err(ListError::Domain)?;
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_label = kanaal.chars().all(is_plain) && (1..=MAX_LABEL).contains(&kanaal.len());
        let label = if is_label {
            kanaal.to_owned()
        } else {
            let start: String = kanaal.to_lowercase().chars().filter(|c| is_plain(*c)).take(MAX_LABEL).collect();
            let digest = digest::digest(&digest::SHA256, kanaal.as_bytes());
            digest.as_ref().iter().take(4).fold(start, |label, byte| format!("{label}{byte:02x}"))
        };
        Ok(Self(format!("<{label}.{}>", checked.domain())))
    }

    pub(super) fn header(&self) -> &str {
        &self.0
    }
}

impl Unsubscribe {
    /// The URL of one click (RFC 8058), and the address where an inbound domain is configured.
    pub fn new(url: &str, address: Option<EmailAddress>) -> Result<Self, ListError> {
        let is_url = |c: char| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c);
        let is_https = url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
        if !is_https || url.len() <= 8 || url.len() > MAX_URL || !url.chars().all(is_url) {
            return Err(ListError::Url);
        }
        Ok(Self { url: url.to_owned(), address })
    }

    pub(super) fn header(&self) -> String {
        match &self.address {
            None => format!("<{}>", self.url),
            Some(address) => format!("<{}>, <mailto:{}>", self.url, address.expose()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_18_each_kanaal_has_its_list_id() {
        fn id(kanaal: &str) -> String {
            ListId::of_kanaal(kanaal, "Example.nl").unwrap().0
        }
        assert_eq!(id("afval-2026"), "<afval-2026.example.nl>");
        for other in ["Afval-2026", "afval 2026", "afval-2026\r\nBcc: x", "", "é", &"a".repeat(50)] {
            let found = id(other);
            assert!(found.ends_with(".example.nl>") && found.len() < 70, "{found}");
            assert!(!found.contains([' ', '\r', '\n']), "{found}");
            assert_ne!(found, id("afval-2026"));
        }
        assert_ne!(id("é"), id("è"));
        assert_eq!(ListId::of_kanaal("a", "localhost"), Err(ListError::Domain(EmailError::TopLevel)));
    }

    #[test]
    fn ch_20_only_a_plain_https_url_unsubscribes() {
        let address = EmailAddress::parse("u-x@bounces.example.nl").unwrap();
        let unsubscribe = Unsubscribe::new("https://example.nl/a/x?y=1", None).unwrap();
        assert_eq!(unsubscribe.header(), "<https://example.nl/a/x?y=1>");
        let both = Unsubscribe::new("https://example.nl/a", Some(address)).unwrap();
        assert_eq!(both.header(), "<https://example.nl/a>, <mailto:u-x@bounces.example.nl>");
        for url in [
            "",
            "http://example.nl",
            "https://",
            "mailto:an@example.nl",
            "https://example.nl/a b",
            "https://example.nl/>",
            "https://example.nl/\r\nBcc:x",
            "https://é.nl",
            &format!("https://example.nl/{}", "a".repeat(900)),
        ] {
            assert_eq!(Unsubscribe::new(url, None).err(), Some(ListError::Url), "{url}");
        }
    }
}
