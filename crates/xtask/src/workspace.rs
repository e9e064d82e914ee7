//! Where the workspace is and how its tools are called. Knows paths and processes, no rules.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Why a command failed, as one line of text for the user.
pub type Failure = String;

/// The checkout, by the path of its root.
pub struct Workspace {
    pub root: PathBuf,
}

impl Workspace {
    /// The checkout this program was compiled from.
    pub fn find() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: package.ancestors().nth(2).unwrap_or(package).to_path_buf() }
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The target directory of cargo.
    pub fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// A built binary; `profile` is `debug` or `release`.
    pub fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target().join(profile).join(name)
    }

    pub fn cargo(&self) -> Command {
        self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }

    /// Every file that is tracked or about to be, as paths relative to the root.
    pub fn files(&self) -> Result<Vec<String>, Failure> {
        let listed =
            output(self.command("git").args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]))?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|name| !name.is_empty() && self.root.join(name).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// Runs a command with its output shown; fails unless it exits with 0.
pub fn execute(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| format!("{} does not start: {error}", command_line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", command_line(command))) }
}

/// Runs a command like [`execute`], but ends it and fails when it takes longer than this.
pub fn execute_within(command: &mut Command, limit: Duration) -> Result<(), Failure> {
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{} does not start: {error}", command_line(command)))?;
    loop {
        match child.try_wait().map_err(|error| format!("{}: {error}", command_line(command)))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("{} failed ({status})", command_line(command))),
            None if start.elapsed() > limit => {
                // It may have ended this moment; either way it is over.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{} took longer than {limit:?}", command_line(command)));
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// Runs a command and returns its standard output; standard error is shown.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let done = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{} does not start: {error}", command_line(command)))?;
    if !done.status.success() {
        return Err(format!("{} failed ({})", command_line(command), done.status));
    }
    String::from_utf8(done.stdout).map_err(|_| format!("{} printed something that is not UTF-8", command_line(command)))
}

fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program()).to_string_lossy();
    command.get_args().fold(format!("`{program}"), |line, part| line + " " + &part.to_string_lossy()) + "`"
}
