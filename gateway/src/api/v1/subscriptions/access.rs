//! Who sees which subscription, and the `ETag` that guards changes of one.
//!
//! Another applicatie's subscription answers 404 like one that does not exist.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{Subscription, SubscriptionId};

use super::{status::StatusView, view::SubscriptionView};
use crate::{
    app::App,
    auth::Caller,
    problem::{Fault, Problem},
};

/// Whether the caller sees and may change this subscription.
pub fn owns(caller: &Caller, subscription: &Subscription) -> bool {
    caller.is_beheer() || caller.client_id == subscription.owner
}

/// The caller's subscription with the id in the path.
pub fn find(app: &App, caller: &Caller, id: &str) -> Result<Arc<Subscription>, Problem> {
    let known = id.parse().ok().and_then(|id| app.registry.read().subscription(SubscriptionId(id)).cloned());
    known
        .filter(|subscription| owns(caller, subscription))
        .ok_or_else(|| Problem::not_found("There is no such subscription."))
}

/// The `ETag` of its present state.
pub fn etag(subscription: &Subscription) -> String {
    format!("\"{:x}\"", subscription.changed.as_micros())
}

/// 412 when `If-Match` names another state than the present one; 428 when there is none and configuration wants it.
pub fn check_if_match(app: &App, headers: &HeaderMap, subscription: &Subscription) -> Result<(), Problem> {
    let mut wanted = headers.get_all(header::IF_MATCH).iter().peekable();
    if wanted.peek().is_none() {
        return if app.config.subscriptions.require_if_match { Err(precondition_required()) } else { Ok(()) };
    }
    let present = etag(subscription);
    let mut tags = wanted.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim);
    if tags.any(|tag| tag == "*" || tag == present) { Ok(()) } else { Err(Problem::precondition_failed()) }
}

fn precondition_required() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_REQUIRED,
        "precondition-required",
        "If-Match is required",
        "Say in If-Match which state this is about: the ETag of the answer that showed it.",
    )
    .with_errors(vec![Fault::new("If-Match", "is required")])
}

/// An answer that shows the subscription.
pub async fn show(app: &App, status: StatusCode, subscription: &Subscription) -> Response {
    let view = SubscriptionView::new(subscription, StatusView::now(app, subscription).await);
    let mut response = (status, axum::Json(view)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&etag(subscription)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The subscription as it stands after a change, shown.
pub async fn show_now(app: &App, id: SubscriptionId) -> Result<Response, Problem> {
    let now = app.registry.read().subscription(id).cloned();
    let now = now.ok_or_else(|| Problem::not_found("The subscription was deleted meanwhile."))?;
    Ok(show(app, StatusCode::OK, &now).await)
}
