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
                "As above, but {FAILING_EVENTS} different events that fail with no success between them begin an outage. An \
                 event does not count if others succeeded between two of its failures."
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
         An answer that accepts an event ends the outage, and all events go on at once. One that refuses an event ends it too, \
         unless an answer in it left open whether the event or the sink is to blame: then the refused event ends, the next one \
         is sent at once, and the others wait. After the outage limit (72 hours by default) the subscription is suspended, with a \
         reason, until its owner resumes it. If only events failed that were there when the outage began, for reasons that may \
         be their own, they are given up instead: each after its retries, counted from then on.\n\n\
         The gateway cannot distinguish a sink that fails for a while from one that cannot process the last events, until it \
         accepts another one. So if the last {FAILING_EVENTS} or more events all fail with such answers and nothing is published \
         to the sink after them, they wait: the subscription shows `outage`, no retry is consumed, and they are dead letters only \
         after the outage limit. One accepted event, of any subscription to the sink, ends that: each of them is a dead letter \
         after its retries then. Answer 422 for an event that cannot be processed, and it is a dead letter at once.\n"
    )
}
