//! The entries that the filter matches as a file, newest first: CSV for people, or the lines as stored, whose hashes can be
//! checked.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use management::audit::AuditExport;
use web::{Problem, ProblemType, audit_csv, csv};

use super::list::Asked;
use crate::{Console, View, page::PageResult};

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
    if is_csv { audit_csv::answer("logboek", export).await } else { Ok(as_lines(export)) }
}

fn wrong(text: &str) -> Problem {
    Problem::new(ProblemType::InvalidRequest, text)
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
