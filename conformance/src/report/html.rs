//! The report as one page of HTML: a summary, a table of requirements per source document with their evidence, the
//! exchanges of every scenario to unfold. No script, no external resources; printed without the exchanges.
//! It is also well-formed XML, so that a test can parse it.

use std::fmt::Write as _;

use super::{Evidence, Report, Row, ScenarioReport, VERDICTS, Verdict, count};

const STYLE: &str = include_str!("page.css");

pub fn write(report: &Report) -> String {
    let mut page = String::with_capacity(1 << 20);
    head(&mut page, report);
    summary(&mut page, report);
    page.push_str(
        "<fieldset class=\"choice\"><legend>Show</legend>\
         <label><input type=\"radio\" name=\"show\" id=\"show-all\" checked=\"\"/> all</label>",
    );
    for verdict in VERDICTS {
        let (class, words) = (class(verdict), verdict.words());
        write!(page, "<label><input type=\"radio\" name=\"show\" id=\"show-{class}\"/> {words}</label>").ok();
    }
    page.push_str("</fieldset>\n");
    for (number, (document, rows)) in report.documents().into_iter().enumerate() {
        table(&mut page, report, (number, document), &rows);
    }
    page.push_str("<section class=\"exchanges\"><h2>Exchanges</h2>\n");
    for (number, scenario) in report.scenario_reports.iter().enumerate() {
        exchanges(&mut page, number, scenario);
    }
    page.push_str("</section>\n</main>\n</body>\n</html>\n");
    page
}

fn head(page: &mut String, report: &Report) {
    let target = escape(&report.target);
    write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <title>Conformance of {target}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Conformance report</h1>\n<p class=\"target\">{target}<br/>{}, {} scenarios in {:.1} s</p>\n",
        escape(&report.at),
        report.scenarios,
        report.took_ms as f64 / 1000.0,
    )
    .ok();
    if report.obligatory_failures.is_empty() {
        page.push_str("<p class=\"verdict pass\">No obligatory requirement fails.</p>\n");
    } else {
        let links: Vec<_> = report.obligatory_failures.iter().map(|id| format!("<a href=\"#{id}\">{id}</a>")).collect();
        let (number, links) = (links.len(), links.join(", "));
        let words = if number == 1 { "requirement fails" } else { "requirements fail" };
        writeln!(page, "<p class=\"verdict fail\">{number} obligatory {words}: {links}.</p>").ok();
    }
}

fn summary(page: &mut String, report: &Report) {
    page.push_str("<h2>Summary</h2>\n<table class=\"summary\"><thead><tr><th>Document</th>");
    for verdict in VERDICTS {
        write!(page, "<th>{}</th>", verdict.words()).ok();
    }
    page.push_str("<th>all</th></tr></thead>\n<tbody>\n");
    for (number, (document, rows)) in report.documents().into_iter().enumerate() {
        write!(page, "<tr><th><a href=\"#document-{number}\">{}</a></th>", escape(document)).ok();
        counts(page, |verdict| count(rows.iter().copied(), verdict));
        writeln!(page, "<td>{}</td></tr>", rows.len()).ok();
    }
    page.push_str("</tbody>\n<tfoot>\n");
    for tier in 1..=3 {
        let of_tier: Vec<_> = report.rows.iter().filter(|row| row.tier == tier).collect();
        write!(page, "<tr><th>Tier {tier}: {}</th>", tier_words(tier)).ok();
        counts(page, |verdict| count(of_tier.iter().copied(), verdict));
        writeln!(page, "<td>{}</td></tr>", of_tier.len()).ok();
    }
    page.push_str("<tr><th>Together</th>");
    counts(page, |verdict| report.count(verdict));
    writeln!(page, "<td>{}</td></tr>\n</tfoot></table>", report.rows.len()).ok();
    if !report.abilities.is_empty() {
        let abilities: Vec<_> = report.abilities.iter().map(|ability| escape(ability)).collect();
        writeln!(page, "<p>The target was said to have these abilities: {}.</p>", abilities.join(", ")).ok();
    }
}

