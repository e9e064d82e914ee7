//! What a scripted subscriber does with a request: an HTTP answer as the scenario wrote it, or no answer at all.

use std::time::Duration;

use crate::message::{self, Answer, MessageError};
use crate::placeholder;

/// One entry of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Play {
    /// Answers, after a delay.
    Answer {
        /// How long it waits before it answers.
        delay: Duration,
        /// The answer.
        answer: Answer,
    },
    /// Keeps the connection and says nothing.
    Hang,
    /// Closes the connection without an answer.
    Cut,
}

/// A subscriber that consents to whoever asks, without a limit.
pub const CONSENT: &str = "200\nAllow: POST, OPTIONS\nWebHook-Allowed-Origin: {{origin}}\nWebHook-Allowed-Rate: *\n";
/// A subscriber that is content.
pub const CONTENT: &str = "204";

/// Reads an entry: `hang`, `cut`, or an answer whose first line is `STATUS` or `STATUS after 500 ms`.
/// `origin` is what the request at hand carries in `WebHook-Request-Origin`; `{{ORIGIN}}` is the same in capitals.
pub fn play(text: &str, origin: &str) -> Result<Play, MessageError> {
    match text.trim() {
        "hang" => return Ok(Play::Hang),
        "cut" => return Ok(Play::Cut),
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
        .remark
        .strip_prefix("after ")
        .and_then(|delay| delay.trim_end_matches(" ms").parse().ok())
        .map_or(Duration::ZERO, Duration::from_millis);
    Ok(Play::Answer { delay, answer })
}

/// What is wrong with an entry, as far as that can be told before its placeholders have values.
pub fn fault(text: &str) -> Option<MessageError> {
    let first = text.trim_start().lines().next().unwrap_or_default();
    if first.contains("{{") { None } else { play(first, "").err() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_answers_hanging_or_cutting() {
        assert_eq!(play("hang", ""), Ok(Play::Hang));
        assert_eq!(play("cut\n", ""), Ok(Play::Cut));
        let Ok(Play::Answer { delay, answer }) = play("503 after 250 ms\nRetry-After: 2", "") else { panic!() };
        assert_eq!((delay, answer.status), (Duration::from_millis(250), 503));
        let Ok(Play::Answer { answer, .. }) = play(CONSENT, "gateway.example") else { panic!() };
        assert_eq!(message::value(&answer.headers, "webhook-allowed-origin").as_deref(), Some("gateway.example"));
        assert!(play("perhaps", "").is_err());
        assert!(fault("perhaps").is_some() && fault("{{answer}}").is_none() && fault("204\nA: {{id}}").is_none());
    }
}
