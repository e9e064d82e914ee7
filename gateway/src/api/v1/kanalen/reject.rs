//! `POST /v1/kanalen/{naam}/subscriptions/{id}/reject`: the owner of a kanaal does not let a subscription have its
//! events, and says why. One that names the kanaal does nothing any more; one that takes all kanalen goes without it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::HeaderMap;

use super::judge::{self, MAX_REASON, Verdict};
use crate::{
    api::v1::{
        members::{self, Faults, Members},
        subscriptions::view::SubscriptionView,
    },
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::Problem,
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
    State(app): State<App>,
    caller: Caller,
    Path((naam, id)): Path<(String, String)>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    judge::own(&app, &caller, &naam)?;
    let reason = read(&body)?;
    judge::judge(&app, &caller, (&naam, &id), &headers, (Verdict::Rejected, reason)).await
}

fn read(body: &[u8]) -> Result<Option<String>, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["reason"]);
    if top.value("reason").is_none() {
        top.fault("reason", "is required");
    }
    faults.check(top.bounded("reason", MAX_REASON).map(str::to_owned))
}
