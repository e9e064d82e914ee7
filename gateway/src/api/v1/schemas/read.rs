//! `GET /v1/schemas/{name}`: the schema itself, at the address that `dataschema` of events may refer to.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::header;

use crate::{app::App, problem::Problem};

/// Schemas of the gateway's own, by name; nobody registers over them.
const OWN: [(&str, &str); 2] = [
    ("notificatie", include_str!("../../../../../schemas/notificatie.schema.json")),
    ("nlgov-cloudevent", include_str!("../../../../../schemas/nlgov-cloudevent.schema.json")),
];

/// A schema of the gateway's own.
pub fn own(name: &str) -> Option<&'static str> {
    OWN.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
}

/// Read a JSON Schema.
#[utoipa::path(
    get,
    path = "/v1/schemas/{name}",
    tag = "schemas",
    operation_id = "readSchema",
    params(("name" = String, Path, description = "`notificatie`, `nlgov-cloudevent`, or a registered one")),
    responses(
        (status = 200, description = "The schema", content_type = "application/schema+json", body = serde_json::Value),
        (status = 400, description = "The name cannot be read"),
        (status = 404, description = "No such schema")
    )
)]
pub async fn read(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let (text, age) = match own(&name) {
        Some(text) => (text.to_owned(), "public, max-age=3600"),
        // One of the same name may be registered when this one is withdrawn.
        None => match app.registry.read().schema(&name) {
            Some(schema) => (schema.text.clone(), "public, max-age=60"),
            None => return Err(Problem::not_found("There is no schema of that name.")),
        },
    };
    let headers = [
        (header::CONTENT_TYPE, "application/schema+json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, age),
    ];
    Ok((headers, text).into_response())
}
