//! `GET /api/v1/kanaal`: a bare array, in the order they were made; `?naam=` for one.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use model::Kanaal;
use serde_json::Value;

use super::view;
use crate::{
    api::zgw::fields::{json_answer, parameters},
    app::App,
    problem::Problem,
};

/// List kanalen.
pub async fn list(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let naam = parameters(&uri, &["naam"])?.into_iter().rev().find(|(name, _)| name == "naam");
    let naam = naam.map(|(_, value)| value).filter(|value| !value.is_empty());
    app.control.catch_up().await?;
    let mut kanalen: Vec<Arc<Kanaal>> = app
        .registry
        .read()
        .kanalen()
        .filter(|kanaal| naam.as_ref().is_none_or(|naam| kanaal.naam.as_str() == naam))
        .cloned()
        .collect();
    kanalen.sort_by_key(|kanaal| kanaal.created);
    let url = app.public_url(&headers);
    let views: Vec<Value> = kanalen.iter().map(|kanaal| view(kanaal, &url)).collect();
    Ok(json_answer(StatusCode::OK, &views.into()))
}
