//! A subscription: who wants which events, where, in which format, at which pace, and whether the sink consented.
//!
//! An abonnement of the Notificaties API is the legacy view of one. Progress (marks, retries) is not
//! part of it and changes far more often; see the port `Progress` of `storage`.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    KanaalName, Mark, Partition, Sink, Timestamp,
    approval::{Approval, Disclosure},
    consent::{Consent, Validation},
    outcome::Outcome,
    sealed::Sealed,
    selection::Selection,
};
pub use crate::{credential::Credential, id::SubscriptionId};

/// A subscription: which events go to which sink, in which format and with which guarantees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The id of the subscription.
    pub id: SubscriptionId,
    /// The `client_id` of the applicatie it belongs to.
    pub owner: String,
    /// A name for people, 1 to 100 characters; it need not be unique.
    pub name: Option<String>,
    /// Who answers questions about it: a mail address or an http(s) URL.
    pub contact: Option<String>,
    /// What it is for, 1 to 1,000 characters.
    pub description: Option<String>,
    /// The events that it selects.
    pub selection: Selection,
    /// The destination of deliveries.
    pub sink: Sink,
    /// The credential for deliveries to the sink.
    pub credential: Credential,
    /// When its owner last set the credential; `None` when that was at the creation, when a program before this member did it,
    /// and without a credential. A token that is renewed is not set by the owner.
    pub credential_changed: Option<Timestamp>,
    /// Name of the TLS profile for the sink; `None` for the one named like its host, else the general one.
    pub tls: Option<String>,
    /// The contract under which its sink is reached through an FSC Outway; `None` without FSC.
    pub fsc: Option<Fsc>,
    /// Headers that every delivery has besides those of the gateway.
    pub headers: Vec<(String, HeaderText)>,
    /// The format of deliveries.
    pub format: Format,
    /// Whether deliveries wait for earlier ones.
    pub order: Order,
    /// The retries after a failure.
    pub retry: RetryPolicy,
    /// Most requests under way at once; `None` for the gateway's default.
    pub max_in_flight: Option<NonZeroU32>,
    /// The rate requested in the handshake, in requests per minute; `None` to request none.
    pub requested_rate: Option<NonZeroU32>,
    /// How the sink is asked for consent.
    pub validation: Validation,
    /// The state of consent.
    pub consent: Consent,
    /// Increases with every new sink or origin, so that the outcome of an older handshake is ignored.
    pub generation: u64,
    /// Secret part of the consent callback URL.
    pub callback_secret: Sealed,
    /// Whether it delivers now.
    pub status: Status,
    /// The marks at which it starts reading: the ends of the logs when it was created, unless another start was requested, or
    /// when it returned after it had ended.
    /// A partition that is not listed starts at its beginning.
    pub start: Vec<(KanaalName, Partition, Mark)>,
    /// When it expires; `None` for never.
    pub expires: Option<Timestamp>,
    /// The approvals of owners of kanalen, at most one entry per kanaal.
    pub approvals: Vec<Approval>,
    /// The idempotency key with which it was created.
    pub create_key: Option<CreateKey>,
    /// When it was created.
    pub created: Timestamp,
    /// When its owner last changed it.
    pub changed: Timestamp,
}

/// A contract of FSC (Federated Service Connectivity): the sink is an Outway, which finds the service and the peer by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fsc {
    /// The hash of the grant, sent as `Fsc-Grant-Hash`.
    pub grant_hash: String,
}

/// An idempotency key, unique among the subscriptions of one owner: a repeated request returns the same subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateKey {
    /// The key.
    pub key: String,
    /// Digest of the request without secrets, to refuse another request with the same key.
    pub digest: String,
}

/// The format of a delivery.
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

/// How an event that was published as a notificatie is rendered as a CloudEvent.
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

/// The retries after a failure of a sink.
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
    /// Every failure consumes a retry, as in Open Notificaties: none is treated as an outage of the sink or as a refusal
    /// of the event. 410 and `Retry-After` keep their meaning.
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

