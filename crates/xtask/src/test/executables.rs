//! The test executables of the workspace: builds them, lists them, and makes the command and environment in which
//! cargo runs each.
//! Not which may run at the same time (`weights`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::every_package;
use crate::workspace::{Failure, Workspace};

/// One test executable of cargo, which uses libtest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    pub package: String,
    /// The name of the target: that of an integration test, or of the package for its unit tests.
    pub target: String,
    pub program: PathBuf,
    pub manifest: PathBuf,
}

/// A message of cargo; only the members that are used here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
    #[serde(default)]
    linked_paths: Vec<String>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// The results of a build.
#[derive(Debug, Default)]
pub struct Built {
    pub executables: Vec<Executable>,
    /// Folders of libraries that build scripts made.
    libraries: Vec<PathBuf>,
}

/// Builds all binaries and tests in one go, with the features of the tests for both, so that nothing is compiled twice.
pub fn build(workspace: &Workspace) -> Result<Built, Failure> {
    let mut command = workspace.cargo();
    every_package(command.arg("test")).args(["--no-run", "--bins", "--tests", "--quiet"]);
    build_with(workspace, command.args(["--message-format", "json-render-diagnostics"]))
}

/// Runs a command of cargo that builds tests and prints its messages as JSON.
pub fn build_with(workspace: &Workspace, command: &mut Command) -> Result<Built, Failure> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo test --no-run failed ({})", output.status));
    }
    read(&String::from_utf8_lossy(&output.stdout), &workspace.target())
}

fn read(messages: &str, target: &Path) -> Result<Built, Failure> {
    let mut built = Built::default();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
        match message.reason.as_str() {
            "build-script-executed" => {
                let paths =
                    message.linked_paths.iter().map(|path| path.split_once('=').map_or(&**path, |(_, path)| path));
                built.libraries.extend(paths.map(PathBuf::from).filter(|path| path.starts_with(target)));
            }
            "compiler-artifact" if message.profile.is_some_and(|profile| profile.test) => {
                let (Some(program), Some(manifest), Some(target)) =
                    (message.executable, message.manifest_path, message.target)
                else {
                    continue;
                };
                let package = package_of(&manifest)?;
                built.executables.push(Executable { package, target: target.name, program, manifest });
            }
            _ => {}
        }
    }
    Ok(built)
}

/// The name in a manifest; an artifact names its package only within an identifier of cargo's.
fn package_of(manifest: &Path) -> Result<String, Failure> {
    let fault = |what: String| format!("{}: {what}", manifest.display());
    let text = std::fs::read_to_string(manifest).map_err(|error| fault(error.to_string()))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| fault(error.to_string()))?;
    let name = table.get("package").and_then(|package| package.get("name")?.as_str());
    name.map(str::to_owned).ok_or_else(|| fault("no package".to_owned()))
}

impl Built {
    /// The command of an executable as `cargo test` runs it: in the folder of its package, with the variables that cargo
    /// sets while tests run.
    pub fn command(&self, workspace: &Workspace, executable: &Executable) -> Command {
        let folder = executable.manifest.parent().unwrap_or(&workspace.root);
        let mut command = workspace.command(&executable.program);
        command.current_dir(folder);
        command.env("CARGO_MANIFEST_DIR", folder).env("CARGO_MANIFEST_PATH", &executable.manifest);
        command.env("CARGO_PKG_NAME", &executable.package);
        command.env("LD_LIBRARY_PATH", self.library_path(&workspace.target()));
        command.env("GATEWAY_BIN", workspace.binary("debug", "gateway"));
        command.env("WEBHOOK_VALIDATOR_BIN", workspace.binary("debug", "webhook-validator"));
        command
    }

    fn library_path(&self, target: &Path) -> OsString {
        let debug = target.join("debug");
        let inherited = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let folders = self.libraries.iter().cloned().chain([debug.join("deps"), debug]);
        let folders = folders.chain(std::env::split_paths(&inherited).filter(|path| !path.as_os_str().is_empty()));
        // A folder with a colon in its name cannot be on the path.
        std::env::join_paths(folders).unwrap_or(inherited)
    }
}

impl std::fmt::Display for Executable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.package, self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_executables_are_read_from_the_messages_of_cargo() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let manifest = manifest.display();
        let messages = format!(
            r#"
{{"reason":"compiler-artifact","manifest_path":"{manifest}","target":{{"name":"xtask"}},"profile":{{"test":false}},"executable":"/t/debug/xtask"}}
{{"reason":"compiler-artifact","manifest_path":"{manifest}","target":{{"name":"a"}},"profile":{{"test":true}},"executable":null}}
{{"reason":"build-script-executed","linked_paths":["native=/t/debug/build/z/out","/t/debug/y","native=/usr/lib"]}}
{{"reason":"compiler-artifact","manifest_path":"{manifest}","target":{{"name":"packaging"}},"profile":{{"test":true}},"executable":"/t/debug/deps/packaging-1"}}
{{"reason":"build-finished","success":true}}
"#
        );
        let built = read(&messages, Path::new("/t")).expect("they are in order");
        let names: Vec<String> = built.executables.iter().map(Executable::to_string).collect();
        assert_eq!(names, ["xtask packaging"]);
        assert_eq!(built.libraries, [PathBuf::from("/t/debug/build/z/out"), PathBuf::from("/t/debug/y")]);
        let workspace = Workspace { root: PathBuf::from("/c") };
        let command = built.command(&workspace, &built.executables[0]);
        assert_eq!(command.get_current_dir(), Some(Path::new(env!("CARGO_MANIFEST_DIR"))));
    }
}
