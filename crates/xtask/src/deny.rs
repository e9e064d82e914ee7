//! `cargo xtask deny`: runs cargo-deny over deny.toml, advisories included, which needs the network. Not part of `./test`:
//! an advisory comes without a change here, and `tidy` enforces the rest of the file. Takes the cargo-deny on PATH if it is
//! recent enough, else builds the pinned one into the target directory once.

use std::path::PathBuf;

use crate::workspace::{Failure, Workspace, execute, output};

/// The version built when none is there, and the oldest accepted: deny.toml uses keys that came with it or before.
const VERSION: &str = "0.20.2";
const OLDEST: (u32, u32) = (0, 18);

pub fn run(workspace: &Workspace) -> Result<(), Failure> {
    let program = tool(workspace)?;
    let mut command = workspace.command(program);
    command.args([
        "--workspace",
        "--locked",
        "--log-level",
        "warn",
        "check",
        "--hide-inclusion-graph",
        "--allow",
        "unused-wrapper",
    ]);
    execute(command.args(["advisories", "bans", "licenses", "sources"]))
}

fn tool(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let root = workspace.target().join("tools");
    let own = root.join("bin").join("cargo-deny");
    for candidate in [PathBuf::from("cargo-deny"), own.clone()] {
        if let Some(version) = version_of(workspace, &candidate)
            && version >= OLDEST
        {
            return Ok(candidate);
        }
    }
    println!("Building cargo-deny {VERSION} once; this takes about two minutes on two cores.");
    let mut command = workspace.cargo();
    // Unoptimised: it runs for four seconds, and optimising takes a minute or two more.
    command
        .args(["install", "--quiet", "--debug", "--locked", "--no-track", "cargo-deny", "--version", VERSION, "--root"])
        .arg(root);
    execute(&mut command)?;
    Ok(own)
}

fn version_of(workspace: &Workspace, program: &PathBuf) -> Option<(u32, u32)> {
    let text = output(workspace.command(program).arg("--version")).ok()?;
    let mut numbers = text.trim().strip_prefix("cargo-deny ")?.split('.').map_while(|part| part.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}
