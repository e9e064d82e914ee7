//! Rules of a request by itself: bounds, words, and members that only go together. The native API and the configuration
//! both read by them; each names the members in its own spelling.

use std::{num::NonZeroU32, time::Duration};

use model::{
    Timestamp,
    credential::ClientAuthentication,
    event::PublishedAs,
    subscription::{Format, Order, Rendering},
};

use super::Start;

/// Checks that deliveries to a URL are allowed; `Err` holds the rule it breaks. See [`crate::Receivers::check_url`].
pub type CheckUrl<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// Longest URL of a sink, in bytes.
pub const MAX_SINK: usize = 2_000;
/// Longest name of a subscription, in characters.
pub const MAX_NAME: usize = 100;
/// Longest contact of a subscription, in characters.
pub const MAX_CONTACT: usize = 254;
/// Longest description of a subscription, in characters.
pub const MAX_DESCRIPTION: usize = 1_000;
/// Longest grant hash of FSC, in characters.
pub const MAX_GRANT_HASH: usize = 256;
/// Most kanalen, types and kenmerken of one subscription.
pub const MAX_LIST: usize = 256;
/// Most headers of one subscription.
pub const MAX_HEADERS: usize = 32;
/// Longest value of a header, in bytes.
pub const MAX_HEADER_VALUE: usize = 4_096;
/// The maximum number of concurrent requests that can be requested.
pub const MAX_IN_FLIGHT: u32 = 10_000;
/// Most events in one batch.
pub const MAX_BATCH: u32 = 1_000;
/// Longest wait for further events of a batch, in milliseconds.
pub const MAX_LINGER_MS: u64 = 60_000;
/// Most retries of one event.
pub const MAX_RETRIES: u64 = 100;
/// Least and most factor of retries, in seconds.
pub const FACTOR: (f64, f64) = (0.0, 3_600.0);
/// Least and most base of retries.
pub const BASE: (f64, f64) = (1.0, 10.0);
/// Longest wait for a retry that can be asked for, in seconds.
pub const MAX_CAP_SECONDS: u64 = 86_400;
/// Least and most random part of a wait.
pub const JITTER: (f64, f64) = (0.0, 1.0);
/// Longest secret, in bytes.
pub const MAX_SECRET: usize = 8_192;
/// Longest other text of a credential, in bytes.
pub const MAX_TEXT: usize = 2_000;

/// The rule of [`start`].
pub const START: &str = "must be \"now\", \"beginning\" or an RFC 3339 moment";
/// The rule of [`is_header_text`].
pub const HEADER_TEXT: &str = "must hold only visible ASCII characters";

/// How an event was published.
pub const PUBLISHED_AS: [(&str, PublishedAs); 2] =
    [("notificatie", PublishedAs::Notificatie), ("cloudevent", PublishedAs::CloudEvent)];
/// The order of arrival.
pub const ORDERS: [(&str, Order); 2] = [("none", Order::None), ("key", Order::Key)];
/// How a notification looks as a structured CloudEvent.
pub const RENDERINGS: [(&str, Rendering); 2] = [("canonical", Rendering::Canonical), ("on116", Rendering::On116)];
/// How the secret of a client is sent to a token endpoint.
pub const CLIENT_AUTHENTICATIONS: [(&str, ClientAuthentication); 2] =
    [("basic", ClientAuthentication::Basic), ("post", ClientAuthentication::Post)];
/// The shapes of a delivery.
pub const FORMATS: [(&str, FormatWord); 4] = [
    ("structured", FormatWord::Structured),
    ("binary", FormatWord::Binary),
    ("batch", FormatWord::Batch),
    ("legacy", FormatWord::Legacy),
];
/// The ways to ask a sink for consent.
pub const VALIDATIONS: [(&str, ValidationWord); 3] =
    [("handshake", ValidationWord::Handshake), ("probe", ValidationWord::Probe), ("manual", ValidationWord::Manual)];

/// The shape of a delivery, without what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FormatWord {
    /// A structured CloudEvent; goes with a rendering.
    #[default]
    Structured,
    /// A binary CloudEvent.
    Binary,
    /// Batches of structured CloudEvents; goes with bounds.
    Batch,
    /// The notification of the Notificaties API.
    Legacy,
}

/// A way to ask a sink for consent, without what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValidationWord {
    /// The handshake of CloudEvents Webhooks.
    #[default]
    Handshake,
    /// The two probes of the Notificaties API.
    Probe,
    /// An agreement, which has to be named.
    Manual,
}

/// Bounds of a batch; `None` for the default, 100 events and one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchBounds {
    /// Most events in one request, 1 to 1,000.
    pub max_events: Option<NonZeroU32>,
    /// How long the first event waits for more, at most a minute.
    pub linger: Option<Duration>,
}

