//! `GET /v1/subscriptions/{id}`: one subscription (CE-SUB-01).

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use management::{Error, Resource};
use model::addressee::AddresseeId;
use web::{auth::Caller, problem::Problem};

use super::{access, light, status::StatusView, view::SubscriptionView};
use crate::Api;

/// Shows a subscription.
///
/// A light subscription of a person is shown once it is confirmed.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "readSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The subscription", body = SubscriptionView, headers(("ETag" = String))),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (actor, id) = (caller.actor(), access::id_of(&id)?);
    match (api.management.find_subscription(&actor, id), &api.people) {
        (Ok(subscription), _) => {
            let state = StatusView::of_all(&api, &actor, std::slice::from_ref(&subscription)).await;
            let state = state.into_iter().next().ok_or(Error::NotFound(Resource::Subscription))?;
            Ok(access::answer(StatusCode::OK, &subscription, state))
        }
        (Err(Error::NotFound(Resource::Subscription)), Some(people)) => {
            light::show(people, &actor, AddresseeId(id.0)).await
        }
        (Err(error), _) => Err(error.into()),
    }
}
