//! Events that a person publishes by hand: a copy of a stored event, and the append of what was examined before.
//!
//! Examining and appending are separate here, because the audit trail has an entry about the event before it is stored. Not
//! here: who may do it, and that entry (`management::hand`).

use model::{
    KanaalName,
    clock::Now,
    event::{AcceptedEvent, PublishedAs},
    profile::Finding,
};

use super::{
    Candidate, Error, LOG_TARGET, Publishing, Refusal,
    examine::{Target, schema_of},
    metrics::Form,
    record_of,
    route::RouteError,
};

impl Publishing {
    /// Examines a copy of a stored event with a new id, by the present rules of its kanaal. Stores nothing. `publisher` is who
    /// the copy counts for.
    ///
    /// # Errors
    /// [`Error::Event`] when the kanaal is gone or the event is refused now.
    pub fn examine_copy(
        &self,
        publisher: &str,
        kanaal: &KanaalName,
        original: &AcceptedEvent,
    ) -> Result<Candidate, Error> {
        let event = original.event.with_id(self.random.uuid());
        let target = {
            let registry = self.registry.read();
            let unknown = || Error::Event(Refusal::Route(RouteError::Unknown(kanaal.to_string())));
            let kanaal = registry.kanaal(kanaal.as_str()).cloned().ok_or_else(unknown)?;
            // Payloads of notifications have the rules of their own API.
            let (base, schema) = match original.published_as {
                PublishedAs::CloudEvent => (self.settings.events, schema_of(&registry, &kanaal, &event).cloned()),
                PublishedAs::Notificatie => (self.settings.notificaties, None),
            };
            Target { by_default: false, rules: kanaal.rules.over(base), schema, kanaal }
        };
        self.check_event(publisher, event, target).map_err(Error::Event)
    }

    /// Appends an event that was examined before; durable when it returns `Ok`.
    ///
    /// # Errors
    /// Storage did not confirm it.
    pub async fn append_examined(
        &self,
        kanaal: &KanaalName,
        accepted: &AcceptedEvent,
        findings: &[Finding],
    ) -> Result<(), storage::Error> {
        let Now { instant, .. } = self.clock.moment();
        self.log.append(vec![(kanaal.clone(), record_of(accepted, None))]).await?;
        self.0.findings.count(kanaal, findings);
        self.0.accepted.count(Form::ByHand, 1, self.clock.instant().since(instant));
        let event = &accepted.event;
        let (event_id, kind) = (event.id(), event.kind());
        tracing::debug!(target: LOG_TARGET, event_id, r#type = kind, kanaal = kanaal.as_str(), "accepted by hand");
        Ok(())
    }
}
