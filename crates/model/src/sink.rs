//! Where the events of a subscription go: one variant per kind of channel.
//!
//! Nothing here sends or checks anything. Matches on [`Sink`] have no wildcard arm, so that the compiler lists every place
//! that a new kind must extend.

use std::fmt;

/// The destination of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sink {
    /// A webhook: an absolute http(s) URL without user information and fragment. Code that makes one from
    /// input of others checks that first.
    Webhook(String),
}

impl Sink {
    /// The text that identifies the destination. Subscriptions with equal keys share a shard, pace and outages; progress
    /// is stored under it. A webhook has its URL; the key of another kind is a URI of another scheme, so that keys of two
    /// kinds are never equal.
    pub fn key(&self) -> &str {
        match self {
            Self::Webhook(url) => url,
        }
    }

    /// Whether the other destination belongs to whoever runs this one, so that it may get the same credential: webhooks with
    /// the same scheme, host and port.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Webhook(one), Self::Webhook(other)) => origin(one) == origin(other),
        }
    }
}

/// Scheme, host and port of a URL, in lower case and without the default port.
fn origin(url: &str) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => ":",
    };
    let authority = authority.strip_suffix(default).unwrap_or(&authority).to_owned();
    (scheme, authority)
}

impl fmt::Display for Sink {
    /// Writes the key. It may hold secrets of the subscriber in its query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d7_an_origin_is_scheme_host_and_port() {
        let is_same = |one: &str, other: &str| Sink::Webhook(one.into()).is_same_origin(&Sink::Webhook(other.into()));
        for (other, same) in [
            ("https://s.example/other?x", true),
            ("HTTPS://S.Example:443", true),
            ("https://s.example?y", true),
            ("http://s.example/a", false),
            ("https://s.example:8443/a", false),
            ("https://evil.s.example/a", false),
            ("https://s.example.evil/a", false),
        ] {
            assert_eq!(is_same("https://s.example/a", other), same, "{other}");
        }
        assert!(is_same("http://s.example:80/", "http://s.example/") && !is_same("https://s:80", "https://s"));
    }

    #[test]
    fn the_key_of_a_webhook_is_its_url() {
        let url = "https://sink.example/hook?token=1";
        assert_eq!(Sink::Webhook(url.into()).key(), url);
        assert_eq!(Sink::Webhook(url.into()).to_string(), url);
    }
}
