//! JMESPath with the Python package `jmespath` as the judge: the same value, or an error in both, for expressions by hand and for
//! generated ones (CH-67). Nothing of the judge's code is used.

mod generated;

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use interop_packages::{Failure, tools};
use people_filter::jmespath::{Expression, Functions};
use serde_json::{Value, json};

/// An expression with the data it is evaluated with.
struct Case {
    expression: String,
    data: Value,
}

/// What came of it: its value, and whether a filter keeps the data; `None` for an error.
type Outcome = Option<(Value, bool)>;

fn judge(cases: &[Case]) -> Result<Vec<Outcome>, Failure> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/jmespath");
    let program = tools::python(&source)?.join("bin/python");
    let mut command = Command::new(&program);
    command.arg(source.join("judge.py")).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(Failure::file(&program))?;
    let mut lines = Vec::new();
    for case in cases {
        writeln!(lines, "{}", json!({ "expression": case.expression, "data": case.data }))
            .map_err(Failure::file(&program))?;
    }
    // The judge reads all before it writes.
    child.stdin.take().expect("piped").write_all(&lines).map_err(Failure::file(&program))?;
    let output = child.wait_with_output().map_err(Failure::file(&program))?;
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let outcome = |line: &str| {
        let mut found: Value = serde_json::from_str(line).expect("JSON");
        let is_kept = found["kept"].as_bool()?;
        Some((found["value"].take(), is_kept))
    };
    Ok(text.lines().map(outcome).collect())
}

fn own(case: &Case) -> Outcome {
    let expression = Expression::parse(&case.expression, &Functions::default()).ok()?;
    Some((expression.search(&case.data).ok()?, expression.matches(&case.data).ok()?))
}

/// Compares all, and returns how many had a value.
fn compare(cases: &[Case]) -> Result<usize, Failure> {
    let judged = judge(cases)?;
    assert_eq!(judged.len(), cases.len());
    let mut otherwise = Vec::new();
    for (case, judged) in cases.iter().zip(&judged) {
        let own = own(case);
        let is_alike = match (&own, judged) {
            (Some((own, own_kept)), Some((other, kept))) => own_kept == kept && is_same(own, other),
            (None, None) => true,
            _ => false,
        };
        if !is_alike {
            otherwise.push(format!("{} with {}: {own:?}, judged {judged:?}", case.expression, case.data));
        }
    }
    assert!(otherwise.is_empty(), "{} of {}:\n{}", otherwise.len(), cases.len(), otherwise.join("\n"));
    Ok(judged.iter().flatten().count())
}

/// Equal, where 1 and 1.0 are.
fn is_same(own: &Value, other: &Value) -> bool {
    match (own, other) {
        (Value::Number(own), Value::Number(other)) => {
            let (own, other) = (own.as_f64().expect("a number"), other.as_f64().expect("a number"));
            (own - other).abs() <= 1e-9 * own.abs().max(1.0)
        }
        (Value::Array(own), Value::Array(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(own, other)| is_same(own, other))
        }
        (Value::Object(own), Value::Object(other)) => {
            own.len() == other.len()
                && own.iter().all(|(name, own)| other.get(name).is_some_and(|other| is_same(own, other)))
        }
        _ => own == other,
    }
}

#[test]
fn ch_67_expressions_by_hand_mean_what_the_reference_means() -> Result<(), Failure> {
    let data = json!({
        "a": { "b": { "c": 1, "d": "tekst", "e": null }, "leeg": {}, "lijst": [] },
        "lijst": [3, 1, 2], "woorden": ["noot", "aap", "mies"], "gemengd": [1, "a", null, [2, [3]], { "b": 4 }],
        "mensen": [
            { "naam": "An", "leeftijd": 30, "adres": { "postcode": "1234AB" }, "tags": ["x", "y"] },
            { "naam": "Bo", "leeftijd": 25, "adres": { "postcode": "9999ZZ" }, "tags": [] },
            { "naam": "Ot", "leeftijd": 41, "tags": ["y"] },
        ],
        "waar": true, "onwaar": false, "nul": 0, "komma": -1.5, "getal": "12", "met streep": 7, "é": "ü",
    });
    let texts = include_str!("expressions.txt");
    let cases: Vec<Case> = texts
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| Case { expression: line.to_owned(), data: data.clone() })
        .collect();
    assert!(cases.len() > 150, "{}", cases.len());
    compare(&cases).map(drop)
}

#[test]
fn ch_67_generated_expressions_mean_what_the_reference_means() -> Result<(), Failure> {
    let cases: Vec<Case> = (0..5_000)
        .map(|seed| {
            let (expression, data) = generated::case(seed);
            Case { expression, data }
        })
        .collect();
    let with_value = compare(&cases)?;
    assert!(with_value > 1_000, "too few have a value: {with_value}");
    Ok(())
}