/// Checks the URL of a sink.
///
/// # Errors
/// The rule it breaks.
pub fn check_sink(url: &str, check_url: CheckUrl<'_>) -> Result<(), String> {
    check_length(url, MAX_SINK)?;
    check_url(url)
}

/// Checks the name of a subscription: 1 to 100 characters on one line, not only white space.
///
/// # Errors
/// The rule it breaks.
pub fn check_name(name: &str) -> Result<(), String> {
    check_line(name, MAX_NAME)
}

/// Checks the contact of a subscription: a mail address, or an http or https URL, of at most 254 characters.
///
/// # Errors
/// The rule it breaks.
pub fn check_contact(contact: &str) -> Result<(), String> {
    check_line(contact, MAX_CONTACT)?;
    let is_mail = || {
        contact.split_once('@').is_some_and(|(local, domain)| {
            let labels = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
            !local.is_empty() && labels && !domain.contains(['@', '/', ':'])
        })
    };
    let is_url = || {
        let rest = contact.strip_prefix("https://").or_else(|| contact.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']))
    };
    if !contact.contains(char::is_whitespace) && (is_url() || is_mail()) {
        Ok(())
    } else {
        Err("must be a mail address, or an http or https URL".to_owned())
    }
}

/// Checks a grant hash of FSC, such as `$1$4$…`: 1 to 256 visible ASCII characters.
///
/// # Errors
/// The rule it breaks.
pub fn check_grant_hash(hash: &str) -> Result<(), String> {
    if (1..=MAX_GRANT_HASH).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(format!("must be 1 to {MAX_GRANT_HASH} visible ASCII characters"))
    }
}

/// Checks the description of a subscription: 1 to 1,000 characters; line breaks and tabs are the only control characters.
///
/// # Errors
/// The rule it breaks.
pub fn check_description(text: &str) -> Result<(), String> {
    check_text(text, MAX_DESCRIPTION, |c| !matches!(c, '\n' | '\r' | '\t'))
}

fn check_line(text: &str, most: usize) -> Result<(), String> {
    check_text(text, most, |_| true)
}

/// Checks that a text has 1 to `most` characters and something to read. `is_refused` decides about control characters.
fn check_text(text: &str, most: usize, is_refused: impl Fn(char) -> bool) -> Result<(), String> {
    if text.trim().is_empty() || text.chars().nth(most).is_some() {
        Err(format!("must be a text of 1 to {most} characters"))
    } else if text.chars().any(|c| c.is_control() && is_refused(c)) {
        Err("must hold no control characters".to_owned())
    } else {
        Ok(())
    }
}

/// Checks that a text has at most `most` bytes.
///
/// # Errors
/// The rule it breaks.
pub fn check_length(text: &str, most: usize) -> Result<(), String> {
    if text.len() > most { Err(format!("has more than {most} characters")) } else { Ok(()) }
}

/// Whether a text can be the value of `Authorization`: visible ASCII characters and spaces, none at its ends.
pub fn is_header_text(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && text.trim() == text
}

/// Where a subscription starts; `None` for a text that breaks the rule [`START`].
pub fn start(text: &str) -> Option<Start> {
    match text {
        "now" => Some(Start::Now),
        "beginning" => Some(Start::Beginning),
        moment => Timestamp::parse_rfc3339(moment).map(Start::At),
    }
}

/// A format with what goes with it. `fault` receives a member and the rule it breaks.
pub fn format(
    word: FormatWord,
    rendering: Option<Rendering>,
    batch: Option<BatchBounds>,
    fault: &mut dyn FnMut(&str, &str),
) -> Format {
    if rendering.is_some() && word != FormatWord::Structured {
        fault("rendering", "only goes with format structured");
    }
    if batch.is_some() && word != FormatWord::Batch {
        fault("batch", "only goes with format batch");
    }
    match word {
        FormatWord::Structured => Format::Structured(rendering.unwrap_or(Rendering::Canonical)),
        FormatWord::Binary => Format::Binary,
        FormatWord::Legacy => Format::Legacy,
        FormatWord::Batch => {
            let batch = batch.unwrap_or_default();
            Format::Batch {
                max_events: batch.max_events.unwrap_or(const { NonZeroU32::new(100).expect("not zero") }),
                linger: batch.linger.unwrap_or(Duration::from_secs(1)),
            }
        }
    }
}

/// Names of headers that the gateway, the binding or HTTP itself sets, besides the prefixes below.
const RESERVED: [&str; 14] = [
    "authorization",
    "cache-control",
    "connection",
    "date",
    "expect",
    "gateway-via",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
];
const RESERVED_PREFIXES: [&str; 4] = ["ce-", "content-", "proxy-", "webhook-"];

