//! The report: one finding for every clause, with what was seen of it in which exchange. It judges nothing itself.

mod json;
mod text;

use std::rc::Rc;

use serde::Serialize;

use crate::clauses::{Applies, CLAUSES, Clause};
use crate::exchange::Exchange;
use crate::text::{Said, Text};

/// How a clause fared. Of several, the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The receiver gave no occasion to see it.
    NotObserved,
    /// As it should be.
    Pass,
    /// Allowed, but not advisable.
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

/// What was seen of a clause once.
struct Observation {
    clause: &'static Clause,
    verdict: Verdict,
    exchange: Option<Rc<Exchange>>,
    seen: Said,
}

/// A clause and how it fared, by the first of its worst observations.
struct Finding<'a> {
    clause: &'static Clause,
    verdict: Verdict,
    exchange: Option<&'a Rc<Exchange>>,
    seen: Said,
}

/// Everything that was found.
pub struct Report {
    subject: String,
    applies: Applies,
    exchanges: Vec<Rc<Exchange>>,
    observations: Vec<Observation>,
    outcome: Vec<Said>,
}

impl Report {
    pub fn new(subject: String, applies: Applies) -> Self {
        Self { subject, applies, exchanges: Vec::new(), observations: Vec::new(), outcome: Vec::new() }
    }

    /// Adds what was seen of a clause.
    pub fn add(&mut self, clause: &'static Clause, verdict: Verdict, exchange: Option<&Rc<Exchange>>, seen: Said) {
        self.observations.push(Observation { clause, verdict, exchange: exchange.cloned(), seen });
    }

    /// Adds a clause that is met, or is not.
    pub fn judge(&mut self, clause: &'static Clause, met: bool, exchange: &Rc<Exchange>, seen: Said) {
        let verdict = match (met, clause.must) {
            (true, _) => Verdict::Pass,
            (false, true) => Verdict::Fail,
            (false, false) => Verdict::Warn,
        };
        self.add(clause, verdict, Some(exchange), seen);
    }

    /// Adds why clauses could not be seen.
    pub fn not_observed(&mut self, clauses: &[&'static Clause], why: &Said) {
        for clause in clauses {
            self.add(clause, Verdict::NotObserved, None, why.clone());
        }
    }

    /// Keeps an exchange as evidence.
    pub fn keep(&mut self, exchange: &Rc<Exchange>) {
        self.exchanges.push(Rc::clone(exchange));
    }

    /// Adds a sentence that sums up.
    pub fn conclude(&mut self, outcome: Said) {
        self.outcome.push(outcome);
    }

    /// Whether an obligation is not met.
    pub fn failed(&self) -> bool {
        self.observations.iter().any(|seen| seen.verdict == Verdict::Fail)
    }

    /// A finding for each clause that applies, in the order of the list.
    fn findings(&self) -> Vec<Finding<'_>> {
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
