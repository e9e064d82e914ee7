//! Runs Exchange.java with the SDK for Java, which is fetched and compiled once.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Runs the program with these arguments and this input; returns its standard output.
pub fn run(arguments: &[String], input: &str) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka_interop");
    let classes = interop_packages::tools::java(&here).expect("a JDK and Maven are there: see .ci/need.sh");
    let mut java = Command::new("java")
        .args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", &classes, "Exchange"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a JDK is there: see .ci/need.sh");
    let mut stdin = java.stdin.take().expect("its input");
    // Small enough for the pipe, so it need not read first.
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = java.wait_with_output().expect("it ends");
    assert!(output.status.success(), "Exchange.java ended with {}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}
