//! `POST /v1/subscriptions/{id}/erase`: address, attributes and codes go; evidence stays with a digest (CH-135).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use web::{auth::Caller, problem::Problem};

use super::find;
use crate::Api;

/// Erases what is stored of a person.
///
/// It ends and cannot be undone. What was sent when stays known until its retention ends, without the address. The owner erases
/// this light subscription; an administrator everything of the address.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/erase", tag = "subscriptions", operation_id = "eraseSubscription",
    params(("id" = String, Path, description = "The light subscription")),
    responses(
        (status = 204, description = "Erased"),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (people, id) = find(&api, &id)?;
    people.erase(&caller.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
