//! `POST /v1/kanalen/{naam}/subscriptions/{id}/reject`: the owner of a kanaal rejects a subscription to its
//! events, with a reason. A subscription that names the kanaal then gets nothing; one to all kanalen goes on without it.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use management::kanalen::MAX_REASON;
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{approval_target, subscription_view};
use crate::{
    Api,
    members::{self, Faults, Members},
    subscriptions::view::SubscriptionView,
};

/// The body.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct Reject {
    /// Why, for the subscriber.
    reason: String,
}

/// Rejects a subscription.
#[utoipa::path(
    post, path = "/v1/kanalen/{naam}/subscriptions/{id}/reject", tag = "kanalen", operation_id = "rejectSubscription",
    params(
        ("naam" = String, Path, description = "The kanaal"),
        ("id" = String, Path, description = "The subscription"),
    ),
    request_body = Reject,
    responses(
        (status = 200, description = "Rejected", body = SubscriptionView),
        (status = 400, description = "A member breaks a rule"),
        (status = 403, description = "Not the owner of the kanaal"),
        (status = 404, description = "No such kanaal, or no such subscription to it"),
        (status = 412, description = "The subscription was changed meanwhile"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path((naam, id)): Path<(String, String)>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Json<SubscriptionView>, Problem> {
    let actor = caller.actor();
    api.management.find_own_kanaal(&actor, &naam)?;
    let reason = read(&body)?;
    let target = approval_target(naam, &id, &headers)?;
    let (kanaal, subscription) = api.management.reject_subscription(&actor, &target, reason).await?;
    Ok(Json(subscription_view(&api, &kanaal, &subscription).await))
}

fn read(body: &[u8]) -> Result<String, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["reason"]);
    if top.value("reason").is_none() {
        top.fault("reason", "is required");
    }
    faults.check(top.bounded("reason", MAX_REASON).map(str::to_owned))?.ok_or_else(Problem::internal)
}
