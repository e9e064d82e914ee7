//! `cargo xtask tidy`: the rules of the code base that neither rustc, clippy nor cargo-deny checks. Reads files and
//! cargo's own view of the packages; changes nothing.

mod containers;
mod graph;
mod manifests;
mod sources;
mod texts;

use std::path::Path;

use crate::workspace::{Failure, Workspace};

/// What one check found: each remark names the file and the rule.
#[derive(Default)]
pub struct Findings {
    errors: Vec<String>,
    notes: Vec<String>,
}

impl Findings {
    /// A broken rule.
    pub fn error(&mut self, place: &str, rule: impl AsRef<str>) {
        self.errors.push(format!("{place}: {}", rule.as_ref()));
    }

    /// Something to look at that breaks no rule.
    pub fn note(&mut self, place: &str, remark: impl AsRef<str>) {
        self.notes.push(format!("{place}: {}", remark.as_ref()));
    }

    #[cfg(test)]
    pub fn errors(&self) -> &[String] {
        &self.errors
    }
}

pub fn run(workspace: &Workspace) -> Result<(), Failure> {
    let mut findings = Findings::default();
    for file in workspace.files()? {
        let Ok(text) = std::fs::read_to_string(workspace.path(&file)) else { continue };
        if Path::new(&file).extension().is_some_and(|extension| extension == "rs") {
            sources::check(&file, &text, &mut findings);
        }
        if file.contains("Containerfile") {
            containers::check(&file, &text, &mut findings);
        }
        texts::check(&file, &text, &workspace.root, &mut findings);
    }
    manifests::check(workspace, &mut findings)?;
    graph::check(workspace, &mut findings)?;
    for note in &findings.notes {
        println!("note: {note}");
    }
    for error in &findings.errors {
        println!("error: {error}");
    }
    if findings.errors.is_empty() { Ok(()) } else { Err(format!("{} rules broken", findings.errors.len())) }
}
