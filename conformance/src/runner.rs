//! Plays scenarios against a target, several at a time, and collects what came of each.
//! What a step means stands in [`crate::stage`]; what a verdict is, in [`crate::report`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::clock;
use crate::evidence::{Exchange, Fault};
use crate::receiver::Receiver;
use crate::scenario::{Scenario, covered};
use crate::stage::{Stage, described};
use crate::target::Target;

/// Everything a run needs.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The system under test.
    pub target: Target,
    /// The subscribers.
    pub receiver: Receiver,
    /// How long something expected may take before it counts as missing.
    pub patience: Duration,
    /// How many scenarios are played at the same time.
    pub parallel: usize,
    /// Part of every name of this run, so that runs do not meet.
    pub run: String,
}

impl Suite {
    /// A suite with the usual patience and parallelism.
    pub fn new(target: Target, receiver: Receiver) -> Suite {
        let run = format!("{:x}", clock::unix_nanos() / 1_000_000);
        Suite { target, receiver, patience: Duration::from_secs(10), parallel: 16, run }
    }
}

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything as expected.
    Passed,
    /// The scenario needs these abilities, and the target does not have them.
    NotApplicable(Vec<String>),
    /// Not as expected.
    Failed(Vec<Failure>),
}

/// One thing that was not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The requirements it is about; none means all of the scenario.
    pub covers: Vec<String>,
    /// The values of the case, when the scenario has cases.
    pub case: String,
    /// Which step: 0 is the preparation, one more than the last is the end.
    pub step: usize,
    /// What differs.
    pub what: String,
    /// The exchange.
    pub evidence: String,
}

/// A scenario with its outcome.
#[derive(Debug, Clone)]
pub struct Played {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
    /// What went over the wire.
    pub exchanges: Vec<Exchange>,
}

/// Told after each scenario.
pub type Progress<'a> = dyn Fn(&Played) + Send + Sync + 'a;

/// Once a case has failed, no further one is begun after so many times the patience of the suite: each may wait in vain.
const PATIENCES_FOR_CASES: u32 = 4;
/// The most time one scenario gets, in the same measure, on a slow machine too.
const PATIENCES: u32 = 12;

/// Plays all scenarios; the result is in their order.
pub async fn run(suite: &Suite, scenarios: Vec<Scenario>) -> Vec<Played> {
    run_telling(suite, scenarios, &|_| {}).await
}

/// As [`run`], and tells `progress` of each scenario as it ends.
pub async fn run_telling(suite: &Suite, scenarios: Vec<Scenario>, progress: &Progress<'_>) -> Vec<Played> {
    let suite = Arc::new(suite.clone());
    let slots = Arc::new(Semaphore::new(suite.parallel));
    let mut tasks = JoinSet::new();
    for (number, scenario) in scenarios.into_iter().enumerate() {
        let (suite, slots, scenario) = (Arc::clone(&suite), Arc::clone(&slots), Arc::new(scenario));
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            (number, play(&suite, number, scenario).await)
        });
    }
    let mut played = BTreeMap::new();
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok((number, one)) => {
                progress(&one);
                played.insert(number, one);
            }
            // Nothing cancels these tasks: the error is a panic of the suite itself.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    played.into_values().collect()
}

impl Failure {
    fn at(step: usize, what: String) -> Failure {
        Failure { covers: vec![], case: String::new(), step, what, evidence: String::new() }
    }

    fn of(case: &BTreeMap<String, String>, step: usize, fault: Fault) -> Failure {
        let (covers, case) = (covered(case), described(case));
        Failure { covers, case, step, what: fault.what, evidence: fault.evidence }
    }
}

async fn play(suite: &Suite, number: usize, scenario: Arc<Scenario>) -> Played {
    let started = clock::instant();
    let missing: Vec<_> = scenario.all_needs().into_iter().filter(|need| !suite.target.can(need)).collect();
    if !missing.is_empty() {
        let outcome = Outcome::NotApplicable(missing);
        return Played { scenario, outcome, took: Duration::ZERO, exchanges: vec![] };
    }
    let mut stage = Stage::new(suite, number, &scenario);
    let limit = suite.patience * PATIENCES;
    let deadline = started + suite.patience * PATIENCES_FOR_CASES;
    let failures = match tokio::time::timeout(limit, stages(&mut stage, &scenario, deadline)).await {
        Err(_) => vec![Failure::at(0, format!("not finished within {limit:?}"))],
        Ok(failures) => failures,
    };
    // What it does not get to take away in this time stays; the outcome is known already.
    drop(tokio::time::timeout(suite.patience, stage.leave()).await);
    let outcome = if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures) };
    let exchanges = stage.into_exchanges();
    Played { scenario, outcome, took: started.elapsed(), exchanges }
}

async fn stages(stage: &mut Stage<'_>, scenario: &Scenario, deadline: clock::Instant) -> Vec<Failure> {
    let none = BTreeMap::new();
    let mut failures = vec![];
    if let Err(fault) = stage.prepare().await {
        return vec![Failure::of(&none, 0, fault)];
    }
    let cases = if scenario.cases.is_empty() { std::slice::from_ref(&none) } else { &scenario.cases };
    for (place, case) in cases.iter().enumerate() {
        if !failures.is_empty() && clock::instant() >= deadline {
            failures.push(Failure::at(0, format!("no time was left for {} of the cases", cases.len() - place)));
            break;
        }
        stage.begin(place, case);
        for (index, step) in scenario.step.iter().enumerate() {
            if let Err(fault) = stage.play(index + 1, step).await {
                failures.push(Failure::of(case, index + 1, fault));
                stage.abandon().await;
                break;
            }
        }
    }
    if failures.is_empty()
        && let Err(fault) = stage.conclude().await
    {
        failures.push(Failure::of(&none, scenario.step.len() + 1, fault));
    }
    failures
}
