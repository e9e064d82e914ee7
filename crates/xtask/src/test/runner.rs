//! Runs test executables, as many concurrently as their weights allow, and prints the output of each as a whole when it has
//! ended. Not which executables there are (`executables`), and not what a line means (`transcript`).

use std::io::{BufRead, BufReader, PipeReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::background::Ended;
use super::executables::{Built, Executable};
use super::transcript::{Count, Transcript};
use super::weights::{self, Weight, WeightedExecutable};
use crate::workspace::{Failure, Workspace, output};

/// How long a program that a test left behind may keep the output open after the test has ended.
const LEFT_BEHIND: Duration = Duration::from_secs(10);

/// The results of all executables so far.
#[derive(Default)]
pub struct Results {
    pub count: Count,
    /// The executables that failed, and how.
    pub failures: Vec<String>,
    /// What the tests that failed printed, by executable; repeated at the end, where it is found first.
    pub failed_tests: Vec<String>,
    /// The panics of executables that failed, in short; repeated behind everything else that tests printed.
    pub panics: Vec<String>,
    /// Every test, with the time it took.
    pub times: Vec<(String, Duration)>,
}

/// Runs test executables, with these settings.
pub struct Runner<'a> {
    pub workspace: &'a Workspace,
    pub built: &'a Built,
    /// Environment variables for every executable.
    pub environment: Vec<(&'static str, String)>,
    /// Whether to show the lines of tests that passed too.
    pub verbose: bool,
    pub cores: usize,
    /// Prints a line.
    pub show: fn(&str),
}

/// The result of one executable.
struct ExecutableResult<'a> {
    executable: &'a Executable,
    took: Duration,
    transcript: Transcript,
    failure: Option<Failure>,
}

impl Runner<'_> {
    /// Runs the executables that may have others beside them.
    pub fn run_concurrently(&self, results: &mut Results) {
        self.all(|weight| weight != Weight::Alone, results);
    }

    /// Runs the executables that have the machine to themselves.
    pub fn run_alone(&self, results: &mut Results) {
        self.all(|weight| weight == Weight::Alone, results);
    }

    fn all(&self, wanted: impl Fn(Weight) -> bool, results: &mut Results) {
        let mut queue: Vec<WeightedExecutable> = self.built.executables.iter().map(weights::of).collect();
        queue.retain(|next| wanted(next.weight));
        queue.sort_by_key(|next| next.place);
        let mut free = weights::capacity(self.cores);
        let (mut running, (report, reports)) = (0, mpsc::channel());
        std::thread::scope(|scope| {
            loop {
                let fits = |next: &WeightedExecutable| next.weight.share(self.cores) <= free;
                if let Some(place) = queue.iter().position(fits) {
                    let next = queue.remove(place);
                    let share = next.weight.share(self.cores);
                    (free, running) = (free - share, running + 1);
                    let report = report.clone();
                    scope.spawn(move || {
                        // The receiver is there until all have reported.
                        let _ = report.send((share, self.one(next.executable)));
                    });
                    continue;
                }
                if running == 0 {
                    break;
                }
                let Ok((share, done)) = reports.recv() else { break };
                (free, running) = (free + share, running - 1);
                results.add(done, self.show);
            }
        });
    }

    fn one<'b>(&self, executable: &'b Executable) -> ExecutableResult<'b> {
        let start = Instant::now();
        let tests = self.tests_of(executable).unwrap_or_default();
        let transcript = Arc::new(Mutex::new(Transcript::new(tests, self.cores, Instant::now())));
        let mut command = self.command(executable);
        // Some tests count what they saw (events lost and repeated, requirements, differences of SDKs): part of the result.
        command.args(["--show-output", "--test-threads", &self.cores.to_string()]);
        let failure = self.execute(command, &transcript).err();
        let transcript = std::mem::replace(
            &mut *transcript.lock().unwrap_or_else(PoisonError::into_inner),
            Transcript::new(Vec::new(), 0, start),
        );
        ExecutableResult { executable, took: start.elapsed(), transcript, failure }
    }

    fn command(&self, executable: &Executable) -> Command {
        let mut command = self.built.command(self.workspace, executable);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The names of its tests, in the order in which they start.
    fn tests_of(&self, executable: &Executable) -> Result<Vec<String>, Failure> {
        let listed = output(self.command(executable).args(["--list", "--format", "terse"]))?;
        Ok(listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }

    fn execute(&self, mut command: Command, transcript: &Arc<Mutex<Transcript>>) -> Result<(), Failure> {
        let fault = |error: std::io::Error| format!("does not start: {error}");
        let (reader, writer) = std::io::pipe().map_err(fault)?;
        command.stdin(Stdio::null()).stdout(writer.try_clone().map_err(fault)?).stderr(writer);
        let mut child = command.spawn().map_err(fault)?;
        // The command holds the write ends of the pipe; the output ends only when all are closed.
        drop(command);
        let read = self.read(reader, Arc::clone(transcript));
        let status = child.wait().map_err(|error| format!("cannot be waited for: {error}"))?;
        // Either all is read, or a program that a test left behind keeps the pipe open.
        let _ = read.recv_timeout(LEFT_BEHIND);
        if status.success() { Ok(()) } else { Err(status.to_string()) }
    }

    /// Reads the output in the background; a message comes at its end.
    fn read(&self, output: PipeReader, transcript: Arc<Mutex<Transcript>>) -> Receiver<()> {
        let (end, ended) = mpsc::channel();
        let verbose = self.verbose;
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
                let mut transcript = transcript.lock().unwrap_or_else(PoisonError::into_inner);
                transcript.line(line, verbose, Instant::now());
            }
            // The receiver may have timed out.
            let _ = end.send(());
        });
        ended
    }
}

