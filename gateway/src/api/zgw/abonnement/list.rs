//! `GET /api/v1/abonnement`: the abonnementen that the caller may read, a bare array in the order they were made.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use model::{Subscription, selection::Selection};
use serde_json::Value;

use super::{may_read, view};
use crate::{
    api::zgw::fields::{json_answer, parameters},
    app::App,
    auth::Caller,
    problem::Problem,
};

/// List abonnementen.
pub async fn list(State(app): State<App>, caller: Caller, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    app.control.catch_up().await?;
    let mut abonnementen: Vec<Arc<Subscription>> = app
        .registry
        .read()
        .subscriptions()
        .filter(|subscription| matches!(subscription.selection, Selection::Abonnement(_)))
        .filter(|subscription| may_read(&app, &caller, subscription))
        .cloned()
        .collect();
    abonnementen.sort_by_key(|abonnement| abonnement.created);
    let url = app.public_url(&headers);
    let views: Vec<Value> = abonnementen.iter().map(|abonnement| view(abonnement, &url)).collect();
    Ok(json_answer(StatusCode::OK, &views.into()))
}