fn counts(page: &mut String, of: impl Fn(Verdict) -> usize) {
    for verdict in VERDICTS {
        match of(verdict) {
            0 => page.push_str("<td class=\"none\">0</td>"),
            number => drop(write!(page, "<td class=\"{}\">{number}</td>", class(verdict))),
        }
    }
}

fn tier_words(tier: u8) -> &'static str {
    match tier {
        1 => "obligatory",
        2 => "advice, management, filters",
        _ => "postponed",
    }
}

fn table(page: &mut String, report: &Report, (number, document): (usize, &str), rows: &[&Row]) {
    write!(
        page,
        "<section class=\"document\"><h2 id=\"document-{number}\">{}</h2>\n<table class=\"rows\"><thead><tr><th>Id</th>\
         <th>Clause</th><th>Requirement</th><th>Level</th><th>Tier</th><th>Verdict</th><th>Evidence</th></tr></thead>\n<tbody>\n",
        escape(document)
    )
    .ok();
    for row in rows {
        write!(
            page,
            "<tr class=\"{class}\" id=\"{id}\"><td class=\"id\">{id}</td><td class=\"clause\">{clause}</td><td>{text}</td>\
             <td>{level}</td><td>{tier}</td><td class=\"{class} word\">{words}</td><td>",
            class = class(row.verdict),
            id = escape(&row.id),
            text = escape(&row.requirement),
            clause = escape(&row.clause),
            level = escape(&row.level),
            tier = row.tier,
            words = row.verdict.words(),
        )
        .ok();
        if let Some(reason) = row.reason.as_ref().filter(|_| row.shown_by.is_empty()) {
            page.push_str(&escape(reason));
        }
        if row.shown_by.is_empty() && !row.tests.is_empty() {
            let tests: Vec<_> = row.tests.iter().map(|test| format!("<li>{}</li>", escape(test))).collect();
            write!(page, "<ul class=\"clause\">{}</ul>", tests.concat()).ok();
        }
        evidence(page, report, row);
        page.push_str("</td></tr>\n");
    }
    page.push_str("</tbody></table></section>\n");
}

/// The scenarios that cover a requirement; each with its verdict where verdicts differ.
fn evidence(page: &mut String, report: &Report, row: &Row) {
    if row.shown_by.is_empty() {
        return;
    }
    page.push_str("<ul>");
    for Evidence { scenario, title, verdict, failures, .. } in &row.shown_by {
        let title = match scenario {
            Some(number) => format!("<a href=\"#scenario-{number}\">{}</a>", escape(title)),
            None => escape(title),
        };
        let scenario = scenario.and_then(|number| report.scenario_reports.get(number));
        let lacking = scenario.map(|scenario| scenario.missing.join(", ")).filter(|missing| !missing.is_empty());
        match lacking {
            Some(missing) => write!(page, "<li>{title}: the target lacks {}", escape(&missing)),
            None if *verdict == row.verdict && *verdict != Verdict::Fail => write!(page, "<li>{title}"),
            None => write!(page, "<li><span class=\"{}\">{}</span> {title}", class(*verdict), verdict.words()),
        }
        .ok();
        for failure in failures {
            write!(page, "<pre>{}</pre>", escape(failure)).ok();
        }
        page.push_str("</li>");
    }
    page.push_str("</ul>");
}

