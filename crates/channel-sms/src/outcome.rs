//! The outcome of a message: its class, for the caller, and the reason, for people. It has no number, no text of the provider and
//! no secret, so it can be logged and stored (I10).

use std::{fmt, time::Duration};

use egress::SendError;

use crate::class::{Class, class_without_answer};

/// The longest id of a provider in bytes; a longer one is dropped.
const MAX_ID: usize = 100;
/// The longest code of an error in bytes; a longer one is dropped.
const MAX_CODE: usize = 40;

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whose trouble it is.
    pub class: Class,
    /// For how long the provider wants no message, if it said. Only with [`Class::Provider`].
    pub retry_after: Option<Duration>,
    /// The id that the provider gave the message, for its receipts.
    pub id: Option<String>,
    /// What happened.
    pub reason: Reason,
}

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The provider answered.
    Answer {
        /// The status.
        status: u16,
        /// The code of an error in the body: a short word or number.
        code: Option<String>,
    },
    /// There was no answer; the text is that of `egress`, which has no header, query or body.
    NoAnswer(String),
    /// There is no credential now; the text says why, without a part of it.
    NoCredential(String),
}

impl Outcome {
    /// The provider answered.
    pub(crate) fn answer(class: Class, status: u16, code: Option<&str>) -> Self {
        let code = code.filter(|code| is_word(code, MAX_CODE) && !may_be_a_number(code)).map(str::to_owned);
        Self { class, retry_after: None, id: None, reason: Reason::Answer { status, code } }
    }

    /// There was no answer.
    pub(crate) fn no_answer(error: &SendError) -> Self {
        Self {
            class: class_without_answer(error),
            retry_after: None,
            id: None,
            reason: Reason::NoAnswer(error.to_string()),
        }
    }

    /// The request cannot be made, because there is no usable credential.
    pub(crate) fn no_credential(why: String) -> Self {
        Self { class: Class::Provider, retry_after: None, id: None, reason: Reason::NoCredential(why) }
    }

    pub(crate) fn with_id(self, id: Option<&str>) -> Self {
        Self { id: id.filter(|id| is_word(id, MAX_ID)).map(str::to_owned), ..self }
    }

    pub(crate) fn with_wait(self, retry_after: Option<Duration>) -> Self {
        let retry_after = retry_after.filter(|_| self.class == Class::Provider);
        Self { retry_after, ..self }
    }
}

/// Whether a text of a provider is a plain word or number.
fn is_word(text: &str, most: usize) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    !text.is_empty() && text.len() <= most && text.bytes().all(valid)
}

/// Whether it has as many digits as a phone number.
fn may_be_a_number(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 8
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Answer { status, code: None } => write!(f, "the provider answered {status}"),
            Reason::Answer { status, code: Some(code) } => write!(f, "the provider answered {status} with code {code}"),
            Reason::NoAnswer(text) => f.write_str(text),
            Reason::NoCredential(text) => write!(f, "no credential for the provider: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_repeats_nothing_that_could_be_of_a_person_i10() {
        for (code, shown) in [
            (None, "the provider answered 400"),
            (Some("21211"), "the provider answered 400 with code 21211"),
            (Some("BadRequestError"), "the provider answered 400 with code BadRequestError"),
            (Some("+31612345678"), "the provider answered 400"),
            (Some("31612345678"), "the provider answered 400"),
            (Some("an@example.nl"), "the provider answered 400"),
            (Some("not a number"), "the provider answered 400"),
        ] {
            let outcome = Outcome::answer(Class::Message, 400, code);
            assert_eq!(outcome.to_string(), shown);
        }
        let outcome = Outcome::answer(Class::Accepted, 200, None);
        assert_eq!(outcome.clone().with_id(Some("0C00-1")).id.as_deref(), Some("0C00-1"));
        assert_eq!(outcome.clone().with_id(Some("a b")).id, None);
        assert_eq!(outcome.with_wait(Some(Duration::from_secs(3))).retry_after, None);
    }
}
