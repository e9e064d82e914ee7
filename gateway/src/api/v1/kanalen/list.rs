//! `GET /v1/kanalen`: all kanalen by name.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use model::Kanaal;
use std::sync::Arc;

use super::KanaalView;
use crate::{
    api::v1::list::{List, Query},
    app::App,
    problem::Problem,
};

/// Lists kanalen.
#[utoipa::path(
    get, path = "/v1/kanalen", tag = "kanalen", operation_id = "listKanalen",
    params(
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses((status = 200, description = "A page", body = List<KanaalView>)),
)]
pub async fn handler(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Result<Json<List<KanaalView>>, Problem> {
    let query = Query::read(&app, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let (count, kanalen): (usize, Vec<Arc<Kanaal>>) = {
        let registry = app.registry.read();
        (registry.kanalen().count(), registry.kanalen().skip(paging.skip()).take(paging.take()).cloned().collect())
    };
    let rows = kanalen.iter().map(|kanaal| KanaalView::new(&app, &headers, kanaal)).collect();
    Ok(Json(query.list(paging, rows, Some(count as u64))))
}
