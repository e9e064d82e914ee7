//! What a provider of text messages posts by itself: a delivery report (CH-37), or a reply of a person (CH-40). Providers use other
//! names for the same members, in the query, in a form or as JSON; the names of those in [`crate::Preset`] and what resembles them
//! are known. Pure.

use std::fmt;

use serde_json::Value;

use crate::notify::ReceiptStatus;

/// The largest body, in bytes.
pub const MAX_REPORT: usize = 16 * 1024;

/// The names of the reference that we gave the message.
const REFERENCES: [&str; 3] = ["reference", "client-ref", "client_ref"];
/// The names of the status.
const STATUSES: [&str; 3] = ["status", "messagestatus", "smsstatus"];
/// The names of the number that a reply is from.
const SENDERS: [&str; 4] = ["msisdn", "originator", "from", "sender"];
/// The names of the text of a reply.
const TEXTS: [&str; 5] = ["text", "body", "payload", "message", "content"];

/// What was posted.
#[derive(Clone, PartialEq, Eq)]
pub enum Report {
    /// What became of a message.
    Delivery {
        /// Our reference.
        reference: String,
        /// The status.
        status: ReceiptStatus,
    },
    /// A text message of a person.
    Reply {
        /// The number, as the provider writes it.
        from: String,
        /// The text.
        text: String,
    },
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery { status, .. } => write!(f, "Delivery({status:?})"),
            Self::Reply { .. } => f.write_str("Reply(…)"),
        }
    }
}

/// Reads a query and a body; `None` for what is neither.
pub fn parse_report(query: &str, body: &[u8]) -> Option<Report> {
    if body.len() > MAX_REPORT || query.len() > MAX_REPORT {
        return None;
    }
    let json: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    let members = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut found: Vec<(String, String)> = match json.as_ref().and_then(Value::as_object) {
        Some(object) => object.iter().filter_map(|(name, value)| Some((name.clone(), members(value)?))).collect(),
        None => form_urlencoded::parse(body).into_owned().collect(),
    };
    found.extend(form_urlencoded::parse(query.as_bytes()).into_owned());
    let member = |names: &[&str]| {
        let named = |name: &str| found.iter().find(|(own, value)| own.eq_ignore_ascii_case(name) && !value.is_empty());
        names.iter().find_map(|name| named(name)).map(|(_, value)| value.clone())
    };
    if let Some((reference, status)) = member(&REFERENCES).zip(member(&STATUSES)) {
        return Some(Report::Delivery { reference, status: status_of(&status) });
    }
    let (from, text) = member(&SENDERS).zip(member(&TEXTS))?;
    Some(Report::Reply { from, text })
}

/// The status of a word. Only NotifyNL reports that a number does not exist; a failure of others may pass.
fn status_of(word: &str) -> ReceiptStatus {
    match word.to_ascii_lowercase().as_str() {
        "delivered" | "delivrd" | "10" => ReceiptStatus::Delivered,
        "undelivered" | "undeliv" | "delivery_failed" | "failed" | "expired" | "20" => ReceiptStatus::TemporaryFailure,
        "rejected" | "rejectd" => ReceiptStatus::TechnicalFailure,
        other => ReceiptStatus::of_word(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_37_a_report_is_read_in_each_form() {
        use ReceiptStatus as S;
        for (query, body, status) in [
            ("", r#"{"id":"1","reference":"r1","status":"delivered"}"#, S::Delivered),
            ("", r#"{"reference":"r1","status":20}"#, S::TemporaryFailure),
            ("reference=r1&status=delivery_failed&recipient=31612345678", "", S::TemporaryFailure),
            ("", "client-ref=r1&status=rejected&msisdn=31612345678", S::TechnicalFailure),
            ("reference=r1", "MessageStatus=Delivered", S::Delivered),
            ("", "reference=r1&status=buffered", S::UnderWay),
            ("", "reference=r1&status=something%20new", S::UnderWay),
        ] {
            let found = parse_report(query, body.as_bytes());
            assert_eq!(found, Some(Report::Delivery { reference: "r1".to_owned(), status }), "{query} {body}");
        }
    }

    #[test]
    fn ch_40_a_reply_is_a_number_and_a_text_and_nothing_else_is_read() {
        for (query, body) in [
            ("", r#"{"originator":"31612345678","body":"STOP"}"#),
            ("", "msisdn=31612345678&to=31600000000&text=STOP"),
            ("From=31612345678&Body=STOP", ""),
        ] {
            let found = parse_report(query, body.as_bytes());
            let reply = Report::Reply { from: "31612345678".to_owned(), text: "STOP".to_owned() };
            assert!(!format!("{found:?}").contains("3161"));
            assert_eq!(found, Some(reply), "{query} {body}");
        }
        let large = format!("reference=r1&status=delivered&x={}", "x".repeat(MAX_REPORT));
        for body in ["", "{}", "[]", "status=delivered", "reference=r1", "text=STOP", "\u{0}", &large] {
            assert_eq!(parse_report("", body.as_bytes()), None, "{}", &body[..body.len().min(40)]);
        }
    }
}
