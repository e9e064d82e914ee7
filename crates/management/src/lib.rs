//! The application layer: every use case of the control plane, one file each.
//!
//! A use case takes an [`Actor`](model::Actor) and a typed request, and returns a domain result or an [`Error`] that
//! names the member and the rule it breaks. The HTTP APIs, the declared configuration, the import and background tasks
//! all call these use cases and only translate to and from them, so that a rule is written once.
//!
//! For example, making a subscription:
//!
//! ```text
//! POST /v1/subscriptions      POST /api/v1/abonnement      [[subscription]] in the configuration
//!   api-native: JSON            api-zgw: its JSON            gateway: TOML
//!            \                      |                        /
//!             +---- SubscriptionRequest and the Actor -------+
//!                                   v
//!                    Management::create_subscription
//!   1. Rules and rights: `Error::Invalid` names `config.tls`, `Error::Forbidden` the missing right.
//!   2. `subscriptions::build` makes the subscription, with the positions where it starts.
//!   3. `Control::submit(&actor, Command::CreateSubscription)` returns the change, durable, or the rejection.
//! ```
//!
//! Not here: HTTP, JSON and texts for one API (the crates of the APIs), authentication (crate `web`), publishing of
//! events (crate `publishing`), the effect of a command on the stored state (`model::decide`) and delivery (crate `delivery`).

mod access;
pub mod addressees;
pub mod applicaties;
mod ascii_url;
pub mod audit;
pub mod by_hand;
pub mod configuration;
pub mod dead_letters;
pub mod declared;
pub mod error;
pub mod events;
pub mod expiry;
pub mod index;
pub mod journal;
pub mod kanalen;
pub mod lag_trend;
pub mod nodes;
pub mod observer;
mod precondition;
pub mod quota;
pub mod readiness;
pub mod receivers;
pub mod retention;
pub mod retention_warning;
pub mod rights;
pub mod runs;
mod scan;
pub mod schemas;
pub mod sessions;
pub mod statistics;
pub mod stream;
pub mod subscriptions;
pub mod types;
pub mod update;
pub mod waiting;

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use model::{Clock, KanaalName, Random, SubscriptionId, subscription::RetryPolicy};
use publishing::Publishing;
use secrets::Secrets;
use storage::{AuditLog, Control, EventLog, Journal, control::SharedRegistry};

pub use self::{
    ascii_url::ascii_url,
    error::{Conflict, Error, Fault, Resource},
    precondition::Precondition,
    readiness::Readiness,
    receivers::{
        CertificateEnds, CheckRequest, FetchError, InTwoLanguages, Probe, ProbeError, ReceiverFinding, ReceiverReport,
        ReceiverVerdict, Receivers,
    },
    rights::Right,
    runs::{RunFilter, RunState, Runs},
    update::Update,
};

/// The application layer; cheap to clone.
#[derive(Clone)]
pub struct Management(Arc<Parts>);

/// The parts that [`Management`] is built from.
pub struct Parts {
    /// Events by kanaal.
    pub log: Arc<dyn EventLog>,
    /// Changes of kanalen, subscriptions, applicaties, schemas and runs.
    pub control: Arc<dyn Control>,
    /// Outcomes, attempts and dead letters.
    pub journal: Arc<dyn Journal>,
    /// The audit trail.
    pub trail: Arc<dyn AuditLog>,
    /// Adds entries to it that belong to no command.
    pub recorder: Arc<audit::Recorder>,
    /// The present state of what `control` changes.
    pub registry: SharedRegistry,
    /// The delivery engine of this node.
    pub engine: delivery::Handle,
    /// Seals credentials before they are stored.
    pub secrets: Arc<Secrets>,
    /// Checks stored events by the present rules.
    pub publishing: Publishing,
    /// Checks URLs and probes of receivers.
    pub receivers: Arc<dyn Receivers>,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets, replaced in tests.
    pub random: Arc<dyn Random>,
    /// The configured values of use cases.
    pub settings: Settings,
    /// The last runs that were started.
    pub runs: Arc<Runs>,
    /// The cached result of the readiness checks.
    pub readiness: Readiness,
    /// The tests and checks of sinks that are under way.
    pub sink_turns: subscriptions::SinkTurns,
    /// What is known of the use of tokens.
    pub clients: Arc<dyn applicaties::Clients>,
    /// What this process knows about itself.
    pub facts: Arc<dyn nodes::Facts>,
    /// Figures over the last 24 hours.
    pub statistics: Arc<statistics::Statistics>,
    /// How far this node was behind over the last hour.
    pub lag_samples: lag_trend::LagSamples,
    /// The log-ins that were read of the audit trail.
    pub log_ins: sessions::KnownLogIns,
    /// The viewers of what happens.
    pub stream: Arc<stream::Stream>,
    /// The subscriptions that retention is about to overtake.
    pub retention_risks: retention_warning::RetentionRisks,
    /// Checks the configuration.
    pub inspector: Arc<dyn configuration::Inspector>,
    /// The cached result of these checks.
    pub last_report: configuration::LastReport,
}

/// Configured values that use cases depend on.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The origin for consent that an agreement replaces (`origin`).
    pub origin: String,
    /// The retry policy of subscriptions that ask for none (`[delivery.retry]`).
    pub default_retry: RetryPolicy,
    /// Whether changes of a subscription have to name the state they expect (`subscriptions.require_if_match`).
    pub require_precondition: bool,
    /// Whether an abonnement is shown to its own client and administrators only (`notificaties.own_abonnementen_only`).
    pub own_abonnementen_only: bool,
    /// The kanaal of events that no rule routes elsewhere (`default_kanaal`).
    pub default_kanaal: Option<KanaalName>,
    /// How long a sink may fail before its subscriptions are suspended (`delivery.outage_limit_hours`).
    pub outage_limit: std::time::Duration,
    /// How long a kanaal without a retention of its own keeps its events (`retention_days`).
    pub retention: std::time::Duration,
    /// The kanalen that the configuration of this node declares.
    pub declared_kanalen: Vec<kanalen::KanaalRequest>,
    /// Whether the gateway publishes events about itself (`[own_events]`).
    pub own_events: bool,
    /// The subscriptions that the configuration of this node declares, each with its id there.
    pub declared_subscriptions: BTreeMap<SubscriptionId, String>,
    /// Which publishers may change the kanaal of another client.
    pub kanalen_changed_by: kanalen::MayChange,
    /// Whether the documentation of a kanaal has to answer (`notificaties.fetch_documentatie_link`).
    pub fetch_documentation: bool,
    /// The most that one client may have at a time.
    pub quotas: quota::Quotas,
    /// The role of this node in a cluster, for readiness.
    pub node: readiness::Node,
}

impl Management {
    /// Creates the application layer from its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Management {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
