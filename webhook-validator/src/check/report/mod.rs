//! The report: one finding per clause, with what was observed in which exchange. It makes no verdicts itself.

mod json;
mod text;

use std::sync::Arc;

use serde::Serialize;

use crate::check::clauses::{Applies, CLAUSES, Clause};
use crate::check::exchange::Exchange;
use crate::check::text::{Said, Text};

/// The verdict on a clause. Of several, the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There was no opportunity to observe it.
    NotObserved,
    /// It is met.
    Pass,
    /// The behaviour is permitted but not advisable.
    Warn,
    /// An obligation is not met.
    Fail,
}

impl Verdict {
    fn word(self) -> Text {
        match self {
            Self::Pass => Text { en: "pass", nl: "goed" },
            Self::Fail => Text { en: "FAIL", nl: "FOUT" },
            Self::Warn => Text { en: "warn", nl: "let op" },
            Self::NotObserved => Text { en: "not observed", nl: "niet gezien" },
        }
    }
}

/// One observation of a clause.
struct Observation {
    clause: &'static Clause,
    verdict: Verdict,
    exchange: Option<Arc<Exchange>>,
    seen: Said,
}

/// A clause and its verdict, from the first of its worst observations.
pub struct Finding<'a> {
    /// The clause.
    pub clause: &'static Clause,
    /// The verdict.
    pub verdict: Verdict,
    /// What was observed, or why nothing was.
    pub seen: Said,
    exchange: Option<&'a Arc<Exchange>>,
}

impl Finding<'_> {
    /// What to do about it; `None` for a clause that is met or was not observed.
    pub fn remedy(&self) -> Option<Text> {
        matches!(self.verdict, Verdict::Fail | Verdict::Warn).then_some(self.clause.remedy)
    }
}

/// All observations and exchanges of a run.
pub struct Report {
    subject: String,
    applies: Applies,
    exchanges: Vec<Arc<Exchange>>,
    observations: Vec<Observation>,
    outcome: Vec<Said>,
}

impl Report {
    pub(super) fn new(subject: String, applies: Applies) -> Self {
        Self { subject, applies, exchanges: Vec::new(), observations: Vec::new(), outcome: Vec::new() }
    }

    /// Adds an observation of a clause.
    pub(super) fn add(
        &mut self,
        clause: &'static Clause,
        verdict: Verdict,
        exchange: Option<&Arc<Exchange>>,
        seen: Said,
    ) {
        self.observations.push(Observation { clause, verdict, exchange: exchange.cloned(), seen });
    }

    /// Adds whether a clause was met.
    pub(super) fn add_check(&mut self, clause: &'static Clause, met: bool, exchange: &Arc<Exchange>, seen: Said) {
        let verdict = match (met, clause.must) {
            (true, _) => Verdict::Pass,
            (false, true) => Verdict::Fail,
            (false, false) => Verdict::Warn,
        };
        self.add(clause, verdict, Some(exchange), seen);
    }

    /// Adds why clauses were not observed.
    pub(super) fn not_observed(&mut self, clauses: &[&'static Clause], why: &Said) {
        for clause in clauses {
            self.add(clause, Verdict::NotObserved, None, why.clone());
        }
    }

    /// Keeps an exchange as evidence.
    pub(super) fn keep(&mut self, exchange: &Arc<Exchange>) {
        self.exchanges.push(Arc::clone(exchange));
    }

    /// Adds a sentence to the summary.
    pub(super) fn conclude(&mut self, outcome: Said) {
        self.outcome.push(outcome);
    }

    /// Whether an obligation is not met.
    pub fn failed(&self) -> bool {
        self.observations.iter().any(|seen| seen.verdict == Verdict::Fail)
    }

    /// Sentences about the whole.
    pub fn outcome(&self) -> &[Said] {
        &self.outcome
    }

    /// A finding for each clause that applies, in the order of the list.
    pub fn findings(&self) -> Vec<Finding<'_>> {
        let applying = CLAUSES.iter().copied().filter(|clause| clause.applies.covers(self.applies));
        applying.map(|clause| self.finding(clause)).collect()
    }

    fn finding(&self, clause: &'static Clause) -> Finding<'_> {
        let mut worst: Option<&Observation> = None;
        for seen in self.observations.iter().filter(|seen| std::ptr::eq(seen.clause, clause)) {
            if worst.is_none_or(|worst| seen.verdict > worst.verdict) {
                worst = Some(seen);
            }
        }
        match worst {
            Some(seen) => {
                Finding { clause, verdict: seen.verdict, exchange: seen.exchange.as_ref(), seen: seen.seen.clone() }
            }
            None => Finding {
                clause,
                verdict: Verdict::NotObserved,
                exchange: None,
                seen: Said::new("there was no occasion", "er was geen aanleiding"),
            },
        }
    }
}
