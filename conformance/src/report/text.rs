//! The report for a terminal: counts by document, every failure with its exchange, a line that sums up.

use std::fmt::Write as _;

use super::{Report, VERDICTS, Verdict, count};

pub fn write(report: &Report) -> String {
    let mut text = format!(
        "{:<36} {:>5} {:>5} {:>5} {:>7} {:>8} {:>7} {:>9}\n",
        "document", "pass", "fail", "n/a", "tested", "not cov.", "unobs.", "postponed"
    );
    for (document, rows) in report.documents() {
        let [pass, fail, not_applicable, tested, not_covered, unobservable, postponed] =
            VERDICTS.map(|verdict| count(rows.iter().copied(), verdict));
        writeln!(
            text,
            "{document:<36} {pass:>5} {fail:>5} {not_applicable:>5} {tested:>7} {not_covered:>8} {unobservable:>7} {postponed:>9}"
        )
        .ok();
    }
    for row in report.rows.iter().filter(|row| row.verdict == Verdict::Fail) {
        writeln!(text, "\nFAIL {} [{}] {}", row.id, row.level, row.requirement).ok();
        for shown in row.shown_by.iter().filter(|shown| shown.verdict == Verdict::Fail) {
            writeln!(text, "  {} ({})", shown.title, shown.file).ok();
            for failure in &shown.failures {
                writeln!(text, "    {}", failure.replace('\n', "\n    ")).ok();
            }
        }
    }
    for row in report.rows.iter().filter(|row| row.verdict == Verdict::NotCovered) {
        let Some(reason) = &row.reason else { continue };
        writeln!(text, "\nnot covered: {} {}\n  {reason}", row.id, row.requirement).ok();
    }
    let counts: Vec<_> =
        VERDICTS.iter().map(|verdict| format!("{} {}", report.count(*verdict), verdict.words())).collect();
    writeln!(
        text,
        "\n{}, of {} requirements; {} scenarios in {:.1} s against {}",
        counts.join(", "),
        report.rows.len(),
        report.scenarios,
        report.took_ms as f64 / 1000.0,
        report.target
    )
    .ok();
    text
}
