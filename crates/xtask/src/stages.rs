//! A list of named stages: runs them in order, times each, and reports at the end which failed. Not what a stage does.

use std::time::{Duration, Instant};

use crate::workspace::Failure;

/// The result of one stage.
struct StageResult {
    name: &'static str,
    took: Duration,
    /// Whether it ran concurrently with other stages, so that its time is no part of the total.
    beside: bool,
    failure: Option<Failure>,
}

/// The results of the stages that have run so far.
pub struct Stages {
    start: Instant,
    done: Vec<StageResult>,
}

impl Stages {
    pub fn new() -> Self {
        Self { start: Instant::now(), done: Vec::new() }
    }

    /// Runs one stage and records its result; the next one runs in any case.
    pub fn run(&mut self, name: &'static str, stage: impl FnOnce() -> Result<(), Failure>) {
        println!("\n== {name}");
        let start = Instant::now();
        let failure = stage().err();
        self.end(name, start.elapsed(), false, failure);
    }

    /// Adds a stage that ran beside others.
    pub fn beside(&mut self, name: &'static str, took: Duration, failure: Option<Failure>) {
        self.end(name, took, true, failure);
    }

    fn end(&mut self, name: &'static str, took: Duration, beside: bool, failure: Option<Failure>) {
        match &failure {
            None => println!("== {name}: ok, {:.1} s", took.as_secs_f64()),
            Some(reason) => println!("== {name}: FAILED, {:.1} s: {reason}", took.as_secs_f64()),
        }
        self.done.push(StageResult { name, took, beside, failure });
    }

    pub fn failed(&self, name: &str) -> bool {
        self.done.iter().any(|done| done.name == name && done.failure.is_some())
    }

    /// Prints one line per stage; fails when one of them failed.
    pub fn conclude(self) -> Result<(), Failure> {
        println!("\n== summary");
        for done in &self.done {
            let verdict = if done.failure.is_some() { "FAILED" } else { "ok" };
            let beside = if done.beside { "  beside the others" } else { "" };
            println!("{:<10} {verdict:<6} {:>7.1} s{beside}", done.name, done.took.as_secs_f64());
        }
        println!("{:<10} {:<6} {:>7.1} s", "total", "", self.start.elapsed().as_secs_f64());
        let failures: Vec<&str> =
            self.done.iter().filter(|done| done.failure.is_some()).map(|done| done.name).collect();
        if failures.is_empty() { Ok(()) } else { Err(format!("failed: {}", failures.join(", "))) }
    }
}
