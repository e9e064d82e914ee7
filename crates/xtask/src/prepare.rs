//! `cargo xtask prepare`: fetches and compiles the packages of other languages that tests need, and the jars of Kafka, as the
//! tests do themselves when they find nothing. `cargo xtask test` runs it beside its first stages.

use std::path::PathBuf;

use crate::workspace::{Failure, Workspace, execute};

pub fn run(workspace: &Workspace) -> Result<(), Failure> {
    // Maven is slow to start and shares what it fetches, so Kafka's jars come after the other jars.
    let mut failures: Vec<String> = interop_packages::everything(&folders(workspace)?)
        .into_iter()
        .map(|(folder, failure)| format!("{}: {failure}", folder.display()))
        .collect();
    failures.extend(execute(workspace.command(workspace.path("deploy/kafka/broker")).arg("fetch")).err());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The folders with the files that name packages.
fn folders(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let mut folders = vec![workspace.path("gateway/tests/kafka_interop")];
    let entries = std::fs::read_dir(workspace.path("interop")).map_err(|error| format!("interop: {error}"))?;
    folders.extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()));
    folders.sort();
    Ok(folders)
}
