//! How a scripted subscriber reacts to a request: the HTTP answer written in the scenario, or none. Parses entries of
//! scripts; [`crate::receiver`] acts on them.

use std::time::Duration;

use crate::message::{self, Answer, MessageError};
use crate::placeholder;

/// The reaction of a subscriber to a request, by an entry of its script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Answers, after a delay.
    Answer {
        /// How long it waits before it answers.
        delay: Duration,
        /// The answer it sends.
        answer: Answer,
    },
    /// Keeps the connection open and sends nothing.
    Hang,
    /// Waits until the script of the sink is replaced, and reacts as the first entry of the new script says.
    Hold,
    /// Closes the connection without an answer.
    Cut,
}

/// The entry that consents to any origin, without a rate limit.
pub const CONSENT: &str = "200\nAllow: POST, OPTIONS\nWebHook-Allowed-Origin: {{origin}}\nWebHook-Allowed-Rate: *\n";
/// The entry that accepts a delivery.
pub const ACCEPTED: &str = "204";

/// Reads an entry: `hang`, `hold`, `cut`, or an answer whose first line is `STATUS` or `STATUS after 500 ms`.
/// `origin` is what the request at hand carries in `WebHook-Request-Origin`; `{{ORIGIN}}` is the same in capitals.
pub fn reaction(text: &str, origin: &str) -> Result<Reaction, MessageError> {
    match text.trim() {
        "hang" => return Ok(Reaction::Hang),
        "hold" => return Ok(Reaction::Hold),
        "cut" => return Ok(Reaction::Cut),
        _ => {}
    }
    let lookup = |name: &str| match name {
        "origin" => Some(origin.to_owned()),
        "ORIGIN" => Some(origin.to_ascii_uppercase()),
        _ => None,
    };
    let filled = placeholder::fill(text, &lookup).map_err(|unknown| MessageError::Header(unknown.to_string()))?;
    let answer = message::answer(&filled)?;
    let delay = answer
        .reason_phrase
        .strip_prefix("after ")
        .and_then(|delay| delay.trim_end_matches(" ms").parse().ok())
        .map_or(Duration::ZERO, Duration::from_millis);
    Ok(Reaction::Answer { delay, answer })
}

/// What is wrong with an entry, as far as it can be checked before its placeholders have values.
pub fn fault(text: &str) -> Option<MessageError> {
    let first = text.trim_start().lines().next().unwrap_or_default();
    if first.contains("{{") { None } else { reaction(first, "").err() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_answers_hanging_holding_or_cutting() {
        assert_eq!(reaction("hang", ""), Ok(Reaction::Hang));
        assert_eq!(reaction("hold", ""), Ok(Reaction::Hold));
        assert_eq!(reaction("cut\n", ""), Ok(Reaction::Cut));
        let Ok(Reaction::Answer { delay, answer }) = reaction("503 after 250 ms\nRetry-After: 2", "") else { panic!() };
        assert_eq!((delay, answer.status), (Duration::from_millis(250), 503));
        let Ok(Reaction::Answer { answer, .. }) = reaction(CONSENT, "gateway.example") else { panic!() };
        assert_eq!(message::value(&answer.headers, "webhook-allowed-origin").as_deref(), Some("gateway.example"));
        assert!(reaction("perhaps", "").is_err());
        assert!(fault("perhaps").is_some() && fault("{{answer}}").is_none() && fault("204\nA: {{id}}").is_none());
    }
}
