//! `cargo xtask test`: every check and every test, stage by stage, and at the end how many tests passed and failed.
//! Only calls other tools; the rules themselves are in `tidy`, deny.toml, clippy.toml and the tests.
//!
//! At the lowest priority, packages of other languages are prepared from the first second, and Clippy and rustdoc run beside
//! the tests, which mostly wait.

mod background;
mod broker;
pub mod executables;
mod runner;
mod transcript;
pub mod weights;

use std::process::Command;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::stages::Stages;
use crate::workspace::{Failure, Workspace, execute, execute_within};
use crate::{codegen, tidy};
use background::{Background, Ended};
use broker::Broker;
use executables::Built;
use runner::{Results, Runner};

/// Stages in the order they run, cheap ones first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    Fmt,
    Tidy,
    Build,
    Test,
    Clippy,
    Doc,
    Codegen,
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

impl Options {
    fn wants(&self, stage: Stage) -> bool {
        self.only.is_empty() || self.only.contains(&stage)
    }
}

/// The time after which the demo is stopped; it needs far less.
const DEMO_TIME: Duration = Duration::from_mins(10);

/// How many of the slowest tests are listed.
const SLOWEST: usize = 10;

/// Features that every build of the workspace has on: what some tests require, and what would else go unchecked. With
/// one set for all stages nothing is compiled twice. `tidy` compares it with what the tests require.
pub const FEATURES: &[&str] = &[
    "conformance/kafka",
    "delivery/planted",
    "storage/kafka",
    "storage/sqlite",
    "storage/suite",
    "translator/sdk",
    "xtask/bench",
];

pub fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    let mut stages = Stages::new();
    let mut preparing = if options.wants(Stage::Test) { Some(prepare(workspace)?) } else { None };
    if options.wants(Stage::Fmt) {
        stages.run("fmt", || fmt(workspace));
    }
    if options.wants(Stage::Tidy) {
        stages.run("tidy", || tidy::run(workspace));
    }
    let mut built = None;
    if options.wants(Stage::Build) || options.wants(Stage::Test) {
        stages.run("build", || executables::build(workspace).map(|made| built = Some(made)));
    }
    let mut beside = Vec::new();
    if options.wants(Stage::Clippy) {
        beside.push(clippy(workspace)?);
        beside.push(simulation(workspace)?);
    }
    if options.wants(Stage::Doc) {
        beside.push(documentation(workspace)?);
    }
    let mut results = Results::default();
    if let (Some(built), true) = (&built, options.wants(Stage::Test)) {
        stages.run("test", || tests(workspace, options.verbose, built, &mut beside, &mut results));
    }
    for check in &mut beside {
        check.wait().report(&mut stages);
    }
    if let Some(preparing) = &mut preparing {
        report_prepared(preparing.wait(), &mut stages);
    }
    if stages.failed("build") {
        println!("\nThe build failed: no tests, no generated files, no demo.");
    } else {
        if options.wants(Stage::Codegen) {
            stages.run("codegen", || codegen::check(workspace, &workspace.binary("debug", "gateway")));
        }
        if options.wants(Stage::Demo) {
            stages.run("demo", || demo(workspace));
        }
    }
    slowest(&mut results.times);
    print_lines("failed tests", &results.failed_tests);
    print_lines("panics", &results.panics);
    let verdict = stages.conclude();
    if options.wants(Stage::Test) {
        println!("{}", results.count);
    }
    verdict
}

/// The packages of other languages, beside the stages before the tests that need them.
fn prepare(workspace: &Workspace) -> Result<Background, Failure> {
    let program = std::env::current_exe().map_err(|error| format!("own path: {error}"))?;
    Background::start("prepare", workspace.command(program).arg("prepare"))
}

/// Reports the result of preparing. A package that it failed to fetch was fetched by the tests that need it, or they failed.
fn report_prepared(ended: &Ended, stages: &mut Stages) {
    if let Some(reason) = &ended.failure {
        println!("\n== prepare: {reason}; what it did not fetch is left to the tests\n{}", ended.output);
    }
    stages.beside("prepare", ended.took, None);
}

fn fmt(workspace: &Workspace) -> Result<(), Failure> {
    execute(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<Background, Failure> {
    let mut command = workspace.cargo();
    every_package(command.arg("clippy")).args(["--all-targets", "--quiet", "--", "-D", "warnings"]);
    Background::start("clippy", &command)
}

/// Checks what `cargo xtask simulate` builds: one package with the features that it has alone.
fn simulation(workspace: &Workspace) -> Result<Background, Failure> {
    let mut command = workspace.cargo();
    command.args(["check", "--package", "delivery", "--test", "delivery", "--locked", "--quiet"]);
    Background::start("simulation", &command)
}

fn every_package(command: &mut Command) -> &mut Command {
    command.args(["--workspace", "--locked", "--features"]).arg(FEATURES.join(","))
}

fn documentation(workspace: &Workspace) -> Result<Background, Failure> {
    let mut command = workspace.cargo();
    every_package(command.arg("doc")).args(["--no-deps", "--quiet"]);
    Background::start("doc", command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Runs `gateway demo`, which must end by itself without an error.
fn demo(workspace: &Workspace) -> Result<(), Failure> {
    execute_within(workspace.command(workspace.binary("debug", "gateway")).arg("demo"), DEMO_TIME)
}

/// Runs every test: those that may have others beside them, then those that may not. The tests in the documentation and
/// what else runs beside the former have ended before the latter start.
fn tests(
    workspace: &Workspace,
    verbose: bool,
    built: &Built,
    beside: &mut [Background],
    results: &mut Results,
) -> Result<(), Failure> {
    let mut command = workspace.cargo();
    every_package(command.arg("test")).args(["--doc", "--no-fail-fast", "--quiet"]);
    let mut examples = Background::start("doc tests", &command)?;
    let broker = Broker::start(workspace);
    if let Err(reason) = &broker {
        println!("no broker for all: {reason}; every executable starts its own");
    }
    let shared = broker.as_ref().ok().map(|broker| (broker::VARIABLE, broker.address.clone()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runner = Runner {
        workspace,
        built,
        environment: shared.into_iter().collect(),
        verbose,
        cores,
        show: |line| println!("{line}"),
    };
    runner.run_concurrently(results);
    results.examples(examples.wait());
    for check in beside {
        check.wait();
    }
    runner.run_alone(results);
    if results.count.passed == 0 {
        return Err("no test ran".to_owned());
    }
    if results.failures.is_empty() { Ok(()) } else { Err(results.failures.join(", ")) }
}

/// Prints lines of tests that failed under a heading.
fn print_lines(heading: &str, lines: &[String]) {
    if !lines.is_empty() {
        println!("\n== {heading}");
    }
    for line in lines {
        println!("{line}");
    }
}

/// Lists the tests that took longest, as `transcript` measures them.
fn slowest(times: &mut [(String, Duration)]) {
    if times.is_empty() {
        return;
    }
    times.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    println!("\n== slowest tests");
    for (test, took) in times.iter().take(SLOWEST) {
        println!("{:>7.1} s  {test}", took.as_secs_f64());
    }
}
