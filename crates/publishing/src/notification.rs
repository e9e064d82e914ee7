//! Publishes notifications: checks the rules of the Notificaties API, maps the notification to an event, and appends it.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use model::{
    Event, Kanaal, Timestamp,
    clock::Now,
    event::{AcceptedEvent, EventError, PublishedAs},
    facts::normalise_key,
    profile::{EffectiveRules, Finding},
};
use translator::notificatie::{self, FieldError, GeneratedAttributes, Notificatie};
use uuid::Uuid;

use super::{LOG_TARGET, NotAllowed, Publishing, Via, ViaError, metrics::Form, record_of};

/// Why a notification is refused; it is not stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It breaks rules of the API; every one that was found.
    #[error("the notification breaks {} rules", .0.len())]
    Fields(Vec<FieldError>),
    /// An attribute that the configuration adds is not valid.
    #[error("configuration gives no valid attribute: {0}")]
    Attributes(#[from] EventError),
    /// The client may not publish it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The notification came back to this gateway, or passed too many.
    #[error(transparent)]
    Via(#[from] ViaError),
    /// Storage did not confirm, or this node could not catch up with others.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// A notification that may be accepted.
#[derive(Debug)]
pub struct ExaminedNotification {
    /// The notification as it was read.
    pub notificatie: Notificatie,
    /// The event that it becomes.
    pub event: Event,
    /// Its kanaal.
    pub kanaal: Arc<Kanaal>,
    /// The rules that the event was checked against.
    pub rules: EffectiveRules,
    /// The findings of the checks, none of which refuses it.
    pub findings: Vec<Finding>,
}

impl Publishing {
    /// Accepts a notification; when it returns `Ok` the event is durable. `publisher` is the `client_id` of the caller, `via`
    /// the values of the header [`via::HEADER`](crate::via::HEADER). Returns the notification as it was read.
    pub async fn publish_notification<'a>(
        &self,
        publisher: &str,
        via: impl Iterator<Item = &'a [u8]>,
        body: &Bytes,
    ) -> Result<Notificatie, Error> {
        let via = Via::read(via, &self.settings.installation)?;
        let Now { wall: now, instant } = self.clock.moment();
        let id = self.random.uuid();
        let examined = self.examine_notification(publisher, id, body).await?;
        let ExaminedNotification { notificatie, event, kanaal, findings, .. } = examined;
        self.0.findings.count(&kanaal.naam, &findings);
        let accepted = AcceptedEvent {
            event,
            published_as: PublishedAs::Notificatie,
            received: Some(now),
            publisher: Some(publisher.into()),
        };
        self.log.append(vec![(kanaal.naam.clone(), record_of(&accepted, via.as_ref()))]).await?;
        self.0.accepted.count(Form::Notificatie, 1, self.clock.instant().since(instant));
        tracing::debug!(
            target: LOG_TARGET,
            event_id = accepted.event.id(),
            r#type = accepted.event.kind(),
            kanaal = kanaal.naam.as_str(),
            resource = &*notificatie.resource,
            actie = &*notificatie.actie,
            client_id = publisher,
            "accepted"
        );
        Ok(notificatie)
    }

    /// Examines a notification of the client `publisher`: reads it, checks the rules of the API and of its kanaal, and maps it
    /// to an event with this id. Stores nothing.
    pub async fn examine_notification(
        &self,
        publisher: &str,
        id: Uuid,
        body: &Bytes,
    ) -> Result<ExaminedNotification, Error> {
        let now = self.clock.now();
        let notificatie = notificatie::decode(body, &self.settings.limits).map_err(Error::Fields)?;
        let kanaal = self.kanaal_of(&notificatie).await?;
        check(&notificatie, &kanaal, now + self.settings.leeway).map_err(|error| Error::Fields(vec![error]))?;
        self.settings.rights.check(publisher, &kanaal.naam, notificatie.source.as_deref())?;
        if self.settings.inbox.contains_key(&kanaal.naam) {
            let reason = "Dit kanaal bevat berichten aan personen; een notificatie noemt geen persoon.";
            return Err(Error::Fields(vec![error("kanaal", "inbox", reason)]));
        }
        let id = id.to_string();
        let source = self.source(publisher, &kanaal);
        let generated = GeneratedAttributes {
            id: &id,
            source: &source,
            dataschema: &self.settings.dataschema,
            dataref: true,
            kind: None,
        };
        let (event, mut findings) = notificatie::to_event(&notificatie, &kanaal, &generated)?;
        let rules = kanaal.rules.over(self.settings.notificaties);
        findings.extend(rules.findings(&event));
        Ok(ExaminedNotification { notificatie, event, kanaal, rules, findings })
    }

    async fn kanaal_of(&self, notificatie: &Notificatie) -> Result<Arc<Kanaal>, Error> {
        let find = || self.registry.read().kanaal(&notificatie.kanaal).cloned();
        if let Some(kanaal) = find() {
            return Ok(kanaal);
        }
        // The kanaal may have been created on another node just now.
        self.control.catch_up().await?;
        find()
            .ok_or_else(|| Error::Fields(vec![error("kanaal", "message_kanaal", "Kanaal met deze naam bestaat niet.")]))
    }

    /// The `source` for notifications without one: of the applicatie, else of the kanaal, else of the gateway.
    fn source(&self, client_id: &str, kanaal: &Kanaal) -> String {
        self.registry
            .read()
            .applicatie(client_id)
            .and_then(|applicatie| applicatie.source.clone())
            .or_else(|| kanaal.source.clone())
            .unwrap_or_else(|| self.settings.source.clone())
    }
}

/// The rules that need the kanaal or the time: kenmerken are a part of the kanaal's filters or hold all of them, and
/// `aanmaakdatum` is not in the future.
fn check(notificatie: &Notificatie, kanaal: &Kanaal, latest: Timestamp) -> Result<(), FieldError> {
    if notificatie.aanmaakdatum.at > latest {
        let reason = "Deze waarde mag niet in de toekomst liggen.";
        return Err(error("aanmaakdatum", "future_not_allowed", reason));
    }
    let keys: Vec<_> = notificatie.kenmerken.iter().map(|(key, _)| normalise_key(key)).collect();
    let filters: Vec<_> = kanaal.filters.iter().map(|filter| normalise_key(&filter.naam)).collect();
    let part = keys.iter().all(|key| filters.contains(key));
    let whole = filters.iter().all(|filter| keys.contains(filter));
    if part || whole {
        return Ok(());
    }
    Err(error("kenmerken", "kenmerken_inconsistent", "De kenmerken passen niet bij de filters van het kanaal."))
}

fn error(field: &'static str, code: &'static str, reason: &'static str) -> FieldError {
    FieldError { field, key: None, code, reason: Cow::Borrowed(reason) }
}
