//! `POST /v1/subscriptions/{id}/pause`: stops deliveries and keeps the place.

use axum::{
    extract::{Path, State},
    response::Response,
};
use model::{decide::Command, subscription::Status};

use super::{access, view::SubscriptionView};
use crate::{app::App, auth::Caller, problem::Problem};

/// Pauses a subscription; pausing a paused one changes nothing.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/pause", tag = "subscriptions", operation_id = "pauseSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "Paused", body = SubscriptionView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "Its sink is gone"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = access::find(&app, &caller, &id)?.id;
    app.control.submit(Command::SetStatus { id, status: Status::Paused }).await??;
    access::show_now(&app, id).await
}
