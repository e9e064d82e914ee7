//! `GET /v1/types/{type}`: one type of events.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use management::Error;
use web::problem::Problem;

use super::TypeView;
use crate::Api;

/// Shows a type of events.
#[utoipa::path(
    get, path = "/v1/types/{type}", tag = "types", operation_id = "readType",
    params(("type" = String, Path, description = "`type` of the events")),
    responses((status = 200, description = "The type", body = TypeView), (status = 404, description = "Nobody registered it")),
)]
pub async fn handler(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(kind): Path<String>,
) -> Result<Json<TypeView>, Problem> {
    match api.management.find_type(&kind) {
        Ok(found) => Ok(Json(TypeView::new(&api, &headers, &found))),
        Err(Error::NotFound(_)) => Err(Problem::not_found("Nobody registered this type.")),
        Err(error) => Err(error.into()),
    }
}
