//! The samples of flufl.bounce (bounces of many mail systems, most in no standard form), with flufl.bounce itself as the judge.

use std::{collections::BTreeMap, path::Path, process::Command};

use interop_packages::{Failure, tools};
use message::bounce::{Report, Verdict, read};
use serde_json::Value;

/// What is read otherwise here, among the samples with a part for machines, and why.
const OTHERWISE: &[(&str, Verdict, &str)] = &[
    ("caiwireless_01.txt", Verdict::Unclear, "no recipient"),
    ("dsn_02.txt", Verdict::Soft, "failed with 4.4.7, which may pass"),
    ("dsn_03.txt", Verdict::Unclear, "the status is a reply code, 553"),
    ("dsn_14.txt", Verdict::Unclear, "no status"),
    ("dsn_15.txt", Verdict::Unclear, "it is inside another message"),
    ("netscape_01.txt", Verdict::Unclear, "no recipient"),
    ("simple_13.txt", Verdict::Unclear, "no recipient"),
    ("simple_31.txt", Verdict::Unclear, "no recipient"),
];

/// A sample, and whether the judge finds that addresses failed for now and for good.
struct Sample {
    content: Vec<u8>,
    temporary: bool,
    permanent: bool,
}

/// The samples by name.
fn samples() -> Result<BTreeMap<String, Sample>, Failure> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../interop/bounces");
    let unpacked = tools::python_sources(&source)?;
    let program = tools::python(&source)?.join("bin/python");
    let mut command = Command::new(&program);
    command.arg(source.join("judge.py")).arg(unpacked.join("flufl_bounce-6.0.0")).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().map_err(Failure::file(&program))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let sample = |line: &str| {
        let found: Value = serde_json::from_str(line).expect("JSON");
        let path = Path::new(found["path"].as_str().expect("a path"));
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let content = std::fs::read(path).map_err(Failure::file(path))?;
        let is = |what: &str| found[what].as_bool().expect("a flag");
        Ok((name, Sample { content, temporary: is("temporary"), permanent: is("permanent") }))
    };
    lines.lines().map(sample).collect()
}

#[test]
fn ch_111_ch_112_nothing_is_hard_here_that_the_judge_does_not_find_permanent() -> Result<(), Failure> {
    let samples = samples()?;
    assert_eq!(samples.len(), 117);
    let (mut machine, mut alike, mut otherwise) = (0, 0, Vec::new());
    for (name, Sample { content, temporary, permanent }) in &samples {
        let report = read(content).expect("small enough");
        let verdict = report.verdict();
        let expected = match (temporary, permanent) {
            (false, true) => Verdict::Hard,
            (true, _) => Verdict::Soft,
            (false, false) => Verdict::Unclear,
        };
        assert!(verdict != Verdict::Hard || expected == Verdict::Hard, "{name} is hard here only");
        // What has no part for machines is left to a person, and an automatic reply is no bounce to the judge either.
        match report {
            Report::Delivery(_) | Report::Unclear => {}
            Report::AutomaticReply => assert_eq!(expected, Verdict::Unclear, "{name}"),
            Report::Complaint(_) => panic!("{name} is no complaint"),
        }
        if String::from_utf8_lossy(content).to_ascii_lowercase().contains("message/delivery-status") {
            machine += 1;
            if verdict == expected {
                alike += 1;
            } else {
                otherwise.push((name.as_str(), verdict));
            }
        }
    }
    let known: Vec<_> = OTHERWISE.iter().map(|(name, verdict, _)| (*name, *verdict)).collect();
    assert_eq!(otherwise, known, "{alike} of {machine} are read alike");
    Ok(())
}
