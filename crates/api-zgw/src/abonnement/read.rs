//! `GET /api/v1/abonnement/{uuid}`.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, Uri};
use web::{auth::Caller, problem::Problem};

use super::{explain, id_of, view_for};
use crate::{
    Api,
    fields::{json_answer, parameters},
};

/// Read an abonnement.
pub async fn read(
    State(api): State<Api>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    let actor = caller.actor();
    let abonnement = api.management.find_abonnement(&actor, id_of(&uuid)?).map_err(explain)?;
    Ok(json_answer(StatusCode::OK, &view_for(&actor, &abonnement, &api.public_url(&headers))))
}
