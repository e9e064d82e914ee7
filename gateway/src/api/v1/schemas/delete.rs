//! `DELETE /v1/schemas/{name}`: withdraws a schema; by who registered it, or beheer.

use axum::extract::{Path, State};
use http::StatusCode;
use model::decide::Command;

use crate::{app::App, auth::Caller, problem::Problem};

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
pub async fn handler(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let found = app.registry.read().schema(&name).cloned();
    let Some(schema) = found else {
        return Err(Problem::not_found("There is no such schema."));
    };
    match &schema.owner {
        None => {
            return Err(Problem::conflict("schema-declared", "Configuration declares this schema; take it out there."));
        }
        Some(owner) if *owner != caller.client_id && !caller.is_beheer() => {
            return Err(Problem::forbidden("Only who registered a schema may withdraw it."));
        }
        Some(_) => {}
    }
    app.control.submit(Command::DeleteSchema(schema.name.clone())).await??;
    Ok(StatusCode::NO_CONTENT)
}
