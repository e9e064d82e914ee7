//! Reads the answer of a provider by its rules: the id of the message, the code of an error, and the class (CH-33). Pure.

use std::time::Duration;

use serde_json::Value;

use crate::{
    class::{Class, class_of_status},
    outcome::Outcome,
};

/// An answer, as far as it is read.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The start of the body.
    pub body: &'a [u8],
    /// Whether the body is complete.
    pub is_complete: bool,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// How the answers of a provider are read. Places are JSON Pointers (RFC 6901), such as `/messages/0/status`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnswerRules {
    /// Where the id of the message is.
    pub id: Option<String>,
    /// Where the code of an error is: a text or a number.
    pub code: Option<String>,
    /// The codes that mean success. When there are any, a status of success without one of them is none.
    pub accepted_codes: Vec<String>,
    /// The classes of codes, looked at before the status.
    pub codes: Vec<(String, Class)>,
    /// The classes of ranges of statuses, the first that fits counts; before [`class_of_status`].
    pub statuses: Vec<((u16, u16), Class)>,
}

impl AnswerRules {
    /// The rule that is broken, if one is.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let is_pointer = |place: Option<&String>| place.is_none_or(|place| place.starts_with('/'));
        if !is_pointer(self.id.as_ref()) || !is_pointer(self.code.as_ref()) {
            return Err("a place must be a JSON Pointer, such as /messages/0/id");
        }
        if self.code.is_none() && !(self.accepted_codes.is_empty() && self.codes.is_empty()) {
            return Err("codes need the place of the code");
        }
        if self.statuses.iter().any(|((from, to), _)| from > to || *from < 100 || *to > 599) {
            return Err("statuses are ranges from 100 to 599");
        }
        if self.codes.iter().any(|(_, class)| *class == Class::Accepted) {
            return Err("codes of success belong in the list of accepted codes");
        }
        Ok(())
    }

    /// What an answer means.
    ///
    /// A status of success whose body cannot be read is success, unless the body decides: then the message is in doubt.
    pub fn outcome(&self, answer: Answer<'_>) -> Outcome {
        let body: Option<Value> = answer.is_complete.then(|| serde_json::from_slice(answer.body).ok()).flatten();
        let at = |place: Option<&String>| text_at(body.as_ref()?, place?);
        let (id, code) = (at(self.id.as_ref()), at(self.code.as_ref()));
        let is_accepted_code = code.as_ref().is_some_and(|code| self.accepted_codes.contains(code));
        let class = match (self.class_of(answer.status), &code) {
            (class, Some(code)) if !is_accepted_code => match self.class_of_code(code) {
                Some(found) => found,
                // A success with the code of an error that nobody named: the provider has not taken the message.
                None if class == Class::Accepted && !self.accepted_codes.is_empty() => Class::Message,
                None => class,
            },
            (Class::Accepted, None) if !self.accepted_codes.is_empty() => Class::Unknown,
            (class, _) => class,
        };
        let shown = code.as_deref().filter(|_| !is_accepted_code);
        let id = id.as_deref().filter(|_| class == Class::Accepted);
        Outcome::answer(class, answer.status, shown).with_id(id).with_wait(answer.retry_after)
    }

    fn class_of(&self, status: u16) -> Class {
        let found = self.statuses.iter().find(|((from, to), _)| (*from..=*to).contains(&status));
        found.map_or_else(|| class_of_status(status), |(_, class)| *class)
    }

    fn class_of_code(&self, code: &str) -> Option<Class> {
        self.codes.iter().find(|(known, _)| known == code).map(|(_, class)| *class)
    }
}

/// The text or number at a place.
fn text_at(body: &Value, place: &str) -> Option<String> {
    match body.pointer(place)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> AnswerRules {
        AnswerRules {
            id: Some("/messages/0/id".to_owned()),
            code: Some("/messages/0/status".to_owned()),
            accepted_codes: vec!["0".to_owned()],
            codes: vec![("1".to_owned(), Class::Provider), ("7".to_owned(), Class::AddresseeRefused)],
            statuses: vec![((418, 418), Class::AddresseeLater)],
        }
    }

    fn read(rules: &AnswerRules, status: u16, body: &str) -> (Class, Option<String>) {
        let answer =
            Answer { status, body: body.as_bytes(), is_complete: true, retry_after: Some(Duration::from_secs(3)) };
        let outcome = rules.outcome(answer);
        assert_eq!(outcome.retry_after.is_some(), outcome.class == Class::Provider);
        (outcome.class, outcome.id)
    }

    #[test]
    fn status_and_body_decide_together_ch_33_ch_34_ch_35() {
        let own = rules();
        for (status, body, class, id) in [
            (200, r#"{"messages":[{"status":"0","id":"a1"}]}"#, Class::Accepted, Some("a1")),
            (200, r#"{"messages":[{"status":0,"id":17}]}"#, Class::Accepted, Some("17")),
            (200, r#"{"messages":[{"status":"1"}]}"#, Class::Provider, None),
            (200, r#"{"messages":[{"status":"7"}]}"#, Class::AddresseeRefused, None),
            (200, r#"{"messages":[{"status":"4","id":"a1"}]}"#, Class::Message, None),
            (200, r#"{"messages":[]}"#, Class::Unknown, None),
            (200, "no json", Class::Unknown, None),
            (429, "", Class::Provider, None),
            (503, r#"{"messages":[{"status":"7"}]}"#, Class::AddresseeRefused, None),
            (500, r#"{"messages":[{"status":"9"}]}"#, Class::Provider, None),
            (418, "", Class::AddresseeLater, None),
        ] {
            assert_eq!(read(&own, status, body), (class, id.map(str::to_owned)), "{status} {body}");
        }
        let plain = AnswerRules { id: Some("/id".to_owned()), ..AnswerRules::default() };
        for (status, body, class, id) in [
            (201, r#"{"id":"b"}"#, Class::Accepted, Some("b")),
            (201, "", Class::Accepted, None),
            (204, "", Class::Accepted, None),
            (400, r#"{"id":"b"}"#, Class::Message, None),
        ] {
            assert_eq!(read(&plain, status, body), (class, id.map(str::to_owned)), "{status} {body}");
        }
        let cut = Answer { status: 200, body: b"{}", is_complete: false, retry_after: None };
        assert_eq!((own.outcome(cut).class, plain.outcome(cut).class), (Class::Unknown, Class::Accepted));
    }

    #[test]
    fn rules_that_contradict_themselves_are_refused() {
        assert_eq!(rules().check(), Ok(()));
        for wrong in [
            AnswerRules { id: Some("id".to_owned()), ..AnswerRules::default() },
            AnswerRules { accepted_codes: vec!["0".to_owned()], ..AnswerRules::default() },
            AnswerRules { statuses: vec![((300, 200), Class::Message)], ..AnswerRules::default() },
            AnswerRules { codes: vec![("0".to_owned(), Class::Accepted)], ..rules() },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
