//! `POST /v1/subscriptions/{id}/revalidate`: asks the sink again; the only way back after 410 Gone (CE-WH-15).

use axum::{
    extract::{Path, State},
    response::Response,
};
use model::{consent::Validation, decide::Command};

use super::{access, view::SubscriptionView};
use crate::{app::App, auth::Caller, problem::Problem};

/// Starts the handshake anew.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/revalidate", tag = "subscriptions", operation_id = "revalidateSubscription",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The handshake starts", body = SubscriptionView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "An agreement replaces its handshake"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let subscription = access::find(&app, &caller, &id)?;
    if matches!(subscription.validation, Validation::Manual { .. }) && !caller.is_beheer() {
        return Err(Problem::conflict("manual", "An agreement replaces the handshake of this subscription."));
    }
    app.control.submit(Command::Revalidate { id: subscription.id, at: app.clock.now() }).await??;
    access::show_now(&app, subscription.id).await
}
