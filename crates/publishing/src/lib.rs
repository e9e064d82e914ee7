//! Publishing: from the bytes of a request to durable records, for CloudEvents ([`events`]) and for notifications of the
//! Notificaties API ([`notification`]).
//!
//! A request is examined ([`examine`]: read, routed to a kanaal ([`route`]), checked against the rules of that kanaal and
//! the schema of its payload ([`payload`])) and then appended to the log in one append, all events or none. Reading wire
//! forms is `translator`'s work, the rules of profiles are `model::profile`'s. Only the append waits, and catching up with
//! other nodes when a kanaal is unknown. The gateway's own events are only appended. What is stored can be checked again by
//! the present rules ([`stored`]).
//!
//! Not here: HTTP. Bounds of requests, authentication, and the responses to refusals are in crate `web` and the APIs.

pub mod addressees;
mod by_hand;
pub mod events;
pub mod examine;
pub mod metrics;
pub mod notification;
mod own;
pub mod payload;
mod replacement;
pub mod rights;
pub mod route;
pub mod stored;
pub mod via;

use std::{ops::Deref, sync::Arc};

use model::{
    Clock, KanaalName, Random,
    event::AcceptedEvent,
    inbox::InboxKanalen,
    profile::{EffectiveRules, Mode},
};
use storage::{Control, EventLog, control::SharedRegistry, log::Record};
use translator::{Limits, Strictness, record};

/// The types that describe refusals.
pub use translator::{Reason, Rejection, cloudevents::MediaTypeError};

pub use self::{
    addressees::ForPeople,
    examine::{Candidate, Error, Examined, Headers, Refusal, Submission},
    notification::ExaminedNotification,
    payload::Payloads,
    replacement::Prepared,
    rights::{NotAllowed, PublisherRights},
    via::{Via, ViaError},
};

/// The target of log lines about a single accepted event.
const LOG_TARGET: &str = "events";

/// Accepts and stores events; cheap to clone.
#[derive(Clone)]
pub struct Publishing(Arc<Inner>);

struct Inner {
    parts: Parts,
    accepted: metrics::Accepted,
    findings: metrics::Findings,
}

/// The parts that [`Publishing`] is built from.
pub struct Parts {
    /// Accepted events are appended here.
    pub log: Arc<dyn EventLog>,
    /// Catches up with other nodes when an event names a kanaal that this node does not know.
    pub control: Arc<dyn Control>,
    /// The present kanalen, schemas and applicaties.
    pub registry: SharedRegistry,
    /// Gives the time of acceptance.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids of notifications.
    pub random: Arc<dyn Random>,
    /// The configured values of publishing.
    pub settings: Settings,
    /// Compiled schemas of payloads, by name.
    pub payloads: Payloads,
}

/// The configured values: rules, bounds, and defaults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Rules for events at `/v1/events`, unless their kanaal has others.
    pub events: EffectiveRules,
    /// Rules for events at `/api/v1/cloudevents`, unless their kanaal has others.
    pub cloudevents: EffectiveRules,
    /// Rules for notifications. They never refuse one, since the gateway makes the attributes.
    pub notificaties: EffectiveRules,
    /// Bounds of events and batches.
    pub limits: Limits,
    /// Most bytes of the name and value of an attribute of a CloudEvent.
    pub attribute_bytes: usize,
    /// The kanalen and sources that publishers are limited to.
    pub rights: PublisherRights,
    /// The kanalen whose events are messages of the inbox.
    pub inbox: InboxKanalen,
    /// What an event may say to mailings; `None` where there are no people: these attributes are like any other then.
    pub for_people: Option<ForPeople>,
    /// Kanaal of CloudEvents that no rule routes.
    pub default_kanaal: Option<KanaalName>,
    /// The id of this installation, the same on all its nodes; see [`via`].
    pub installation: String,
    /// `source` of notifications when neither applicatie nor kanaal has one.
    pub source: String,
    /// Absolute URI of the description of the mapping of notifications.
    pub dataschema: String,
    /// How far `aanmaakdatum` may lie ahead of our clock.
    pub leeway: std::time::Duration,
}

impl Publishing {
    /// Creates it from its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner { parts, accepted: metrics::Accepted::new(), findings: metrics::Findings::default() }))
    }
}

impl Deref for Publishing {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

/// How strictly undefined cases of the wire forms are read in a mode.
fn strictness(mode: Mode) -> Strictness {
    match mode {
        Mode::Lenient => Strictness::Lenient,
        Mode::Strict => Strictness::Strict,
    }
}

/// The log record of an accepted event, with the gateways that it passed.
fn record_of(accepted: &AcceptedEvent, via: Option<&Via>) -> Record {
    let parts = record::encode(accepted);
    let mut record = Record { key: parts.key, headers: parts.headers, value: parts.value };
    if let Some(via) = via {
        via.put(&mut record);
    }
    record
}
