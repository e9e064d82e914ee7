//! `cargo xtask codegen`: writes the generated files of schemas/ and docs/ from what the gateway binary prints about itself, and
//! the list of tests by requirement ([`crate::coverage`]); with `--check` compares instead. Holds no schema and no template of its
//! own.

use std::path::Path;

use clap::Args;

use crate::{
    coverage,
    workspace::{Failure, Workspace, execute, output},
};

/// Generated file, and the subcommand of the gateway that prints it.
const GENERATED: &[(&str, &[&str])] = &[
    ("schemas/native-openapi.json", &["schema", "native-openapi"]),
    ("schemas/config.json", &["schema", "config"]),
    ("docs/errors.md", &["schema", "problem-types"]),
    ("docs/delivery-outcomes.md", &["schema", "delivery-outcomes"]),
    ("docs/sizing.md", &["schema", "sizing"]),
];

#[derive(Args)]
pub struct Options {
    /// Compare with the files that are there and fail when they differ
    #[arg(long)]
    check: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    execute(workspace.cargo().args(["build", "--quiet", "--locked", "--package", "gateway"]))?;
    let gateway = workspace.binary("debug", "gateway");
    if options.check { check(workspace, &gateway) } else { write(workspace, &gateway) }
}

fn write(workspace: &Workspace, gateway: &Path) -> Result<(), Failure> {
    for (file, arguments) in GENERATED {
        let text = output(workspace.command(gateway).args(*arguments))?;
        std::fs::write(workspace.path(file), with_final_newline(&text)).map_err(|error| format!("{file}: {error}"))?;
        println!("wrote {file}");
    }
    std::fs::write(workspace.path(coverage::FILE), coverage::text(workspace)?)
        .map_err(|error| format!("{}: {error}", coverage::FILE))?;
    println!("wrote {}", coverage::FILE);
    Ok(())
}

/// Fails with the names of the generated files that differ from what the gateway prints.
pub fn check(workspace: &Workspace, gateway: &Path) -> Result<(), Failure> {
    let mut stale = Vec::new();
    for (file, arguments) in GENERATED {
        let text = output(workspace.command(gateway).args(*arguments))?;
        if std::fs::read_to_string(workspace.path(file)).ok().as_deref() != Some(with_final_newline(&text).as_str()) {
            stale.push(*file);
        }
    }
    if std::fs::read_to_string(workspace.path(coverage::FILE)).ok() != Some(coverage::text(workspace)?) {
        stale.push(coverage::FILE);
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("{} not as generated: run `cargo xtask codegen` and commit", stale.join(", ")))
    }
}

/// The text with exactly one newline at its end.
fn with_final_newline(text: &str) -> String {
    format!("{}\n", text.trim_end())
}
