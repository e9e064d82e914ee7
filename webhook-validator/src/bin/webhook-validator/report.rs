//! The report: findings in order, as text for people or as JSON for programs. It judges nothing itself.

use std::fmt::Write;

use serde::Serialize;

use crate::clauses::Clause;
use crate::exchange::Exchange;
use crate::text::{Language, Said, Text};

/// How a clause fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// An obligation is not met.
    Fail,
    /// Allowed, but not advisable.
    Warn,
    /// The receiver gave no occasion to see it.
    NotObserved,
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

/// One clause and what was seen of it.
pub struct Finding {
    clause: &'static Clause,
    verdict: Verdict,
    exchange: Option<usize>,
    seen: Said,
}

/// Everything that was found.
pub struct Report {
    language: Language,
    subject: String,
    exchanges: Vec<Exchange>,
    findings: Vec<Finding>,
    outcome: Said,
}

#[derive(Serialize)]
struct JsonReport<'a> {
    url: &'a str,
    outcome: &'a str,
    exchanges: Vec<JsonExchange<'a>>,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct JsonExchange<'a> {
    number: usize,
    sent: &'a str,
    received: String,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    id: &'a str,
    must: bool,
    verdict: Verdict,
    rule: &'a str,
    seen: &'a str,
    exchange: Option<usize>,
    remedy: Option<&'a str>,
}

impl Report {
    pub fn new(language: Language, subject: String) -> Self {
        Self { language, subject, exchanges: Vec::new(), findings: Vec::new(), outcome: Said::plain("") }
    }

    /// Adds what was seen of a clause in an exchange.
    pub fn add(&mut self, clause: &'static Clause, verdict: Verdict, exchange: Option<&Exchange>, seen: Said) {
        let exchange = exchange.map(|exchange| exchange.number);
        self.findings.push(Finding { clause, verdict, exchange, seen });
    }

    /// Adds a clause that is met, or is not.
    pub fn judge(&mut self, clause: &'static Clause, met: bool, exchange: &Exchange, seen: Said) {
        let verdict = match (met, clause.must) {
            (true, _) => Verdict::Pass,
            (false, true) => Verdict::Fail,
            (false, false) => Verdict::Warn,
        };
        self.add(clause, verdict, Some(exchange), seen);
    }

    /// Adds clauses there was no occasion to see.
    pub fn not_observed(&mut self, clauses: &[&'static Clause], why: &Said) {
        for clause in clauses {
            self.add(clause, Verdict::NotObserved, None, why.clone());
        }
    }

    /// Keeps an exchange as evidence.
    pub fn keep(&mut self, exchange: Exchange) {
        self.exchanges.push(exchange);
    }

    /// Sets the sentence that sums up.
    pub fn conclude(&mut self, outcome: Said) {
        self.outcome = outcome;
    }

    /// Whether an obligation is not met.
    pub fn failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.verdict == Verdict::Fail)
    }

    /// The report for people.
    pub fn text(&self) -> String {
        let say = |en, nl| Text { en, nl }.to(self.language);
        let mut page = format!("{}\n\n{}\n", self.subject, say("What was said", "Wat er gezegd is"));
        for exchange in &self.exchanges {
            line(&mut page, &format!("  {}  -> {}", exchange.number, exchange.sent));
            line(&mut page, &format!("     <- {}", exchange.received()));
        }
        line(&mut page, &format!("\n{}", say("Clause by clause", "Regel voor regel")));
        let width = if self.language == Language::En { 12 } else { 11 };
        let margin = " ".repeat(width + 4);
        for finding in &self.findings {
            let word = finding.verdict.word().to(self.language);
            let (id, rule) = (finding.clause.id, finding.clause.rule.to(self.language));
            line(&mut page, &format!("  {word:width$}  {id:9}  {rule}"));
            if finding.verdict == Verdict::Pass {
                continue;
            }
            let place = finding.exchange.map(|number| format!(" [{number}]")).unwrap_or_default();
            line(&mut page, &format!("{margin}{}{place}: {}", say("seen", "gezien"), finding.seen.to(self.language)));
            if finding.verdict != Verdict::NotObserved {
                let remedy = finding.clause.remedy.to(self.language);
                line(&mut page, &format!("{margin}{}: {remedy}", say("remedy", "oplossing")));
            }
        }
        let count = |verdict| self.findings.iter().filter(|finding| finding.verdict == verdict).count();
        let (pass, fail, warn, unseen) =
            (count(Verdict::Pass), count(Verdict::Fail), count(Verdict::Warn), count(Verdict::NotObserved));
        let sums = Said::new(
            format!("{pass} passed, {fail} failed, {warn} warnings, {unseen} not observed."),
            format!("{pass} goed, {fail} fout, {warn} let op, {unseen} niet gezien."),
        );
        line(&mut page, &format!("\n{}\n{}", self.outcome.to(self.language), sums.to(self.language)));
        page
    }

    /// The report for programs.
    pub fn json(&self) -> String {
        let language = self.language;
        let report = JsonReport {
            url: &self.subject,
            outcome: self.outcome.to(language),
            exchanges: self
                .exchanges
                .iter()
                .map(|exchange| JsonExchange {
                    number: exchange.number,
                    sent: &exchange.sent,
                    received: exchange.received(),
                })
                .collect(),
            findings: self
                .findings
                .iter()
                .map(|finding| JsonFinding {
                    id: finding.clause.id,
                    must: finding.clause.must,
                    verdict: finding.verdict,
                    rule: finding.clause.rule.to(language),
                    seen: finding.seen.to(language),
                    exchange: finding.exchange,
                    remedy: matches!(finding.verdict, Verdict::Fail | Verdict::Warn)
                        .then(|| finding.clause.remedy.to(language)),
                })
                .collect(),
        };
        // Strings, numbers and lists always serialise.
        serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
    }
}

fn line(page: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}
