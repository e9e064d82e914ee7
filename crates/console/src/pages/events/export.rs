//! The list of events as CSV or JSON, with the filter of the page: attributes only, no payload. Headings are those of the native API.

use axum::extract::State;
use management::journal::{EventQuery, EventRow, Page};
use model::audit::{Action, Object, ObjectKind};
use web::{
    Problem,
    csv::{self, Form},
};

use super::filter::Filter;
use crate::{Console, View, list_file, page::PageResult};

/// The columns.
const COLUMNS: [&str; 8] = ["kanaal", "partition", "position", "id", "source", "type", "subject", "appended"];

/// The file. A search by subject is recorded, as on the page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let form = list_file::form(&view)?.unwrap_or(Form::Csv);
    let (query, faults) = Filter::of_page(&view).query(&view);
    if !faults.is_empty() {
        return Err(Problem::invalid(vec![]));
    }
    if query.subject.is_some() {
        let object = Object::new(ObjectKind::Event, "");
        console.web.recorder.record(&view.actor, Action::EventSearch, object).await?;
    }
    // Events that come meanwhile do not move the others to another page.
    let query = EventQuery { until: query.until.or(Some(view.now)), newest: None, ..query };
    let fetch = move |offset: u64, limit: u32| {
        let (console, view, query) = (console.clone(), view.clone(), query.clone());
        async move {
            let rows = console.management.list_events(&view.actor, query, Page { offset, limit }).await?;
            let row = |event: EventRow| {
                vec![
                    event.kanaal.to_string(),
                    event.partition.0.to_string(),
                    event.position.0.to_string(),
                    event.id,
                    event.source,
                    event.kind,
                    event.subject.unwrap_or_default(),
                    event.appended.to_rfc3339(),
                ]
            };
            Ok(rows.into_iter().map(row).collect())
        }
    };
    csv::answer_as(form, "events", &COLUMNS, fetch).await
}
