//! A list of named stages: runs them in order, times each, and says at the end which failed. Not what a stage does.

use std::time::{Duration, Instant};

use crate::workspace::Failure;

/// What became of one stage.
struct Done {
    name: &'static str,
    took: Duration,
    failure: Option<Failure>,
}

/// The stages run so far.
#[derive(Default)]
pub struct Stages {
    done: Vec<Done>,
}

impl Stages {
    /// Runs one stage and remembers how it went; the next one runs in any case.
    pub fn run(&mut self, name: &'static str, stage: impl FnOnce() -> Result<(), Failure>) {
        println!("\n== {name}");
        let start = Instant::now();
        let failure = stage().err();
        let took = start.elapsed();
        match &failure {
            None => println!("== {name}: ok, {:.1} s", took.as_secs_f64()),
            Some(reason) => println!("== {name}: FAILED, {:.1} s: {reason}", took.as_secs_f64()),
        }
        self.done.push(Done { name, took, failure });
    }

    pub fn failed(&self, name: &str) -> bool {
        self.done.iter().any(|done| done.name == name && done.failure.is_some())
    }

    /// Prints one line a stage; fails when one of them did.
    pub fn conclude(self) -> Result<(), Failure> {
        println!("\n== summary");
        for done in &self.done {
            let verdict = if done.failure.is_some() { "FAILED" } else { "ok" };
            println!("{:<10} {verdict:<6} {:>7.1} s", done.name, done.took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|done| done.took).sum();
        println!("{:<10} {:<6} {:>7.1} s", "total", "", total.as_secs_f64());
        let failures: Vec<&str> =
            self.done.iter().filter(|done| done.failure.is_some()).map(|done| done.name).collect();
        if failures.is_empty() { Ok(()) } else { Err(format!("failed: {}", failures.join(", "))) }
    }
}
