//! `GET /api/v1/abonnement`: the abonnementen that the caller may read, a bare array in the order they were made.

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use web::{auth::Caller, problem::Problem};

use super::view_for;
use crate::{
    Api,
    fields::{json_answer, parameters},
};

/// List abonnementen.
pub async fn list(State(api): State<Api>, caller: Caller, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    let actor = caller.actor();
    let abonnementen = api.management.list_abonnementen(&actor);
    let url = api.public_url(&headers);
    let views: Vec<Value> = abonnementen.iter().map(|abonnement| view_for(&actor, abonnement, &url)).collect();
    Ok(json_answer(StatusCode::OK, &views.into()))
}
