//! Evidence for a report: exchanges as text without secrets, and why a step failed. Decides nothing.

use std::fmt::Write as _;

use serde::Serialize;

use crate::broker::Record;
use crate::message::{Answer, Headers, Request};

/// Why a step failed, with the exchange that shows it.
#[derive(Debug)]
pub struct Fault {
    /// The difference from what was expected, as a sentence.
    pub what: String,
    /// The messages as text; empty when there are none.
    pub evidence: String,
}

impl Fault {
    /// A fault without messages to show.
    pub fn new(what: impl Into<String>) -> Fault {
        Fault { what: what.into(), evidence: String::new() }
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Fault {
        Fault::new(error.to_string())
    }
}

/// A request as text, credentials left out, cut when long.
pub fn shown_request(request: &Request) -> String {
    message_text(&format!("{} {}", request.method, request.target), &request.headers, &request.body)
}

/// An answer as text, credentials left out, cut when long.
pub fn shown_answer(answer: &Answer) -> String {
    message_text(&format!("HTTP {}", answer.status), &answer.headers, &answer.body)
}

/// A record as text: key, headers and value; cut when long.
pub fn shown_record(record: &Record) -> String {
    let part = |part: &Option<Vec<u8>>| {
        part.as_ref().map_or_else(|| "(none)".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let first = format!("key: {}", part(&record.key));
    message_text(&first, &record.headers, part(&record.value).as_bytes())
}

/// Headers whose value is left out of reports, in lower case.
const SECRET: &[&str] = &["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

fn message_text(first: &str, headers: &Headers, body: &[u8]) -> String {
    let mut text = without_query_token(first);
    for (name, value) in headers {
        let secret = SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret));
        let value = if secret { "(left out)".into() } else { String::from_utf8_lossy(value) };
        write!(text, "\n{name}: {value}").ok();
    }
    if !body.is_empty() {
        text.push_str("\n\n");
        text.push_str(&String::from_utf8_lossy(body));
    }
    cut(&text)
}

/// Leaves out the value of `access_token` in a query, which is a credential (RFC 6750 section 2.3).
fn without_query_token(text: &str) -> String {
    const NAME: &str = "access_token=";
    let Some(start) = text.find(NAME).map(|place| place + NAME.len()) else { return text.to_owned() };
    let end = text[start..].find(['&', ' ']).map_or(text.len(), |length| start + length);
    format!("{}(left out){}", &text[..start], without_query_token(&text[end..]))
}

/// The exchanges of one scenario, limited in size.
#[derive(Debug, Default)]
pub struct Trace {
    exchanges: Vec<Exchange>,
    kept: usize,
}

/// One message, or one request with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// The values of the case; empty when the scenario has no cases.
    pub case: String,
    /// The step it belongs to, from 1; 0 is the preparation.
    pub step: usize,
    /// Sender and receiver, or what the exchange shows, in words.
    pub what: String,
    /// The messages, secrets left out, long ones cut.
    pub message: String,
}

/// The most characters kept of what one scenario exchanges.
const KEPT_OF_A_SCENARIO: usize = 24_000;

impl Trace {
    /// Keeps an exchange, as long as there is room.
    pub fn keep(&mut self, exchange: Exchange) {
        if self.kept > KEPT_OF_A_SCENARIO {
            return;
        }
        self.kept += exchange.message.len() + exchange.case.len();
        self.exchanges.push(exchange);
    }

    /// The exchanges that were kept, in order.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges
    }
}

/// The first 2500 characters of a text, with an ellipsis when there are more.
pub fn cut(text: &str) -> String {
    const KEPT: usize = 2_500;
    if text.chars().count() <= KEPT {
        return text.to_owned();
    }
    text.chars().take(KEPT).chain(" …".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_left_out() {
        let headers = vec![("AUTHORIZATION".to_owned(), b"Bearer t0k".to_vec()), ("A".to_owned(), b"b".to_vec())];
        let target = "/x?access_token=t0k&b=1".to_owned();
        let shown = shown_request(&Request { method: "GET".to_owned(), target, headers, body: b"body".to_vec() });
        assert!(!shown.contains("t0k"), "{shown}");
        assert!(shown.starts_with("GET /x?access_token=(left out)&b=1\n") && shown.ends_with("A: b\n\nbody"));
    }

    #[test]
    fn a_trace_is_bounded() {
        let mut trace = Trace::default();
        for step in 0..100 {
            let message = "x".repeat(2_000);
            trace.keep(Exchange { case: String::new(), step, what: String::new(), message });
        }
        let kept = trace.into_exchanges();
        assert!((10..20).contains(&kept.len()), "{}", kept.len());
    }
}
