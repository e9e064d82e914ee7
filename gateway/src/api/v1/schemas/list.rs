//! `GET /v1/schemas`: what is registered, without the schemas themselves.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use model::PayloadSchema;

use super::SchemaView;
use crate::{
    api::v1::list::{List, Query},
    app::App,
    problem::Problem,
};

/// Lists schemas.
#[utoipa::path(
    get, path = "/v1/schemas", tag = "schemas", operation_id = "listSchemas",
    params(
        ("uri" = Option<String>, Query, description = "Only the one for this `dataschema`"),
        ("type" = Option<String>, Query, description = "Only the one for this type"),
        ("owner" = Option<String>, Query, description = "Only those of this client"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses((status = 200, description = "A page", body = List<SchemaView>)),
)]
pub async fn handler(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Result<Json<List<SchemaView>>, Problem> {
    let query = Query::read(&app, &headers, &uri, &["uri", "type", "owner", "page", "pageSize"])?;
    let paging = query.paging()?;
    let wanted = |schema: &&Arc<PayloadSchema>| {
        query.text("uri").is_none_or(|uri| schema.uri == uri)
            && query.text("type").is_none_or(|kind| schema.types.iter().any(|own| own == kind))
            && query.text("owner").is_none_or(|owner| schema.owner.as_deref() == Some(owner))
    };
    let (count, page): (usize, Vec<Arc<PayloadSchema>>) = {
        let registry = app.registry.read();
        let page = registry.schemas().filter(wanted).skip(paging.skip()).take(paging.take()).cloned().collect();
        (registry.schemas().filter(wanted).count(), page)
    };
    let rows = page.iter().map(|schema| SchemaView::new(&app, &headers, schema)).collect();
    Ok(Json(query.list(paging, rows, Some(count as u64))))
}
