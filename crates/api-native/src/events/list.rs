//! `GET /v1/events`: events by id, kanaal, source, subject, type and time, newest first.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::journal::{EventQuery, EventRow, Page};
use model::KanaalName;
use serde::Serialize;
use utoipa::ToSchema;
use web::{accept, auth::Caller, csv, problem::Problem};

use crate::{
    Api,
    list::{List, Query},
};

/// What is known of an event without reading it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventSummary)]
pub struct EventView {
    /// `id`.
    pub id: String,
    /// `source`.
    pub source: String,
    /// `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `subject`.
    pub subject: Option<String>,
    /// The kanaal.
    pub kanaal: String,
    /// The partition.
    pub partition: u32,
    /// The place in it.
    pub position: u64,
    /// When it was accepted.
    #[schema(format = "date-time")]
    pub accepted: String,
}

impl EventView {
    /// Shows a row.
    pub fn new(row: EventRow) -> Self {
        Self {
            id: row.id,
            source: row.source,
            kind: row.kind,
            subject: row.subject,
            kanaal: row.kanaal.to_string(),
            partition: row.partition.0,
            position: row.position.0,
            accepted: row.appended.to_rfc3339(),
        }
    }

    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 8] = ["id", "source", "type", "subject", "kanaal", "partition", "position", "accepted"];

    fn cells(self) -> csv::Row {
        vec![
            self.id,
            self.source,
            self.kind,
            self.subject.unwrap_or_default(),
            self.kanaal,
            self.partition.to_string(),
            self.position.to_string(),
            self.accepted,
        ]
    }
}

/// Lists events.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", operation_id = "listEvents",
    params(
        ("id" = Option<String>, Query, description = "Only with this id"),
        ("kanaal" = Option<String>, Query, description = "Only on this kanaal"),
        ("source" = Option<String>, Query, description = "Only with this source"),
        ("subject" = Option<String>, Query, description = "Only with this subject"),
        ("type" = Option<String>, Query, description = "Only of this type"),
        ("from" = Option<String>, Query, description = "Only accepted at or after this moment"),
        ("until" = Option<String>, Query, description = "Only accepted before this moment"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<EventView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let names = ["id", "kanaal", "source", "subject", "type", "from", "until", "page", "pageSize"];
    let query = Query::read(&api, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let wanted = EventQuery {
        id: query.text("id").map(str::to_owned),
        kanaal: query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?,
        source: query.text("source").map(str::to_owned),
        subject: query.text("subject").map(str::to_owned),
        kind: query.text("type").map(str::to_owned),
        from: query.timestamp("from")?,
        until: query.timestamp("until")?,
        newest: None,
    };
    let actor = caller.actor();
    if accept::prefers_csv(&headers) {
        // Events that come meanwhile do not move the others to another page.
        let until = Some(wanted.until.unwrap_or_else(|| api.management.clock.now()));
        let wanted = EventQuery { until, ..wanted };
        return csv::answer("events", &EventView::COLUMNS, move |offset, limit| {
            let (management, actor, wanted) = (api.management.clone(), actor.clone(), wanted.clone());
            async move {
                let rows = management.list_events(&actor, wanted, Page { offset, limit }).await?;
                Ok(rows.into_iter().map(|row| EventView::new(row).cells()).collect())
            }
        })
        .await;
    }
    let rows = api.management.list_events(&actor, wanted, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.into_iter().map(EventView::new).collect(), None)).into_response())
}
