//! The report for programs: everything, in both languages.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Report, Verdict};
use crate::check::exchange::Side;
use crate::check::text::{Said, Text};

#[derive(Serialize)]
struct Document<'a> {
    url: &'a str,
    passed: bool,
    outcome: &'a [Said],
    findings: Vec<Finding<'a>>,
    exchanges: Vec<Exchange<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    id: &'a str,
    must: bool,
    verdict: Verdict,
    rule: Text,
    seen: Said,
    exchange: Option<usize>,
    remedy: Option<Text>,
}

#[derive(Serialize)]
struct Exchange<'a> {
    number: usize,
    purpose: Text,
    milliseconds: u128,
    status: Option<u16>,
    request: Message<'a>,
    answer: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    start: &'a str,
    /// Values of the same header are joined, as HTTP allows.
    headers: BTreeMap<&'a str, String>,
    body: &'a str,
}

impl Report {
    /// The report for programs, in both languages.
    pub fn json(&self) -> String {
        let findings = self.findings().into_iter().map(|finding| Finding {
            id: finding.clause.id,
            must: finding.clause.must,
            verdict: finding.verdict,
            rule: finding.clause.rule,
            remedy: finding.remedy(),
            exchange: finding.exchange.map(|exchange| exchange.number),
            seen: finding.seen,
        });
        let exchanges = self.exchanges.iter().map(|exchange| Exchange {
            number: exchange.number,
            purpose: exchange.purpose,
            milliseconds: exchange.took.as_millis(),
            status: exchange.status().map(|status| status.as_u16()),
            request: message(&exchange.sent),
            answer: message(&exchange.received),
        });
        let document = Document {
            url: &self.subject,
            passed: !self.failed(),
            outcome: &self.outcome,
            findings: findings.collect(),
            exchanges: exchanges.collect(),
        };
        // Strings, numbers and lists always serialise.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }
}

fn message(side: &Side) -> Message<'_> {
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &side.headers {
        headers.entry(name).and_modify(|had| *had = format!("{had}, {value}")).or_insert_with(|| value.clone());
    }
    Message { start: &side.start, headers, body: &side.body }
}