fn exchanges(page: &mut String, number: usize, scenario: &ScenarioReport) {
    write!(
        page,
        "<details><summary><span class=\"{}\">{}</span> {} <span class=\"clause\">{}, {} ms</span></summary>",
        class(scenario.verdict),
        scenario.verdict.words(),
        escape(&scenario.title),
        escape(&scenario.file),
        scenario.took_ms
    )
    .ok();
    // A link to what is inside unfolds it.
    let ids: Vec<_> = scenario.ids.iter().map(|id| format!("<a href=\"#{0}\">{0}</a>", escape(id))).collect();
    write!(page, "<p id=\"scenario-{number}\">{}</p>", ids.join(", ")).ok();
    if !scenario.missing.is_empty() {
        write!(page, "<p>The target lacks {}.</p>", escape(&scenario.missing.join(", "))).ok();
    }
    let mut case = "";
    for exchange in &scenario.exchanges {
        if exchange.case != case {
            case = &exchange.case;
            write!(page, "<p class=\"case\">{}</p>", escape(case)).ok();
        }
        let (step, what) = (exchange.step, escape(&exchange.what));
        write!(page, "<p class=\"clause\">step {step}, {what}</p><pre>{}</pre>", escape(&exchange.message)).ok();
    }
    page.push_str("</details>\n");
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::NotApplicable => "na",
        Verdict::Tested => "te",
        Verdict::NotCovered => "nc",
        Verdict::Unobservable => "un",
        Verdict::Postponed => "po",
    }
}

/// Escapes text for HTML; characters that XML does not allow become a replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\r' => {}
            '\n' | '\t' => escaped.push(character),
            other if other.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::evidence::Exchange;
    use crate::library;
    use crate::runner::{Failure, Outcome, ScenarioResult};

    fn page() -> String {
        let mut scenario = library::built_in().unwrap().remove(0);
        scenario.ids = vec!["CE-HTTP-02".to_owned()];
        scenario.title = "<script>alert(1)</script>".to_owned();
        let what = "status 500 & \"more\"".to_owned();
        let failure = Failure { covers: vec![], case: String::new(), step: 1, what, evidence: "GET /".to_owned() };
        let message = "POST /\u{0}<b>".to_owned();
        let exchange = Exchange { case: "a = 1".to_owned(), step: 1, what: "x".to_owned(), message };
        let outcome = Outcome::Failed(vec![failure]);
        let result =
            ScenarioResult { scenario: Arc::new(scenario), outcome, took: Duration::ZERO, exchanges: vec![exchange] };
        Report::new("http://x/?<", Duration::ZERO, &[result], &BTreeMap::new()).html()
    }

    #[test]
    fn the_page_shows_verdicts_reasons_failures_and_exchanges() {
        let page = page();
        for part in [
            "1 obligatory requirement fails: <a href=\"#CE-HTTP-02\">",
            "<tr class=\"fail\" id=\"CE-HTTP-02\">",
            "<li><span class=\"fail\">fail</span> <a href=\"#scenario-0\">&lt;script&gt;",
            "step 1: status 500 &amp; &quot;more&quot;",
            "Comes with profile vng.",
            "<tr class=\"un\" id=\"CE-BATCH-09\">",
            "<p id=\"scenario-0\">",
            "<p class=\"case\">a = 1</p>",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn nothing_of_a_target_becomes_markup_and_nothing_is_loaded() {
        let page = page();
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains('\u{0}'));
        assert!(page.contains("http://x/?&lt;"));
        for elsewhere in ["src=", "href=\"http", "@import", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn the_page_is_well_formed_its_links_lead_somewhere_and_its_tables_are_whole() {
        let page = page();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let read = roxmltree::Document::parse_with_options(&page, options).unwrap();
        let all = |name: &'static str| read.descendants().filter(move |node| node.has_tag_name(name));
        let mut ids = BTreeSet::new();
        for id in read.descendants().filter_map(|node| node.attribute("id")) {
            assert!(ids.insert(id), "{id} is there twice");
        }
        for to in all("a").filter_map(|link| link.attribute("href")) {
            assert!(ids.contains(to.trim_start_matches('#')), "{to} leads nowhere");
        }
        let cells = |row: roxmltree::Node<'_, '_>| row.children().filter(roxmltree::Node::is_element).count();
        for table in all("table") {
            let rows: BTreeSet<_> = table.descendants().filter(|node| node.has_tag_name("tr")).map(cells).collect();
            assert_eq!(rows.len(), 1, "rows of {rows:?} cells");
        }
        assert!(all("table").count() > 10 && all("a").count() > 10);
    }
}
