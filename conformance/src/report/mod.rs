//! The report of a run: a verdict for each requirement, with the evidence. As JSON for machines
//! (report.schema.json describes it), as text for a terminal, as an HTML page to read and print.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::clock;
use crate::every_request::Finding;
use crate::evidence::Exchange;
use crate::requirements::{self, Kind, Reason, Requirement};
use crate::runner::{Failure, Outcome, ScenarioResult};

mod html;
mod text;

/// Version of the form of the report as JSON.
pub const VERSION: u32 = 1;

/// The result of a run for one requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// At least one scenario covers it and all that do passed.
    Pass,
    /// A scenario that covers it failed.
    Fail,
    /// Every scenario that covers it needs an ability the target does not have.
    NotApplicable,
    /// No scenario covers it, but tests of the repository of the suite do; what they run against is not this target.
    Tested,
    /// No scenario of this run covers it, and no test or only a part of it.
    NotCovered,
    /// It cannot be observed in what is sent or received.
    Unobservable,
    /// It belongs to a part of the gateway that is postponed.
    Postponed,
}

/// Every verdict, in the order of tables.
pub const VERDICTS: [Verdict; 7] = [
    Verdict::Pass,
    Verdict::Fail,
    Verdict::NotApplicable,
    Verdict::Tested,
    Verdict::NotCovered,
    Verdict::Unobservable,
    Verdict::Postponed,
];

impl Verdict {
    /// The verdict as the text and HTML reports print it.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::NotApplicable => "not applicable",
            Verdict::Tested => "tested elsewhere",
            Verdict::NotCovered => "not covered",
            Verdict::Unobservable => "unobservable",
            Verdict::Postponed => "postponed",
        }
    }
}

/// One requirement with its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Requirement id, such as `CE-HTTP-04`.
    pub id: String,
    /// Level in the source, such as `MUST` (see [`requirements::LEVELS`]).
    pub level: String,
    /// Tier of the requirement, 1 to 3 (see [`Requirement::tier`]).
    pub tier: u8,
    /// The document it comes from.
    pub document: String,
    /// Section of that document.
    pub clause: String,
    /// The text of the requirement.
    pub requirement: String,
    /// The result of this run for it.
    pub verdict: Verdict,
    /// Why no scenario covers it, if there is a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Tests of the repository of the suite that cover it or a part of it, as `path::name`; this run has not run them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
    /// The scenarios and checks that cover it.
    pub shown_by: Vec<Evidence>,
}

/// A scenario, or the checks on every request, as evidence for a requirement.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    /// Its number in the list of scenarios; none for the checks on every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<usize>,
    /// Title of the scenario, or of the checks on every request.
    pub title: String,
    /// Name of the scenario file; `standing` for the checks on every request.
    pub file: String,
    /// Pass, fail or not applicable.
    pub verdict: Verdict,
    /// The differences from what was expected, each with the exchange.
    pub failures: Vec<String>,
}

/// One scenario of the run: its result and what was exchanged.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioReport {
    /// Title of the scenario.
    pub title: String,
    /// Name of the scenario file.
    pub file: String,
    /// Ids of the requirements it covers.
    pub ids: Vec<String>,
    /// Pass, fail or not applicable.
    pub verdict: Verdict,
    /// Abilities it needs and the target does not have.
    pub missing: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The exchanges on the wire, limited in size, without secrets.
    pub exchanges: Vec<Exchange>,
}

/// The report of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of the JSON form ([`VERSION`]).
    pub version: u32,
    /// Base address of the target.
    pub target: String,
    /// When the run ended, RFC 3339.
    pub at: String,
    /// How long the run took, in milliseconds.
    pub took_ms: u64,
    /// Abilities declared for the target; empty when none were declared.
    pub abilities: BTreeSet<String>,
    /// Number of scenarios of the run, those that are not applicable included.
    pub scenarios: usize,
    /// Number of rows by verdict; every verdict is present.
    pub counts: BTreeMap<Verdict, usize>,
    /// Ids that oblige and fail: a run without any exits with 0.
    pub obligatory_failures: Vec<String>,
    /// One row for each requirement of requirements.csv, in that order.
    pub rows: Vec<Row>,
    /// Every scenario of the run, in the order of its files.
    #[serde(rename = "scenes")]
    pub scenario_reports: Vec<ScenarioReport>,
}

