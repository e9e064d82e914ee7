//! What is kept of an exchange that was not as expected: why, and the messages as text.

use std::fmt::Write as _;

use serde::Serialize;

use crate::broker::Record;
use crate::message::{Answer, Headers, Request};

/// Why a step failed, with the exchange that shows it.
#[derive(Debug)]
pub struct Fault {
    /// What differs, in words.
    pub what: String,
    /// The messages, as text.
    pub evidence: String,
}

impl Fault {
    /// Without evidence.
    pub fn new(what: impl Into<String>) -> Fault {
        Fault { what: what.into(), evidence: String::new() }
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Fault {
        Fault::new(error.to_string())
    }
}

/// A request as text, credentials left out.
pub fn shown_request(request: &Request) -> String {
    shown(&format!("{} {}", request.method, request.target), &request.headers, &request.body)
}

/// An answer as text.
pub fn shown_answer(answer: &Answer) -> String {
    shown(&format!("HTTP {}", answer.status), &answer.headers, &answer.body)
}

/// A record as text.
pub fn shown_record(record: &Record) -> String {
    let part = |part: &Option<Vec<u8>>| {
        part.as_ref().map_or_else(|| "(none)".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let first = format!("key: {}", part(&record.key));
    shown(&first, &record.headers, part(&record.value).as_bytes())
}

/// Headers whose value is not shown.
const SECRET: &[&str] = &["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

fn shown(first: &str, headers: &Headers, body: &[u8]) -> String {
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

/// A token in the query is a credential as well.
fn without_query_token(text: &str) -> String {
    const NAME: &str = "access_token=";
    let Some(start) = text.find(NAME).map(|place| place + NAME.len()) else { return text.to_owned() };
    let end = text[start..].find(['&', ' ']).map_or(text.len(), |length| start + length);
    format!("{}(left out){}", &text[..start], without_query_token(&text[end..]))
}

/// What went over the wire while a scenario was played, bounded.
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
    /// Who spoke to whom.
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

    /// What was kept.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges
    }
}

/// The start of a text that may be long.
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
