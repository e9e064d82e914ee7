//! `GET /v1/kanalen`: all kanalen by name.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use super::{FilterView, KanaalView};
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
    responses(
        (status = 200, description = "A page", content((List<KanaalView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let kanalen = api.management.list_kanalen();
    if accept::prefers_csv(&headers) {
        let rows = kanalen.iter().map(|kanaal| cells(KanaalView::new(&api, &headers, kanaal)));
        return csv::answer_rows(Form::Csv, "kanalen", &COLUMNS, rows).await;
    }
    let page = kanalen.iter().skip(paging.skip()).take(paging.take());
    let rows = page.map(|kanaal| KanaalView::new(&api, &headers, kanaal)).collect();
    Ok(Json(query.list(paging, rows, Some(kanalen.len() as u64))).into_response())
}

/// The columns of [`cells`].
const COLUMNS: [&str; 15] = [
    "naam",
    "documentatieLink",
    "filters",
    "typeRoutes",
    "source",
    "retentionDays",
    "profile",
    "strictness",
    "privacy",
    "payloadSchemas",
    "clearance",
    "owner",
    "approval",
    "ownEvents",
    "created",
];

/// A row of the list as CSV. A kenmerk with an attribute of another name is written `naam=attribute`.
fn cells(kanaal: KanaalView) -> csv::Row {
    let filter = |filter: FilterView| match filter {
        FilterView::Name(naam) => naam,
        FilterView::Alias { naam, attribute } => format!("{naam}={attribute}"),
    };
    let clearance = kanaal.clearance.map(|own| [own.classifications, own.regulations].concat().join(" "));
    vec![
        kanaal.naam,
        kanaal.documentatie_link,
        kanaal.filters.into_iter().map(filter).collect::<Vec<_>>().join(" "),
        kanaal.type_routes.join(" "),
        kanaal.source.unwrap_or_default(),
        kanaal.retention_days.map(|days| days.to_string()).unwrap_or_default(),
        kanaal.profile.unwrap_or_default().to_owned(),
        kanaal.strictness.unwrap_or_default().to_owned(),
        kanaal.privacy.unwrap_or_default().to_owned(),
        kanaal.payload_schemas.to_owned(),
        clearance.unwrap_or_default(),
        kanaal.owner.unwrap_or_default(),
        kanaal.approval.to_owned(),
        kanaal.own_events.to_string(),
        kanaal.created,
    ]
}
