//! One request and its result, kept as evidence: as a line, and in full. Credentials, cookies and queries are masked.
//! Its meaning is decided elsewhere.

use std::time::Duration;

use crate::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, REQUEST_CALLBACK, REQUEST_ORIGIN, REQUEST_RATE};
use egress::{Request, Response, SendError, without_query};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderName, StatusCode, Version};

use crate::check::query;
use crate::check::text::Text;

/// Headers shown in the one-line form.
const SUMMARY_HEADERS: [HeaderName; 8] =
    [REQUEST_ORIGIN, REQUEST_RATE, ALLOW, ALLOWED_ORIGIN, ALLOWED_RATE, CONTENT_TYPE, RETRY_AFTER, LOCATION];

/// Headers whose value is masked.
const MASKED_HEADERS: [HeaderName; 4] = [AUTHORIZATION, COOKIE, SET_COOKIE, REQUEST_CALLBACK];

/// The longest header value shown, in characters.
const MAX_VALUE: usize = 120;

/// Most characters of a body shown.
const MAX_BODY: usize = 400;

/// The replacement of a secret.
pub const MASK: &str = "***";

/// Texts that must not be shown, wherever they turn up.
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Masks `text` from now on.
    pub fn hide(&mut self, text: &str) {
        if !text.is_empty() {
            self.0.push(text.to_owned());
        }
    }

    fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

/// One side of an exchange, as it is shown.
pub struct Side {
    /// The start line, such as `POST https://…` or `204 No Content`.
    pub start: String,
    /// The headers, with their usual spelling.
    pub headers: Vec<(String, String)>,
    /// The start of the body, with the total length if it was longer.
    pub body: String,
}

impl Side {
    fn of(start: String, headers: &HeaderMap, body: &[u8], cut: bool, secrets: &Secrets) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let text = if MASKED_HEADERS.contains(name) || value.is_sensitive() {
                MASK
            } else if *name == LOCATION {
                // The target of a redirect may contain a token.
                text.split('?').next().unwrap_or_default()
            } else {
                &text
            };
            (spelled(name), secrets.mask(text).chars().take(MAX_VALUE).collect())
        });
        let text = secrets.mask(&String::from_utf8_lossy(body));
        let shown: String = text.chars().take(MAX_BODY).collect();
        let more = if shown.len() < text.len() || cut {
            format!("… ({} {}B)", body.len(), if cut { "+ " } else { "" })
        } else {
            String::new()
        };
        Self { start: secrets.mask(&start), headers: headers.collect(), body: shown + &more }
    }

    /// The one-line form: the start line and the relevant headers.
    pub fn line(&self) -> String {
        let told = SUMMARY_HEADERS.iter().map(spelled).collect::<Vec<_>>();
        let headers = self.headers.iter().filter(|(name, _)| told.contains(name));
        let headers = headers.map(|(name, value)| format!("{name}: {value}"));
        [self.start.clone()].into_iter().chain(headers).collect::<Vec<_>>().join("; ")
    }
}

/// A finished exchange.
pub struct Exchange {
    /// Its number in the report, from 1.
    pub number: usize,
    /// What it tests.
    pub purpose: Text,
    /// The request, as it is shown.
    pub sent: Side,
    /// The response, as it is shown.
    pub received: Side,
    /// The response itself, or the error.
    pub outcome: Result<Response, SendError>,
    /// The time from the call to the last byte.
    pub took: Duration,
    /// Whether the request had a token in its query.
    pub query_token: bool,
}

impl Exchange {
    pub fn new(
        number: usize,
        purpose: Text,
        request: &Request,
        outcome: Result<Response, SendError>,
        took: Duration,
        secrets: &Secrets,
    ) -> Self {
        let hidden = if request.url.query().is_some() { "?…" } else { "" };
        let start = format!("{} {}{hidden}", request.method, without_query(&request.url));
        let sent = Side::of(start, &request.headers, &request.body, false, secrets);
        let received = match &outcome {
            Ok(answer) => {
                let version = if answer.version == Version::HTTP_2 { " (HTTP/2)" } else { "" };
                let start = format!("{}{version}", answer.status);
                Side::of(start, &answer.headers, &answer.body, answer.truncated, secrets)
            }
            Err(error) => Side { start: secrets.mask(&error.to_string()), headers: Vec::new(), body: String::new() },
        };
        let query_token = query::token(&request.url).is_some();
        Self { number, purpose, sent, received, outcome, took, query_token }
    }

    /// The response, if there was one.
    pub fn answer(&self) -> Option<&Response> {
        self.outcome.as_ref().ok()
    }

    /// The status, if there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer().map(|answer| answer.status)
    }
}

/// The usual spelling of a header name.
fn spelled(name: &HeaderName) -> String {
    let parts = name.as_str().split('-').map(|part| match part {
        "webhook" => "WebHook".to_owned(),
        _ => part.chars().next().map(|first| first.to_ascii_uppercase().to_string() + &part[1..]).unwrap_or_default(),
    });
    parts.collect::<Vec<_>>().join("-")
}
