//! `GET /api/v1/abonnement/{uuid}`.

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

/// Read an abonnement.
pub async fn read(
    State(app): State<App>,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    let abonnement = find(&app, &uuid)?;
    Ok(json_answer(StatusCode::OK, &view(&abonnement, &app.public_url(&headers))))
}
