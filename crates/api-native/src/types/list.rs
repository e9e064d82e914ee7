//! `GET /v1/types`: all types that are registered, by name.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::types::TypeFilter;
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use super::TypeView;
use crate::{
    Api,
    list::{List, Query},
};

/// Lists types of events.
#[utoipa::path(
    get, path = "/v1/types", tag = "types", operation_id = "listTypes",
    params(
        ("kanaal" = Option<String>, Query, description = "Only those of this kanaal"),
        ("publisher" = Option<String>, Query, description = "Only those of this client"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<TypeView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["kanaal", "publisher", "page", "pageSize"])?;
    let paging = query.paging()?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let types = api.management.list_types(&TypeFilter { kanaal: text("kanaal"), publisher: text("publisher") });
    if accept::prefers_csv(&headers) {
        let rows = types.iter().map(|found| TypeView::new(&api, &headers, found).cells());
        return csv::answer_rows(Form::Csv, "types", &TypeView::COLUMNS, rows).await;
    }
    let page = types.iter().skip(paging.skip()).take(paging.take());
    let rows = page.map(|found| TypeView::new(&api, &headers, found)).collect();
    Ok(Json(query.list(paging, rows, Some(types.len() as u64))).into_response())
}
