//! `GET /v1/kanalen`: all kanalen by name.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use web::problem::Problem;

use super::KanaalView;
use crate::{
    Api,
    list::{List, Query},
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
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Json<List<KanaalView>>, Problem> {
    let query = Query::read(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let kanalen = api.management.list_kanalen();
    let page = kanalen.iter().skip(paging.skip()).take(paging.take());
    let rows = page.map(|kanaal| KanaalView::new(&api, &headers, kanaal)).collect();
    Ok(Json(query.list(paging, rows, Some(kanalen.len() as u64))))
}
