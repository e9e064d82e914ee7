//! `GET /api/v1/abonnement/{uuid}`.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, Uri};

use super::{find, may_read, view};
use crate::{
    api::zgw::{
        fields::{json_answer, parameters},
        problem,
    },
    app::App,
    auth::Caller,
    problem::Problem,
};

/// Read an abonnement.
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    parameters(&uri, &[])?;
    let abonnement = find(&app, &uuid).await?;
    if !may_read(&app, &caller, &abonnement) {
        return Err(problem::permission_denied());
    }
    Ok(json_answer(StatusCode::OK, &view(&abonnement, &app.public_url(&headers))))
}
