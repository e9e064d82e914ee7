//! What a run says about each requirement: a verdict, with the evidence. As JSON for machines
//! (report.schema.json describes it), as text for a terminal, as a page to read and print.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::clock;
use crate::evidence::Exchange;
use crate::requirements::{self, Kind, Reason, Requirement};
use crate::runner::{Failure, Outcome, Played};
use crate::standing::Standing;

mod html;
mod text;

/// Version of the form of the report as JSON.
pub const VERSION: u32 = 1;

/// What is said of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// At least one scenario covers it and all that do passed.
    Pass,
    /// A scenario that covers it failed.
    Fail,
    /// Every scenario that covers it needs an ability the target does not have.
    NotApplicable,
    /// No scenario of this run covers it.
    NotCovered,
    /// Nothing that can be sent or received shows it.
    Unobservable,
    /// Comes with a part that is postponed.
    Postponed,
}

/// Every verdict, in the order of tables.
pub const VERDICTS: [Verdict; 6] = [
    Verdict::Pass,
    Verdict::Fail,
    Verdict::NotApplicable,
    Verdict::NotCovered,
    Verdict::Unobservable,
    Verdict::Postponed,
];

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::NotApplicable => "not applicable",
            Verdict::NotCovered => "not covered",
            Verdict::Unobservable => "unobservable",
            Verdict::Postponed => "postponed",
        }
    }
}

/// One requirement with its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Requirement id.
    pub id: String,
    /// Level of the source.
    pub level: String,
    /// 1, 2 or 3.
    pub tier: u8,
    /// The document it comes from.
    pub document: String,
    /// Where in it.
    pub clause: String,
    /// What is required.
    pub requirement: String,
    /// What is said of it.
    pub verdict: Verdict,
    /// Why there is no scenario, where that has a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was played for it.
    pub shown_by: Vec<Shown>,
}

/// A scenario, or the checks on every request, as evidence for a requirement.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// Its number in the list of scenarios; none for the checks on every request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<usize>,
    /// Title of the scenario.
    pub title: String,
    /// Its file.
    pub file: String,
    /// Pass, fail or not applicable.
    pub verdict: Verdict,
    /// What was not as expected, with the exchange.
    pub failures: Vec<String>,
}

/// A scenario as it was played.
#[derive(Debug, Clone, Serialize)]
pub struct Scene {
    /// Its title.
    pub title: String,
    /// Its file.
    pub file: String,
    /// The requirements it is about.
    pub ids: Vec<String>,
    /// Pass, fail or not applicable.
    pub verdict: Verdict,
    /// Abilities it needs and the target does not have.
    pub missing: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What went over the wire, bounded, secrets left out.
    pub exchanges: Vec<Exchange>,
}

/// The report of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of this form.
    pub version: u32,
    /// The target's address.
    pub target: String,
    /// When the run ended, RFC 3339.
    pub at: String,
    /// How long the run took, in milliseconds.
    pub took_ms: u64,
    /// What the target was said to be able to do; empty when nobody said.
    pub abilities: BTreeSet<String>,
    /// How many scenarios were played.
    pub scenarios: usize,
    /// Rows by verdict.
    pub counts: BTreeMap<Verdict, usize>,
    /// Ids that oblige and fail: a run without any exits with 0.
    pub obligatory_failures: Vec<String>,
    /// Every requirement of the list.
    pub rows: Vec<Row>,
    /// Every scenario.
    pub scenes: Vec<Scene>,
}

impl Report {
    /// Puts outcomes and standing findings beside the list of requirements.
    pub fn new(target: &str, took: Duration, played: &[Played], standing: &BTreeMap<&'static str, Standing>) -> Report {
        let mut evidence = BTreeMap::<&str, Vec<Shown>>::new();
        for (number, played) in played.iter().enumerate() {
            for id in &played.scenario.ids {
                evidence.entry(id).or_default().push(of_scenario(number, played, id));
            }
        }
        for (id, standing) in standing {
            evidence.entry(id).or_default().push(of_standing(standing));
        }
        let reasons = requirements::reasons();
        let rows = requirements::all().into_iter().map(|requirement| {
            let shown_by = evidence.remove(requirement.id.as_str()).unwrap_or_default();
            let reason = reasons.get(&requirement.id);
            row(requirement, reason, shown_by)
        });
        let rows: Vec<_> = rows.collect();
        let mut report = Report {
            version: VERSION,
            target: target.to_owned(),
            at: clock::rfc3339(),
            took_ms: took.as_millis() as u64,
            abilities: BTreeSet::new(),
            scenarios: played.len(),
            counts: VERDICTS.iter().map(|verdict| (*verdict, count(&rows, *verdict))).collect(),
            obligatory_failures: vec![],
            rows,
            scenes: played.iter().map(scene).collect(),
        };
        report.oblige(&requirements::OBLIGATORY);
        report
    }

    /// Says which levels oblige.
    pub fn oblige(&mut self, levels: &[impl AsRef<str>]) {
        let obliges = |row: &Row| levels.iter().any(|level| level.as_ref() == row.level);
        let failing = self.rows.iter().filter(|row| row.verdict == Verdict::Fail && obliges(row));
        self.obligatory_failures = failing.map(|row| row.id.clone()).collect();
    }

