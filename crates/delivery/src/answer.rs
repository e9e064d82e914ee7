//! What came of one request, and the one place that says what it means (design of delivery, "answers";
//! CE-WH-07, CE-WH-09..12, CE-WH-15..19, CE-WH-22, CE-WH-23).
//!
//! It knows no state: whether a failure starts an outage or consumes a retry is decided by the machine.

use std::time::Duration;

use compact_str::CompactString;
use model::{
    Timestamp,
    outcome::{Attempt, AttemptResult},
};

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When the request started.
    pub started: Timestamp,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
    /// What came back.
    pub reply: Reply,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An HTTP answer.
    Status {
        /// Its status.
        status: u16,
        /// How long it asks to wait, counted from its arrival; `None` also when there is nothing to wait for.
        retry_after: Option<Duration>,
        /// The start of its body as text.
        excerpt: CompactString,
    },
    /// No answer: network, TLS, timeout, or a request that could not be made on our side. The text holds no token
    /// and no query string.
    Failed(String),
    /// The event has no form in the format that was asked for; no request was made.
    Untranslatable(String),
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 2xx: the sink has it.
    Delivered,
    /// 410: the sink wants nothing any more.
    Gone,
    /// 429, or 503 with `Retry-After`: silence for that long.
    Paced(Duration),
    /// 400, 413, 422: not this event.
    Refused,
    /// 415: not in this format.
    Format,
    /// The sink, or the way to it, fails.
    Sink,
    /// This event fails, perhaps only now.
    Event,
    /// No request was made.
    Untranslatable,
}

impl Class {
    /// The words in metrics, in the order of [`Class::number`].
    pub const LABELS: [&'static str; 8] =
        ["delivered", "gone", "paced", "refused", "format", "sink", "event", "untranslatable"];

    /// Its place in [`Class::LABELS`].
    pub const fn number(self) -> usize {
        match self {
            Self::Delivered => 0,
            Self::Gone => 1,
            Self::Paced(_) => 2,
            Self::Refused => 3,
            Self::Format => 4,
            Self::Sink => 5,
            Self::Event => 6,
            Self::Untranslatable => 7,
        }
    }
}

impl Reply {
    /// What it means.
    pub fn class(&self) -> Class {
        match self {
            Self::Failed(_) => Class::Sink,
            Self::Untranslatable(_) => Class::Untranslatable,
            Self::Status { status, retry_after, .. } => match (status, retry_after) {
                (200..=299, _) => Class::Delivered,
                (410, _) => Class::Gone,
                (429 | 503, Some(wait)) => Class::Paced(*wait),
                (400 | 413 | 422, _) => Class::Refused,
                (415, _) => Class::Format,
                (300..=399 | 401 | 403 | 404 | 405 | 502 | 503 | 504, _) => Class::Sink,
                _ => Class::Event,
            },
        }
    }

    /// Its status, if it is an HTTP answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// It in words, for owners of subscriptions.
    pub fn reason(&self) -> String {
        match self {
            Self::Status { status, excerpt, .. } if excerpt.is_empty() => format!("the sink answered {status}"),
            Self::Status { status, excerpt, .. } => format!("the sink answered {status}: {excerpt}"),
            Self::Failed(reason) | Self::Untranslatable(reason) => reason.clone(),
        }
    }
}

impl Answer {
    /// It as the journal keeps it; `None` when no request was made.
    pub fn attempt(&self) -> Option<Attempt> {
        let (result, excerpt) = match &self.reply {
            Reply::Status { status, excerpt, .. } => (AttemptResult::Status(*status), excerpt.clone()),
            Reply::Failed(reason) => (AttemptResult::Failure(reason.clone()), CompactString::default()),
            Reply::Untranslatable(_) => return None,
        };
        Some(Attempt { at: self.started, duration_micros: self.duration_micros, result, excerpt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_one_class_ce_wh_09_to_23() {
        let soon = Some(Duration::from_secs(7));
        for (statuses, retry_after, class) in [
            (&[200, 201, 202, 203, 204, 206, 299][..], None, Class::Delivered),
            (&[200], soon, Class::Delivered),
            (&[410], None, Class::Gone),
            (&[410], soon, Class::Gone),
            (&[429, 503], soon, Class::Paced(Duration::from_secs(7))),
            (&[429], None, Class::Event),
            (&[400, 413, 422], None, Class::Refused),
            (&[400], soon, Class::Refused),
            (&[415], None, Class::Format),
            (&[301, 302, 304, 307, 308, 401, 403, 404, 405, 502, 503, 504], None, Class::Sink),
            (&[502], soon, Class::Sink),
            (&[100, 402, 406, 408, 409, 418, 425, 431, 451, 500, 501, 505, 599], None, Class::Event),
        ] {
            for status in statuses {
                let reply = Reply::Status { status: *status, retry_after, excerpt: CompactString::default() };
                assert_eq!(reply.class(), class, "{status} {retry_after:?}");
            }
        }
        assert_eq!(Reply::Failed("timeout".into()).class(), Class::Sink);
        assert_eq!(Reply::Untranslatable("no".into()).class(), Class::Untranslatable);
    }
}