impl Report {
    /// Combines the results and the findings of [`crate::every_request`] with the list of requirements.
    pub fn new(
        target: &str,
        took: Duration,
        results: &[ScenarioResult],
        findings: &BTreeMap<&'static str, Finding>,
    ) -> Report {
        let mut evidence = BTreeMap::<&str, Vec<Evidence>>::new();
        for (number, result) in results.iter().enumerate() {
            for id in &result.scenario.ids {
                evidence.entry(id).or_default().push(of_scenario(number, result, id));
            }
        }
        for (id, finding) in findings {
            evidence.entry(id).or_default().push(of_every_request(finding));
        }
        let (reasons, mut tests) = (requirements::reasons(), requirements::tests());
        let rows = requirements::all().into_iter().map(|requirement| {
            let shown_by = evidence.remove(requirement.id.as_str()).unwrap_or_default();
            let reason = reasons.get(&requirement.id);
            let tests = tests.remove(&requirement.id).unwrap_or_default();
            row(requirement, reason, tests, shown_by)
        });
        let rows: Vec<_> = rows.collect();
        let mut report = Report {
            version: VERSION,
            target: target.to_owned(),
            at: clock::rfc3339(),
            took_ms: took.as_millis() as u64,
            abilities: BTreeSet::new(),
            scenarios: results.len(),
            counts: VERDICTS.iter().map(|verdict| (*verdict, count(&rows, *verdict))).collect(),
            obligatory_failures: vec![],
            rows,
            scenario_reports: results.iter().map(scenario_report).collect(),
        };
        report.set_obligatory(&requirements::OBLIGATORY);
        report
    }

    /// Sets the levels whose failures count in `obligatory_failures`.
    pub fn set_obligatory(&mut self, levels: &[impl AsRef<str>]) {
        let obliges = |row: &Row| levels.iter().any(|level| level.as_ref() == row.level);
        let failing = self.rows.iter().filter(|row| row.verdict == Verdict::Fail && obliges(row));
        self.obligatory_failures = failing.map(|row| row.id.clone()).collect();
    }

    /// The number of rows with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        count(&self.rows, verdict)
    }

    /// Requirements that oblige and fail.
    pub fn failing(&self) -> Vec<&Row> {
        self.rows.iter().filter(|row| self.obligatory_failures.contains(&row.id)).collect()
    }

    /// The report as text: a table by document, then every failure with its exchange.
    pub fn text(&self) -> String {
        text::write(self)
    }

    /// The report as one self-contained HTML page.
    pub fn html(&self) -> String {
        html::write(self)
    }

    /// Rows by document, in the order of the list.
    fn documents(&self) -> Vec<(&str, Vec<&Row>)> {
        let mut documents: Vec<(&str, Vec<&Row>)> = vec![];
        for row in &self.rows {
            match documents.iter_mut().find(|(document, _)| *document == row.document) {
                Some((_, rows)) => rows.push(row),
                None => documents.push((&row.document, vec![row])),
            }
        }
        documents
    }
}

fn count<'a>(rows: impl IntoIterator<Item = &'a Row>, verdict: Verdict) -> usize {
    rows.into_iter().filter(|row| row.verdict == verdict).count()
}

fn row(requirement: Requirement, reason: Option<&Reason>, tests: Vec<String>, shown_by: Vec<Evidence>) -> Row {
    let any = |verdict| shown_by.iter().any(|shown| shown.verdict == verdict);
    let verdict = match reason {
        _ if any(Verdict::Fail) => Verdict::Fail,
        _ if any(Verdict::Pass) => Verdict::Pass,
        _ if any(Verdict::NotApplicable) => Verdict::NotApplicable,
        Some(Reason { kind: Kind::Unobservable, .. }) => Verdict::Unobservable,
        Some(Reason { kind: Kind::Postponed, .. }) => Verdict::Postponed,
        None if !tests.is_empty() => Verdict::Tested,
        Some(Reason { kind: Kind::Missing | Kind::Partial, .. }) | None => Verdict::NotCovered,
    };
    let reason = reason.map(|reason| reason.text.clone());
    let Requirement { id, level, tier, document, clause, requirement, .. } = requirement;
    Row { id, level, tier, document, clause, requirement, verdict, reason, tests, shown_by }
}

fn scenario_report(result: &ScenarioResult) -> ScenarioReport {
    let (verdict, missing) = match &result.outcome {
        Outcome::Passed => (Verdict::Pass, vec![]),
        Outcome::NotApplicable(missing) => (Verdict::NotApplicable, missing.clone()),
        Outcome::Failed(_) => (Verdict::Fail, vec![]),
    };
    ScenarioReport {
        title: result.scenario.title.clone(),
        file: result.scenario.file.clone(),
        ids: result.scenario.ids.clone(),
        verdict,
        missing,
        took_ms: result.took.as_millis() as u64,
        exchanges: result.exchanges.clone(),
    }
}

fn of_scenario(number: usize, result: &ScenarioResult, id: &String) -> Evidence {
    let (verdict, failures) = match &result.outcome {
        Outcome::Passed => (Verdict::Pass, vec![]),
        Outcome::NotApplicable(_) => (Verdict::NotApplicable, vec![]),
        Outcome::Failed(failures) => {
            let about = |failure: &&Failure| failure.covers.is_empty() || failure.covers.contains(id);
            let steps = result.scenario.step.len();
            let failures: Vec<_> = failures.iter().filter(about).map(|failure| describe(failure, steps)).collect();
            (if failures.is_empty() { Verdict::Pass } else { Verdict::Fail }, failures)
        }
    };
    let (title, file) = (result.scenario.title.clone(), result.scenario.file.clone());
    Evidence { scenario: Some(number), title, file, verdict, failures }
}

