//! The list of dead letters as CSV or JSON, with the filter of the page: no payload. Headings are those of the native API.

use axum::extract::State;
use management::journal::{DeadLetter, DeadLetterQuery, Page};
use web::{
    Problem,
    csv::{self, Form},
};

use super::filter::Filter;
use crate::{Console, View, list_file, page::PageResult};

/// The columns.
const COLUMNS: [&str; 12] = [
    "id",
    "subscription",
    "kanaal",
    "partition",
    "position",
    "eventId",
    "source",
    "type",
    "reason",
    "status",
    "attempts",
    "createdAt",
];

/// The file.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let form = list_file::form(&view)?.unwrap_or(Form::Csv);
    let (query, faults) = Filter::of_page(&view).query(&view);
    if !faults.is_empty() {
        return Err(Problem::invalid(vec![]));
    }
    let query = DeadLetterQuery { until: query.until.or(Some(view.now)), ..query };
    let fetch = move |offset: u64, limit: u32| {
        let (console, view, query) = (console.clone(), view.clone(), query.clone());
        async move {
            let page = Page { offset, limit };
            let found = console.management.browse_dead_letters(&view.actor, query, page).await?;
            Ok(found.letters.into_iter().map(row).collect())
        }
    };
    csv::answer_as(form, "dead-letters", &COLUMNS, fetch).await
}

fn row(letter: DeadLetter) -> Vec<String> {
    vec![
        letter.id.to_string(),
        letter.delivery.subscription.to_string(),
        letter.delivery.kanaal.to_string(),
        letter.delivery.partition.0.to_string(),
        letter.delivery.position.0.to_string(),
        letter.event_id,
        letter.event_source,
        letter.event_kind,
        letter.reason,
        letter.last_code.map(|code| code.to_string()).unwrap_or_default(),
        letter.attempts.to_string(),
        letter.at.to_rfc3339(),
    ]
}
