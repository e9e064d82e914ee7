//! What a program of libtest printed: how many tests passed and failed, which of its lines are worth showing, and how long
//! each test took.
//!
//! libtest does not print times. It starts tests in the order of its list, as many concurrently as it has threads, and prints a
//! line when one ends; so the test that starts at that moment is known, and the time between the two lines is that of the
//! test. It includes what the line takes to arrive, and nothing is known of a test whose line another program broke.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Numbers of tests by result.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    /// Adds the figures of a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            if let Some((number, what)) = part.trim().split_once(' ')
                && let Ok(number) = number.parse::<u64>()
            {
                match what {
                    "passed" => self.passed += number,
                    "failed" => self.failed += number,
                    _ => {}
                }
            }
        }
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The output of one program so far.
pub struct Transcript {
    pub count: Count,
    lines: Vec<String>,
    names: Names,
    times: Times,
}

impl Transcript {
    /// One of a program with these tests, in the order of its list, on so many threads, started now.
    pub fn new(tests: Vec<String>, threads: usize, now: Instant) -> Self {
        let times = Times::new(tests, threads, now);
        Self { count: Count::default(), lines: Vec::new(), names: Names::default(), times }
    }

    /// Processes the next line of output, read at `now`.
    pub fn line(&mut self, line: String, verbose: bool, now: Instant) {
        self.count.add(&line);
        if let Some(name) = ended_test(&line) {
            self.times.end(name, now);
        }
        let is_skipped = self.names.follow(&line) || is_noise(&line);
        if verbose || !is_skipped {
            self.lines.push(line);
        }
    }

    /// The lines to print: failures and what tests wrote, or all of them with `verbose`.
    pub fn kept_lines(&self) -> &[String] {
        &self.lines
    }

    /// The lines of libtest about the tests that failed: what each printed, and their names. Empty when none failed.
    pub fn failures(&self) -> &[String] {
        let start = self.lines.iter().position(|line| line == "failures:").unwrap_or(self.lines.len());
        self.lines.get(start..).unwrap_or_default()
    }

    /// The lines that report a panic, each with the first line of its message.
    pub fn panics(&self) -> impl Iterator<Item = &String> {
        let is_panic = |line: &String| line.starts_with("thread '") && line.contains(" panicked at ");
        let places = self.lines.iter().enumerate().filter(move |(_, line)| is_panic(line));
        places.flat_map(|(at, _)| self.lines.iter().skip(at).take(2))
    }

    /// Every test that ended, with the time it took.
    pub fn times(&self) -> &[(String, Duration)] {
        &self.times.done
    }
}

/// The name of the test that a line reports as ended.
fn ended_test(line: &str) -> Option<&str> {
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    matches!(verdict, "ok" | "FAILED").then(|| name.strip_suffix(" - should panic").unwrap_or(name))
}

/// Whether a line only reports success.
fn is_noise(line: &str) -> bool {
    line.is_empty()
        || line.starts_with("running ") && line.contains(" test")
        || line.starts_with("test ") && line.ends_with(" ... ok")
        || line.starts_with("test result: ok.")
}

/// Follows the list of the names of all tests that passed, which comes with what they printed.
#[derive(Default)]
struct Names {
    inside: bool,
}

impl Names {
    /// Whether the next line belongs to that list.
    fn follow(&mut self, line: &str) -> bool {
        let heading = line == "successes:";
        self.inside = heading || self.inside && (line.is_empty() || line.starts_with("    "));
        self.inside
    }
}

/// Works out when each test started.
struct Times {
    waiting: std::vec::IntoIter<String>,
    started: HashMap<String, Instant>,
    done: Vec<(String, Duration)>,
}

impl Times {
    fn new(tests: Vec<String>, threads: usize, now: Instant) -> Self {
        let mut times = Self { waiting: tests.into_iter(), started: HashMap::new(), done: Vec::new() };
        for _ in 0..threads {
            times.start(now);
        }
        times
    }

    fn start(&mut self, now: Instant) {
        if let Some(test) = self.waiting.next() {
            self.started.insert(test, now);
        }
    }

    fn end(&mut self, test: &str, now: Instant) {
        if let Some(start) = self.started.remove(test) {
            self.done.push((test.to_owned(), now.saturating_duration_since(start)));
        }
        self.start(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str], verbose: bool) -> Transcript {
        let now = Instant::now();
        let mut transcript = Transcript::new(Vec::new(), 1, now);
        for line in lines {
            transcript.line((*line).to_owned(), verbose, now);
        }
        transcript
    }

    #[test]
    fn results_add_up() {
        let mut count = of(
            &[
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
                "test a::passed ... ok",
                "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
            ],
            false,
        )
        .count;
        assert_eq!(count, Count { passed: 15, failed: 2 });
        count += Count { passed: 1, failed: 0 };
        assert_eq!(count.to_string(), "16 passed, 2 failed");
    }

    #[test]
    fn what_tests_printed_is_shown_and_not_their_names() {
        let lines = [
            "running 2 tests",
            "test a ... ok",
            "test b::c ... FAILED",
            "test b::c has been running for over 60 seconds",
            "",
            "successes:",
            "",
            "---- a stdout ----",
            "    12 acknowledged, 0 lost",
            "successes:",
            "    a",
            "",
            "thread 'b::c' panicked at src/a.rs:1:2:",
            "test result: FAILED. 1 passed; 1 failed;",
        ];
        let shown = [
            "test b::c ... FAILED",
            "test b::c has been running for over 60 seconds",
            "---- a stdout ----",
            "    12 acknowledged, 0 lost",
            "thread 'b::c' panicked at src/a.rs:1:2:",
            "test result: FAILED. 1 passed; 1 failed;",
        ];
        assert_eq!(of(&lines, false).kept_lines(), shown);
        assert_eq!(of(&lines, true).kept_lines(), lines);
    }

    #[test]
    fn failures_start_at_their_heading() {
        let lines =
            ["test a ... FAILED", "---- b stdout ----", "failures:", "---- a stdout ----", "panicked", "failures:"];
        assert_eq!(of(&lines, false).failures(), &lines[2..]);
        assert!(of(&lines[..2], false).failures().is_empty());
    }

    #[test]
    fn a_panic_is_found_with_its_message_among_what_tests_printed() {
        let lines = ["failures:", "thread 'a' (7) panicked at src/a.rs:1:2:", "no answer", "log: one panicked at noon"];
        assert_eq!(of(&lines, false).panics().collect::<Vec<_>>(), [lines[1], lines[2]]);
    }

    #[test]
    fn the_time_of_a_test_runs_from_the_moment_a_thread_is_free() {
        let start = Instant::now();
        let tests = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let mut transcript = Transcript::new(tests, 2, start);
        for (line, seconds) in [
            ("test b ... ok", 3),
            ("test c - should panic ... ok", 5),
            ("test a ... FAILED", 6),
            ("test e ... ok", 7),
            ("test d ... ok", 10),
        ] {
            transcript.line(line.to_owned(), false, start + Duration::from_secs(seconds));
        }
        let expected = [("b", 3), ("c", 2), ("a", 6), ("d", 5)];
        assert_eq!(transcript.times(), expected.map(|(name, took)| (name.to_owned(), Duration::from_secs(took))));
    }
}