fn describe(failure: &Failure, steps: usize) -> String {
    let case = if failure.case.is_empty() { String::new() } else { format!(" ({})", failure.case) };
    let step = match failure.step {
        0 => "preparation".to_owned(),
        step if step > steps => "at the end".to_owned(),
        step => format!("step {step}"),
    };
    format!("{step}{case}: {}\n{}", failure.what, failure.evidence)
}

fn of_every_request(finding: &Finding) -> Evidence {
    let verdict = if finding.wrong.is_empty() { Verdict::Pass } else { Verdict::Fail };
    let title = format!("every request at a subscriber during the run ({} checked)", finding.seen);
    Evidence { scenario: None, title, file: "standing".to_owned(), verdict, failures: finding.wrong.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::library;

    #[test]
    fn a_requirement_fails_when_any_scenario_fails_and_passes_when_all_pass() {
        let mut scenario = library::built_in().unwrap().remove(0);
        scenario.ids = vec!["CE-HTTP-02".to_owned(), "CE-HTTP-03".to_owned()];
        let passed = ScenarioResult {
            scenario: Arc::new(scenario.clone()),
            outcome: Outcome::Passed,
            took: Duration::ZERO,
            exchanges: vec![],
        };
        scenario.ids = vec!["CE-HTTP-03".to_owned()];
        let failure = Failure {
            covers: vec![],
            case: String::new(),
            step: 1,
            what: "status 500".to_owned(),
            evidence: String::new(),
        };
        let failed = Outcome::Failed(vec![failure]);
        let failed = ScenarioResult {
            scenario: Arc::new(scenario.clone()),
            outcome: failed,
            took: Duration::ZERO,
            exchanges: vec![],
        };
        scenario.ids = vec!["CE-HTTP-04".to_owned()];
        let skipped = ScenarioResult {
            scenario: Arc::new(scenario),
            outcome: Outcome::NotApplicable(vec![]),
            took: Duration::ZERO,
            exchanges: vec![],
        };
        let findings = BTreeMap::from([("CE-WH-02", Finding { seen: 3, wrong: vec![] })]);
        let report = Report::new("http://x", Duration::ZERO, &[passed, failed, skipped], &findings);
        let verdict = |id: &str| report.rows.iter().find(|row| row.id == id).unwrap().verdict;
        assert_eq!(verdict("CE-HTTP-02"), Verdict::Pass);
        assert_eq!(verdict("CE-HTTP-03"), Verdict::Fail);
        assert_eq!(verdict("CE-HTTP-04"), Verdict::NotApplicable);
        assert_eq!(verdict("CE-HTTP-05"), Verdict::NotCovered);
        assert_eq!(verdict("CE-WH-02"), Verdict::Pass);
        assert_eq!(verdict("CE-BATCH-09"), Verdict::Unobservable);
        assert_eq!(verdict("ABO-01"), Verdict::Postponed);
        assert_eq!(verdict("CH-45"), Verdict::Tested);
        assert_eq!(verdict("CH-148"), Verdict::Postponed);
        let partly = report.rows.iter().find(|row| row.id == "CH-11").unwrap();
        assert_eq!((partly.verdict, partly.tests.len(), partly.reason.is_some()), (Verdict::NotCovered, 1, true));
        assert_eq!(report.failing().len(), 1);
        let mut lenient = report.clone();
        lenient.set_obligatory(&["NL-MUST", "GW"]);
        assert!(lenient.failing().is_empty());
        assert!(report.text().contains("FAIL CE-HTTP-03 [MUST]"));
        assert!(report.text().contains("status 500"));
    }
    #[test]
    fn the_report_as_json_is_as_its_schema_says() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("../../report.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let scenario = Arc::new(library::built_in().unwrap().remove(0));
        let exchange = Exchange { case: String::new(), step: 1, what: "a".to_owned(), message: "GET /".to_owned() };
        let outcome = Outcome::NotApplicable(vec!["batch".to_owned()]);
        let result = ScenarioResult { scenario, outcome, took: Duration::ZERO, exchanges: vec![exchange] };
        let wrong = Finding { seen: 1, wrong: vec!["no".to_owned()] };
        let findings = BTreeMap::from([("CE-WH-02", wrong)]);
        let report = serde_json::to_value(Report::new("http://x", Duration::ZERO, &[result], &findings)).unwrap();
        let errors: Vec<_> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        let mut other = report;
        other["rows"][0]["verdict"] = "perhaps".into();
        other["counts"]["more"] = 1.into();
        assert_eq!(schema.iter_errors(&other).count(), 2);
    }
}