impl Results {
    /// Adds the results of the tests in the documentation, which cargo runs.
    pub fn examples(&mut self, ended: &Ended) {
        let now = Instant::now();
        let mut transcript = Transcript::new(Vec::new(), 0, now);
        for line in ended.output.lines() {
            transcript.line(line.to_owned(), false, now);
        }
        println!("-- tests in the documentation: {}, {:.1} s", transcript.count, ended.took.as_secs_f64());
        if ended.failure.is_some() {
            print!("{}", ended.output);
        }
        self.count += transcript.count;
        self.failures.extend(ended.failure.iter().map(|reason| format!("tests in the documentation ({reason})")));
    }

    fn add(&mut self, done: ExecutableResult, show: fn(&str)) {
        let ExecutableResult { executable, took, transcript, failure } = done;
        if transcript.count == Count::default() && failure.is_none() {
            return;
        }
        let verdict = if failure.is_some() { " FAILED:" } else { "" };
        show(&format!("-- {executable}:{verdict} {}, {:.1} s", transcript.count, took.as_secs_f64()));
        for line in transcript.kept_lines() {
            show(line);
        }
        if let Some(reason) = failure {
            show(&format!("-- {executable} ended with {reason}"));
            self.failed_tests.push(format!("-- {executable}"));
            self.failed_tests.extend_from_slice(transcript.failures());
            self.panics.extend(transcript.panics().cloned());
            self.failures.push(format!("{executable} ({reason})"));
        }
        self.count += transcript.count;
        let named = |(test, took): &(String, Duration)| (format!("{executable}: {test}"), *took);
        self.times.extend(transcript.times().iter().map(named));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_and_what_breaks_off_are_failures() {
        let workspace = Workspace::find();
        let folder = workspace.path("crates/xtask/tests/programs");
        let mut built = Built::default();
        built.executables.extend(["good", "bad", "broken"].map(|name| Executable {
            package: "p".to_owned(),
            target: name.to_owned(),
            program: folder.join(name),
            manifest: folder.join("Cargo.toml"),
        }));
        let environment = vec![("SHARED", "x".to_owned())];
        let runner =
            Runner { workspace: &workspace, built: &built, environment, verbose: false, cores: 2, show: |_| () };
        let mut results = Results::default();
        runner.run_alone(&mut results);
        assert_eq!(results.count, Count::default(), "none of them is to run alone");
        runner.run_concurrently(&mut results);
        assert_eq!(results.count, Count { passed: 1, failed: 1 });
        results.failures.sort();
        assert!(results.failures[0].starts_with("p bad (exit status: 101"), "{:?}", results.failures);
        assert!(results.failures[1].starts_with("p broken (signal: 9"), "{:?}", results.failures);
        let mut timed: Vec<&str> = results.times.iter().map(|(name, _)| name.as_str()).collect();
        timed.sort_unstable();
        assert_eq!(timed, ["p bad: bad", "p good: good"]);
    }
}
