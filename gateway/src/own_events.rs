//! Starts the events of the gateway about itself (crate `own-events`): their settings, schemas, and the facts that only this
//! program knows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use management::{Management, schemas::SchemaRequest};
use model::{KanaalName, SchemaName, SubscriptionId, Timestamp};
use own_events::{CertificateEnd, Kind, NodeFacts, Parts, Publisher, RetentionRisk, Settings};

use crate::{app::App, cli::check, config::Config};

/// The publisher of own events, when they are configured.
pub fn publisher(app: &App) -> Option<Publisher> {
    let settings = settings(&app.config)?;
    Some(Publisher::new(Parts {
        log: Arc::clone(&app.log),
        publishing: app.publishing.clone(),
        engine: app.engine.clone(),
        audience: app.audience.clone(),
        mailings: app.mailings.as_ref().map(|parts| Arc::clone(&parts.mailings)),
        facts: Arc::new(OwnFacts { config: Arc::clone(&app.config), management: app.management.clone() }),
        clock: Arc::clone(&app.clock),
        settings,
    }))
}

fn settings(config: &Config) -> Option<Settings> {
    let own = config.own_events.as_ref()?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Some(Settings {
        source: config.source.clone(),
        schemas: schemas_url(config),
        interval: seconds(own.check_seconds),
        outage_after: seconds(own.outage_after_seconds),
        outage_quiet: seconds(own.outage_quiet_seconds),
        outage_limit: Duration::from_hours(config.delivery.outage_limit_hours.into()),
        suspension_percent: own.suspension_percent.clone(),
        dead_letters_quiet: seconds(own.dead_letters_quiet_seconds),
        retention_quiet: Duration::from_hours(own.retention_quiet_hours.into()),
        approval_quiet: seconds(own.approval_quiet_seconds),
        undeliverable_quiet: seconds(own.undeliverable_quiet_seconds),
        certificate_days: own.certificate_days.clone(),
    })
}

fn schemas_url(config: &Config) -> String {
    format!("{}/v1/schemas/", config.own_url())
}

/// The schemas of own events, one for each type; none when they are not configured.
pub fn schemas(config: &Config) -> Vec<SchemaRequest> {
    if config.own_events.is_none() {
        return Vec::new();
    }
    let schema = |kind: Kind| {
        Some(SchemaRequest {
            name: SchemaName::new(&kind.schema_name())?,
            uri: format!("{}{}", schemas_url(config), kind.schema_name()),
            types: vec![kind.event_type()],
            kanaal: Some(KanaalName::own()),
            description: kind.description(),
            example: Some(kind.example()),
            text: kind.schema().to_owned(),
        })
    };
    Kind::ALL.into_iter().filter_map(schema).collect()
}

/// The adapter of [`NodeFacts`].
struct OwnFacts {
    config: Arc<Config>,
    management: Management,
}

impl NodeFacts for OwnFacts {
    fn retention_risks(&self) -> HashMap<SubscriptionId, RetentionRisk> {
        let risks = self.management.all_retention_risks().into_iter().map(|(id, risk)| {
            let management::retention_warning::RetentionRisk { kanaal, records, removed_from } = risk;
            (id, RetentionRisk { kanaal, records, removed_from })
        });
        risks.collect()
    }

    fn certificates(&self) -> Vec<CertificateEnd> {
        let mut ends: BTreeMap<String, Timestamp> = BTreeMap::new();
        for (item, expires) in check::certificate_ends(&self.config) {
            // Several files may have one key: the first end counts.
            ends.entry(item).and_modify(|end| *end = expires.min(*end)).or_insert(expires);
        }
        ends.into_iter().map(|(item, expires)| CertificateEnd { item, expires }).collect()
    }
}
