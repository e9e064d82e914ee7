//! CloudEvents in: three modes, one verdict per event, one append.

use model::event::{AcceptedEvent, Born};
use translator::cloudevents::Mode;

use super::{
    append::Append,
    count_findings,
    examine::{Examined, Posted, Verdict, examine},
    record_of,
};
use crate::{app::App, auth::Caller, problem::Problem, telemetry::ingest as metrics};

/// Takes the events of a request in, all or none; when it returns `Ok` they are durable.
pub async fn take(app: &App, caller: &Caller, posted: Posted<'_>) -> Result<Examined, Problem> {
    let now = app.clock.now();
    let Examined { mode, events } = examine(app, posted).await?;
    let mut records = Vec::with_capacity(events.len());
    let mut taken = Vec::with_capacity(events.len());
    for verdict in events {
        count_findings(&verdict.kanaal.naam, &verdict.findings);
        let accepted = AcceptedEvent {
            event: verdict.event,
            born: Born::CloudEvent,
            received: Some(now),
            publisher: Some(caller.client_id.clone()),
        };
        records.push((verdict.kanaal.naam.clone(), record_of(&accepted)));
        taken.push(Verdict { event: accepted.event, ..verdict });
    }
    if !records.is_empty() {
        Append::append(&app.log, records).await?;
    }
    metrics::accepted(label(mode), taken.len(), app.clock.now().since(now));
    for Verdict { event, kanaal, .. } in &taken {
        tracing::debug!(
            target: delivery::tell::TARGET,
            event_id = event.id(),
            r#type = event.kind(),
            kanaal = kanaal.naam.as_str(),
            client_id = caller.client_id.as_str(),
            "accepted"
        );
    }
    Ok(Examined { mode, events: taken })
}

fn label(mode: Mode) -> &'static str {
    match mode {
        Mode::Structured => "structured",
        Mode::Batch => "batch",
        Mode::Binary => "binary",
    }
}
