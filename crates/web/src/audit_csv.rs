//! An export of the audit trail as CSV: the answer of the API and the file of the page are the same. Not here: the rights to it and
//! the entry about it ([`management::audit`]).

use std::{collections::VecDeque, sync::Arc};

use axum::response::Response;
use management::audit::{AuditExport, Line, RecordedChange};
use tokio::sync::Mutex;

use crate::{Problem, csv};

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

/// The answer with the entries of an export, newest first. The file is called `name`.csv.
///
/// # Errors
/// That of the first read. After a later one the answer is cut off.
pub async fn answer(name: &str, export: AuditExport) -> Result<Response, Problem> {
    let reading = Arc::new(Mutex::new(Reading { export, read: VecDeque::new() }));
    csv::answer(name, &COLUMNS, move |_, limit| {
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
