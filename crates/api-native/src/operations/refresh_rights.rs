//! `POST /v1/applicaties/{id}/refresh-rights`: asks the Autorisaties API for the rights of one applicatie again.

use axum::{
    Json,
    extract::{Path, State},
};
use web::{auth::Caller, problem::Problem};

use super::applicaties::ApplicatieView;
use crate::Api;

/// Asks for the rights of a client now. Other nodes ask when their cache ends.
#[utoipa::path(
    post, path = "/v1/applicaties/{id}/refresh-rights", tag = "operations", operation_id = "refreshRights",
    params(("id" = String, Path, description = "Its `client_id`")),
    responses(
        (status = 200, description = "What is known of its rights now", body = ApplicatieView),
        (status = 400, description = "Its rights are in the configuration"),
        (status = 404, description = "No such applicatie"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(client_id): Path<String>,
) -> Result<Json<ApplicatieView>, Problem> {
    let state = api.management.ask_rights(&caller.actor(), &client_id).await?;
    Ok(Json(ApplicatieView::new(state)))
}
