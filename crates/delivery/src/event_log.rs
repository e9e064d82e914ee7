//! Log lines about single events, for operators who search for what happened to one: delivered (debug), a failed
//! attempt (info), given up (warn). A line never holds a URL, a token or the text of an answer.
//!
//! The lines have a target of their own, so that `log.level` can select them (`info,events=debug`). Nothing is computed
//! for a level that is off. These lines are not the record of deliveries: that is the journal.

use model::{Event, SubscriptionId, Value, outcome::Outcome};
use storage::journal::DeadLetter;

use crate::{
    channel::{Answer, RequestResult},
    decoded_event::DecodedEvent,
};

/// The target of every line about a single event.
pub const TARGET: &str = "events";

/// An attribute that events published as a notificatie have; `None` for other events.
fn member<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.attribute(name).and_then(Value::as_text)
}

/// Logs a line at `$level`: the fields that every line has, those of this line, and its text.
macro_rules! line {
    ($level:ident, $item:expr, $subscription:expr, $text:literal, $($more:tt)*) => {
        tracing::$level!(
            target: TARGET,
            event_id = $item.accepted.event.id(),
            r#type = $item.accepted.event.kind(),
            kanaal = $item.kanaal.as_str(),
            resource = member(&$item.accepted.event, "resource"),
            actie = member(&$item.accepted.event, "actie"),
            subscription = %$subscription,
            $($more)*
            $text
        )
    };
}

/// Logs that the sink accepted an event; `attempt` counts the requests made, `status` is that of the answer.
pub fn log_delivered(item: &DecodedEvent, subscription: SubscriptionId, attempt: u32, status: Option<u16>) {
    line!(debug, item, subscription, "delivered", attempt, status,);
}

/// Logs that a request did not deliver an event; `attempt` counts the requests made.
pub fn log_failed_attempt(item: &DecodedEvent, subscription: SubscriptionId, attempt: u32, answer: &Answer) {
    let status = answer.reply.code();
    let reason = match &answer.reply.result {
        RequestResult::Answered { .. } => None,
        RequestResult::Failed(reason) | RequestResult::NotSent(reason) => Some(reason.as_str()),
    };
    line!(info, item, subscription, "delivery failed", attempt, status, reason,);
}

/// Logs that an event was given up and is a dead letter now.
pub fn log_given_up(item: &DecodedEvent, subscription: SubscriptionId, letter: &DeadLetter, outcome: Outcome) {
    let (attempt, status, dead_letter) = (letter.attempts, letter.last_code, &letter.id);
    let outcome = outcome.label();
    line!(warn, item, subscription, "delivery given up", attempt, status, outcome, %dead_letter,);
}
