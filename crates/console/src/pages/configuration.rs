//! The verdicts about the configuration of this node with their remedies: what is wrong first, then warnings.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{extract::State, response::Response};
use management::{
    Right,
    configuration::{Check, Report, Verdict},
};
use web::{Problem, language::Language};

use crate::{
    Console, View, curl,
    page::{PageResult, page, see_other},
};

/// The longest wait for a round of checks; after it the page shows the round before.
const WAIT: Duration = Duration::from_secs(3);

/// The path of the page.
pub const PATH: &str = "/beheer/configuratie";

#[derive(Template)]
#[template(path = "configuration.html")]
struct Configuration<'a> {
    view: &'a View,
    report: Arc<Report>,
    rows: Vec<Row<'a>>,
    wrong: usize,
    warnings: usize,
    may_recheck: bool,
    /// The checks as text.
    as_text: String,
    curl: String,
}

/// A check.
struct Row<'a> {
    check: &'a Check,
    badge: &'static str,
    word: &'static str,
    finding: &'a str,
    remedy: Option<&'a str>,
    /// The finding in English with the error of the system, on pages in another language, unless all is well.
    technical: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn new(view: &View, check: &'a Check) -> Self {
        let texts = &view.text.configuration;
        let (badge, word) = match check.verdict {
            Verdict::Wrong => ("error", texts.wrong),
            Verdict::Warning => ("warning", texts.warning),
            Verdict::Ok => ("success", texts.good),
        };
        let is_well = check.verdict == Verdict::Ok;
        Self {
            check,
            badge,
            word,
            finding: view.text_in(&check.finding),
            remedy: check.remedy.as_ref().map(|remedy| view.text_in(remedy)),
            technical: Some(check.finding.en.as_str()).filter(|_| !is_well && view.language != Language::English),
        }
    }
}

impl Row<'_> {
    /// A line for a report: item, verdict, finding, value and remedy.
    fn as_text(&self) -> String {
        let value = self.check.value.as_ref().map(|value| format!(" [{value}]")).unwrap_or_default();
        let remedy = self.remedy.map(|remedy| format!(" -> {remedy}")).unwrap_or_default();
        format!("{}: {}: {}{value}{remedy}", self.check.item, self.word, self.finding)
    }
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let report = console.management.check_configuration_within(WAIT).await;
    let report = report.ok_or_else(|| Problem::unavailable("The checks have not ended yet.", WAIT))?;
    let mut rows: Vec<Row<'_>> = report.checks.iter().map(|check| Row::new(&view, check)).collect();
    rows.sort_by_key(|row| match row.check.verdict {
        Verdict::Wrong => 0,
        Verdict::Warning => 1,
        Verdict::Ok => 2,
    });
    let as_text = rows.iter().map(Row::as_text).collect::<Vec<_>>().join("\n");
    let number = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    page(&Configuration {
        view: &view,
        report: Arc::clone(&report),
        rows,
        wrong: number(Verdict::Wrong),
        warnings: number(Verdict::Warning),
        may_recheck: view.may(Right::Recheck),
        as_text,
        curl: curl::command(&view, "/v1/configuration/checks", &[]),
    })
}

/// Checks again, unless the last round ended less than ten seconds ago.
pub async fn post(State(console): State<Console>, view: View) -> Response {
    console.management.check_configuration().await;
    see_other(&view, PATH, "gecontroleerd")
}
