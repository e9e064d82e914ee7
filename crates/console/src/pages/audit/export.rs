//! The entries that the filter matches as a file, newest first: CSV for people, or the lines as stored, whose hashes can be
//! checked.

use std::{collections::VecDeque, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use management::audit::{AuditExport, Line, RecordedChange};
use tokio::sync::Mutex;
use web::{Problem, ProblemType, csv};

use super::list::Asked;
use crate::{Console, View, page::PageResult};

/// The columns of the CSV.
const COLUMNS: [&str; 16] = [
    "at",
    "actorKind",
    "actor",
    "scopes",
    "interface",
    "address",
    "node",
    "action",
    "objectKind",
    "object",
    "result",
    "reason",
    "count",
    "changes",
    "chain",
    "seq",
];

/// The file: `vorm=csv` or `vorm=regels`, with the fields of the filter.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let query = Asked::read(&view).query(&view).map_err(|_| wrong("The filter has a fault."))?;
    let is_csv = match view.parameter("vorm").as_deref() {
        Some("csv") => true,
        Some("regels") => false,
        _ => return Err(wrong("There is no such form.")),
    };
    let form = if is_csv { "csv" } else { "json lines" };
    let export = console.management.export_audit(&view.actor, query, form).await?;
    if is_csv { as_csv(export).await } else { Ok(as_lines(export)) }
}

fn wrong(text: &str) -> Problem {
    Problem::new(ProblemType::InvalidRequest, text)
}

/// Lines that were read and not sent yet, before those that are read next.
struct Reading {
    export: AuditExport,
    read: VecDeque<Line>,
}

impl Reading {
    /// The next lines; fewer than `limit` at the end.
    async fn next(&mut self, limit: usize) -> Result<Vec<Line>, Problem> {
        while self.read.len() < limit {
            match self.export.next().await? {
                Some(lines) => self.read.extend(lines),
                None => break,
            }
        }
        let number = limit.min(self.read.len());
        Ok(self.read.drain(..number).collect())
    }
}

async fn as_csv(export: AuditExport) -> PageResult {
    let reading = Arc::new(Mutex::new(Reading { export, read: VecDeque::new() }));
    csv::answer("logboek", &COLUMNS, move |_, limit| {
        let reading = Arc::clone(&reading);
        async move { Ok(reading.lock().await.next(limit as usize).await?.iter().map(row).collect()) }
    })
    .await
}

fn row(line: &Line) -> csv::Row {
    let record = &line.record;
    let (chain, seq) = record.link.as_ref().map(|link| (link.chain.clone(), link.seq.to_string())).unwrap_or_default();
    vec![
        record.at.to_rfc3339(),
        record.actor_kind.clone(),
        record.actor_id.clone(),
        record.scopes.join(" "),
        record.interface.clone(),
        record.address.clone().unwrap_or_default(),
        record.node.clone(),
        record.action.clone(),
        record.object_kind.clone(),
        record.object_id.clone(),
        record.result.clone(),
        record.reason.clone().unwrap_or_default(),
        record.count.to_string(),
        record.changes.iter().map(change).collect::<Vec<_>>().join("; "),
        chain,
        seq,
    ]
}

fn change(change: &RecordedChange) -> String {
    let RecordedChange { member, hidden, before, after } = change;
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    if *hidden { format!("{member}: *") } else { format!("{member}: {} -> {}", value(before), value(after)) }
}

/// Each line as it is stored. An export that fails later is cut off, so that a client notices.
fn as_lines(export: AuditExport) -> Response {
    let parts = stream::unfold(Some(export), async |export| {
        let mut export = export?;
        match export.next().await {
            Ok(Some(lines)) => {
                let mut text = String::new();
                for line in &lines {
                    text.push_str(&line.text);
                    text.push('\n');
                }
                Some((Ok(Bytes::from(text)), Some(export)))
            }
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(%error, "an export of the audit trail is cut off");
                Some((Err(csv::Interrupted), None))
            }
        }
    });
    let kind = HeaderValue::from_static("application/x-ndjson");
    let name = HeaderValue::from_static("attachment; filename=\"logboek.jsonl\"");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], Body::from_stream(parts)).into_response()
}