/// Whether a subscription delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It delivers, if the sink consented.
    Active,
    /// Its owner paused it; marks stay.
    Paused,
    /// The gateway gave up after an outage beyond the limit; marks stay until the owner resumes it.
    Suspended {
        /// The reason, as text for the owner of the subscription.
        reason: String,
        /// When this status began.
        at: Timestamp,
    },
    /// The sink answered 410 Gone; only a new handshake revives it (CE-WH-15).
    Gone {
        /// When this status began.
        at: Timestamp,
    },
    /// Its `expires` is over; a later one revives it.
    Expired {
        /// When this status began.
        at: Timestamp,
    },
}

impl Status {
    /// The outcome of its open deliveries when it has ended; `None` while it can still deliver.
    pub fn end(&self) -> Option<Outcome> {
        match self {
            Self::Gone { .. } => Some(Outcome::Ended),
            Self::Expired { .. } => Some(Outcome::Expired),
            Self::Active | Self::Paused | Self::Suspended { .. } => None,
        }
    }
}

impl Subscription {
    /// An active subscription with the default of every member that its owner need not choose: structured CloudEvents in
    /// any order, no credential, a handshake that was not tried yet, and every log from its beginning.
    pub fn new(
        id: SubscriptionId,
        owner: String,
        selection: Selection,
        sink: Sink,
        callback_secret: Sealed,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            owner,
            name: None,
            contact: None,
            description: None,
            selection,
            sink,
            credential: Credential::None,
            credential_changed: None,
            tls: None,
            fsc: None,
            headers: Vec::new(),
            format: Format::Structured(Rendering::Canonical),
            order: Order::None,
            retry: RetryPolicy::default(),
            max_in_flight: None,
            requested_rate: None,
            validation: Validation::Handshake,
            consent: Consent::fresh(now),
            generation: 1,
            callback_secret,
            status: Status::Active,
            start: Vec::new(),
            expires: None,
            approvals: Vec::new(),
            create_key: None,
            created: now,
            changed: now,
        }
    }

    /// Whether it had expired and its end was put off: such a change makes it active again.
    pub fn is_put_off(&self) -> bool {
        matches!(self.status, Status::Expired { .. }) && self.expires.is_none_or(|moment| moment > self.changed)
    }

    /// Whether requests to its sink are permitted (I4, I5); the rate is checked elsewhere.
    pub fn may_send(&self) -> bool {
        self.status == Status::Active && self.consent.granted().is_some() && self.held_by().is_none()
    }

    /// An approval that is awaited or rejected, of a kanaal that its selection names. It blocks all deliveries, also those
    /// from other kanalen.
    pub fn held_by(&self) -> Option<&Approval> {
        self.approvals.iter().find(|entry| !entry.state.is_approved() && self.selection.names(&entry.kanaal))
    }

    /// Whether it may get events of a kanaal: no approval is needed, or the owner approved.
    pub fn is_admitted(&self, kanaal: &KanaalName) -> bool {
        self.approval(kanaal).is_none_or(|entry| entry.state.is_approved())
    }

    /// The parts of events of a kanaal that it may get; `None` for everything.
    pub fn disclosure(&self, kanaal: &KanaalName) -> Option<&Disclosure> {
        self.approval(kanaal)?.disclose.as_ref()
    }

    /// Its approval by the owner of a kanaal; `None` when none is needed.
    pub fn approval(&self, kanaal: &KanaalName) -> Option<&Approval> {
        self.approvals.iter().find(|entry| entry.kanaal == *kanaal)
    }
}
/// The value of a header of a subscription. It may be a secret, so it is sealed.
#[derive(Clone, PartialEq, Eq)]
pub enum HeaderText {
    /// A sealed value.
    Sealed(Sealed),
    /// A value in the clear, as programs stored it before values were sealed.
    Clear(String),
}

impl std::fmt::Debug for HeaderText {
    /// Writes no value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeaderText(..)")
    }
}

impl From<&str> for HeaderText {
    fn from(text: &str) -> Self {
        Self::Clear(text.to_owned())
    }
}
