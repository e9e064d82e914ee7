//! CloudEvents SQL as the gateway evaluates it (`gateway cesql --json`) beside the Java SDK: some six thousand expressions over two
//! events. Both must take them for expressions or not, find errors or not, and agree on values without errors. `cesql.toml`
//! lists where the SDK differs, with the reason, and each entry must still apply. Which errors come in which order is not compared.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use interop::{Failure, gateway, sources, tools};
use serde::Deserialize;
use serde_json::{Value, json};

/// The expressions and the known differences.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    operands: Vec<String>,
    operators: Vec<String>,
    templates: Vec<String>,
    expressions: Vec<String>,
    deviation: Vec<Deviation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    expressions: Vec<String>,
    reason: String,
}

impl Table {
    fn all(&self) -> Vec<String> {
        let mut all = self.expressions.clone();
        for operand in &self.operands {
            all.extend(self.templates.iter().map(|template| template.replace("{}", operand)));
            for operator in &self.operators {
                all.extend(self.operands.iter().map(|other| format!("{operand} {operator} {other}")));
            }
        }
        all
    }
}

/// The result of an expression for an event.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    NoExpression,
    Errors,
    Is(Value),
}

/// By expression and id of the event; the id is empty when there is no expression.
type Outcomes = BTreeMap<(String, String), Outcome>;

fn outcomes(command: &mut Command) -> Result<Outcomes, Failure> {
    let shown = format!("{command:?}");
    let fault = |why: String| Failure::Exchange { what: shown.clone(), why };
    let output = command.stdin(Stdio::null()).output().map_err(|error| fault(error.to_string()))?;
    let text = String::from_utf8(output.stdout).map_err(|error| fault(error.to_string()))?;
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).map_err(|error| fault(format!("{error} in {line}")))?;
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let errors = line["errors"].as_array().is_some_and(|errors| !errors.is_empty());
        let outcome = match (line.get("event"), errors) {
            (None, _) => Outcome::NoExpression,
            (Some(_), true) => Outcome::Errors,
            (Some(_), false) => Outcome::Is(line["value"].clone()),
        };
        found.insert((text("expression"), text("event")), outcome);
    }
    if found.is_empty() {
        return Err(fault(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(found)
}

/// Whether a text matches a pattern, in which `*` matches any text.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| (0..=text.len()).filter_map(|at| text.get(at..)).any(|text| is_like(text, rest))),
    }
}

#[test]
fn the_java_sdk_agrees_but_for_its_known_deviations_ce_sql_04() -> Result<(), Failure> {
    let table: Table = toml::from_str(include_str!("../../cesql.toml")).expect("cesql.toml is in order");
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let (expressions, events) = (folder.path().join("expressions"), folder.path().join("events.json"));
    std::fs::write(&expressions, table.all().join("\n")).map_err(Failure::file(&expressions))?;
    let two = json!([
        {
            "specversion": "1.0", "id": "1", "source": "/a", "type": "nl.a", "subject": "abc", "time": "2018-04-05T17:31:00Z",
            "hop": 3, "deprecated": true
        },
        { "specversion": "1.0", "id": "2", "source": "urn:nld:oin:1", "type": "nl.b", "subject": "-5", "hop": 0, "deprecated": false },
    ]);
    std::fs::write(&events, two.to_string()).map_err(Failure::file(&events))?;

    let mut gateway = Command::new(gateway::binary()?);
    let ours = outcomes(gateway.args(["cesql", "--json", "--file"]).arg(&expressions).arg("--event").arg(&events))?;
    let mut java = Command::new("java");
    java.args(["-XX:TieredStopAtLevel=1", "-cp"]);
    let classes = tools::java(&sources().join("java"))?;
    let theirs = outcomes(java.arg(classes).arg("Evaluate").arg(&expressions).arg(&events))?;

    let keys: Vec<_> = ours.keys().chain(theirs.keys().filter(|key| !ours.contains_key(*key))).collect();
    assert!(keys.len() > 10_000, "{} outcomes", keys.len());
    let (mut unexplained, mut seen) = (Vec::new(), vec![false; table.deviation.len()]);
    let mut differing = 0;
    for key in &keys {
        let (our, their) = (ours.get(*key), theirs.get(*key));
        if our == their {
            continue;
        }
        differing += 1;
        let known = |deviation: &Deviation| deviation.expressions.iter().any(|pattern| is_like(&key.0, pattern));
        match table.deviation.iter().position(known) {
            Some(index) => seen[index] = true,
            None => unexplained.push(format!("{} over {}: {our:?}, the SDK {their:?}", key.0, key.1)),
        }
    }
    println!("{} outcomes, {differing} differ for {} known reasons", keys.len(), seen.len());
    assert!(unexplained.is_empty(), "{} differ without a known reason:\n{}", unexplained.len(), unexplained.join("\n"));
    let vanished = table.deviation.iter().zip(&seen).filter(|(_, seen)| !**seen);
    let vanished: Vec<_> = vanished.map(|(deviation, _)| &deviation.reason).collect();
    assert!(vanished.is_empty(), "no longer so; take them off the list: {vanished:#?}");
    Ok(())
}
