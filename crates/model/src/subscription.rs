//! A subscription: who wants what, where, in which shape, at which pace, and whether the sink agreed.
//!
//! An abonnement of the Notificaties API is the legacy view of one. Progress (marks, retries) is not
//! part of it and changes far more often; see the port `Progress` of `storage`.

use std::{num::NonZeroU32, time::Duration};

use uuid::Uuid;

pub use crate::credential::Credential;
use crate::{
    KanaalName, Mark, Partition, Timestamp,
    approval::{Approval, Disclosure},
    consent::{Consent, Validation},
    outcome::Outcome,
    sealed::Sealed,
    selection::Selection,
};

/// Identity of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub Uuid);

impl std::fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Who wants what, where and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identity.
    pub id: SubscriptionId,
    /// The `client_id` of the applicatie it belongs to.
    pub owner: String,
    /// Which events.
    pub selection: Selection,
    /// Where they go: an absolute http(s) URL without user information and fragment.
    pub sink: String,
    /// What proves to the sink that it is us.
    pub credential: Credential,
    /// Name of the TLS profile for the sink; absent: the one named like the destination, else the general one.
    pub tls: Option<String>,
    /// Headers that every delivery carries besides ours.
    pub headers: Vec<(String, String)>,
    /// The shape in which they arrive.
    pub format: Format,
    /// Order of arrival.
    pub order: Order,
    /// What happens when the sink fails.
    pub retry: RetryPolicy,
    /// Most requests under way at once; `None` for the gateway's default.
    pub max_in_flight: Option<NonZeroU32>,
    /// The rate asked for in the handshake, requests per minute; `None` asks for none.
    pub requested_rate: Option<NonZeroU32>,
    /// How consent is asked for.
    pub validation: Validation,
    /// Where consent stands.
    pub consent: Consent,
    /// Changes with sink and origin; an outcome of an older handshake is not applied.
    pub generation: u64,
    /// Secret part of the consent callback URL.
    pub callback_secret: Sealed,
    /// Whether it runs.
    pub status: Status,
    /// Where it starts reading: the ends of the logs when it was made (or what was asked for). A
    /// partition that is not listed starts at its beginning.
    pub start: Vec<(KanaalName, Partition, Mark)>,
    /// When it lapses, if ever.
    pub expires: Option<Timestamp>,
    /// Where it stands with the owners of kanalen, one entry a kanaal at most.
    pub approvals: Vec<Approval>,
    /// The key that its maker chose, so that making it twice makes one.
    pub create_key: Option<CreateKey>,
    /// When it was made.
    pub created: Timestamp,
    /// When its owner last changed it.
    pub changed: Timestamp,
}

/// The key that the maker of a subscription chose, unique among the subscriptions of one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateKey {
    /// The key.
    pub key: String,
    /// Digest of what was asked for with it, without secrets.
    pub digest: String,
}

/// The shape of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The notification of the Notificaties API.
    Legacy,
    /// A structured CloudEvent (default).
    Structured(Rendering),
    /// A binary CloudEvent.
    Binary,
    /// Batches of structured CloudEvents.
    Batch {
        /// Most events in one request; at least 1.
        max_events: NonZeroU32,
        /// How long the first event of a batch waits for more.
        linger: Duration,
    },
}

/// How an event born as notificatie looks as a CloudEvent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// As stored: data is the notification.
    Canonical,
    /// The eight members of Open Notificaties 1.16 (MAP-16).
    On116,
}

/// Order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Events do not wait for each other (default).
    #[default]
    None,
    /// An event waits until earlier ones with the same key are settled.
    Key,
}

/// What happens when a sink fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Retries after the first attempt of one event, before it is a dead letter.
    pub max_retries: u32,
    /// Multiplies every wait.
    pub factor: Thousandths,
    /// Raised to the number of retries made so far.
    pub base: Thousandths,
    /// The longest wait.
    pub cap: Duration,
    /// Spread of a wait: it is multiplied by a random part between `1 - jitter` and 1; 0 to 1.
    pub jitter: Thousandths,
    /// Only the ladder of retries, as in Open Notificaties: no failure is treated as an outage of the sink or as a
    /// refusal of the event. 410 and `Retry-After` keep their meaning.
    pub ladder_only: bool,
}

/// A non-negative number in thousandths, so that policies compare and store exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(pub u32);

impl Thousandths {
    /// As a floating point number.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }

    /// The nearest one to a non-negative number; `None` when negative, not finite, or too large.
    pub fn from_f64(number: f64) -> Option<Self> {
        let thousandths = (number * 1_000.0).round();
        (0.0..=f64::from(u32::MAX)).contains(&thousandths).then_some(Self(thousandths as u32))
    }
}

impl Default for RetryPolicy {
    /// Factor 3, base 2, cap 48 s, 5 retries, no jitter.
    fn default() -> Self {
        Self {
            max_retries: 5,
            factor: Thousandths(3_000),
            base: Thousandths(2_000),
            cap: Duration::from_secs(48),
            jitter: Thousandths(0),
            ladder_only: false,
        }
    }
}

/// Whether a subscription runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It runs, as far as consent allows.
    Active,
    /// Its owner paused it; marks stay.
    Paused,
    /// The gateway gave up after an outage beyond the limit; marks stay until the owner resumes it.
    Suspended {
        /// Why, for the owner.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// The sink answered 410 Gone; only a new handshake revives it (CE-WH-15).
    Gone {
        /// When.
        at: Timestamp,
    },
    /// Its `expires` is over; a later one revives it.
    Expired {
        /// When.
        at: Timestamp,
    },
}

impl Status {
    /// How deliveries end while it stands so, when it takes none any more.
    pub fn end(&self) -> Option<Outcome> {
        match self {
            Self::Gone { .. } => Some(Outcome::Ended),
            Self::Expired { .. } => Some(Outcome::Expired),
            Self::Active | Self::Paused | Self::Suspended { .. } => None,
        }
    }
}

impl Subscription {
    /// Whether anything may be sent to its sink now, pace apart (I4, I5).
    pub fn may_send(&self) -> bool {
        self.status == Status::Active && self.consent.granted().is_some() && self.held_by().is_none()
    }

    /// The approval of a kanaal that it names and that was not given (yet): nothing is sent, of other kanalen neither.
    pub fn held_by(&self) -> Option<&Approval> {
        self.approvals.iter().find(|entry| !entry.state.is_approved() && self.selection.names(&entry.kanaal))
    }

    /// Whether the owner of a kanaal lets it have events of that kanaal.
    pub fn is_admitted(&self, kanaal: &KanaalName) -> bool {
        self.approval(kanaal).is_none_or(|entry| entry.state.is_approved())
    }

    /// What of the events of a kanaal it may have; `None` for everything.
    pub fn disclosure(&self, kanaal: &KanaalName) -> Option<&Disclosure> {
        self.approval(kanaal)?.disclose.as_ref()
    }

    /// Where it stands with the owner of a kanaal.
    pub fn approval(&self, kanaal: &KanaalName) -> Option<&Approval> {
        self.approvals.iter().find(|entry| entry.kanaal == *kanaal)
    }
}
