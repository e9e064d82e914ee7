//! Bar charts of the ratios of a run, one SVG file per table that has ratios. No measurement, and no library: rectangles and texts.

use std::fmt::Write as _;
use std::path::Path;

use super::compare::{named, ratios};
use super::report::Table;
use crate::workspace::Failure;

/// Pixels: the whole width, where bars begin and how long one of 100 % may be at most, the height of a row and of its bar.
const WIDTH: f64 = 900.0;
const LEFT: f64 = 420.0;
const LONGEST: f64 = 400.0;
const ROW: f64 = 26.0;
const BAR: f64 = 16.0;
/// Above the first row.
const TOP: f64 = 48.0;

/// Writes a chart of each table that has ratios; returns how many there are.
///
/// # Errors
/// The directory cannot be made, or a file cannot be written.
pub fn write(directory: &Path, tables: &[Table]) -> Result<usize, Failure> {
    std::fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut charts = 0;
    for table in tables {
        let bars: Vec<(String, f64)> = table
            .figures()
            .iter()
            .flat_map(|row| {
                let what = named(row);
                let what = what.strip_prefix(", what ").unwrap_or(what.trim_start_matches(", ")).to_owned();
                ratios(row).map(move |(name, ratio)| (format!("{what} ({})", name.replace('_', " ")), ratio))
            })
            .filter(|(_, ratio)| ratio.is_finite())
            .collect();
        if !bars.is_empty() {
            let file = directory.join(format!("{}.svg", table.name));
            std::fs::write(&file, chart(table.title(), &bars))
                .map_err(|error| format!("{}: {error}", file.display()))?;
            charts += 1;
        }
    }
    Ok(charts)
}

/// One chart: a bar per ratio, and a line where both sides are equal.
fn chart(title: &str, bars: &[(String, f64)]) -> String {
    let most = bars.iter().map(|(_, ratio)| *ratio).fold(1.0, f64::max);
    let height = TOP + ROW * bars.len() as f64 + 16.0;
    let mut text = String::new();
    let mut line = |content: std::fmt::Arguments<'_>| {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{content}");
    };
    let title = escaped(title);
    line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="13">"#
    ));
    line(format_args!("<title>{title}</title>"));
    line(format_args!(r##"<rect width="100%" height="100%" fill="#ffffff"/>"##));
    line(format_args!(r##"<text x="12" y="26" font-size="15" fill="#1b1b1b">{title}</text>"##));
    for (number, (what, ratio)) in bars.iter().enumerate() {
        let middle = TOP + ROW * (number as f64 + 0.5);
        let (top, length) = (middle - BAR / 2.0, LONGEST * ratio.max(0.0) / most);
        let (what, percent, after) = (escaped(what), 100.0 * ratio, LEFT + length + 6.0);
        line(format_args!(
            r##"<text x="{}" y="{:.1}" text-anchor="end" fill="#1b1b1b">{what}</text>"##,
            LEFT - 8.0,
            middle + 4.5
        ));
        line(format_args!(r##"<rect x="{LEFT}" y="{top:.1}" width="{length:.1}" height="{BAR}" fill="#154273"/>"##));
        line(format_args!(r##"<text x="{after:.1}" y="{:.1}" fill="#1b1b1b">{percent:.0} %</text>"##, middle + 4.5));
    }
    let (equal, bottom) = (LEFT + LONGEST / most, height - 12.0);
    line(format_args!(
        r##"<line x1="{equal:.1}" y1="{TOP}" x2="{equal:.1}" y2="{bottom:.1}" stroke="#b36200" stroke-dasharray="4 3"/>"##
    ));
    line(format_args!("</svg>"));
    text
}

/// A text as content of an element.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_table_with_ratios_has_a_chart_with_escaped_texts() {
        let directory = tempfile::tempdir().expect("a directory");
        let charts = directory.path().join("charts");
        let mut ingest = Table::new("ingest", "In & out <500 bytes>", &[]);
        ingest.row(vec![], json!({ "what": "a <b> & \"c\"", "of_sqlite": 0.5, "of_before": 0.9 }));
        ingest.row(vec![], json!({ "what": "twice", "of_sqlite": 2.0 }));
        let mut memory = Table::new("memory", "Memory", &[]);
        memory.row(vec![], json!({ "what": "idle", "rss_kib": 5 }));
        assert_eq!(write(&charts, &[ingest, memory]), Ok(1));
        assert!(!charts.join("memory.svg").exists(), "it has no ratio");
        let chart = std::fs::read_to_string(charts.join("ingest.svg")).expect("written");
        assert!(chart.starts_with("<svg ") && chart.ends_with("</svg>\n"), "{chart}");
        for text in [
            "<title>In &amp; out &lt;500 bytes&gt;</title>",
            ">a &lt;b&gt; &amp; &quot;c&quot; (of sqlite)</text>",
            ">50 %</text>",
            ">200 %</text>",
            // A quarter of the longest one, which ends where the chart does.
            r#"width="100.0""#,
            r#"width="400.0""#,
            // Where both sides are equal.
            r#"<line x1="620.0""#,
        ] {
            assert!(chart.contains(text), "{text} is not in {chart}");
        }
        assert!(!chart.contains("90 %"), "the ratio to another version has no bar: {chart}");
    }
}
