//! The alert rules and the dashboard of `deploy/monitoring`: Prometheus' own promtool runs the tests of the rules, and every
//! metric that they name is documented, which the gateway's tests compare with the code.

use std::collections::BTreeSet;

use interop::{Failure, sources, tools};
use serde_json::Value;
use tokio::process::Command;

use crate::{deploy, read};

#[tokio::test]
async fn g8_the_alert_rules_pass_their_tests() -> Result<(), Failure> {
    let promtool = tools::debian(&sources().join("deploy"))?.join("usr/bin/promtool");
    for arguments in [["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"]] {
        let mut command = Command::new(&promtool);
        command.args(arguments).current_dir(deploy("monitoring"));
        let output = command.output().await.map_err(Failure::file(&promtool))?;
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("SUCCESS"), "{arguments:?}: {text}");
    }
    Ok(())
}

/// Words that begin as a metric does, without the endings of a histogram.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let own = words.filter(|word| word.starts_with("gateway_") || word.starts_with("process_"));
    let bare = |word: &str| {
        let ending = ["_bucket", "_sum", "_count"].into_iter().find_map(|ending| word.strip_suffix(ending));
        ending.unwrap_or(word).to_owned()
    };
    own.map(bare).collect()
}

#[test]
fn g8_rules_and_dashboard_name_documented_metrics() {
    let page = read("../docs/metrics.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let documented: BTreeSet<String> = rows.map(|(name, _)| name.to_owned()).collect();
    let dashboard: Value = serde_json::from_str(&read("monitoring/dashboard.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let queries: Vec<String> = panels
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten())
        .map(|target| target["expr"].as_str().expect("a query").to_owned())
        .collect();
    assert!(queries.len() > 20, "{queries:?}");
    let rules = read("monitoring/rules.yml");
    let expressions: String = rules.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    for (what, text) in [("rules.yml", expressions), ("dashboard.json", queries.join(" "))] {
        let unknown: Vec<String> = metrics(&text).difference(&documented).cloned().collect();
        assert_eq!(unknown, [""; 0], "{what} names metrics that docs/metrics.md does not list");
    }
    // Every rule raises an alert in a test.
    let tests = read("monitoring/rules_test.yml");
    for alert in rules.lines().filter_map(|line| line.trim_start().strip_prefix("- alert: ")) {
        assert!(tests.contains(&format!("alertname=\"{alert}\"")), "rules_test.yml never raises {alert}");
    }
}
