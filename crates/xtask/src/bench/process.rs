//! A process under measurement: started, asked for what it used so far, and ended with this value. Reads /proc, so Linux.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::workspace::{Failure, execute};

/// Clock ticks per second in `/proc/PID/stat`: fixed by Linux for user space.
const TICKS_PER_SECOND: u64 = 100;

pub struct Process {
    child: Child,
    name: &'static str,
}

/// Resident memory of a process, in KiB.
#[derive(Clone, Copy)]
pub struct Memory {
    pub now: u64,
    pub peak: u64,
}

impl Process {
    /// Starts a program with as many open files allowed as this user may have: every connection is one.
    pub fn start(
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        stdout: Stdio,
        stderr: Stdio,
    ) -> Result<Self, Failure> {
        Self::start_in(&[], name, program, arguments, stdout, stderr)
    }

    /// Starts it with these further variables of its environment.
    pub fn start_in(
        environment: &[(&str, &OsStr)],
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        stdout: Stdio,
        stderr: Stdio,
    ) -> Result<Self, Failure> {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n \"$(ulimit -H -n)\"; exec \"$0\" \"$@\""]).arg(program).args(arguments);
        command.envs(environment.iter().copied());
        let child = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn();
        Ok(Self { child: child.map_err(|error| format!("{name} does not start: {error}"))?, name })
    }

    /// Starts a mode of the bare limit and returns the URL it listens on.
    pub fn limit(name: &'static str, arguments: &[&str]) -> Result<(Self, String), Failure> {
        let program = std::env::current_exe().map_err(|error| format!("own path: {error}"))?;
        let arguments: Vec<&str> = ["limit"].iter().chain(arguments).copied().collect();
        let mut process = Self::start(name, &program, &arguments, Stdio::piped(), Stdio::inherit())?;
        let line = process.first_line()?;
        let url = line.strip_prefix("listening on ").ok_or_else(|| format!("{name} said: {line}"))?;
        Ok((process, url.trim().to_owned()))
    }

    fn first_line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if let Some(stdout) = &mut self.child.stdout {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| format!("{}: {error}", self.name))?;
        }
        Ok(line)
    }

    /// Whether the process has not ended yet.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends it a signal, by its name without `SIG`.
    pub fn signal(&self, name: &str) -> Result<(), Failure> {
        let id = self.child.id().to_string();
        execute(Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", name, &id]))
    }

    /// Processor time used so far, by user and kernel, over all threads.
    pub fn processor_time(&self) -> Result<Duration, Failure> {
        let text = self.proc_file("stat")?;
        // The second field is the program's name in parentheses, which may hold spaces.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS_PER_SECOND))
    }

    pub fn memory(&self) -> Result<Memory, Failure> {
        let text = self.proc_file("status")?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap_or(0)
        };
        Ok(Memory { now: field("VmRSS"), peak: field("VmHWM") })
    }

    fn proc_file(&self, file: &str) -> Result<String, Failure> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).map_err(|error| format!("{} ({path}): {error}", self.name))
    }

    /// Kills the process, if it runs, and waits for its end.
    pub fn kill(&mut self) {
        // Both fail only for a process that has gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
