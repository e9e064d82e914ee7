//! `GET /v1/events`: events by id, kanaal, source, subject, type and time, newest first.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use model::KanaalName;
use serde::Serialize;
use storage::journal::{EventQuery, EventRow};
use utoipa::ToSchema;

use super::find;
use crate::{
    api::v1::{
        list::{List, Query},
        scan,
    },
    app::App,
    auth::Caller,
    problem::Problem,
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
    fn new(row: EventRow) -> Self {
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
    responses((status = 200, description = "A page", body = List<EventView>)),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<List<EventView>>, Problem> {
    let names = ["id", "kanaal", "source", "subject", "type", "from", "until", "page", "pageSize"];
    let query = Query::read(&app, &headers, &uri, &names)?;
    let paging = query.paging()?;
    let wanted = EventQuery {
        id: query.text("id").map(str::to_owned),
        kanaal: query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?,
        source: query.text("source").map(str::to_owned),
        subject: query.text("subject").map(str::to_owned),
        kind: query.text("type").map(str::to_owned),
        from: query.moment("from")?,
        until: query.moment("until")?,
    };
    let rows = if caller.is_beheer() {
        app.journal.events(wanted, paging.rows()).await?
    } else {
        let own = find::own(&app, &caller);
        if own.is_empty() {
            vec![]
        } else {
            let (app, caller, own) = (&app, &caller, &own);
            let fetch = |page| app.journal.events(wanted.clone(), page);
            let by_subject = wanted.subject.is_some();
            let keep = |row: EventRow| async move {
                let Some(disclosure) = find::sight(app, caller, own, &row).await? else { return Ok(None) };
                let shown = disclosure.shows("subject");
                // Who may not see a subject may not ask for it either.
                let found = shown || !by_subject;
                Ok(found.then(|| EventRow { subject: row.subject.clone().filter(|_| shown), ..row }))
            };
            scan::page(paging, fetch, keep).await?
        }
    };
    Ok(Json(query.list(paging, rows.into_iter().map(EventView::new).collect(), None)))
}
