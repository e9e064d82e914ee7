//! `GET /v1/configuration/checks`: the verdicts of `gateway check`, from the running gateway.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::configuration::{Check, Report, Verdict};
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use crate::{Api, list::Query};

/// The verdicts about the configuration of a node.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigurationReport)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// When the checks ran; results are reused for ten seconds.
    #[schema(format = "date-time")]
    pub checked_at: String,
    /// The worst of the verdicts.
    #[schema(pattern = "^(ok|warning|wrong)$")]
    pub verdict: &'static str,
    /// Each check, in a fixed order.
    pub checks: Vec<CheckView>,
}

/// The result of one check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigurationCheck)]
#[serde(rename_all = "camelCase")]
pub struct CheckView {
    /// What was checked: a key of the configuration, or a part of the gateway.
    pub item: String,
    /// The value of the key; null when there is no single one. Never a secret.
    pub value: Option<String>,
    /// `ok`, `warning` or `wrong`.
    #[schema(pattern = "^(ok|warning|wrong)$")]
    pub verdict: &'static str,
    /// What was found.
    pub finding: String,
    /// How to correct it; null when there is nothing to correct or the finding contains it.
    pub remedy: Option<String>,
    /// When it ends, for a certificate.
    #[schema(format = "date-time")]
    pub expires: Option<String>,
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Wrong => "wrong",
    }
}

impl ReportView {
    fn new(report: &Report) -> Self {
        let has = |verdict| report.checks.iter().any(|check| check.verdict == verdict);
        let worst = [Verdict::Wrong, Verdict::Warning].into_iter().find(|verdict| has(*verdict));
        Self {
            checked_at: report.at.to_rfc3339(),
            verdict: word(worst.unwrap_or(Verdict::Ok)),
            checks: report.checks.iter().map(CheckView::new).collect(),
        }
    }
}

impl CheckView {
    fn new(check: &Check) -> Self {
        Self {
            item: check.item.clone(),
            value: check.value.clone(),
            verdict: word(check.verdict),
            finding: check.finding.en.clone(),
            remedy: check.remedy.as_ref().map(|remedy| remedy.en.clone()),
            expires: check.expires.map(Timestamp::to_rfc3339),
        }
    }

    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 7] = ["checkedAt", "item", "value", "verdict", "finding", "remedy", "expires"];

    /// A row of the list as CSV.
    fn cells(self, checked_at: &str) -> csv::Row {
        vec![
            checked_at.to_owned(),
            self.item,
            self.value.unwrap_or_default(),
            self.verdict.to_owned(),
            self.finding,
            self.remedy.unwrap_or_default(),
            self.expires.unwrap_or_default(),
        ]
    }
}

/// Checks the configuration of this node.
#[utoipa::path(
    get, path = "/v1/configuration/checks", tag = "operations", operation_id = "checkConfiguration",
    responses(
        (status = 200, description = "The verdicts", content((ReportView = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    Query::read(&api, &headers, &uri, &[])?;
    let report = ReportView::new(&*api.management.check_configuration().await);
    if accept::prefers_csv(&headers) {
        let rows = report.checks.into_iter().map(|check| check.cells(&report.checked_at));
        return csv::answer_rows(Form::Csv, "checks", &CheckView::COLUMNS, rows).await;
    }
    Ok(Json(report).into_response())
}
