//! A person whom a proxy names in a header, such as SiteMinder does (CH-125). It is believed on the listener of those proxies and from
//! their addresses; anywhere else it is ignored and counted.
//!
//! Not here: that listener (`gateway`), and tokens of people ([`super::person`]).

use std::time::Duration;

use axum::extract::Request;
use egress::Cidr;
use http::{HeaderMap, HeaderName};
use model::Timestamp;

use super::Person;
use crate::client;

/// Requests with the header of a person that were not sent by a proxy that may name people.
pub const IGNORED: &str = "gateway_auth_headers_ignored_total";

/// The longest identifier of a person, in bytes.
const MAX_SUBJECT: usize = 255;

/// How long a person is known by one request: a stream ends after it, and its client opens the next through the proxy.
const LIFETIME: Duration = Duration::from_mins(15);

/// The proxies that name people, and how.
#[derive(Debug, Clone)]
pub struct TrustedHeader {
    /// The header with the identifier of the person.
    pub name: HeaderName,
    /// The issuer of these identifiers.
    pub issuer: String,
    /// The addresses of the proxies.
    pub proxies: Vec<Cidr>,
}

/// In the extensions of requests that came in on the listener of these proxies.
#[derive(Debug, Clone, Copy)]
pub struct AtProxyListener;

/// The header cannot name one person: it appears twice, holds several values, is too long or is not of visible ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableHeader;

impl TrustedHeader {
    /// Whether the header of this request is believed. One that is not is counted.
    pub fn believes(&self, request: &Request) -> bool {
        let is_believed = request.extensions().get::<AtProxyListener>().is_some()
            && client::peer(request).is_some_and(|peer| self.proxies.iter().any(|range| range.contains(peer)));
        if !is_believed && request.headers().contains_key(&self.name) {
            metrics::counter!(IGNORED).increment(1);
        }
        is_believed
    }

    /// The person in headers that are believed, at `now`; `None` when the proxy names nobody.
    ///
    /// # Errors
    /// The header cannot name one person.
    pub fn person(&self, headers: &HeaderMap, now: Timestamp) -> Result<Option<Person>, UnreadableHeader> {
        let mut values = headers.get_all(&self.name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() || value.len() > MAX_SUBJECT {
            return Err(UnreadableHeader);
        }
        // A proxy that adds to what the client sent, instead of replacing it, makes a list.
        let subject = value.to_str().map_err(|_| UnreadableHeader)?.trim();
        if subject.contains(',') {
            return Err(UnreadableHeader);
        }
        let person = || Person { issuer: self.issuer.clone(), subject: subject.to_owned(), until: now + LIFETIME };
        Ok((!subject.is_empty()).then(person))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_header_names_one_person_nobody_or_is_refused_ch_125() {
        let own = TrustedHeader {
            name: HeaderName::from_static("sm_universalid"),
            issuer: "siteminder".to_owned(),
            proxies: Vec::new(),
        };
        let now = Timestamp::from_seconds(1_800_000_000);
        let long = "x".repeat(MAX_SUBJECT + 1);
        for (values, expected) in [
            (&[][..], Ok(None)),
            (&[""], Ok(None)),
            (&["an"], Ok(Some("an"))),
            (&[" an "], Ok(Some("an"))),
            (&["an", "bo"], Err(UnreadableHeader)),
            (&["an, bo"], Err(UnreadableHeader)),
            (&["\u{e9}"], Err(UnreadableHeader)),
            (&[long.as_str()], Err(UnreadableHeader)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("SM_UNIVERSALID", HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let found = own.person(&headers, now).map(|person| person.map(|person| (person.issuer, person.subject)));
            let expected = expected.map(|subject| subject.map(|subject| ("siteminder".to_owned(), subject.to_owned())));
            assert_eq!(found, expected, "{values:?}");
        }
    }
}
