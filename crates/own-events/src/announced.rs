//! What was announced: the newest event about each subject, as the log of the kanaal has it.

use std::collections::HashMap;

use model::{Event, Timestamp};

use crate::kind::Kind;

/// What events of one group of types have in common: one of them takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Outages of the sink.
    Outage,
    /// The outage limit is partly over.
    Suspension,
    /// The subscription was suspended.
    Status,
    /// Consent of the sink.
    Consent,
    /// Dead letters.
    DeadLetters,
    /// Retention.
    Retention,
    /// Approval by the owner of the kanaal with this name.
    Approval(String),
    /// A certificate.
    Certificate,
    /// A mailing.
    Mailing,
    /// People of a kanaal.
    Undeliverable,
}

/// The newest event of a topic about a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Last {
    pub kind: Kind,
    /// When it was appended.
    pub at: Timestamp,
    /// Since when what it announced is so; for a certificate its end.
    pub since: Option<Timestamp>,
    /// The number of days of an event about a certificate.
    pub days: u64,
    /// The part of the outage limit of an event about it, in percents.
    pub percent: u64,
}

/// The newest event of each topic about each subject.
#[derive(Debug, Default)]
pub struct Announced(HashMap<(String, Topic), Last>);

impl Announced {
    /// Adds an event of the log, in the order of its partition. Events of other types are ignored.
    pub fn add(&mut self, event: &Event, at: Timestamp) {
        let (Some(kind), Some(subject)) = (Kind::from_type(event.kind()), event.subject()) else { return };
        let data: serde_json::Value =
            event.data().and_then(|data| serde_json::from_slice(data.bytes()).ok()).unwrap_or_default();
        let moment = |member: &str| data[member].as_str().and_then(Timestamp::parse_rfc3339);
        let topic = match kind {
            Kind::OutageBegun | Kind::OutageEnded => Topic::Outage,
            Kind::SuspensionNear => Topic::Suspension,
            Kind::Suspended => Topic::Status,
            Kind::ConsentRefused | Kind::ConsentLost => Topic::Consent,
            Kind::DeadLetters => Topic::DeadLetters,
            Kind::RetentionNear => Topic::Retention,
            Kind::ApprovalAsked => Topic::Approval(data["kanaal"].as_str().unwrap_or_default().to_owned()),
            Kind::CertificateNearEnd => Topic::Certificate,
            Kind::MailingEnded => Topic::Mailing,
            Kind::PeopleUndeliverable => Topic::Undeliverable,
        };
        let since = match kind {
            Kind::CertificateNearEnd => moment("expires"),
            Kind::MailingEnded => moment("ended"),
            // Those that ended later were not in it.
            Kind::PeopleUndeliverable => moment("until"),
            _ => moment("since"),
        };
        let number = |member: &str| data[member].as_u64().unwrap_or_default();
        let last = Last { kind, at, since, days: number("days"), percent: number("percent") };
        self.0.insert((subject.to_owned(), topic), last);
    }

    /// The newest event of a topic about a subject.
    pub(crate) fn last(&self, subject: &str, topic: Topic) -> Option<Last> {
        self.0.get(&(subject.to_owned(), topic)).copied()
    }
}
