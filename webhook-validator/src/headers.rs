//! The five `WebHook-*` headers, and the origin that two of them contain. Whether a value is consent is decided in
//! `handshake` and `target`.

use std::fmt;
use std::str::FromStr;

use ::http::{HeaderMap, HeaderName};

/// The origin that asks for consent (CE-WHV-05).
pub const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
/// The requested rate, in requests per minute (CE-WHV-11).
pub const REQUEST_RATE: HeaderName = HeaderName::from_static("webhook-request-rate");
/// The URL at which consent may be given later (CE-WHV-06).
pub const REQUEST_CALLBACK: HeaderName = HeaderName::from_static("webhook-request-callback");
/// The origin that may send (CE-WHV-15).
pub const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
/// The granted rate, in requests per minute (CE-WHV-19).
pub const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// The longest value that is read and repeated in messages, in characters; a DNS name has at most 253.
const MAX_LENGTH: usize = 300;

/// The value of a header that may occur only once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field {
    /// The header is absent.
    #[default]
    Absent,
    /// One value, trimmed and cut to 300 characters.
    One(String),
    /// More than one value, so none is certain (CE-WHV-16).
    Several,
}

impl Field {
    /// The header `name` of a message.
    pub fn of(headers: &HeaderMap, name: &HeaderName) -> Self {
        let mut lines = headers.get_all(name).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::Absent,
            (Some(_), Some(_)) => Self::Several,
            (Some(line), None) => {
                let text = String::from_utf8_lossy(line.as_bytes());
                Self::One(text.trim().chars().take(MAX_LENGTH).collect())
            }
        }
    }
}

/// The DNS name of the sending system, not of one of its hosts: without scheme, port and path (CE-WHV-05).
///
/// Keeps its spelling; origins that differ only in ASCII case are equal (CE-WHV-16).
#[derive(Debug, Clone)]
pub struct Origin(String);

/// A text that is not a DNS name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no DNS name: an origin is a name such as gateway.gemeente.example, without scheme, port or path")]
pub struct OriginError(String);

impl Origin {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a header value is this origin.
    pub fn is(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text.trim())
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Origin {}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // Resolvers take a name that ends in a number for an address.
        let numeric = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if text.len() <= 253 && text.split('.').all(label) && !numeric {
            Ok(Self(text.to_owned()))
        } else {
            Err(OriginError(text.chars().take(MAX_LENGTH).collect()))
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;

    #[test]
    fn an_origin_is_one_dns_name_ce_whv_05() {
        let long_label = "a".repeat(64);
        let long_name = ["abcdefghi"; 26].join(".");
        for (text, good) in [
            ("gateway.gemeente.example", true),
            ("EventEmitter.Example.com", true),
            ("localhost", true),
            ("xn--caf-dma.example", true),
            ("1a.example", true),
            ("", false),
            ("https://gateway.example", false),
            ("gateway.example:443", false),
            ("gateway.example/", false),
            ("gateway.example.", false),
            ("*.example", false),
            ("*", false),
            ("a..b", false),
            ("-a.example", false),
            ("a-.example", false),
            ("a_b.example", false),
            ("a b", false),
            ("192.0.2.1", false),
            ("2130706433", false),
            ("café.example", false),
            (&long_label, false),
            (&long_name, false),
        ] {
            assert_eq!(text.parse::<Origin>().is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn origins_are_compared_as_dns_names_ce_whv_16() {
        let origin: Origin = "eventemitter.example.com".parse().unwrap();
        assert!(origin.is(" EventEmitter.Example.Com "));
        assert!(!origin.is("eventemitter.example.com."));
        assert!(!origin.is("*"));
        assert_eq!(origin, "EVENTEMITTER.example.com".parse().unwrap());
    }

    #[test]
    fn a_field_stands_once_or_counts_for_nothing_ce_whv_16() {
        let mut headers = HeaderMap::new();
        assert_eq!(Field::of(&headers, &ALLOWED_ORIGIN), Field::Absent);
        headers.append(ALLOWED_ORIGIN, HeaderValue::from_static(" a.example "));
        assert_eq!(Field::of(&headers, &ALLOWED_ORIGIN), Field::One("a.example".to_owned()));
        headers.append(ALLOWED_ORIGIN, HeaderValue::from_static("a.example"));
        assert_eq!(Field::of(&headers, &ALLOWED_ORIGIN), Field::Several);
        headers.insert(ALLOWED_ORIGIN, HeaderValue::from_static(""));
        assert_eq!(Field::of(&headers, &ALLOWED_ORIGIN), Field::One(String::new()));
        headers.insert(ALLOWED_ORIGIN, HeaderValue::from_bytes(&[b'x'; 5000]).unwrap());
        assert_eq!(Field::of(&headers, &ALLOWED_ORIGIN), Field::One("x".repeat(300)));
    }
}
