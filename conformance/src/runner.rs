//! Runs scenarios against a target, several concurrently, and collects the result of each.
//! The steps are implemented in [`crate::scenario_run`], the verdicts in [`crate::report`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::clock;
use crate::evidence::{Exchange, Fault};
use crate::scenario::{Scenario, covered_by_case};
use crate::scenario_run::{ScenarioRun, describe_case};
use crate::suite::Suite;

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every step and the end were as expected.
    Passed,
    /// The scenario needs these abilities, and the target does not have them.
    NotApplicable(Vec<String>),
    /// At least one case was not as expected.
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
    /// The difference from what was expected, as a sentence.
    pub what: String,
    /// The exchange that shows it, as text.
    pub evidence: String,
}

/// A scenario with its outcome.
#[derive(Debug, Clone)]
pub struct ScenarioResult {
    /// The scenario that was run.
    pub scenario: Arc<Scenario>,
    /// The result of the scenario.
    pub outcome: Outcome,
    /// Time from its start to its end; zero when it is not applicable.
    pub took: Duration,
    /// The requests and answers of the scenario.
    pub exchanges: Vec<Exchange>,
}

/// Called after each scenario, in the order in which they end.
pub type Progress<'a> = dyn Fn(&ScenarioResult) + Send + Sync + 'a;

/// Once a case has failed, no further one is begun after so many times the patience of the suite: each may wait until it times out.
const PATIENCES_FOR_CASES: u32 = 4;
/// The most time one scenario gets, in the same measure, on a slow machine too.
const PATIENCES: u32 = 12;

/// Runs all scenarios; the results are in their order.
pub async fn run(suite: &Suite, scenarios: Vec<Scenario>) -> Vec<ScenarioResult> {
    run_with_progress(suite, scenarios, &|_| {}).await
}

/// As [`run`], and calls `progress` for each scenario as it ends.
pub async fn run_with_progress(
    suite: &Suite,
    scenarios: Vec<Scenario>,
    progress: &Progress<'_>,
) -> Vec<ScenarioResult> {
    let suite = Arc::new(suite.clone());
    let slots = Arc::new(Semaphore::new(suite.parallel));
    let mut tasks = JoinSet::new();
    for (number, scenario) in scenarios.into_iter().enumerate() {
        let (suite, slots, scenario) = (Arc::clone(&suite), Arc::clone(&slots), Arc::new(scenario));
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            (number, run_scenario(&suite, number, scenario).await)
        });
    }
    let mut results = BTreeMap::new();
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok((number, result)) => {
                progress(&result);
                results.insert(number, result);
            }
            // Nothing cancels these tasks: the error is a panic of the suite itself.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    results.into_values().collect()
}

impl Failure {
    fn at(step: usize, what: String) -> Failure {
        Failure { covers: vec![], case: String::new(), step, what, evidence: String::new() }
    }

    fn of(case: &BTreeMap<String, String>, step: usize, fault: Fault) -> Failure {
        let (covers, case) = (covered_by_case(case), describe_case(case));
        Failure { covers, case, step, what: fault.what, evidence: fault.evidence }
    }
}

async fn run_scenario(suite: &Suite, number: usize, scenario: Arc<Scenario>) -> ScenarioResult {
    let started = clock::instant();
    let missing: Vec<_> = scenario.all_needs().into_iter().filter(|need| !suite.target.can(need)).collect();
    if !missing.is_empty() {
        let outcome = Outcome::NotApplicable(missing);
        return ScenarioResult { scenario, outcome, took: Duration::ZERO, exchanges: vec![] };
    }
    let mut run = ScenarioRun::new(suite, number, &scenario);
    let limit = suite.patience * PATIENCES;
    let deadline = started + suite.patience * PATIENCES_FOR_CASES;
    let failures = match tokio::time::timeout(limit, run_cases(&mut run, &scenario, deadline)).await {
        Err(_) => vec![Failure::at(0, format!("not finished within {limit:?}"))],
        Ok(failures) => failures,
    };
    // What is not removed within this time stays; the outcome is known already.
    drop(tokio::time::timeout(suite.patience, run.clean_up()).await);
    let outcome = if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures) };
    let exchanges = run.into_exchanges();
    ScenarioResult { scenario, outcome, took: started.elapsed(), exchanges }
}

async fn run_cases(run: &mut ScenarioRun<'_>, scenario: &Scenario, deadline: clock::Instant) -> Vec<Failure> {
    let none = BTreeMap::new();
    let mut failures = vec![];
    if let Err(fault) = run.prepare().await {
        return vec![Failure::of(&none, 0, fault)];
    }
    let cases = if scenario.cases.is_empty() { std::slice::from_ref(&none) } else { &scenario.cases };
    for (index, case) in cases.iter().enumerate() {
        if !failures.is_empty() && clock::instant() >= deadline {
            failures.push(Failure::at(0, format!("no time was left for {} of the cases", cases.len() - index)));
            break;
        }
        run.begin_case(index, case);
        for (number, step) in scenario.step.iter().enumerate() {
            if let Err(fault) = run.run_step(number + 1, step).await {
                failures.push(Failure::of(case, number + 1, fault));
                run.discard_case().await;
                break;
            }
        }
    }
    if failures.is_empty()
        && let Err(fault) = run.finish().await
    {
        failures.push(Failure::of(&none, scenario.step.len() + 1, fault));
    }
    failures
}
