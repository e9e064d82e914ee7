//! Faults of the disk and the clock of one program, by a small library that is preloaded into it (`shim.c`). It is compiled when
//! a run starts; without a C compiler there are no such faults. Not when they happen.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::plan::Disk;
use crate::workspace::{Failure, Workspace, execute};

const SOURCE: &str = "crates/xtask/src/chaos/shim.c";

pub struct Shim {
    library: PathBuf,
    control: PathBuf,
    file: File,
}

impl Shim {
    /// Compiles the library and writes it into a directory, with the file of its faults; `None` without a C compiler.
    pub fn build(workspace: &Workspace, directory: &Path) -> Result<Option<Self>, Failure> {
        let found = Command::new("cc").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            return Ok(None);
        }
        let (library, control) = (directory.join("shim.so"), directory.join("shim.control"));
        let mut command = workspace.command("cc");
        command.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o"]).arg(&library);
        execute(command.arg(workspace.path(SOURCE)).arg("-ldl"))?;
        std::fs::write(&control, [0; 16]).map_err(|error| format!("{}: {error}", control.display()))?;
        let file = File::options().write(true).open(&control);
        let file = file.map_err(|error| format!("{}: {error}", control.display()))?;
        Ok(Some(Self { library, control, file }))
    }

    /// The variables with which a program is started.
    pub fn environment(&self) -> [(&'static str, &Path); 2] {
        [("LD_PRELOAD", &self.library), ("CHAOS_CONTROL", &self.control)]
    }

    /// The disk fails like this from now on; `None`: it works.
    pub fn disk(&self, trouble: Option<Disk>) -> Result<(), Failure> {
        let (kind, delay) = match trouble {
            None => (0, Duration::ZERO),
            Some(Disk::Full) => (1, Duration::ZERO),
            Some(Disk::Broken) => (2, Duration::ZERO),
            Some(Disk::Slow(delay)) => (3, delay),
        };
        // The delay first: the kind makes it count.
        self.write(12, &i32::try_from(delay.as_micros()).unwrap_or(i32::MAX).to_ne_bytes())?;
        self.write(8, &i32::to_ne_bytes(kind))
    }

    /// The wall clock differs by so many seconds from that of the machine from now on.
    pub fn clock(&self, seconds: i64) -> Result<(), Failure> {
        self.write(0, &(seconds * 1_000_000).to_ne_bytes())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all_at(bytes, at).map_err(|error| format!("{}: {error}", self.control.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program prints that starts with the library.
    fn run(shim: &Shim, script: &str) -> String {
        let mut command = Command::new("sh");
        command.args(["-c", script]).envs(shim.environment());
        let done = command.output().expect("sh is there");
        String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).trim().to_owned()
    }

    #[test]
    fn a_program_sees_the_faults_of_its_disk_and_clock() {
        let directory = tempfile::tempdir().expect("a directory");
        let Some(shim) = Shim::build(&Workspace::find(), directory.path()).expect("it compiles") else {
            println!("no C compiler here: the library is not tried");
            return;
        };
        // It writes by the function of the C library itself, to a descriptor of its own.
        let write = format!("echo x | split - {} && echo written", directory.path().join("file").display());
        assert_eq!(run(&shim, &write), "written");
        for (trouble, expected) in [(Disk::Full, "No space left on device"), (Disk::Broken, "Input/output error")] {
            shim.disk(Some(trouble)).expect("the file of faults");
            let seen = run(&shim, &write);
            assert!(seen.contains(expected), "{trouble:?}: {seen}");
        }
        shim.disk(None).expect("the file of faults");
        shim.clock(86_400 * 365).expect("the file of faults");
        let (real, shown) = (run_plain("date +%Y"), run(&shim, "date +%Y"));
        assert_eq!(
            shown.parse::<u32>().ok(),
            real.parse::<u32>().ok().map(|year| year + 1),
            "{shown} is a year later than {real}"
        );
    }

    fn run_plain(script: &str) -> String {
        let done = Command::new("sh").args(["-c", script]).output().expect("sh is there");
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}
