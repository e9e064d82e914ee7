//! Receipts of NotifyNL: what became of a message after it was accepted, by callback or by asking (CH-117, CH-147). The address of
//! the addressee that they have is not read. Pure.

use serde_json::Value;

use super::key::is_uuid;
use crate::secret::Secret;

/// The longest callback that is read, in bytes.
const MAX_CALLBACK: usize = 16 * 1024;
/// The longest reference in bytes.
const MAX_REFERENCE: usize = 1_000;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The id that NotifyNL gave the message.
    pub id: String,
    /// Our reference, if the message had one.
    pub reference: Option<String>,
    /// The status.
    pub status: ReceiptStatus,
}

/// The status of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptStatus {
    /// Not final: `created`, `sending`, `pending`, or a word that is not known.
    UnderWay,
    /// `sent`: to a network that gives no receipts, mostly abroad. Final.
    Sent,
    /// `delivered`.
    Delivered,
    /// `permanent-failure`: the address does not exist, or is blocked.
    PermanentFailure,
    /// `temporary-failure`: the phone is off, the mailbox is full; NotifyNL does not try again.
    TemporaryFailure,
    /// `technical-failure`: between NotifyNL and its provider.
    TechnicalFailure,
}

/// Why a receipt is refused. No variant has a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The bearer token is missing or wrong.
    #[error("the bearer token is missing or wrong")]
    Token,
    /// Not JSON, or larger than 16 KiB.
    #[error("the body is no JSON of at most 16 KiB")]
    Body,
    /// A member is missing or has another form.
    #[error("the member {0} is missing or has another form")]
    Member(&'static str),
}

impl ReceiptStatus {
    /// The status of a word.
    pub fn of_word(word: &str) -> Self {
        match word {
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "permanent-failure" => Self::PermanentFailure,
            "temporary-failure" => Self::TemporaryFailure,
            "technical-failure" => Self::TechnicalFailure,
            _ => Self::UnderWay,
        }
    }

    /// Whether nothing follows it.
    pub fn is_final(self) -> bool {
        self != Self::UnderWay
    }

    /// The status after another receipt: a final one stays, whatever comes later, twice or out of order (CH-37).
    #[must_use]
    pub fn followed_by(self, later: Self) -> Self {
        if self.is_final() { self } else { later }
    }
}

/// A receipt that NotifyNL posts. `authorization` is the header field of that name.
///
/// # Errors
/// When the bearer token is not the secret of the callback, or the body is no receipt.
pub fn parse_callback(authorization: Option<&str>, secret: &Secret, body: &[u8]) -> Result<Receipt, ReceiptError> {
    let token = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    if !token.is_some_and(|token| secret.matches(token)) {
        return Err(ReceiptError::Token);
    }
    parse_notification(body)
}

/// The answer to the question what became of a message; it has the same members.
///
/// # Errors
/// When the body is no notification.
pub fn parse_notification(body: &[u8]) -> Result<Receipt, ReceiptError> {
    if body.len() > MAX_CALLBACK {
        return Err(ReceiptError::Body);
    }
    let value: Value = serde_json::from_slice(body).map_err(|_| ReceiptError::Body)?;
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    let id = text("id").filter(|id| is_uuid(id)).ok_or(ReceiptError::Member("id"))?;
    let status = text("status").ok_or(ReceiptError::Member("status"))?;
    let reference = match value.get("reference") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.len() <= MAX_REFERENCE => Some(text.clone()),
        Some(_) => return Err(ReceiptError::Member("reference")),
    };
    Ok(Receipt { id: id.to_ascii_lowercase(), reference, status: ReceiptStatus::of_word(status) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "740e5834-3a29-46b4-9a6f-16142fde533a";

    fn body(status: &str) -> String {
        format!(
            r#"{{"id":"{ID}","reference":"r-1","to":"+31612345678","status":"{status}","created_at":"2026-12-01T10:00:00.000000Z",
               "completed_at":"2026-12-01T10:00:01.000000Z","sent_at":null,"notification_type":"sms",
               "template_id":"f33517ff-2a88-4f6e-b855-c550268ce08a","template_version":1}}"#
        )
    }

    #[test]
    fn ch_147_a_receipt_needs_the_token_of_the_callback() {
        let secret = Secret::new("geheim");
        for (authorization, expected) in [
            (Some("Bearer geheim"), None),
            (Some("bearer geheim"), None),
            (Some("Bearer ander"), Some(ReceiptError::Token)),
            (Some("Basic geheim"), Some(ReceiptError::Token)),
            (Some("geheim"), Some(ReceiptError::Token)),
            (None, Some(ReceiptError::Token)),
        ] {
            let found = parse_callback(authorization, &secret, body("delivered").as_bytes());
            assert_eq!(found.clone().err(), expected, "{authorization:?}");
            assert!(!format!("{found:?}").contains("3161"), "{found:?}");
        }
        assert_eq!(parse_callback(Some("Bearer "), &Secret::new(""), b"{}"), Err(ReceiptError::Token));
    }

    #[test]
    fn ch_117_every_status_has_its_meaning_and_a_final_one_stays() {
        use ReceiptStatus as S;
        for (word, status) in [
            ("created", S::UnderWay),
            ("sending", S::UnderWay),
            ("pending", S::UnderWay),
            ("something-new", S::UnderWay),
            ("sent", S::Sent),
            ("delivered", S::Delivered),
            ("permanent-failure", S::PermanentFailure),
            ("temporary-failure", S::TemporaryFailure),
            ("technical-failure", S::TechnicalFailure),
        ] {
            let receipt = parse_notification(body(word).as_bytes()).unwrap();
            let expected = Receipt { id: ID.to_owned(), reference: Some("r-1".to_owned()), status };
            assert_eq!(receipt, expected, "{word}");
            assert_eq!(S::UnderWay.followed_by(status), status);
            assert_eq!(S::Delivered.followed_by(status), S::Delivered, "{word}");
        }
    }

    #[test]
    fn ch_147_what_is_no_receipt_is_refused_by_member() {
        let large = format!("{:1$}", body("delivered"), MAX_CALLBACK + 1);
        for (body, expected) in [
            ("", ReceiptError::Body),
            ("[]", ReceiptError::Member("id")),
            (r#"{"id":"1","status":"sent"}"#, ReceiptError::Member("id")),
            (&format!(r#"{{"id":"{ID}"}}"#), ReceiptError::Member("status")),
            (&format!(r#"{{"id":"{ID}","status":"sent","reference":1}}"#), ReceiptError::Member("reference")),
            (&large, ReceiptError::Body),
        ] {
            assert_eq!(parse_notification(body.as_bytes()), Err(expected), "{}", &body[..body.len().min(60)]);
        }
        let without = format!(r#"{{"id":"{ID}","status":"sent","reference":null}}"#);
        assert_eq!(parse_notification(without.as_bytes()).unwrap().reference, None);
    }
}
