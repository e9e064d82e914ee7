//! `DELETE /api/v1/abonnement/{uuid}`: by its own applicatie. 204.

use axum::extract::{Path, State};
use http::StatusCode;
use model::decide::{Command, Rejection};

use super::find_own;
use crate::{api::zgw::problem, app::App, auth::Caller, problem::Problem};

/// Delete an abonnement.
pub async fn delete(State(app): State<App>, caller: Caller, Path(uuid): Path<String>) -> Result<StatusCode, Problem> {
    let abonnement = find_own(&app, &uuid, &caller).await?;
    match app.control.submit(Command::DeleteSubscription(abonnement.id)).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(Rejection::UnknownSubscription(_)) => Err(problem::not_found()),
        Err(rejection) => Err(rejection.into()),
    }
}
