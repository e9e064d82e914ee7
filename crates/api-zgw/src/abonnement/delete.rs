//! `DELETE /api/v1/abonnement/{uuid}`: by its own applicatie. 204.

use axum::extract::{Path, State};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use super::{explain, id_of};
use crate::Api;

/// Delete an abonnement.
pub async fn delete(State(api): State<Api>, caller: Caller, Path(uuid): Path<String>) -> Result<StatusCode, Problem> {
    api.management.delete_abonnement(&caller.actor(), id_of(&uuid)?).await.map_err(explain)?;
    Ok(StatusCode::NO_CONTENT)
}
