//! What follows from the class of a reply, in words for owners of subscriptions. The page docs/delivery-outcomes.md is made
//! from it. The rules themselves are in `machine::apply_answer` and `machine::outage`.

use crate::{
    channel::{Cause, Class},
    machine::{CHECKS, FAILING_EVENTS, LONGEST_WAIT},
};

/// The description of a class for owners of subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// What the failure is attributed to; empty when it is not a failure.
    pub cause: &'static str,
    /// The consequence for the event and for others.
    pub next: String,
}

/// The effect of a class.
pub fn effect(class: Class) -> Effect {
    let (cause, next) = match class {
        Class::Delivered => ("", "The event is delivered, and not sent again.".to_owned()),
        Class::Gone => ("", "Every subscription to this sink ends. What was not delivered has the outcome `ended`.".to_owned()),
        Class::Paced(_) => (
            "the sink",
            "Nothing is sent to the sink before `Retry-After` is over. No retry is consumed, and it is no outage.".to_owned(),
        ),
        Class::Refused => (
            "the event",
            "The event is a dead letter immediately (`refused`); others go on. A batch is sent again one by one first.".to_owned(),
        ),
        Class::Format => (
            "the event",
            "A binary event or a batch is sent once more as structured CloudEvent; otherwise as for 400.".to_owned(),
        ),
        Class::Untranslatable => (
            "the event",
            "The event has no form in the format of the subscription: a dead letter immediately (`untranslatable`).".to_owned(),
        ),
        Class::Failed(Cause::Event) => (
            "the event",
            "The event waits for its next retry, and is a dead letter after the last one; others go on. Never an outage. A \
             batch is sent again one by one first."
                .to_owned(),
        ),
        Class::Failed(Cause::EventOrSink) => (
            "the event or the sink",
            format!(
                "As above, but {FAILING_EVENTS} different events that fail for the first time, with no success between \
                 them, begin an outage."
            ),
        ),
        Class::Failed(Cause::Sink) => (
            "the sink",
            "An outage begins. If others succeeded since the event failed before, it is the event's own: a retry is \
             consumed, and there is no outage."
                .to_owned(),
        ),
        Class::Failed(Cause::Connection) => ("the connection", "As for a failure of the sink.".to_owned()),
        Class::Failed(Cause::Gateway) => (
            "the gateway",
            "The event is sent again after a second. No retry is consumed, and nothing counts against the sink.".to_owned(),
        ),
    };
    Effect { cause, next }
}

/// The description of an outage, as Markdown.
pub fn outage() -> String {
    let longest = LONGEST_WAIT.as_secs();
    format!(
        "During an outage no retry is consumed, and one event at a time is sent as a probe. The waits between probes are those \
         between retries, at most {longest} seconds. A probe is an event that has not failed yet, if there is one. The first \
         {CHECKS} of these do not wait for the next probe: after an answer the first one goes at once, later ones go at once \
         while the answers do not tell whether the event or the sink is to blame, and otherwise after the first wait between \
         retries. So one event that the sink cannot take holds up no others for longer than {longest} seconds.\n\n\
         Any answer that accepts or refuses an event ends the outage, and all events go on at once. After the outage limit (72 \
         hours by default) the subscription is suspended, with a reason, until its owner resumes it. If the outage began with \
         events that may have failed for reasons of their own, and nothing was published since, these are given up instead.\n"
    )
}
