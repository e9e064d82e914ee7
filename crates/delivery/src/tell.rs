//! What the program's log says of single events, for whoever searches it for what happened to one: delivered (debug), a
//! failed attempt (info), given up (warn). Never a URL, a token or what a sink said.
//!
//! It has a target of its own, so that `log.level` can ask for more or less of it (`info,events=debug`). Where a level is off
//! nothing is worked out. The lasting record of deliveries is the journal, not this.

use model::{Event, SubscriptionId, Value, outcome::Outcome};
use storage::journal::DeadLetter;

use crate::{
    answer::{Answer, Reply},
    item::Item,
};

/// The target of every line about a single event.
pub const TARGET: &str = "events";

/// A member of a notification; other events do not have it.
fn member<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.attribute(name).and_then(Value::as_text)
}

/// `$level`, what every line says of the event, what this one adds, and its text.
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

/// The sink has it.
pub fn delivered(item: &Item, subscription: SubscriptionId, attempt: u32, status: Option<u16>) {
    line!(debug, item, subscription, "delivered", attempt, status,);
}

/// A request did not deliver it.
pub fn failed(item: &Item, subscription: SubscriptionId, attempt: u32, answer: &Answer) {
    let status = answer.reply.status();
    let reason = match &answer.reply {
        Reply::Status { .. } => None,
        Reply::Failed(reason) | Reply::Untranslatable(reason) => Some(reason.as_str()),
    };
    line!(info, item, subscription, "delivery failed", attempt, status, reason,);
}

/// It is a dead letter now.
pub fn given_up(item: &Item, subscription: SubscriptionId, letter: &DeadLetter, outcome: Outcome) {
    let (attempt, status, dead_letter) = (letter.attempts, letter.last_status, &letter.id);
    let outcome = outcome.label();
    line!(warn, item, subscription, "delivery given up", attempt, status, outcome, %dead_letter,);
}
