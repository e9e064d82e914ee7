//! What is kept of an exchange that was not as expected: why, and the messages as text.

use std::fmt::Write as _;

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
    shown(&answer.status.to_string(), &answer.headers, &answer.body)
}

fn shown(first: &str, headers: &Headers, body: &[u8]) -> String {
    let mut text = first.to_owned();
    for (name, value) in headers {
        let secret = name.eq_ignore_ascii_case("authorization");
        let value = if secret { "(left out)".into() } else { String::from_utf8_lossy(value) };
        write!(text, "\n{name}: {value}").ok();
    }
    text.push_str("\n\n");
    text.push_str(&String::from_utf8_lossy(body));
    cut(&text)
}

/// The start of a text that may be long.
pub fn cut(text: &str) -> String {
    const KEPT: usize = 2_500;
    if text.chars().count() <= KEPT {
        return text.to_owned();
    }
    text.chars().take(KEPT).chain(" …".chars()).collect()
}
