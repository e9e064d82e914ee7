//! Compares the ratios of a run with those of an earlier one, kept as JSON. Ratios only: absolute figures differ between machines.
//! A ratio that is lower by more than the rounds of the two runs differ among themselves is reported.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::report::Table;
use crate::workspace::Failure;

/// The members that identify a row. A table has some of them.
const KEYS: [&str; 6] = ["what", "connections", "sinks", "nodes", "events", "hung"];
/// The beginning of the names of ratios.
const RATIO: &str = "of_";
/// The ratio to a version that the other run may not have had.
const OTHER_VERSION: &str = "of_before";
/// The rounds of a row: lowest, median and highest.
const ROUNDS: &str = "per_second";
/// Least difference that counts, as a share: below it, one more round would change the order.
const LEAST_SPREAD: f64 = 0.05;

/// One ratio of both runs.
#[derive(Debug, PartialEq)]
struct Compared {
    what: String,
    before: f64,
    now: f64,
    /// How far the rounds of a run lie apart, as a share of their median; the larger one of the two runs.
    spread: f64,
}

impl Compared {
    fn is_lower(&self) -> bool {
        self.now < self.before * (1.0 - self.spread)
    }
}

/// Prints every ratio beside that of the file, and those that are lower once more at the end.
///
/// # Errors
/// The file cannot be read, or has no ratio that this run has.
pub fn print(file: &Path, tables: &[Table]) -> Result<(), Failure> {
    let failed = |reason: String| format!("{}: {reason}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let before: Map<String, Value> = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let compared: Vec<Compared> = tables
        .iter()
        .filter_map(|table| Some((table, before.get(table.name)?.as_array()?)))
        .flat_map(|(table, before)| compare(table.name, before, table.figures()))
        .collect();
    if compared.is_empty() {
        return Err(failed("no ratio of this run is in it".to_owned()));
    }
    println!("\n## Beside {}\n", file.display());
    for Compared { what, before, now, spread } in &compared {
        println!("{what}: {now:.2}, before {before:.2}, spread {:.0} %", 100.0 * spread);
    }
    let lower: Vec<&Compared> = compared.iter().filter(|compared| compared.is_lower()).collect();
    for Compared { what, before, now, .. } in &lower {
        println!("warning: {what} is lower beyond the spread: {now:.2} instead of {before:.2}");
    }
    println!("{} of {} ratios are lower beyond the spread", lower.len(), compared.len());
    Ok(())
}

/// Writes the ratios of the tables to a file, with what identifies their rows and the spread of their rounds. Tables that the file has
/// and this run has not stay.
///
/// # Errors
/// The file has other content, or cannot be written.
pub fn keep(file: &Path, tables: &[Table]) -> Result<(), Failure> {
    let failed = |reason: String| format!("{}: {reason}", file.display());
    let mut all: Map<String, Value> = match std::fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(failed(error.to_string())),
    };
    for table in tables {
        let rows: Vec<Value> = table.figures().iter().filter_map(with_ratios).collect();
        if !rows.is_empty() {
            all.insert(table.name.to_owned(), rows.into());
        }
    }
    let text = serde_json::to_string_pretty(&all).map_err(|error| failed(error.to_string()))?;
    std::fs::write(file, text + "\n").map_err(|error| failed(error.to_string()))
}

/// A row with what a comparison needs of it; `None` when it has no ratio.
fn with_ratios(row: &Value) -> Option<Value> {
    let is_ratio = |name: &str| name.starts_with(RATIO) && name != OTHER_VERSION;
    let members = row.as_object()?;
    members.keys().any(|name| is_ratio(name)).then_some(())?;
    let needed =
        members.iter().filter(|(name, _)| is_ratio(name) || KEYS.contains(&name.as_str()) || name.as_str() == ROUNDS);
    Some(needed.map(|(name, value)| (name.clone(), rounded(value))).collect())
}

/// Numbers with at most three decimals, which is more than they mean.
fn rounded(value: &Value) -> Value {
    match value {
        Value::Number(number) if !number.is_u64() => {
            number.as_f64().map_or(Value::Null, |number| ((number * 1_000.0).round() / 1_000.0).into())
        }
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), rounded(value))).collect(),
        other => other.clone(),
    }
}

