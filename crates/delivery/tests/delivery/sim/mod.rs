//! A seeded simulation of the delivery machine: virtual time, logs, progress and sinks in memory, and everything that
//! can fail. Each seed is one world that runs, fails, is repaired and must then have settled every event.
//!
//! `cargo xtask simulate` runs the first test here in an optimised build. Its environment:
//!
//! | variable | what it does |
//! |---|---|
//! | `SIM_SEED=n` | runs the world of one seed and writes its trace |
//! | `SIM_WORLD="n events=3 …"` | runs one world by its parameters and writes its trace |
//! | `SIM_SEEDS=n`, `SIM_FROM=n` | how many seeds, and the first one |
//! | `SIM_THREADS=n` | so many threads, and shows progress |
//! | `SIM_VIOLATIONS=n` | stops after so many violations (1) |
//!
//! Those of the planted bugs are in `planted`.

mod answers;
mod changes;
mod checks;
mod course;
mod journal;
mod kanalen;
mod made;
mod oracle;
pub mod parameters;
mod quick_hash;
mod registry;
mod requests;
mod retries;
mod seeds;
mod shrink;
mod sinks;
mod storing;
pub mod trace;
pub mod violation;
mod world;

use std::str::FromStr;

use self::{
    parameters::Parameters,
    seeds::{Found, Seeds},
    trace::Trace,
    violation::Violation,
};

/// Worlds of one run of the tests, unless `SIM_SEEDS` says otherwise.
const SEEDS: u64 = 300;

#[test]
fn invariants_hold_in_every_world_i1_to_i8() {
    if let Some(parameters) = variable("SIM_WORLD").or_else(|| variable("SIM_SEED").map(Parameters::whole)) {
        replay(&parameters);
        return;
    }
    let threads = variable("SIM_THREADS");
    let seeds = Seeds {
        from: variable("SIM_FROM").unwrap_or(0),
        number: variable("SIM_SEEDS").unwrap_or(SEEDS),
        threads: threads.unwrap_or(1),
        violations: variable("SIM_VIOLATIONS").unwrap_or(1),
        progress: threads.is_some(),
    };
    let Found { worlds, requests, violations } = seeds::run(seeds);
    for (seed, violation) in &violations {
        eprintln!("the world of SIM_SEED={seed} broke a promise: {violation}");
    }
    if let Some((seed, violation)) = violations.first() {
        eprintln!("the world of seed {seed} is made smaller");
        let smallest = smallest(*seed, violation);
        eprintln!("the smallest world with it is SIM_WORLD=\"{smallest}\":");
        let again = violation::run(&smallest, Trace::Print);
        eprintln!("{}", again.map_or_else(|violation| violation.to_string(), |_| "it holds now".to_owned()));
    }
    assert!(violations.is_empty(), "{} worlds broke a promise", violations.len());
    assert!(requests > worlds * 100, "the worlds are alive: {requests} requests");
}

/// The value of a variable of the environment; one that cannot be read is an error.
pub fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} cannot be read")))
}

/// Runs one world and writes its trace.
fn replay(parameters: &Parameters) {
    match violation::run(parameters, Trace::Print) {
        Ok(requests) => eprintln!("every promise holds in {requests} requests"),
        Err(violation) => {
            eprintln!("a promise does not hold: {violation}");
            panic!("{violation}");
        }
    }
}

/// The smallest world of a seed in which the same promise breaks.
fn smallest(seed: u64, violation: &Violation) -> Parameters {
    let whole = Parameters::whole(seed);
    shrink::shrink(&whole, course::length(&whole), |smaller| {
        violation::run(smaller, Trace::Off).is_err_and(|other| other.place == violation.place)
    })
}

#[test]
fn equal_parameters_make_equal_worlds() {
    for parameters in [Parameters::whole(1), Parameters { sinks: 1, events: 2, ..Parameters::whole(2) }] {
        let lines = || {
            let kept = std::sync::Arc::default();
            violation::run(&parameters, Trace::Keep(std::sync::Arc::clone(&kept))).expect("every promise holds");
            std::mem::take(&mut *kept.lock().expect("lines"))
        };
        let (one, other) = (lines(), lines());
        let differs = one.iter().zip(&other).find(|(one, other)| one != other);
        assert_eq!(differs, None, "in the world of {parameters}");
        assert!(one.len() == other.len() && one.len() > 100, "{} lines", one.len());
    }
}
