//! Runs Exchange.java with the SDK's jars, which Maven fetches once into target/kafka/interop/lib.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka_interop")
}

/// The directory of the jars, fetched when the pom has changed since.
fn jars() -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/kafka/interop");
    let (jars, done) = (target.join("lib"), target.join("pom.xml"));
    let pom = std::fs::read(here().join("pom.xml")).expect("the pom");
    if std::fs::read(&done).is_ok_and(|fetched| fetched == pom) {
        return jars;
    }
    let mut maven = Command::new("mvn");
    maven.args(["-q", "-B", "dependency:copy-dependencies", "-f"]).arg(here().join("pom.xml"));
    assert!(maven.status().expect("Maven is there: see .ci/need.sh").success(), "Maven could not fetch the SDK");
    std::fs::write(done, pom).expect("noted");
    jars
}

/// Gives it arguments and input; returns what it prints.
pub fn run(arguments: &[String], input: &str) -> String {
    let mut java = Command::new("java")
        .args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars().join("*"))
        .arg(here().join("Exchange.java"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a JDK is there: see .ci/need.sh");
    let mut stdin = java.stdin.take().expect("its input");
    // Small enough for the pipe, so it need not read first.
    stdin.write_all(input.as_bytes()).expect("told");
    drop(stdin);
    let output = java.wait_with_output().expect("it ends");
    assert!(output.status.success(), "Exchange.java ended with {}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}
