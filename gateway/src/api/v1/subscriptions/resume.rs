//! `POST /v1/subscriptions/{id}/resume`: goes on where a paused or suspended subscription stopped.

use axum::{
    extract::{Path, State},
    response::Response,
};
use model::{decide::Command, subscription::Status};

use super::{access, view::SubscriptionView};
use crate::{app::App, auth::Caller, problem::Problem};

/// Resumes a subscription; resuming an active one changes nothing.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/resume", tag = "subscriptions", operation_id = "resumeSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "Active", body = SubscriptionView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "Its sink is gone: revalidate it, or give it another sink"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = access::find(&app, &caller, &id)?.id;
    app.control.submit(Command::SetStatus { id, status: Status::Active }).await??;
    access::show_now(&app, id).await
}
