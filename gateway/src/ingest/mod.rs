//! Publishing: from the bytes of a request to durable records, for both APIs.
//!
//! Reading events is `translator`'s work and remarks on them `model::profile`'s; here is what lies between: which
//! kanaal an event goes to, what strict mode refuses, and one append for all of a request. It waits once.

pub mod append;
pub mod cloudevents;
pub mod examine;
pub mod notificatie;
pub mod refusal;
pub mod route;

use model::{
    KanaalName, Timestamp,
    event::AcceptedEvent,
    profile::{Finding, Judge, Mode},
};
use storage::log::Record;
use translator::{Limits, Strictness, record};

use crate::{
    auth::Caller, config::Config, inbound::public_url::own_url, problem::Problem, telemetry::ingest as metrics,
};

/// What publishing goes by; read from configuration once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What holds for events that come in at `/v1/events`, unless their kanaal says otherwise.
    pub events: Judge,
    /// What holds for events that come in at `/api/v1/cloudevents`, unless their kanaal says otherwise.
    pub cloudevents: Judge,
    /// What holds for notifications; they are never refused for it, since the gateway makes their attributes.
    pub notificaties: Judge,
    /// Bounds of what is read.
    pub limits: Limits,
    /// Kanaal of CloudEvents that no rule routes.
    pub default_kanaal: Option<KanaalName>,
    /// `source` of notifications, when nothing nearer sets one.
    pub source: String,
    /// Where the mapping of notifications is described.
    pub dataschema: String,
    /// How far `aanmaakdatum` may lie ahead of our clock.
    pub leeway: std::time::Duration,
}

impl Settings {
    /// What the configuration says.
    pub fn new(config: &Config) -> Self {
        let gateway = config.ingest.judge();
        Self {
            events: config.ingest.events.rules().over(gateway),
            cloudevents: config.ingest.cloudevents.rules().over(gateway),
            notificaties: Judge { mode: Mode::Lenient, privacy: Mode::Lenient, ..gateway },
            limits: Limits {
                depth: u8::try_from(config.limits.depth).unwrap_or(u8::MAX),
                events: config.limits.batch_events,
                ..Limits::default()
            },
            default_kanaal: KanaalName::new(&config.default_kanaal),
            source: config.source.clone(),
            dataschema: format!("{}/v1/schemas/notificatie", own_url(config)),
            leeway: std::time::Duration::from_secs(u64::from(config.auth.leeway_seconds)),
        }
    }
}

/// How undefined corners of the wire forms are read in a mode.
fn strictness(mode: Mode) -> Strictness {
    match mode {
        Mode::Lenient => Strictness::Lenient,
        Mode::Strict => Strictness::Strict,
    }
}

/// Counts a request against the pace of its client.
pub fn admit(rate: &crate::inbound::rate::Rate, caller: &Caller, now: Timestamp) -> Result<(), Problem> {
    rate.admit(&caller.client_id, now).map_err(|wait| {
        Problem::new(
            http::StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            "This client publishes faster than it may.",
        )
        .with_retry_after(wait)
    })
}

/// The record of an event.
fn record_of(accepted: &AcceptedEvent) -> Record {
    let parts = record::encode(accepted);
    Record { key: parts.key, headers: parts.headers, value: parts.value }
}

fn count_findings(kanaal: &KanaalName, findings: &[Finding]) {
    for finding in findings {
        metrics::finding(finding.rule, kanaal.as_str());
    }
}
