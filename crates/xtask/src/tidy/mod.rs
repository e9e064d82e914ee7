//! `cargo xtask tidy`: the rules of the code base that neither rustc nor clippy checks. Reads files and cargo's own view
//! of the packages; changes nothing.

mod containers;
mod dependencies;
mod executables;
mod findings;
mod graph;
mod manifests;
mod sources;
mod texts;

use std::{collections::HashSet, path::Path};

use serde_json::Value;

use crate::workspace::{Failure, Workspace, output};

/// The findings of the checks: each names the file and the rule.
#[derive(Default)]
pub struct Findings {
    errors: Vec<String>,
    notes: Vec<String>,
}

impl Findings {
    /// Adds a violation of a rule, which makes the check fail.
    pub fn error(&mut self, place: &str, rule: impl AsRef<str>) {
        self.errors.push(format!("{place}: {}", rule.as_ref()));
    }

    /// Adds a message that does not make the check fail.
    pub fn note(&mut self, place: &str, message: impl AsRef<str>) {
        self.notes.push(format!("{place}: {}", message.as_ref()));
    }

    #[cfg(test)]
    pub fn errors(&self) -> &[String] {
        &self.errors
    }
}

pub fn run(workspace: &Workspace) -> Result<(), Failure> {
    let (mut findings, mut functions) = (Findings::default(), HashSet::new());
    for file in workspace.files()? {
        let Ok(text) = std::fs::read_to_string(workspace.path(&file)) else { continue };
        if Path::new(&file).extension().is_some_and(|extension| extension == "rs") {
            sources::check(&file, &text, &mut findings);
            functions.extend(findings::functions(&text).map(str::to_owned));
        }
        if file.contains("Containerfile") {
            containers::check(&file, &text, &mut findings);
        }
        texts::check(&file, &text, &workspace.root, &mut findings);
    }
    let page = std::fs::read_to_string(workspace.path(findings::PAGE)).unwrap_or_default();
    findings::check(&page, &functions, &mut findings);
    manifests::check(workspace, &mut findings)?;
    let metadata = output(workspace.cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    graph::check(workspace, packages, &mut findings)?;
    executables::check(packages, &mut findings);
    dependencies::check(workspace, &mut findings)?;
    for note in &findings.notes {
        println!("note: {note}");
    }
    for error in &findings.errors {
        println!("error: {error}");
    }
    if findings.errors.is_empty() { Ok(()) } else { Err(format!("{} rules broken", findings.errors.len())) }
}
