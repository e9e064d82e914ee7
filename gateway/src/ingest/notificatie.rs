//! Notifications in: the rules of the Notificaties API, then the mapping to an event, then one append.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use model::{
    Kanaal, Timestamp,
    event::{AcceptedEvent, Born},
    facts::normalise_key,
};
use translator::notificatie::{self, FieldError, Minted, Notificatie};

use super::{append::Append, count_findings, record_of};
use crate::{app::App, auth::Caller, problem::Problem, telemetry::ingest as metrics};

/// Why a notification is refused.
#[derive(Debug)]
pub enum Refused {
    /// It breaks rules of the API.
    Fields(Vec<FieldError>),
    /// Anything else.
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<storage::Error> for Refused {
    fn from(error: storage::Error) -> Self {
        Self::Problem(error.into())
    }
}

/// Takes a notification in; when it returns `Ok` the event is durable. Gives the notification as it was understood.
pub async fn take(app: &App, caller: &Caller, body: &Bytes) -> Result<Notificatie, Refused> {
    let now = app.clock.now();
    let notificatie = notificatie::decode(body, &app.ingest.limits).map_err(Refused::Fields)?;
    let kanaal = kanaal(app, &notificatie).await?;
    check(&notificatie, &kanaal, now + app.ingest.leeway).map_err(|error| Refused::Fields(vec![error]))?;
    let id = app.random.uuid().to_string();
    let source = source(app, caller, &kanaal);
    let minted = Minted { id: &id, source: &source, dataschema: &app.ingest.dataschema, dataref: true, kind: None };
    let (event, mut findings) = notificatie::to_event(&notificatie, &kanaal, &minted).map_err(|error| {
        tracing::error!(%error, "configuration gives no valid attribute");
        Problem::internal()
    })?;
    findings.extend(kanaal.rules.over(app.ingest.notificaties).findings(&event));
    count_findings(&kanaal.naam, &findings);
    let accepted = AcceptedEvent {
        event,
        born: Born::Notificatie,
        received: Some(now),
        publisher: Some(caller.client_id.clone()),
    };
    Append::append(&app.log, vec![(kanaal.naam.clone(), record_of(&accepted))]).await?;
    metrics::accepted("notificatie", 1, app.clock.now().since(now));
    tracing::debug!(
        target: delivery::tell::TARGET,
        event_id = id,
        r#type = accepted.event.kind(),
        kanaal = kanaal.naam.as_str(),
        resource = &*notificatie.resource,
        actie = &*notificatie.actie,
        client_id = caller.client_id.as_str(),
        "accepted"
    );
    // The gateway is the subscriber of its own Autorisaties API.
    if let Some(autorisaties) = app.autorisaties.as_ref().filter(|own| own.hears(&notificatie.kanaal)) {
        autorisaties.notify(&notificatie.actie, &notificatie.resource_url);
    }
    Ok(notificatie)
}

async fn kanaal(app: &App, notificatie: &Notificatie) -> Result<Arc<Kanaal>, Refused> {
    let find = || app.registry.read().kanaal(&notificatie.kanaal).cloned();
    if let Some(kanaal) = find() {
        return Ok(kanaal);
    }
    // It may have been made on another node a moment ago.
    app.control.catch_up().await?;
    find().ok_or_else(|| Refused::Fields(vec![error("kanaal", "message_kanaal", "Kanaal met deze naam bestaat niet.")]))
}

/// The rules that need the kanaal or the time: kenmerken are a part of the kanaal's filters or hold all of them, and
/// `aanmaakdatum` does not lie ahead.
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

/// The `source` for notifications without one: of the applicatie, else of the kanaal, else of the gateway.
fn source(app: &App, caller: &Caller, kanaal: &Kanaal) -> String {
    app.registry
        .read()
        .applicatie(&caller.client_id)
        .and_then(|applicatie| applicatie.source.clone())
        .or_else(|| kanaal.source.clone())
        .unwrap_or_else(|| app.ingest.source.clone())
}
