//! `DELETE /v1/schemas/{name}`: withdraws a schema, for the client that registered it and for administrators.

use axum::extract::{Path, State};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use crate::Api;

/// Withdraws a schema.
#[utoipa::path(
    delete, path = "/v1/schemas/{name}", tag = "schemas", operation_id = "deleteSchema",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 204, description = "Withdrawn; payloads are no longer held against it"),
        (status = 403, description = "Another client registered it"),
        (status = 404, description = "No such schema"),
        (status = 409, description = "Configuration declares it"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    api.management.delete_schema(&caller.actor(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
