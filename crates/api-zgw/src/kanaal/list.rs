//! `GET /api/v1/kanaal`: a bare array, in the order they were made; `?naam=` for one.

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use web::problem::Problem;

use super::view;
use crate::{
    Api,
    fields::{json_answer, parameters},
};

/// List kanalen.
pub async fn list(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let naam = parameters(&uri, &["naam"])?.into_iter().rev().find(|(name, _)| name == "naam");
    let naam = naam.map(|(_, value)| value).filter(|value| !value.is_empty());
    let mut kanalen = api.management.list_kanalen();
    kanalen.retain(|kanaal| naam.as_ref().is_none_or(|naam| kanaal.naam.as_str() == naam));
    kanalen.sort_by_key(|kanaal| kanaal.created);
    let url = api.public_url(&headers);
    let views: Vec<Value> = kanalen.iter().map(|kanaal| view(kanaal, &url)).collect();
    Ok(json_answer(StatusCode::OK, &views.into()))
}
