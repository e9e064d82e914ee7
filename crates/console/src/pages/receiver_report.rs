//! What a check of a receiver found, clause by clause, in the language of the page (`receiver_report.html`).

use management::{InTwoLanguages, ReceiverVerdict, subscriptions::CheckedReceiver};

use crate::View;

/// A report of a check, in the language of the page.
pub struct Report {
    /// Whether every obligation that was observed is met.
    pub passed: bool,
    /// What came of it, in sentences.
    pub outcome: Vec<String>,
    /// The verdict on each clause.
    pub rows: Vec<ReportRow>,
}

/// The verdict on one clause.
pub struct ReportRow {
    /// The requirement.
    pub id: &'static str,
    /// The colour of the badge.
    pub badge: &'static str,
    /// The verdict in a word.
    pub verdict: &'static str,
    /// The rule.
    pub rule: String,
    /// What was observed.
    pub seen: String,
    /// What to do; empty for nothing.
    pub remedy: String,
}

impl Report {
    /// The report of a check.
    pub fn new(view: &View, checked: CheckedReceiver) -> Self {
        let words = &view.text.portal.test;
        let text = |text: &InTwoLanguages| view.text_in(text).to_owned();
        let row = |finding: &management::ReceiverFinding| {
            let (badge, verdict) = match finding.verdict {
                ReceiverVerdict::Pass => ("success", words.pass),
                ReceiverVerdict::Warn => ("warning", words.warn),
                ReceiverVerdict::Fail => ("error", words.fail),
                ReceiverVerdict::NotObserved => ("neutral", words.not_observed),
            };
            ReportRow {
                id: finding.id,
                badge,
                verdict,
                rule: text(&finding.rule),
                seen: text(&finding.seen),
                remedy: finding.remedy.as_ref().map(text).unwrap_or_default(),
            }
        };
        Self {
            passed: checked.report.passed,
            outcome: checked.report.outcome.iter().map(text).collect(),
            rows: checked.report.findings.iter().map(row).collect(),
        }
    }
}