    /// Rows with a verdict.
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

    /// The report as a page of HTML that needs nothing beside it.
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

fn row(requirement: Requirement, reason: Option<&Reason>, shown_by: Vec<Shown>) -> Row {
    let any = |verdict| shown_by.iter().any(|shown| shown.verdict == verdict);
    let verdict = match reason {
        _ if any(Verdict::Fail) => Verdict::Fail,
        _ if any(Verdict::Pass) => Verdict::Pass,
        _ if any(Verdict::NotApplicable) => Verdict::NotApplicable,
        Some(Reason { kind: Kind::Unobservable, .. }) => Verdict::Unobservable,
        Some(Reason { kind: Kind::Postponed, .. }) => Verdict::Postponed,
        None => Verdict::NotCovered,
    };
    let reason = reason.map(|reason| reason.text.clone());
    let Requirement { id, level, tier, document, clause, requirement, .. } = requirement;
    Row { id, level, tier, document, clause, requirement, verdict, reason, shown_by }
}

fn scene(played: &Played) -> Scene {
    let (verdict, missing) = match &played.outcome {
        Outcome::Passed => (Verdict::Pass, vec![]),
        Outcome::NotApplicable(missing) => (Verdict::NotApplicable, missing.clone()),
        Outcome::Failed(_) => (Verdict::Fail, vec![]),
    };
    Scene {
        title: played.scenario.title.clone(),
        file: played.scenario.file.clone(),
        ids: played.scenario.ids.clone(),
        verdict,
        missing,
        took_ms: played.took.as_millis() as u64,
        exchanges: played.exchanges.clone(),
    }
}

fn of_scenario(number: usize, played: &Played, id: &String) -> Shown {
    let (verdict, failures) = match &played.outcome {
        Outcome::Passed => (Verdict::Pass, vec![]),
        Outcome::NotApplicable(_) => (Verdict::NotApplicable, vec![]),
        Outcome::Failed(failures) => {
            let about = |failure: &&Failure| failure.covers.is_empty() || failure.covers.contains(id);
            let steps = played.scenario.step.len();
            let failures: Vec<_> = failures.iter().filter(about).map(|failure| described(failure, steps)).collect();
            (if failures.is_empty() { Verdict::Pass } else { Verdict::Fail }, failures)
        }
    };
    let (title, file) = (played.scenario.title.clone(), played.scenario.file.clone());
    Shown { scenario: Some(number), title, file, verdict, failures }
}

fn described(failure: &Failure, steps: usize) -> String {
    let case = if failure.case.is_empty() { String::new() } else { format!(" ({})", failure.case) };
    let step = match failure.step {
        0 => "preparation".to_owned(),
        step if step > steps => "at the end".to_owned(),
        step => format!("step {step}"),
    };
    format!("{step}{case}: {}\n{}", failure.what, failure.evidence)
}

fn of_standing(standing: &Standing) -> Shown {
    let verdict = if standing.wrong.is_empty() { Verdict::Pass } else { Verdict::Fail };
    let title = format!("every request at a subscriber during the run ({} looked at)", standing.seen);
    Shown { scenario: None, title, file: "standing".to_owned(), verdict, failures: standing.wrong.clone() }
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
        let passed = Played {
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
        let failed =
            Played { scenario: Arc::new(scenario.clone()), outcome: failed, took: Duration::ZERO, exchanges: vec![] };
        scenario.ids = vec!["CE-HTTP-04".to_owned()];
        let skipped = Played {
            scenario: Arc::new(scenario),
            outcome: Outcome::NotApplicable(vec![]),
            took: Duration::ZERO,
            exchanges: vec![],
        };
        let standing = BTreeMap::from([("CE-WH-02", Standing { seen: 3, wrong: vec![] })]);
        let report = Report::new("http://x", Duration::ZERO, &[passed, failed, skipped], &standing);
        let verdict = |id: &str| report.rows.iter().find(|row| row.id == id).unwrap().verdict;
        assert_eq!(verdict("CE-HTTP-02"), Verdict::Pass);
        assert_eq!(verdict("CE-HTTP-03"), Verdict::Fail);
        assert_eq!(verdict("CE-HTTP-04"), Verdict::NotApplicable);
        assert_eq!(verdict("CE-HTTP-05"), Verdict::NotCovered);
        assert_eq!(verdict("CE-WH-02"), Verdict::Pass);
        assert_eq!(verdict("CE-BATCH-09"), Verdict::Unobservable);
        assert_eq!(verdict("ABO-01"), Verdict::Postponed);
        assert_eq!(report.failing().len(), 1);
        let mut lenient = report.clone();
        lenient.oblige(&["NL-MUST", "GW"]);
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
        let played = Played { scenario, outcome, took: Duration::ZERO, exchanges: vec![exchange] };
        let wrong = Standing { seen: 1, wrong: vec!["no".to_owned()] };
        let standing = BTreeMap::from([("CE-WH-02", wrong)]);
        let report = serde_json::to_value(Report::new("http://x", Duration::ZERO, &[played], &standing)).unwrap();
        let errors: Vec<_> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        let mut other = report;
        other["rows"][0]["verdict"] = "perhaps".into();
        other["counts"]["more"] = 1.into();
        assert_eq!(schema.iter_errors(&other).count(), 2);
    }
}
