//! Checks stored events against the present rules of their kanaal. Findings are not stored with an event.

use std::sync::Arc;

use model::{
    KanaalName, PayloadSchema,
    event::{AcceptedEvent, PublishedAs},
    profile::{EffectiveRules, Finding},
};

use super::{Publishing, examine::schema_of};

/// The result of checking a stored event against the present rules of its kanaal.
#[derive(Debug)]
pub struct EventCheck {
    /// The rules it was checked against.
    pub rules: EffectiveRules,
    /// The registered schema for its payload, when the kanaal checks payloads.
    pub schema: Option<Arc<PayloadSchema>>,
    /// The findings, in the order of the checks.
    pub findings: Vec<Finding>,
}

impl Publishing {
    /// Checks a stored event. Payloads of notifications are not checked: they have the rules of their own API.
    pub fn check_stored(&self, kanaal: &KanaalName, accepted: &AcceptedEvent) -> EventCheck {
        let (base, checks_payload) = match accepted.published_as {
            PublishedAs::CloudEvent => (self.settings.events, true),
            PublishedAs::Notificatie => (self.settings.notificaties, false),
        };
        let (kanaal, schema) = {
            let registry = self.registry.read();
            let kanaal = registry.kanaal(kanaal.as_str()).cloned();
            let asks = kanaal.as_deref().filter(|_| checks_payload);
            let schema = asks.and_then(|kanaal| schema_of(&registry, kanaal, &accepted.event).cloned());
            (kanaal, schema)
        };
        let rules = kanaal.map_or(base, |kanaal| kanaal.rules.over(base));
        let mut findings = rules.findings(&accepted.event);
        findings.extend(schema.iter().flat_map(|schema| self.payloads.check(schema, &accepted.event)));
        EventCheck { rules, schema, findings }
    }
}
