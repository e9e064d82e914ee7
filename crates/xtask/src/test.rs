//! `cargo xtask test`: every check and every test, stage by stage, and at the end how many tests passed and failed.
//! Only calls other tools; the rules themselves stand in `tidy`, deny.toml, clippy.toml and the tests.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::stages::Stages;
use crate::workspace::{Failure, Workspace, execute, execute_within};
use crate::{codegen, deny, tidy};

/// Stages in the order they run, cheap ones first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    Fmt,
    Tidy,
    Deny,
    Clippy,
    Build,
    Test,
    Codegen,
    Doc,
    Demo,
}

#[derive(Args)]
pub struct Options {
    /// Only this stage; may be given more than once
    #[arg(long, value_name = "STAGE")]
    only: Vec<Stage>,
    /// Print the line of every test, not only those that fail
    #[arg(long)]
    verbose: bool,
}

/// Far more than the demo needs; it is stopped then.
const DEMO_TIME: Duration = Duration::from_mins(2);

/// Features that every build of the workspace has on: what some tests require, and what would else go unchecked. With
/// one set for all stages nothing is compiled twice. `tidy` compares it with what the tests require.
pub const FEATURES: &[&str] =
    &["conformance/kafka", "storage/kafka", "storage/sqlite", "storage/suite", "translator/sdk", "xtask/bench"];

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let mut stages = Stages::default();
    let mut count = Count::default();
    let wanted = |stage| options.only.is_empty() || options.only.contains(&stage);
    if wanted(Stage::Fmt) {
        stages.run("fmt", || fmt(workspace));
    }
    if wanted(Stage::Tidy) {
        stages.run("tidy", || tidy::run(workspace));
    }
    if wanted(Stage::Deny) {
        stages.run("deny", || deny::check(workspace));
    }
    if wanted(Stage::Clippy) {
        stages.run("clippy", || clippy(workspace));
    }
    if wanted(Stage::Build) {
        stages.run("build", || build(workspace));
    }
    if stages.failed("build") {
        println!("\nThe build failed: no tests, no generated files, no demo.");
    } else {
        if wanted(Stage::Test) {
            stages.run("test", || tests(workspace, options.verbose, &mut count));
        }
        if wanted(Stage::Codegen) {
            stages.run("codegen", || codegen::check(workspace, &workspace.binary("debug", "gateway")));
        }
        if wanted(Stage::Demo) {
            stages.run("demo", || demo(workspace));
        }
    }
    if wanted(Stage::Doc) {
        stages.run("doc", || documentation(workspace));
    }
    let verdict = stages.conclude();
    if wanted(Stage::Test) {
        println!("{count}");
    }
    verdict
}

fn fmt(workspace: &Workspace) -> Result<(), Failure> {
    execute(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<(), Failure> {
    let mut command = workspace.cargo();
    execute(all_of_it(command.arg("clippy")).args(["--all-targets", "--quiet", "--", "-D", "warnings"]))
}

fn all_of_it(command: &mut Command) -> &mut Command {
    command.args(["--workspace", "--locked", "--features"]).arg(FEATURES.join(","))
}

/// Binaries and tests in one go: the tests' features then hold for both, and nothing is compiled twice.
fn build(workspace: &Workspace) -> Result<(), Failure> {
    execute(all_of_it(workspace.cargo().arg("build")).args(["--bins", "--tests", "--quiet"]))
}

fn documentation(workspace: &Workspace) -> Result<(), Failure> {
    let mut command = workspace.cargo();
    all_of_it(command.arg("doc")).args(["--no-deps", "--quiet"]);
    execute(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// The first thing a newcomer runs must work, and end by itself.
fn demo(workspace: &Workspace) -> Result<(), Failure> {
    execute_within(workspace.command(workspace.binary("debug", "gateway")).arg("demo"), DEMO_TIME)
}

fn tests(workspace: &Workspace, verbose: bool, count: &mut Count) -> Result<(), Failure> {
    let mut command = workspace.cargo();
    // Some tests count what they saw (events lost and repeated, requirements, differences of SDKs): that is part of the result.
    all_of_it(command.arg("test")).args(["--no-fail-fast", "--", "--show-output"]);
    command.env("GATEWAY_BIN", workspace.binary("debug", "gateway"));
    command.env("WEBHOOK_VALIDATOR_BIN", workspace.binary("debug", "webhook-validator"));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("cargo does not start: {error}"))?;
    if let Some(stdout) = child.stdout.take() {
        let mut names = Names::default();
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(|error| format!("output of cargo test: {error}"))?;
            count.add(&line);
            if verbose || !(names.follow(&line) || is_noise(&line)) {
                println!("{line}");
            }
        }
    }
    let status = child.wait().map_err(|error| format!("cargo test: {error}"))?;
    if count.passed == 0 {
        return Err("no test ran".to_owned());
    }
    if status.success() { Ok(()) } else { Err(format!("{} tests failed", count.failed)) }
}

/// Lines of a test run that say nothing but that all is well.
fn is_noise(line: &str) -> bool {
    line.is_empty()
        || line.starts_with("running ") && line.contains(" test")
        || line.starts_with("test ") && line.ends_with(" ... ok")
        || line.starts_with("test result: ok. 0 passed")
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

/// Tests counted over all packages.
#[derive(Default, Debug, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
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

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_packages_add_up() {
        let mut count = Count::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test a::passed ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s",
        ] {
            count.add(line);
        }
        assert_eq!(count, Count { passed: 15, failed: 2 });
        assert_eq!(count.to_string(), "15 passed, 2 failed");
    }

    #[test]
    fn what_tests_printed_is_shown_and_not_their_names() {
        let lines = [
            ("successes:", true),
            ("", true),
            ("---- a stdout ----", false),
            ("    12 acknowledged, 0 lost", false),
            ("successes:", true),
            ("    a", true),
            ("    b::c", true),
            ("", true),
            ("test result: ok. 2 passed; 0 failed;", false),
        ];
        let mut names = Names::default();
        for (line, expected) in lines {
            assert_eq!(names.follow(line), expected, "{line}");
        }
    }

    #[test]
    fn only_good_news_is_noise() {
        for (line, expected) in [
            ("", true),
            ("running 4 tests", true),
            ("test a::b ... ok", true),
            ("test a::b ... FAILED", false),
            ("test a::b has been running for over 60 seconds", false),
            ("test result: ok. 4 passed; 0 failed;", false),
            ("thread 'a::b' panicked at src/a.rs:1:2:", false),
        ] {
            assert_eq!(is_noise(line), expected, "{line}");
        }
    }
}
