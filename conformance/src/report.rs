//! What a run says about each requirement: pass, fail, not applicable or not covered, with the evidence.
//! As JSON for machines and as text for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::requirements::{self, Requirement};
use crate::runner::{Failure, Outcome, Played};
use crate::standing::Standing;

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
    /// No scenario covers it.
    NotCovered,
}

/// One requirement with its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Requirement id.
    pub id: String,
    /// Level of the source.
    pub level: String,
    /// Document and clause.
    pub source: String,
    /// What is required.
    pub requirement: String,
    /// Why it is not covered, where that has a reason.
    pub note: String,
    /// What is said of it.
    pub verdict: Verdict,
    /// What was played for it.
    pub shown_by: Vec<Shown>,
}

/// A scenario, or the standing checks, as evidence for a requirement.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// Title of the scenario.
    pub title: String,
    /// Its file.
    pub file: String,
    /// Pass, fail or not applicable.
    pub verdict: Verdict,
    /// What was not as expected, with the exchange.
    pub failures: Vec<String>,
}

/// The report of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The target's address.
    pub target: String,
    /// How many scenarios were played.
    pub scenarios: usize,
    /// How long the run took, in milliseconds.
    pub took_ms: u64,
    /// Every requirement of the list.
    pub rows: Vec<Row>,
}

impl Report {
    /// Puts outcomes and standing findings beside the list of requirements.
    pub fn new(
        target: &str,
        took: std::time::Duration,
        played: &[Played],
        standing: &BTreeMap<&'static str, Standing>,
    ) -> Report {
        let mut evidence = BTreeMap::<&str, Vec<Shown>>::new();
        for played in played {
            for id in &played.scenario.ids {
                evidence.entry(id).or_default().push(of_scenario(played, id));
            }
        }
        for (id, standing) in standing {
            evidence.entry(id).or_default().push(of_standing(standing));
        }
        let rows = requirements::all().into_iter().map(|requirement| {
            let shown_by = evidence.remove(requirement.id.as_str()).unwrap_or_default();
            row(requirement, shown_by)
        });
        Report {
            target: target.to_owned(),
            scenarios: played.len(),
            took_ms: took.as_millis() as u64,
            rows: rows.collect(),
        }
    }

    /// Rows with a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Requirements that oblige and fail.
    pub fn failing(&self) -> Vec<&Row> {
        self.rows.iter().filter(|row| row.verdict == Verdict::Fail && requirements::is_obligatory(&row.level)).collect()
    }

    /// The report as text: a table by group, then every failure with its exchange.
    pub fn text(&self) -> String {
        let mut groups = BTreeMap::<&str, [usize; 4]>::new();
        for row in &self.rows {
            groups.entry(requirements::group(&row.id)).or_default()[row.verdict as usize] += 1;
        }
        let mut text = format!("{:<10} {:>6} {:>6} {:>6} {:>12}\n", "group", "pass", "fail", "n/a", "not covered");
        for (group, [pass, fail, not_applicable, not_covered]) in groups {
            writeln!(text, "{group:<10} {pass:>6} {fail:>6} {not_applicable:>6} {not_covered:>12}").ok();
        }
        for row in self.rows.iter().filter(|row| row.verdict == Verdict::Fail) {
            writeln!(text, "\nFAIL {} [{}] {}", row.id, row.level, row.requirement).ok();
            for shown in row.shown_by.iter().filter(|shown| shown.verdict == Verdict::Fail) {
                writeln!(text, "  {} ({})", shown.title, shown.file).ok();
                for failure in &shown.failures {
                    writeln!(text, "    {}", failure.replace('\n', "\n    ")).ok();
                }
            }
        }
        writeln!(
            text,
            "\n{} pass, {} fail, {} not applicable, {} not covered, of {} requirements; {} scenarios in {:.1} s against {}",
            self.count(Verdict::Pass),
            self.count(Verdict::Fail),
            self.count(Verdict::NotApplicable),
            self.count(Verdict::NotCovered),
            self.rows.len(),
            self.scenarios,
            self.took_ms as f64 / 1000.0,
            self.target
        )
        .ok();
        text
    }
}

fn row(requirement: Requirement, shown_by: Vec<Shown>) -> Row {
    let any = |verdict| shown_by.iter().any(|shown| shown.verdict == verdict);
    let verdict = if any(Verdict::Fail) {
        Verdict::Fail
    } else if any(Verdict::Pass) {
        Verdict::Pass
    } else if any(Verdict::NotApplicable) {
        Verdict::NotApplicable
    } else {
        Verdict::NotCovered
    };
    let Requirement { id, level, source, requirement, note, .. } = requirement;
    Row { id, level, source, requirement, note, verdict, shown_by }
}

fn of_scenario(played: &Played, id: &String) -> Shown {
    let (verdict, failures) = match &played.outcome {
        Outcome::Passed => (Verdict::Pass, vec![]),
        Outcome::NotApplicable(_) => (Verdict::NotApplicable, vec![]),
        Outcome::Failed(failures) => {
            let about = |failure: &&Failure| failure.covers.is_empty() || failure.covers.contains(id);
            let failures: Vec<_> = failures.iter().filter(about).map(described).collect();
            (if failures.is_empty() { Verdict::Pass } else { Verdict::Fail }, failures)
        }
    };
    Shown { title: played.scenario.title.clone(), file: played.scenario.file.clone(), verdict, failures }
}

fn described(failure: &Failure) -> String {
    let case = if failure.case.is_empty() { String::new() } else { format!(" ({})", failure.case) };
    format!("step {}{case}: {}\n{}", failure.step, failure.what, failure.evidence)
}

fn of_standing(standing: &Standing) -> Shown {
    let verdict = if standing.wrong.is_empty() { Verdict::Pass } else { Verdict::Fail };
    let title = format!("every request at a subscriber during the run ({} looked at)", standing.seen);
    Shown { title, file: "standing".to_owned(), verdict, failures: standing.wrong.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

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
        assert_eq!(report.failing().len(), 1);
        assert!(report.text().contains("FAIL CE-HTTP-03 [MUST]"));
        assert!(report.text().contains("status 500"));
    }
}
