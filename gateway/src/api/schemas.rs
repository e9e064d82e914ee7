//! `GET /v1/schemas/{name}`: what the payload of an event looks like, and what `dataschema` of notifications refers to.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;

use crate::problem::Problem;

const NOTIFICATIE: &str = include_str!("../../../schemas/notificatie.schema.json");
const EVENT: &str = include_str!("../../../schemas/nlgov-cloudevent.schema.json");

/// Read a JSON Schema.
#[utoipa::path(
    get,
    path = "/v1/schemas/{name}",
    tag = "schemas",
    params(("name" = String, Path, description = "`notificatie` or `nlgov-cloudevent`")),
    responses(
        (status = 200, description = "The schema", content_type = "application/schema+json", body = serde_json::Value),
        (status = 404, description = "No such schema")
    )
)]
pub async fn read(Path(name): Path<String>) -> Result<Response, Problem> {
    let schema = match name.as_str() {
        "notificatie" => NOTIFICATIE,
        "nlgov-cloudevent" => EVENT,
        _ => return Err(Problem::not_found("There is no schema of that name.")),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/schema+json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((headers, schema).into_response())
}
