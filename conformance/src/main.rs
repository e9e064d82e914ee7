//! The program `conformance`: runs the suite, or a part of it, against a target and prints a report by requirement.
//! Exit status: 0 when nothing obligatory fails, 1 when something does, 2 when the suite itself cannot run.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use conformance::identity::Identity;
use conformance::library::{self, LibraryError};
use conformance::options::Options;
use conformance::progress::Counter;
use conformance::receiver::Receiver;
use conformance::report::Report;
use conformance::runner;
use conformance::scenario::Scenario;
use conformance::suite::Suite;
use conformance::target::{TargetError, preflight};
use conformance::{clock, every_request, progress};

#[derive(Debug, thiserror::Error)]
enum SuiteError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error("{what} {path}: {source}")]
    File { what: &'static str, path: String, source: std::io::Error },
    #[error("receiver at {0}: {1}")]
    Receiver(std::net::SocketAddr, std::io::Error),
    #[error("report: {0}")]
    Report(#[from] serde_json::Error),
    #[error("no scenario is selected by {0}; --list shows ids and tags")]
    Nothing(String),
    #[error("nothing to play: every scenario needs an ability the target is not said to have, such as {0}")]
    Inapplicable(String),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> Result<bool, SuiteError> {
    let scenarios = scenarios(&options)?;
    if options.list {
        print!("{}", progress::list(&scenarios));
        return Ok(true);
    }
    let mut target = options.target()?;
    let receiver = Receiver::start(options.receiver, options.receiver_url.clone()).await;
    let mut receiver = receiver.map_err(|error| SuiteError::Receiver(options.receiver, error))?;
    if let Some((certificate, key)) = options.receiver_certificate.as_ref().zip(options.receiver_key.as_ref()) {
        let read = |what, path: &std::path::Path| {
            let fault = |source| SuiteError::File { what, path: path.display().to_string(), source };
            std::fs::read_to_string(path).map_err(fault)
        };
        let identity = Identity { certificate: read("certificate", certificate)?, key: read("key", key)? };
        let with_tls = receiver.with_tls(options.receiver.ip(), &identity).await;
        receiver = with_tls.map_err(|error| SuiteError::Receiver(options.receiver, error))?;
        target.with("tls")?;
    }
    let missing = |scenario: &Scenario| scenario.all_needs().into_iter().find(|need| !target.can(need));
    if let Some(Some(first)) = scenarios.iter().map(missing).reduce(Option::and) {
        return Err(SuiteError::Inapplicable(first));
    }
    let patience = Duration::from_secs(options.patience);
    preflight::check(&target, patience).await?;
    let mut suite = Suite::new(target, receiver);
    suite.patience = patience;
    suite.parallel = usize::try_from(options.parallel).unwrap_or(1);
    let started = clock::instant();
    let counter = Counter::new(scenarios.len(), !options.quiet, std::io::stderr().is_terminal());
    let results = runner::run_with_progress(&suite, scenarios, &|result| counter.count(result)).await;
    counter.end();
    let findings = every_request::check(&suite.receiver.sinks());
    let mut report = Report::new(&suite.target.address(), started.elapsed(), &results, &findings);
    report.abilities.clone_from(suite.target.abilities());
    report.set_obligatory(&options.obligatory);
    print!("{}", report.text());
    if let Some(path) = &options.report {
        write_file(path, &serde_json::to_vec_pretty(&report)?)?;
    }
    if let Some(path) = &options.html {
        write_file(path, report.html().as_bytes())?;
    }
    let failing = !report.failing().is_empty();
    if failing && no_request_arrived(&suite.receiver) {
        eprintln!(
            "conformance: the target never reached a subscriber of the suite, at {}: does it allow that address (for this gateway \
             egress.allow and egress.allow_http), or is there another that it reaches (--receiver, --receiver-url)?",
            suite.receiver.base()
        );
    }
    Ok(!failing)
}

/// Whether there were subscribers and none got a request: then most failures have one cause.
fn no_request_arrived(receiver: &Receiver) -> bool {
    let sinks = receiver.sinks();
    !sinks.is_empty() && sinks.iter().all(|sink| sink.requests().is_empty())
}

fn scenarios(options: &Options) -> Result<Vec<Scenario>, SuiteError> {
    let all = match &options.scenarios {
        Some(path) => library::from_path(path)?,
        None => library::built_in().map_err(LibraryError::Scenario)?,
    };
    let chosen: Vec<_> = all.into_iter().filter(|scenario| options.selects(scenario)).collect();
    if chosen.is_empty() {
        let asked = [("--ids", &options.ids), ("--tags", &options.tags)];
        let asked = asked.into_iter().filter(|(_, values)| !values.is_empty());
        let asked: Vec<_> = asked.map(|(option, values)| format!("{option} {}", values.join(","))).collect();
        return Err(SuiteError::Nothing(asked.join(" and ")));
    }
    Ok(chosen)
}

fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), SuiteError> {
    let fault = |source| SuiteError::File { what: "report", path: path.display().to_string(), source };
    std::fs::write(path, bytes).map_err(fault)
}
