//! `POST /v1/subscriptions/{id}/check`: checks the receiver of a subscription and shows the report.

use axum::{
    Json,
    extract::{Path, State},
};
use management::{InTwoLanguages, ReceiverFinding, ReceiverVerdict, subscriptions::CheckedReceiver};
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Caller, problem::Problem};

use super::access;
use crate::{Api, events::report::Texts};

/// What a check of a receiver found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiverReport)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// Whether there is a report, and every obligation that was observed is met.
    pub passed: bool,
    /// Sentences about the whole; why there is no report.
    pub outcome: Vec<Texts>,
    /// The verdict on each clause; empty when there is no report.
    pub findings: Vec<ReceiverFindingView>,
    /// When the check began.
    #[schema(format = "date-time")]
    pub at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

/// The verdict on one clause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiverFinding)]
pub struct ReceiverFindingView {
    /// The requirement, or the section of an RFC.
    pub id: &'static str,
    /// Whether it is an obligation.
    pub must: bool,
    /// `pass`, `warn`, `fail` or `not-observed`.
    #[schema(pattern = "^(pass|warn|fail|not-observed)$")]
    pub verdict: &'static str,
    /// The rule.
    pub rule: Texts,
    /// What was observed, or why nothing was.
    pub seen: Texts,
    /// What to do about it; null when there is nothing to do.
    pub remedy: Option<Texts>,
}

/// Checks the receiver.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/check", tag = "subscriptions", operation_id = "checkReceiver",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The report; it comes within about a minute", body = ReportView),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "Nothing may be sent to the sink now, or another test or check of it is under way"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ReportView>, Problem> {
    let checked = api.management.check_receiver(&caller.actor(), access::id_of(&id)?).await?;
    Ok(Json(ReportView::new(&checked)))
}

impl ReportView {
    fn new(checked: &CheckedReceiver) -> Self {
        Self {
            passed: checked.report.passed,
            outcome: checked.report.outcome.iter().map(texts).collect(),
            findings: checked.report.findings.iter().map(ReceiverFindingView::new).collect(),
            at: checked.at.to_rfc3339(),
            duration_ms: checked.duration.as_micros() as f64 / 1_000.0,
        }
    }
}

impl ReceiverFindingView {
    fn new(finding: &ReceiverFinding) -> Self {
        Self {
            id: finding.id,
            must: finding.must,
            verdict: match finding.verdict {
                ReceiverVerdict::Pass => "pass",
                ReceiverVerdict::Warn => "warn",
                ReceiverVerdict::Fail => "fail",
                ReceiverVerdict::NotObserved => "not-observed",
            },
            rule: texts(&finding.rule),
            seen: texts(&finding.seen),
            remedy: finding.remedy.as_ref().map(texts),
        }
    }
}

/// A text as the API shows it.
pub(super) fn texts(text: &InTwoLanguages) -> Texts {
    Texts { en: text.en.clone(), nl: text.nl.clone() }
}
