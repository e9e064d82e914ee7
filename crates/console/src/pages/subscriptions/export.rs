//! The list of subscriptions as CSV or JSON, with the filter and the order of the page. Headings are those of the native API.

use std::sync::Arc;

use axum::extract::State;
use model::Timestamp;
use web::csv::{self, Form};

use super::{
    list::matching,
    order::sorted,
    shown::{format_text, kanalen_text},
};
use crate::{Console, View, list_file, page::PageResult, sink_text::sink_text};

/// The columns.
const COLUMNS: [&str; 12] = [
    "id",
    "name",
    "contact",
    "owner",
    "sink",
    "kanalen",
    "format",
    "state",
    "reason",
    "lag",
    "lastError",
    "lastDelivered",
];

/// The file.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let form = list_file::form(&view)?.unwrap_or(Form::Csv);
    let found = matching(&console, &view).await;
    let found = Arc::new(sorted(&console, &view, found).await.list);
    let fetch = move |offset: u64, limit: u32| {
        let (console, view, found) = (console.clone(), view.clone(), Arc::clone(&found));
        async move {
            let skip = usize::try_from(offset).unwrap_or(usize::MAX);
            let part = found.get(skip..).unwrap_or_default();
            let part = &part[..part.len().min(limit as usize)];
            let ids: Vec<_> = part.iter().map(|own| own.id).collect();
            let delivered = console.management.read_last_delivered(&view.actor, &ids).await?;
            let mut rows = Vec::with_capacity(part.len());
            for (own, delivered) in part.iter().zip(delivered) {
                let status = console.management.subscription_status(own).await;
                rows.push(vec![
                    own.id.to_string(),
                    own.name.clone().unwrap_or_default(),
                    own.contact.clone().unwrap_or_default(),
                    own.owner.clone(),
                    sink_text(&own.sink),
                    kanalen_text(own, view.text),
                    format_text(own, view.text).to_owned(),
                    status.state.word().to_owned(),
                    status.reason.unwrap_or_default(),
                    status.lag.to_string(),
                    status.last_error.unwrap_or_default(),
                    delivered.map(Timestamp::to_rfc3339).unwrap_or_default(),
                ]);
            }
            Ok(rows)
        }
    };
    csv::answer_as(form, "abonnementen", &COLUMNS, fetch).await
}
