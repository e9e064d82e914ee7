//! `GET /v1/events/{id}`: an event as it is stored, as a structured CloudEvent, optionally with findings.
//!
//! Findings are not stored: they result from the present rules of its kanaal.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Uri, header};
use publishing::stored::EventCheck;
use serde::Serialize;
use serde_json::value::RawValue;
use translator::cloudevents::structured;
use utoipa::ToSchema;
use web::{auth::Caller, problem::Problem};

use super::{
    find,
    report::{FINDINGS, Held, PROFILE, named},
};
use crate::Api;

/// An event with what there is to say about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JudgedEvent)]
pub struct CheckedEventView {
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
            content((Object = "application/cloudevents+json"), (CheckedEventView = "application/json"))),
        (status = 404, description = "No such event that this client may see"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (query, source) = find::source(&api, &headers, &uri, &["findings"])?;
    let asked = query.typed("findings", "must be true or false", |text| text.parse::<bool>().ok())?.unwrap_or(false);
    let shown = api.management.read_event(&caller.actor(), &id, source).await?;
    let EventCheck { rules, schema, findings } = &shown.checked;
    let body = structured::encode(&shown.accepted.event);
    let mut response = if asked {
        let text = String::from_utf8(body.into()).map_err(|_| Problem::internal())?;
        let event = RawValue::from_string(text).map_err(|_| Problem::internal())?;
        let held = Held::new(*rules, schema.as_deref(), findings);
        Json(CheckedEventView { kanaal: shown.kanaal.to_string(), held, event }).into_response()
    } else {
        ([(header::CONTENT_TYPE, structured::CONTENT_TYPE)], body).into_response()
    };
    response.headers_mut().insert(PROFILE, HeaderValue::from_static(rules.label()));
    if let Some(findings) = named(findings.iter()) {
        response.headers_mut().insert(FINDINGS, findings);
    }
    Ok(response)
}