/// The ratios that both tables of a name have.
fn compare(table: &str, before: &[Value], now: &[Value]) -> Vec<Compared> {
    let mut all = Vec::new();
    for row in now {
        let same = |other: &&Value| KEYS.iter().all(|key| other.get(key) == row.get(key));
        let (Some(old), Some(members)) = (before.iter().find(same), row.as_object()) else { continue };
        for (name, value) in members.iter().filter(|(name, _)| name.starts_with(RATIO) && *name != OTHER_VERSION) {
            let (Some(now), Some(before)) = (value.as_f64(), old.get(name).and_then(Value::as_f64)) else { continue };
            let spread = spread(row).max(spread(old)).max(LEAST_SPREAD);
            all.push(Compared { what: format!("{table}{}, {name}", named(row)), before, now, spread });
        }
    }
    all
}

/// The ratios of a row, by their names; not those to another version.
pub fn ratios(row: &Value) -> impl Iterator<Item = (&str, f64)> {
    let members = row.as_object().into_iter().flatten();
    let own = members.filter(|(name, _)| name.starts_with(RATIO) && *name != OTHER_VERSION);
    own.filter_map(|(name, value)| Some((name.as_str(), value.as_f64()?)))
}

/// The members that identify a row, as text.
pub fn named(row: &Value) -> String {
    let mut text = String::new();
    for (key, value) in KEYS.iter().filter_map(|key| Some((key, row.get(key)?))) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Writing to a text does not fail.
        let _ = write!(text, ", {key} {value}");
    }
    text
}

/// How far the rounds of a row lie apart, as a share of their median; 0 when it has no rounds.
fn spread(row: &Value) -> f64 {
    let rounds = &row[ROUNDS];
    match (rounds["lowest"].as_f64(), rounds["median"].as_f64(), rounds["highest"].as_f64()) {
        (Some(lowest), Some(median), Some(highest)) if median > 0.0 => (highest - lowest) / median,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(connections: u64, ratio: f64, lowest: f64, highest: f64) -> Value {
        let rounds = json!({ "lowest": lowest, "median": 100.0, "highest": highest });
        json!({ "what": "gateway", "connections": connections, "of_sqlite": ratio, "of_before": 0.1, "per_second": rounds })
    }

    #[test]
    fn a_ratio_is_lower_when_it_falls_by_more_than_the_rounds_differ() {
        let before = [row(1, 0.80, 99.0, 101.0), row(64, 0.80, 90.0, 110.0), row(16, 0.80, 99.0, 101.0)];
        for (now, lower) in [
            (row(1, 0.75, 99.0, 101.0), true),
            (row(1, 0.77, 99.0, 101.0), false),
            (row(1, 0.75, 80.0, 101.0), false),
            (row(64, 0.65, 99.0, 101.0), false),
            (row(64, 0.60, 99.0, 101.0), true),
            (row(16, 0.90, 99.0, 101.0), false),
        ] {
            let compared = compare("ingest", &before, std::slice::from_ref(&now));
            assert_eq!(compared.len(), 1, "the ratio to another version does not count: {compared:?}");
            assert_eq!(compared[0].is_lower(), lower, "{compared:?}");
        }
        assert!(compare("ingest", &before, &[row(2, 0.1, 99.0, 101.0)]).is_empty(), "only in one of the runs");
    }

    #[test]
    fn a_kept_row_has_what_a_comparison_needs() {
        let mut whole = row(64, 0.812_345, 90.0, 110.0);
        whole["cpu_us"] = 60.into();
        let kept = with_ratios(&whole).expect("it has a ratio");
        let rounds = json!({ "lowest": 90.0, "median": 100.0, "highest": 110.0 });
        let expected = json!({ "what": "gateway", "connections": 64, "of_sqlite": 0.812, "per_second": rounds });
        assert_eq!(kept, expected);
        assert_eq!(compare("ingest", &[kept], &[whole]).len(), 1);
        assert_eq!(with_ratios(&json!({ "what": "push", "of_before": 1.0 })), None);
    }

    #[test]
    fn kept_tables_replace_those_of_the_same_name_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("ratios.json");
        let table = |name: &'static str, ratio| {
            let mut table = Table::new(name, "", &[]);
            table.row(vec![], row(1, ratio, 99.0, 101.0));
            table
        };
        keep(&file, &[table("ingest", 0.5), table("deliver", 0.6)]).expect("written");
        keep(&file, &[table("ingest", 0.7)]).expect("written");
        let text = std::fs::read_to_string(&file).expect("read");
        let all: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((&all["ingest"][0]["of_sqlite"], &all["deliver"][0]["of_sqlite"]), (&json!(0.7), &json!(0.6)));
    }

    #[test]
    fn a_row_is_named_by_the_members_that_identify_it() {
        assert_eq!(named(&row(64, 0.8, 1.0, 2.0)), ", what gateway, connections 64");
    }
}