/// Checks the name of a header that every delivery will carry beside those `before` it (CE-SUB-16, CE-SUB-17).
///
/// # Errors
/// The rule it breaks.
pub fn check_header_name<T>(name: &str, before: &[(String, T)]) -> Result<(), &'static str> {
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || !name.bytes().all(is_token) {
        Err("is not a header name")
    } else if RESERVED.contains(&lower.as_str()) || RESERVED_PREFIXES.iter().any(|start| lower.starts_with(start)) {
        Err("is set by the gateway and cannot be given")
    } else if before.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
        Err("is given twice in different case")
    } else {
        Ok(())
    }
}

/// Checks the value of a header: visible ASCII characters, spaces and tabs.
///
/// # Errors
/// The rule it breaks.
pub fn check_header_value(value: &str) -> Result<(), String> {
    let is_visible = |byte: u8| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic();
    if value.len() <= MAX_HEADER_VALUE && value.bytes().all(is_visible) {
        Ok(())
    } else {
        Err(format!("must be a header value of at most {MAX_HEADER_VALUE} visible characters"))
    }
}

/// A character of a token (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headers_are_tokens_that_nobody_else_sets_ce_sub_17() {
        let before = [("X-One".to_owned(), String::new())];
        for (name, rule) in [
            ("", Some("is not")),
            ("a b", Some("is not")),
            ("a:", Some("is not")),
            ("é", Some("is not")),
            ("Host", Some("is set")),
            ("Ce-Id", Some("is set")),
            ("Content-Type", Some("is set")),
            ("x-one", Some("twice")),
            ("X-Two", None),
            ("a!~", None),
        ] {
            let checked = check_header_name(name, &before);
            assert_eq!(checked.is_ok(), rule.is_none(), "{name}");
            assert!(rule.is_none_or(|rule| checked.unwrap_err().contains(rule)), "{name}");
        }
        assert!(check_header_value("a\tb c").is_ok() && check_header_value("").is_ok());
        for value in ["a\nb", "é", &"x".repeat(MAX_HEADER_VALUE + 1)] {
            assert!(check_header_value(value).is_err(), "{value}");
        }
    }

    #[test]
    fn names_contacts_and_descriptions_are_bounded() {
        let long = |length: usize| "x".repeat(length);
        for (name, is) in [("Zaken naar het portaal", true), (&long(100), true), (&long(101), false)] {
            assert_eq!(check_name(name).is_ok(), is, "{name}");
        }
        for name in ["", "  ", "two\nlines", "a\u{7}"] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert_eq!((check_name(&"é".repeat(100)), check_description("two\nlines\tof text")), (Ok(()), Ok(())));
        for text in ["", "\n", "a\u{7}", &long(1_001)] {
            assert!(check_description(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_contact_is_a_mail_address_or_a_url() {
        for contact in
            ["beheer@gemeente.example", "a.b+c@x.y.example", "https://wiki.example/team?x=1", "http://intranet"]
        {
            assert_eq!(check_contact(contact), Ok(()), "{contact}");
        }
        let long = format!("{}@example.org", "x".repeat(254));
        for contact in [
            "",
            "beheer",
            "@x.example",
            "a@",
            "a@b",
            "a@b..c",
            "a@b@c.d",
            "a b@c.example",
            "https://",
            "https:///x",
            "ftp://x.example",
            "javascript:alert(1)",
            "mailto:a@b.example/x",
            long.as_str(),
        ] {
            assert!(check_contact(contact).is_err(), "{contact}");
        }
    }

    #[test]
    fn what_goes_with_a_format_goes_with_no_other() {
        let faults = |word, rendering, batch| {
            let mut faults = Vec::new();
            format(word, rendering, batch, &mut |member, _| faults.push(member.to_owned()));
            faults
        };
        let (rendering, batch) = (Some(Rendering::On116), Some(BatchBounds::default()));
        assert!(faults(FormatWord::Structured, rendering, None).is_empty());
        assert!(faults(FormatWord::Batch, None, batch).is_empty());
        assert_eq!(faults(FormatWord::Batch, rendering, None), ["rendering"]);
        assert_eq!(faults(FormatWord::Legacy, rendering, batch), ["rendering", "batch"]);
    }

    #[test]
    fn a_header_text_has_no_spaces_at_its_ends() {
        for (text, is) in [("Token a b", true), ("a ", false), (" a", false), ("a\tb", false), ("é", false)] {
            assert_eq!(is_header_text(text), is, "{text:?}");
        }
    }
}
