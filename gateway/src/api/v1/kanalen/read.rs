//! `GET /v1/kanalen/{naam}`: one kanaal.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use model::Kanaal;

use super::KanaalView;
use crate::{app::App, problem::Problem};

/// Shows a kanaal.
#[utoipa::path(
    get, path = "/v1/kanalen/{naam}", tag = "kanalen", operation_id = "readKanaal",
    params(("naam" = String, Path, description = "Its name")),
    responses((status = 200, description = "The kanaal", body = KanaalView), (status = 404, description = "No such kanaal")),
)]
pub async fn handler(
    State(app): State<App>,
    headers: HeaderMap,
    Path(naam): Path<String>,
) -> Result<Json<KanaalView>, Problem> {
    Ok(Json(KanaalView::new(&app, &headers, &*find(&app, &naam)?)))
}

/// The kanaal with the name in the path.
pub fn find(app: &App, naam: &str) -> Result<Arc<Kanaal>, Problem> {
    let kanaal = app.registry.read().kanaal(naam).cloned();
    kanaal.ok_or_else(|| Problem::not_found("There is no such kanaal."))
}
