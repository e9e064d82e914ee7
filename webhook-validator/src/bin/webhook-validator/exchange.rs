//! One request and what came of it, kept as evidence. No credential and no query is shown.

use egress::{Egress, Limits, Request, Response, SendError, without_query};
use http::header::{ALLOW, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use webhook_validator::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, REQUEST_ORIGIN, REQUEST_RATE};

/// Headers of requests and responses that mean something in a report, with their usual spelling.
const TOLD: [(HeaderName, &str); 8] = [
    (REQUEST_ORIGIN, "WebHook-Request-Origin"),
    (REQUEST_RATE, "WebHook-Request-Rate"),
    (ALLOW, "Allow"),
    (ALLOWED_ORIGIN, "WebHook-Allowed-Origin"),
    (ALLOWED_RATE, "WebHook-Allowed-Rate"),
    (CONTENT_TYPE, "Content-Type"),
    (RETRY_AFTER, "Retry-After"),
    (LOCATION, "Location"),
];

/// Longest header value that is shown, in characters.
const SHOWN: usize = 120;

/// A finished exchange.
pub struct Exchange {
    /// Its number in the report, from 1.
    pub number: usize,
    /// What was sent, in one line.
    pub sent: String,
    /// What came back.
    pub outcome: Result<Response, SendError>,
}

impl Exchange {
    /// What came back, in one line.
    pub fn received(&self) -> String {
        match &self.outcome {
            Err(error) => error.to_string(),
            Ok(response) => {
                let headers = told(&response.headers);
                let body = if response.body.is_empty() { None } else { Some(format!("{} B", response.body.len())) };
                [response.status.as_u16().to_string()]
                    .into_iter()
                    .chain(headers)
                    .chain(body)
                    .collect::<Vec<_>>()
                    .join("; ")
            }
        }
    }

    /// The status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.outcome.as_ref().ok().map(|response| response.status.as_u16())
    }
}

/// Sends requests and keeps count.
pub struct Wire {
    egress: Egress,
    number: usize,
}

impl Wire {
    pub fn new(egress: Egress) -> Self {
        Self { egress, number: 0 }
    }

    /// Sends one request. `note` says what is special about it.
    pub async fn send(&mut self, request: Request, note: &str) -> Exchange {
        self.number += 1;
        let line = format!("{} {}", request.method, without_query(&request.url));
        let note = (!note.is_empty()).then(|| note.to_owned());
        let sent = [line].into_iter().chain(told(&request.headers)).chain(note).collect::<Vec<_>>().join("; ");
        let outcome = self.egress.send(request, Limits::default()).await;
        Exchange { number: self.number, sent, outcome }
    }
}

fn told(headers: &HeaderMap) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, spelling) in &TOLD {
        for value in headers.get_all(name) {
            let text: String = String::from_utf8_lossy(value.as_bytes()).chars().take(SHOWN).collect();
            // The target of a redirect may hold a token.
            let text = if *name == LOCATION { text.split('?').next().unwrap_or_default().to_owned() } else { text };
            lines.push(format!("{spelling}: {text}"));
        }
    }
    lines
}
