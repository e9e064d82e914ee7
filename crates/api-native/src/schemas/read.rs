//! `GET /v1/schemas/{name}`: the text of a schema, at the address that `dataschema` of events may refer to.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::header;
use management::{Error, schemas::FoundSchema};
use web::problem::Problem;

use crate::Api;

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
pub async fn read(State(api): State<Api>, Path(name): Path<String>) -> Result<Response, Problem> {
    let (text, age) = match api.management.find_schema(&name) {
        Ok(FoundSchema::BuiltIn(text)) => (text.to_owned(), "public, max-age=3600"),
        // One of the same name may be registered when this one is withdrawn.
        Ok(FoundSchema::Registered(schema)) => (schema.text.clone(), "public, max-age=60"),
        Err(Error::NotFound(_)) => return Err(Problem::not_found("There is no schema of that name.")),
        Err(error) => return Err(error.into()),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/schema+json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, age),
    ];
    Ok((headers, text).into_response())
}
