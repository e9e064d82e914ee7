//! `GET /v1/schemas`: the registered schemas, without their text.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::schemas::SchemaFilter;
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use super::SchemaView;
use crate::{
    Api,
    list::{List, Query},
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
    responses(
        (status = 200, description = "A page", content((List<SchemaView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["uri", "type", "owner", "page", "pageSize"])?;
    let paging = query.paging()?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let filter = SchemaFilter { uri: text("uri"), kind: text("type"), owner: text("owner") };
    let schemas = api.management.list_schemas(&filter);
    if accept::prefers_csv(&headers) {
        let rows = schemas.iter().map(|schema| SchemaView::new(&api, &headers, schema).cells());
        return csv::answer_rows(Form::Csv, "schemas", &SchemaView::COLUMNS, rows).await;
    }
    let page = schemas.iter().skip(paging.skip()).take(paging.take());
    let rows = page.map(|schema| SchemaView::new(&api, &headers, schema)).collect();
    Ok(Json(query.list(paging, rows, Some(schemas.len() as u64))).into_response())
}
