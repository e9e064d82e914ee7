//! The port out: how the engine sends events to a sink, whatever kind of sink that is.
//!
//! A [`Channel`] knows one kind of sink: how to render events for it, how to reach it and how to classify its answers.
//! It translates an answer to a [`Class`]; what a class does to deliveries, retries and outages is decided by the
//! machine, which knows no channel. A channel keeps no state between requests that delivery depends on, retries nothing
//! and never waits for a better moment.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compact_str::CompactString;
use model::{
    Sink, Subscription, Timestamp,
    outcome::{Attempt, AttemptResult},
};
use uuid::Uuid;

use crate::decoded_event::DecodedEvent;

/// A way to reach sinks of one kind.
pub trait Channel: Send + Sync {
    /// Returns the sender for a subscription; does no IO. The engine keeps it until the subscription changes, so it may
    /// cache what all requests have in common.
    fn sender(&self, subscription: Arc<Subscription>) -> Arc<dyn Sender>;
}

/// Sends to one subscription.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends these events in one request, once, and returns the classified answer within a bounded time. There is at
    /// least one event; more than one only when the subscription's format is a batch. The caller has removed what the
    /// owner of the kanaal does not disclose. With `fallback` there is one event, and it is sent in the simplest format
    /// of the channel, because the sink refused the format of the subscription.
    async fn send(&self, events: &[Arc<DecodedEvent>], fallback: bool) -> Reply;
}

/// The channel of each kind of sink.
#[derive(Clone)]
pub struct Channels {
    /// The channel for [`Sink::Webhook`].
    pub webhook: Arc<dyn Channel>,
}

impl Channels {
    /// The channel that reaches a sink.
    pub fn of(&self, sink: &Sink) -> &dyn Channel {
        match sink {
            Sink::Webhook(_) => self.webhook.as_ref(),
        }
    }
}

/// The answer to one request, with the time it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When the request started.
    pub started: Timestamp,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
    /// The classified answer.
    pub reply: Reply,
}

/// The result of a request: what happened, for the owner of the subscription, and its class, for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Decides what the engine does with the events, the subscription and the sink.
    pub class: Class,
    /// The answer, or why there is none; for the journal and the owner of the subscription.
    pub result: RequestResult,
    /// The transaction id of FSC under which the request was sent.
    pub fsc_transaction: Option<Uuid>,
}

/// The answer to a request, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestResult {
    /// The receiver sent an answer, of whatever class.
    Answered {
        /// The code of its answer, as the protocol of the channel numbers them.
        code: u16,
        /// The start of its text as one bounded line; empty when there is none.
        excerpt: CompactString,
    },
    /// There was no answer: the network or a timeout. The text says why, without tokens and query strings.
    Failed(String),
    /// Nothing was sent: the event has no form in the format that was asked for, or the gateway lacked what it needs to
    /// send. The text says why.
    NotSent(String),
}

/// The consequence of a reply for the event, the subscription and the sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The sink accepted the events.
    Delivered,
    /// The sink does not exist any more; it ends every subscription that sends to it.
    Gone,
    /// The sink asks for no request within this time. No retry is consumed.
    Paced(Duration),
    /// The sink refuses this event for good: a dead letter.
    Refused,
    /// The sink refuses the format. The event is sent again in the fallback format; if it was in that format already,
    /// this is the same as `Refused`.
    Format,
    /// The request failed, and may succeed later. The consequence depends on the cause.
    Failed(Cause),
    /// Nothing was sent, and no retry could: a dead letter.
    Untranslatable,
}

/// The part that a failed request is attributed to. A failure that is attributed to one part never counts against
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The event: the sink works and fails on this request, perhaps only now. One retry is consumed; it never counts
    /// towards an outage.
    Event,
    /// The event or the sink. The answer does not show which; the answers to other events do. One retry is consumed.
    /// Several different events that fail in this way, none succeeding between them, are an outage.
    EventOrSink,
    /// The sink: it answers that it can take no event now. An outage, and no retry is consumed.
    Sink,
    /// The connection: no answer came. An outage, and no retry is consumed.
    Connection,
    /// The gateway lacked a resource that it needs to send, such as a file descriptor. The event is sent again soon; no
    /// retry is consumed, and nothing counts against the sink.
    Gateway,
}

