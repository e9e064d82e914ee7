//! `GET /v1/kanalen/{naam}`: one kanaal.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use web::problem::Problem;

use super::KanaalView;
use crate::Api;

/// Shows a kanaal.
#[utoipa::path(
    get, path = "/v1/kanalen/{naam}", tag = "kanalen", operation_id = "readKanaal",
    params(("naam" = String, Path, description = "Its name")),
    responses((status = 200, description = "The kanaal", body = KanaalView), (status = 404, description = "No such kanaal")),
)]
pub async fn handler(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(naam): Path<String>,
) -> Result<Json<KanaalView>, Problem> {
    Ok(Json(KanaalView::new(&api, &headers, &*api.management.find_kanaal(&naam)?)))
}
