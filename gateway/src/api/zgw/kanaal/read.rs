//! `GET /api/v1/kanaal/{uuid}`.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, Uri};

use super::{find, view};
use crate::{
    api::zgw::fields::{json_answer, parameters},
    app::App,
    problem::Problem,
};

/// Read a kanaal.
pub async fn read(
    State(app): State<App>,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    let kanaal = find(&app, &uuid).await?;
    Ok(json_answer(StatusCode::OK, &view(&kanaal, &app.public_url(&headers))))
}
