//! The report for people, in one language.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Report, Verdict};
use crate::check::exchange::{Exchange, Side};
use crate::check::text::{Language, Text};

impl Report {
    /// The report for people. Exchanges with a problem are shown in full; with `verbose`, all.
    pub fn text(&self, language: Language, verbose: bool) -> String {
        let say = |en, nl| Text { en, nl }.to(language);
        let findings = self.findings();
        let wrong = |verdict| matches!(verdict, Verdict::Fail | Verdict::Warn);
        let shown: BTreeSet<usize> = findings
            .iter()
            .filter(|finding| wrong(finding.verdict))
            .filter_map(|finding| finding.exchange.map(|exchange| exchange.number))
            .collect();
        let mut page = format!("{}\n\n{}\n", self.subject, say("What was said", "Wat er gezegd is"));
        for exchange in &self.exchanges {
            if verbose || shown.contains(&exchange.number) {
                in_full(&mut page, exchange, language);
            } else {
                in_short(&mut page, exchange, language);
            }
        }
        line(&mut page, &format!("\n{}", say("Clause by clause", "Regel voor regel")));
        let words = [Verdict::Pass, Verdict::Fail, Verdict::Warn];
        let width = words.map(|verdict| verdict.word().to(language).len()).into_iter().max().unwrap_or_default();
        let margin = " ".repeat(width + 4);
        // Clauses that were not observed are grouped by reason.
        let mut unseen: Vec<(String, Vec<&str>)> = Vec::new();
        for finding in &findings {
            if finding.verdict == Verdict::NotObserved {
                let (why, id) = (finding.seen.to(language), finding.clause.id);
                match unseen.iter_mut().find(|(reason, _)| reason == why) {
                    Some((_, ids)) => ids.push(id),
                    None => unseen.push((why.to_owned(), vec![id])),
                }
                continue;
            }
            let word = finding.verdict.word().to(language);
            let (id, rule) = (finding.clause.id, finding.clause.rule.to(language));
            line(&mut page, &format!("  {word:width$}  {id:11}  {rule}"));
            if finding.verdict == Verdict::Pass {
                continue;
            }
            let place = finding.exchange.map(|exchange| format!(" [{}]", exchange.number)).unwrap_or_default();
            line(&mut page, &format!("{margin}{}{place}: {}", say("seen", "gezien"), finding.seen.to(language)));
            let remedy = finding.clause.remedy.to(language);
            line(&mut page, &format!("{margin}{}: {remedy}", say("remedy", "oplossing")));
        }
        for (why, mut ids) in unseen {
            ids.dedup();
            let word = Verdict::NotObserved.word().to(language);
            line(&mut page, &format!("  {word}  {why}: {}", ids.join(", ")));
        }
        line(&mut page, "");
        for outcome in &self.outcome {
            line(&mut page, outcome.to(language));
        }
        let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
        let (pass, fail, warn, unseen) =
            (count(Verdict::Pass), count(Verdict::Fail), count(Verdict::Warn), count(Verdict::NotObserved));
        let sums = match language {
            Language::En => format!("{pass} passed, {fail} failed, {warn} warnings, {unseen} not observed."),
            Language::Nl => format!("{pass} goed, {fail} fout, {warn} let op, {unseen} niet gezien."),
        };
        line(&mut page, &sums);
        page
    }
}

fn in_short(page: &mut String, exchange: &Exchange, language: Language) {
    line(page, &format!("{:4}  {}", exchange.number, exchange.purpose.to(language)));
    line(page, &format!("      -> {}", exchange.sent.line()));
    line(page, &format!("      <- {}; {} ms", exchange.received.line(), exchange.took.as_millis()));
}

fn in_full(page: &mut String, exchange: &Exchange, language: Language) {
    line(page, &format!("{:4}  {}", exchange.number, exchange.purpose.to(language)));
    side(page, "->", &exchange.sent);
    side(page, "<-", &exchange.received);
    line(page, &format!("         ({} ms)", exchange.took.as_millis()));
}

fn side(page: &mut String, arrow: &str, side: &Side) {
    line(page, &format!("      {arrow} {}", side.start));
    for (name, value) in &side.headers {
        line(page, &format!("         {name}: {value}"));
    }
    for text in side.body.lines() {
        line(page, &format!("         | {text}"));
    }
}

fn line(page: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}
