//! What an answer of NotifyNL to a message means. It reads statuses and names of errors, and of messages the first word only, because
//! the others are meant for people and change.

use std::time::Duration;

use serde_json::Value;

use crate::{
    answer::Answer,
    class::{Class, class_of_status},
    outcome::Outcome,
};

/// The wait when the number of messages of a day is reached.
const DAY_IS_FULL: Duration = Duration::from_mins(15);

/// The class of an answer.
///
/// | status | error | class |
/// |---|---|---|
/// | 201 | – | accepted |
/// | 400 | `ValidationError` about `phone_number` or `email_address`; `InvalidPhoneError`, `InvalidEmailError` | refused for this addressee |
/// | 400 | others: template, values, trial or team key | the message |
/// | 401, 403 | `AuthError`: the key, or the clock | the provider |
/// | 429 | `RateLimitError` | the provider |
/// | 429 | `TooManyRequestsError`: the number of a day | the provider, for 15 minutes at least |
/// | others | | as for every provider |
///
/// A number that NotifyNL cannot parse may be one that its service does not send to, so it does not count as bad for good; a receipt
/// `permanent-failure` shows that.
pub fn outcome(answer: Answer<'_>) -> Outcome {
    let body: Option<Value> = answer.is_complete.then(|| serde_json::from_slice(answer.body).ok()).flatten();
    let text = |place: &str| body.as_ref()?.pointer(place)?.as_str();
    let (id, error) = (text("/id"), text("/errors/0/error"));
    let class = match (answer.status, error) {
        (400, Some("InvalidPhoneError" | "InvalidEmailError")) => Class::AddresseeRefused,
        (400, Some("ValidationError")) if is_about_address(text("/errors/0/message")) => Class::AddresseeRefused,
        (status, _) => class_of_status(status),
    };
    let wait = match error {
        Some("TooManyRequestsError") => Some(answer.retry_after.unwrap_or_default().max(DAY_IS_FULL)),
        _ => answer.retry_after,
    };
    let id = id.filter(|_| class == Class::Accepted);
    Outcome::answer(class, answer.status, error).with_id(id).with_wait(wait)
}

/// Messages of a `ValidationError` begin with the member that they are about.
fn is_about_address(message: Option<&str>) -> bool {
    let first = message.and_then(|message| message.split_whitespace().next());
    matches!(first, Some("phone_number" | "email_address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_146_every_answer_has_one_class() {
        let error = |status: u16, name: &str, message: &str| {
            format!(r#"{{"status_code":{status},"errors":[{{"error":"{name}","message":"{message}"}}]}}"#)
        };
        let id = "740e5834-3a29-46b4-9a6f-16142fde533a";
        for (status, body, class, wait) in [
            (201, format!(r#"{{"id":"{id}","reference":"r"}}"#), Class::Accepted, None),
            (400, error(400, "ValidationError", "phone_number Not enough digits"), Class::AddresseeRefused, None),
            (400, error(400, "ValidationError", "email_address Not a valid address"), Class::AddresseeRefused, None),
            (400, error(400, "InvalidPhoneError", "Too many digits"), Class::AddresseeRefused, None),
            (400, error(400, "ValidationError", "template_id is not a valid UUID"), Class::Message, None),
            (400, error(400, "BadRequestError", "Template not found"), Class::Message, None),
            (400, error(400, "BadRequestError", "Missing personalisation: text"), Class::Message, None),
            (403, error(403, "AuthError", "Invalid token: API key not found"), Class::Provider, None),
            (404, error(404, "NoResultFound", "No result found"), Class::Provider, None),
            (429, error(429, "RateLimitError", "Exceeded rate limit"), Class::Provider, Some(3)),
            (429, error(429, "TooManyRequestsError", "Exceeded send limits"), Class::Provider, Some(900)),
            (500, error(500, "Exception", "Internal server error"), Class::Provider, None),
            (502, "<html>".to_owned(), Class::Provider, None),
            (503, String::new(), Class::Provider, Some(3)),
            (504, String::new(), Class::Unknown, None),
        ] {
            let retry_after = matches!(status, 429 | 503).then_some(Duration::from_secs(3));
            let found = outcome(Answer { status, body: body.as_bytes(), is_complete: true, retry_after });
            assert_eq!(found.class, class, "{status} {body}");
            assert_eq!(found.retry_after, wait.map(Duration::from_secs), "{status} {body}");
            assert_eq!(found.id.as_deref(), (status == 201).then_some(id), "{status}");
            assert!(!found.to_string().contains("digits"), "{found}");
        }
        let cut = Answer { status: 201, body: b"{\"id\":\"x", is_complete: false, retry_after: None };
        assert_eq!((outcome(cut).class, outcome(cut).id), (Class::Accepted, None));
    }
}
