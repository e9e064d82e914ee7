//! The overview of roles as CSV: everybody who logged in during the last quarter, with the roles and the claims that gave them.

use std::sync::Arc;

use axum::extract::State;
use web::csv::{self, Row};

use crate::{Console, View, page::PageResult};

/// The columns.
const COLUMNS: [&str; 6] = ["issuer", "subject", "roles", "grantedBy", "lastLogIn", "logIns"];

/// The file.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let people = console.management.list_log_ins(&view.actor).await?;
    let rows = people.into_iter().map(|own| {
        vec![
            own.person.issuer,
            own.person.subject,
            own.roles.join(" "),
            own.granted_by.unwrap_or_default(),
            own.last.to_rfc3339(),
            own.number.to_string(),
        ]
    });
    let rows: Arc<[Row]> = rows.collect();
    csv::answer("rollen", &COLUMNS, move |offset, limit| {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let part: Vec<Row> = rows.iter().skip(skip).take(limit as usize).cloned().collect();
        async move { Ok(part) }
    })
    .await
}
