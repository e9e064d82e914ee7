//! `GET /v1/types/{type}`: what is known of one type.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;

use super::TypeView;
use crate::{app::App, problem::Problem};

/// Shows a type of events.
#[utoipa::path(
    get, path = "/v1/types/{type}", tag = "types", operation_id = "readType",
    params(("type" = String, Path, description = "`type` of the events")),
    responses((status = 200, description = "The type", body = TypeView), (status = 404, description = "Nobody registered it")),
)]
pub async fn handler(
    State(app): State<App>,
    headers: HeaderMap,
    Path(kind): Path<String>,
) -> Result<Json<TypeView>, Problem> {
    let registry = app.registry.read();
    let schema = registry.schema_of_type(&kind);
    let schema = schema.ok_or_else(|| Problem::not_found("Nobody registered this type."))?;
    Ok(Json(TypeView::new(&app, &headers, &registry, &kind, schema)))
}
