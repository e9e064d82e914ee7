//! `GET /v1/events/{id}`: an event as it is stored, as a structured CloudEvent; and what there is to say about it.
//!
//! Findings are not stored: they are what the present rules of its kanaal say.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Uri, header};
use model::{
    Kanaal, PayloadSchema,
    approval::Disclosure,
    event::{AcceptedEvent, Born},
    profile::{Finding, Judge},
};
use serde::Serialize;
use serde_json::value::RawValue;
use translator::cloudevents::structured;
use utoipa::ToSchema;

use super::{
    find,
    report::{FINDINGS, Held, PROFILE, named},
    stored,
};
use crate::{app::App, auth::Caller, ingest::examine::schema_of, problem::Problem};

/// An event with what there is to say about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JudgedEvent)]
pub struct JudgedView {
    /// Its kanaal.
    pub kanaal: String,
    /// What the present rules of its kanaal say.
    #[serde(flatten)]
    pub held: Held,
    /// The event, structured.
    #[schema(value_type = Object)]
    pub event: Box<RawValue>,
}

/// Shows an event.
#[utoipa::path(
    get, path = "/v1/events/{id}", tag = "events", operation_id = "readEvent",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = Option<String>, Query, description = "`source` of the event; needed when several have the id"),
        ("findings" = Option<bool>, Query, description = "Whether the answer is the event inside an object with the findings"),
    ),
    responses(
        (status = 200, description = "The event; inside an object when findings are asked for",
            content((Object = "application/cloudevents+json"), (JudgedView = "application/json"))),
        (status = 404, description = "No such event that this client may see"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (query, source) = find::source(&app, &headers, &uri, &["findings"])?;
    let asked = query.typed("findings", "must be true or false", |text| text.parse::<bool>().ok())?.unwrap_or(false);
    let own = find::own(&app, &caller);
    for place in find::places(&app, &caller, &id, source).await? {
        let Some(disclosure) = find::sight(&app, &caller, &own, &place).await? else { continue };
        let record = stored::at(&app, &place.kanaal, place.partition, place.position).await?;
        let Some(accepted) = record.as_ref().and_then(stored::event) else { continue };
        let (judge, schema, mut findings) = judge(&app, place.kanaal.as_str(), &accepted);
        if disclosure != Disclosure::ALL {
            // They tell of what is not shown.
            findings.clear();
        }
        let body = structured::encode(&disclosure.apply(&accepted.event));
        let mut response = if asked {
            let text = String::from_utf8(body.into()).map_err(|_| Problem::internal())?;
            let event = RawValue::from_string(text).map_err(|_| Problem::internal())?;
            let held = Held::new(judge, schema.as_deref(), &findings);
            Json(JudgedView { kanaal: place.kanaal.to_string(), held, event }).into_response()
        } else {
            ([(header::CONTENT_TYPE, structured::CONTENT_TYPE)], body).into_response()
        };
        response.headers_mut().insert(PROFILE, HeaderValue::from_static(judge.label()));
        if let Some(findings) = named(findings.iter()) {
            response.headers_mut().insert(FINDINGS, findings);
        }
        return Ok(response);
    }
    Err(Problem::not_found("The event is no longer kept."))
}

/// What the present rules of its kanaal say of an event. Payloads of notifications have the rules of their own API.
fn judge(app: &App, kanaal: &str, accepted: &AcceptedEvent) -> (Judge, Option<Arc<PayloadSchema>>, Vec<Finding>) {
    let (base, checked) = match accepted.born {
        Born::CloudEvent => (app.ingest.events, true),
        Born::Notificatie => (app.ingest.notificaties, false),
    };
    let (kanaal, schema): (Option<Arc<Kanaal>>, _) = {
        let registry = app.registry.read();
        let kanaal = registry.kanaal(kanaal).cloned();
        let asked = kanaal.as_deref().filter(|_| checked);
        let schema = asked.and_then(|kanaal| schema_of(&registry, kanaal, &accepted.event).cloned());
        (kanaal, schema)
    };
    let judge = kanaal.map_or(base, |kanaal| kanaal.rules.over(base));
    let mut findings = judge.findings(&accepted.event);
    findings.extend(schema.iter().flat_map(|schema| app.payloads.check(schema, &accepted.event)));
    (judge, schema, findings)
}
