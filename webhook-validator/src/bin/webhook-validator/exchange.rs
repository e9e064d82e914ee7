//! One request and what came of it, kept as evidence: as a line, and in full. No credential, cookie or query is shown.
//! What it means is judged elsewhere.

use std::time::Duration;

use egress::{Request, Response, SendError, without_query};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderName, StatusCode, Version};
use webhook_validator::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, REQUEST_CALLBACK, REQUEST_ORIGIN, REQUEST_RATE};

use crate::query;
use crate::text::Text;

/// Headers that mean something in a line of the report.
const TOLD: [HeaderName; 8] =
    [REQUEST_ORIGIN, REQUEST_RATE, ALLOW, ALLOWED_ORIGIN, ALLOWED_RATE, CONTENT_TYPE, RETRY_AFTER, LOCATION];

/// Headers whose value is not shown.
const HIDDEN: [HeaderName; 4] = [AUTHORIZATION, COOKIE, SET_COOKIE, REQUEST_CALLBACK];

/// Longest header value that is shown, in characters.
const SHOWN: usize = 120;

/// Most of a body that is shown, in characters.
const BODY: usize = 400;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Texts that must not be shown, wherever they turn up.
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Hides `text` from now on.
    pub fn hide(&mut self, text: &str) {
        if !text.is_empty() {
            self.0.push(text.to_owned());
        }
    }

    fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

/// One side of an exchange as it is shown.
pub struct Side {
    /// `POST https://…` or `204 No Content`.
    pub start: String,
    /// The headers, as they are usually written.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, with its length when there was more.
    pub body: String,
}

impl Side {
    fn of(start: String, headers: &HeaderMap, body: &[u8], cut: bool, secrets: &Secrets) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let text = if HIDDEN.contains(name) {
                MASK
            } else if *name == LOCATION {
                // The target of a redirect may hold a token.
                text.split('?').next().unwrap_or_default()
            } else {
                &text
            };
            (spelled(name), secrets.mask(text).chars().take(SHOWN).collect())
        });
        let text = secrets.mask(&String::from_utf8_lossy(body));
        let shown: String = text.chars().take(BODY).collect();
        let more = if shown.len() < text.len() || cut {
            format!("… ({} {}B)", body.len(), if cut { "+ " } else { "" })
        } else {
            String::new()
        };
        Self { start: secrets.mask(&start), headers: headers.collect(), body: shown + &more }
    }

    /// The side in one line: where it begins and the headers that mean something.
    pub fn line(&self) -> String {
        let told = TOLD.iter().map(spelled).collect::<Vec<_>>();
        let headers = self.headers.iter().filter(|(name, _)| told.contains(name));
        let headers = headers.map(|(name, value)| format!("{name}: {value}"));
        [self.start.clone()].into_iter().chain(headers).collect::<Vec<_>>().join("; ")
    }
}

/// A finished exchange.
pub struct Exchange {
    /// Its number in the report, from 1.
    pub number: usize,
    /// What it is to show.
    pub purpose: Text,
    /// What was sent.
    pub sent: Side,
    /// What came back, as it is shown.
    pub received: Side,
    /// What came back.
    pub outcome: Result<Response, SendError>,
    /// From the call to the last byte.
    pub took: Duration,
    /// Whether the request carried a token in its query.
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

    /// The answer, when there was one.
    pub fn answer(&self) -> Option<&Response> {
        self.outcome.as_ref().ok()
    }

    /// The status, when there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer().map(|answer| answer.status)
    }
}

/// A header name as documents write it.
fn spelled(name: &HeaderName) -> String {
    let parts = name.as_str().split('-').map(|part| match part {
        "webhook" => "WebHook".to_owned(),
        _ => part.chars().next().map(|first| first.to_ascii_uppercase().to_string() + &part[1..]).unwrap_or_default(),
    });
    parts.collect::<Vec<_>>().join("-")
}
