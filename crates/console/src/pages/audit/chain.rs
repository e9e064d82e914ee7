//! The check of the chains of the audit trail, as `gateway audit verify` does it. It reads the whole trail, so one at a time runs.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use management::audit::Report;
use model::audit::{Action, Object, ObjectKind};
use tokio::time::timeout;
use web::{Problem, ProblemType};

use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page},
};

/// How long a check may take. Longer ones are for the command line.
const MAX_TIME: Duration = Duration::from_mins(1);

/// Most problems on the page.
const MOST_SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "audit_chain.html")]
struct Chain<'a> {
    view: &'a View,
    /// `None` when the check took too long.
    report: Option<Report>,
    /// The problems, in words.
    problems: Vec<String>,
    number: usize,
}

/// Checks the chains, and whether a line with the hash in the form is there.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let _turn = console.verification.try_acquire().map_err(|_| {
        Problem::new(ProblemType::TooManyRequests, "The audit trail is being verified.")
            .with_retry_after(Duration::from_secs(10))
    })?;
    let object = Object::new(ObjectKind::Audit, "");
    console.web.recorder.record(&view.actor, Action::AuditVerify, object).await?;
    let wanted = form.filled("hash").map(str::to_owned);
    let report = match timeout(MAX_TIME, console.management.verify_audit(&view.actor, wanted)).await {
        Ok(report) => Some(report?),
        Err(_) => None,
    };
    let found = report.as_ref().map(|report| report.problems.as_slice()).unwrap_or_default();
    let problems = found.iter().take(MOST_SHOWN).map(view.text.chain_problem).collect();
    page(&Chain { view: &view, problems, number: found.len(), report })
}
