//! `DELETE /v1/subscriptions/{id}`: ends a subscription; what was not delivered yet ends with it (CE-SUB-02).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use management::{Error, Resource};
use model::addressee::AddresseeId;
use web::{auth::Caller, problem::Problem};

use super::{access, light};
use crate::{Api, if_match};

/// Deletes a subscription.
///
/// A light subscription of a person ends; `If-Match` does not count for it.
#[utoipa::path(
    delete, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "deleteSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such subscription of this client"),
        (status = 412, description = "If-Match names another state"),
        (status = 428, description = "If-Match is required here and not given"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, id) = (caller.actor(), access::id_of(&id)?);
    let expected = if_match::precondition(&headers);
    match (api.management.delete_subscription(&actor, id, &expected).await, &api.people) {
        (Ok(()), _) => Ok(StatusCode::NO_CONTENT.into_response()),
        (Err(Error::NotFound(Resource::Subscription)), Some(people)) => {
            light::end(&api, people, &actor, AddresseeId(id.0)).await
        }
        (Err(error), _) => Err(error.into()),
    }
}
