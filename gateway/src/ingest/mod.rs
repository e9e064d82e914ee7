//! Publishing: from the bytes of a request to durable records, for both APIs.
//!
//! Reading events is `translator`'s work and remarks on them `model::profile`'s; here is what lies between: which
//! kanaal an event goes to, what strict mode refuses, and one append for all of a request. It waits once.

pub mod append;
pub mod cloudevents;
pub mod notificatie;
pub mod refusal;
pub mod route;

use model::{
    Event, KanaalName, Timestamp,
    event::{AcceptedEvent, Born},
    profile::{self, Finding},
};
use storage::log::Record;
use translator::{Limits, Strictness, record};

use crate::{
    auth::Caller,
    config::{self, Config},
    inbound::public_url::own_url,
    problem::Problem,
    telemetry::ingest as metrics,
};

/// What publishing goes by; read from configuration once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How undefined corners are read, and whether strict findings refuse.
    pub strictness: Strictness,
    /// Against which profile events are held.
    pub profile: profile::Profile,
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
        Self {
            strictness: match config.ingest.strictness {
                config::Strictness::Lenient => Strictness::Lenient,
                config::Strictness::Strict => Strictness::Strict,
            },
            profile: match config.ingest.profile {
                config::Profile::CloudEvents => profile::Profile::CloudEvents,
                config::Profile::NlGov => profile::Profile::NlGov,
            },
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

    /// The name of profile and mode, for answers (GW-03).
    pub fn label(&self) -> &'static str {
        match (self.profile, self.strictness) {
            (profile::Profile::NlGov, Strictness::Lenient) => "nlgov; mode=lenient",
            (profile::Profile::NlGov, Strictness::Strict) => "nlgov; mode=strict",
            (profile::Profile::CloudEvents, Strictness::Lenient) => "cloudevents; mode=lenient",
            (profile::Profile::CloudEvents, Strictness::Strict) => "cloudevents; mode=strict",
        }
    }

    /// Remarks of the profile on an event; in strict mode those that reject are an error.
    fn remarks(&self, event: &Event) -> Result<Vec<Finding>, Vec<Finding>> {
        let findings = profile::check(event, self.profile);
        let rejects = self.strictness == Strictness::Strict && findings.iter().any(|finding| finding.strict);
        if rejects { Err(findings.into_iter().filter(|finding| finding.strict).collect()) } else { Ok(findings) }
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

/// The record of an event that was taken in now.
fn record_of(event: Event, born: Born, caller: &Caller, now: Timestamp) -> Record {
    let accepted = AcceptedEvent { event, born, received: Some(now), publisher: Some(caller.client_id.clone()) };
    let parts = record::encode(&accepted);
    Record { key: parts.key, headers: parts.headers, value: parts.value }
}

fn count_findings(findings: &[Finding]) {
    for finding in findings {
        metrics::finding(finding.rule);
    }
}
