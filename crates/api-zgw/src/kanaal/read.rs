//! `GET /api/v1/kanaal/{uuid}`.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, Uri};
use web::problem::Problem;

use super::{kanaal_id, view};
use crate::{
    Api,
    fields::{json_answer, parameters},
    problem,
};

/// Read a kanaal.
pub async fn read(
    State(api): State<Api>,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    let id = kanaal_id(&uuid)?;
    let kanaal = api.management.find_kanaal_by_id(id).map_err(problem::of_management)?;
    Ok(json_answer(StatusCode::OK, &view(&kanaal, &api.public_url(&headers))))
}