impl Class {
    /// The labels in metrics, in the order of [`Class::number`].
    pub const LABELS: [&'static str; 11] = [
        "delivered",
        "gone",
        "paced",
        "refused",
        "format",
        "sink",
        "event",
        "untranslatable",
        "event-or-sink",
        "connection",
        "gateway",
    ];

    /// Its index in [`Class::LABELS`].
    pub const fn number(self) -> usize {
        match self {
            Self::Delivered => 0,
            Self::Gone => 1,
            Self::Paced(_) => 2,
            Self::Refused => 3,
            Self::Format => 4,
            Self::Failed(Cause::Sink) => 5,
            Self::Failed(Cause::Event) => 6,
            Self::Untranslatable => 7,
            Self::Failed(Cause::EventOrSink) => 8,
            Self::Failed(Cause::Connection) => 9,
            Self::Failed(Cause::Gateway) => 10,
        }
    }
}

impl Reply {
    fn of(class: Class, result: RequestResult) -> Self {
        Self { class, result, fsc_transaction: None }
    }

    /// The receiver answered with this code, which means `class`.
    pub fn answered(class: Class, code: u16, excerpt: CompactString) -> Self {
        Self::of(class, RequestResult::Answered { code, excerpt })
    }

    /// There was no answer, for this reason: the connection to the sink fails.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::of(Class::Failed(Cause::Connection), RequestResult::Failed(reason.into()))
    }

    /// The gateway could not send, for this reason: it lacks something of its own, and the sink is not to blame.
    pub fn gateway_failed(reason: impl Into<String>) -> Self {
        Self::of(Class::Failed(Cause::Gateway), RequestResult::NotSent(reason.into()))
    }

    /// The event has no form in the format that was asked for, for this reason.
    pub fn untranslatable(reason: impl Into<String>) -> Self {
        Self::of(Class::Untranslatable, RequestResult::NotSent(reason.into()))
    }

    /// The code of the receiver's answer, if there was one.
    pub fn code(&self) -> Option<u16> {
        match self.result {
            RequestResult::Answered { code, .. } => Some(code),
            RequestResult::Failed(_) | RequestResult::NotSent(_) => None,
        }
    }

    /// The result as text, for owners of subscriptions.
    pub fn reason(&self) -> String {
        match &self.result {
            RequestResult::Answered { code, excerpt } if excerpt.is_empty() => format!("the sink answered {code}"),
            RequestResult::Answered { code, excerpt } => format!("the sink answered {code}: {excerpt}"),
            RequestResult::Failed(reason) | RequestResult::NotSent(reason) => reason.clone(),
        }
    }
}

impl Answer {
    /// The attempt that the journal stores; `None` when nothing was sent.
    pub fn attempt(&self) -> Option<Attempt> {
        let (result, excerpt) = match &self.reply.result {
            RequestResult::Answered { code, excerpt } => (AttemptResult::Code(*code), excerpt.clone()),
            RequestResult::Failed(reason) => (AttemptResult::Failure(reason.clone()), CompactString::default()),
            RequestResult::NotSent(_) => return None,
        };
        let retry_after_seconds = match self.reply.class {
            Class::Paced(wait) => Some(whole_seconds(wait)),
            _ => None,
        };
        Some(Attempt {
            at: self.started,
            duration_micros: self.duration_micros,
            result,
            excerpt,
            fsc_transaction: self.reply.fsc_transaction,
            retry_after_seconds,
        })
    }
}

/// A wait in seconds, rounded up.
fn whole_seconds(wait: Duration) -> u32 {
    let started = u64::from(wait.subsec_nanos() > 0);
    u32::try_from(wait.as_secs().saturating_add(started)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_keeps_the_wait_that_the_answer_asked_for_ce_wh_16() {
        let answer = |class| Answer {
            started: Timestamp::from_micros(1),
            duration_micros: 2,
            reply: Reply::answered(class, 503, CompactString::default()),
        };
        for (class, expected) in [
            (Class::Paced(Duration::from_secs(30)), Some(30)),
            (Class::Paced(Duration::from_millis(1)), Some(1)),
            (Class::Paced(Duration::MAX), Some(u32::MAX)),
            (Class::Failed(Cause::Sink), None),
        ] {
            assert_eq!(answer(class).attempt().and_then(|made| made.retry_after_seconds), expected, "{class:?}");
        }
    }
}
