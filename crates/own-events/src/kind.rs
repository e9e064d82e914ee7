//! The types of events, each with the schema of its data.

use serde_json::Value;

/// The beginning of every type.
const PREFIX: &str = "nl.gov.eventgateway.";

/// A type of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The sink of a subscription fails.
    OutageBegun,
    /// The sink of a subscription answers again.
    OutageEnded,
    /// The sink of a subscription has failed for a part of the outage limit.
    SuspensionNear,
    /// A subscription was suspended after an outage, or ended since its sink answered 410.
    Suspended,
    /// A sink did not consent.
    ConsentRefused,
    /// A sink that consented before does not consent any more.
    ConsentLost,
    /// Deliveries to a subscription ended as dead letters.
    DeadLetters,
    /// Retention is about to remove events that a subscription did not get.
    RetentionNear,
    /// A subscription waits for the owner of a kanaal.
    ApprovalAsked,
    /// A certificate ends soon, or has ended.
    CertificateNearEnd,
    /// A mailing ended: one event to the people of one kanaal by one channel (CH-88).
    MailingEnded,
    /// Subscriptions of people to a kanaal ended, since messages do not reach them (CH-113).
    PeopleUndeliverable,
}

impl Kind {
    /// Every type.
    pub const ALL: [Self; 12] = [
        Self::OutageBegun,
        Self::OutageEnded,
        Self::SuspensionNear,
        Self::Suspended,
        Self::ConsentRefused,
        Self::ConsentLost,
        Self::DeadLetters,
        Self::RetentionNear,
        Self::ApprovalAsked,
        Self::CertificateNearEnd,
        Self::MailingEnded,
        Self::PeopleUndeliverable,
    ];

    /// The type without what all have in common, and the JSON Schema of the data.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::OutageBegun => {
                ("subscription.outage-begun", include_str!("../../../schemas/own-events/outage-begun.schema.json"))
            }
            Self::OutageEnded => {
                ("subscription.outage-ended", include_str!("../../../schemas/own-events/outage-ended.schema.json"))
            }
            Self::SuspensionNear => (
                "subscription.suspension-near",
                include_str!("../../../schemas/own-events/suspension-near.schema.json"),
            ),
            Self::Suspended => {
                ("subscription.suspended", include_str!("../../../schemas/own-events/suspended.schema.json"))
            }
            Self::ConsentRefused => (
                "subscription.consent-refused",
                include_str!("../../../schemas/own-events/consent-refused.schema.json"),
            ),
            Self::ConsentLost => {
                ("subscription.consent-lost", include_str!("../../../schemas/own-events/consent-lost.schema.json"))
            }
            Self::DeadLetters => {
                ("subscription.dead-letters", include_str!("../../../schemas/own-events/dead-letters.schema.json"))
            }
            Self::RetentionNear => {
                ("subscription.retention-near", include_str!("../../../schemas/own-events/retention-near.schema.json"))
            }
            Self::ApprovalAsked => {
                ("subscription.approval-asked", include_str!("../../../schemas/own-events/approval-asked.schema.json"))
            }
            Self::CertificateNearEnd => {
                ("certificate.near-end", include_str!("../../../schemas/own-events/certificate-near-end.schema.json"))
            }
            Self::MailingEnded => {
                ("mailing.ended", include_str!("../../../schemas/own-events/mailing-ended.schema.json"))
            }
            Self::PeopleUndeliverable => {
                ("people.undeliverable", include_str!("../../../schemas/own-events/people-undeliverable.schema.json"))
            }
        }
    }

    /// The type without what all have in common, such as `subscription.suspended`.
    pub(crate) const fn short(self) -> &'static str {
        self.row().0
    }

    /// `type` of its events.
    pub fn event_type(self) -> String {
        format!("{PREFIX}{}", self.short())
    }

    /// The kind of events of this `type`.
    pub fn from_type(text: &str) -> Option<Self> {
        let short = text.strip_prefix(PREFIX)?;
        Self::ALL.into_iter().find(|kind| kind.short() == short)
    }

    /// The name of the schema of its data, such as `gateway-subscription-suspended`.
    pub fn schema_name(self) -> String {
        format!("gateway-{}", self.short().replace('.', "-"))
    }

    /// The JSON Schema of its data.
    pub const fn schema(self) -> &'static str {
        self.row().1
    }

    /// The description in the schema.
    pub fn description(self) -> String {
        self.parsed()["description"].as_str().unwrap_or_default().to_owned()
    }

    /// The example in the schema, as JSON.
    pub fn example(self) -> String {
        self.parsed()["examples"][0].to_string()
    }

    fn parsed(self) -> Value {
        serde_json::from_str(self.schema()).unwrap_or_default()
    }
}
