//! The program `conformance`: runs the suite, or a part of it, against a target and reports by requirement.
//! Exit status: 0 when nothing obligatory fails, 1 when something does, 2 when the suite itself cannot run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use conformance::identity::Identity;
use conformance::library::{self, LibraryError};
use conformance::receiver::Receiver;
use conformance::report::Report;
use conformance::runner::{self, Suite};
use conformance::scenario::Scenario;
use conformance::target::{Target, TargetError};
use conformance::{clock, requirements, standing};

/// Black-box conformance suite for event gateways: CloudEvents, webhooks, NL GOV profile, Notificaties API
#[derive(Debug, Parser)]
struct Options {
    /// Base address of the system under test, such as <http://127.0.0.1:8080>
    #[arg(long)]
    target: String,
    /// Client id of an applicatie with all scopes
    #[arg(long, env = "CONFORMANCE_CLIENT_ID")]
    client_id: Option<String>,
    /// Its secret
    #[arg(long, env = "CONFORMANCE_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Only scenarios about these requirements; a group such as CE-HTTP is all of its rows
    #[arg(long, value_delimiter = ',')]
    ids: Vec<String>,
    /// Only scenarios with one of these tags
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// Abilities the target does not have: their scenarios are not applicable
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
    /// Abilities the target is set up for
    #[arg(long, value_delimiter = ',')]
    with: Vec<String>,
    /// Scenario file or folder to use instead of the built-in ones
    #[arg(long)]
    scenarios: Option<PathBuf>,
    /// Where the subscribers of the suite listen
    #[arg(long, default_value = "127.0.0.1:0")]
    receiver: SocketAddr,
    /// How the target reaches them, when that is not http://RECEIVER
    #[arg(long)]
    receiver_url: Option<String>,
    /// Certificate (PEM) of subscribers with TLS; the target must trust it
    #[arg(long, requires = "receiver_key")]
    receiver_certificate: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, requires = "receiver_certificate")]
    receiver_key: Option<PathBuf>,
    /// Origin that the target accepts when it is itself the subscriber
    #[arg(long, default_value = "sender.example")]
    sender_origin: String,
    /// Seconds something expected may take
    #[arg(long, default_value_t = 10)]
    patience: u64,
    /// Scenarios at the same time
    #[arg(long, default_value_t = 16)]
    parallel: usize,
    /// Writes the report as JSON
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
enum SuiteError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("report: {0}")]
    Report(#[from] serde_json::Error),
    #[error("no scenario is selected")]
    Nothing,
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
    let credentials = options.client_id.as_deref().zip(options.secret.as_deref());
    let mut target = Target::new(&options.target, credentials)?;
    target.sender_origin.clone_from(&options.sender_origin);
    for ability in &options.with {
        target.with(ability)?;
    }
    for ability in &options.without {
        target.without(ability)?;
    }
    let scenarios = match &options.scenarios {
        Some(path) => library::from_path(path)?,
        None => library::built_in().map_err(LibraryError::Scenario)?,
    };
    let scenarios: Vec<_> = scenarios.into_iter().filter(|scenario| options.select(scenario)).collect();
    if scenarios.is_empty() {
        return Err(SuiteError::Nothing);
    }
    let mut receiver = Receiver::start(options.receiver, options.receiver_url.clone()).await?;
    if let Some((certificate, key)) = options.receiver_certificate.as_ref().zip(options.receiver_key.as_ref()) {
        let (certificate, key) = (std::fs::read_to_string(certificate)?, std::fs::read_to_string(key)?);
        receiver = receiver.with_tls(options.receiver.ip(), &Identity { certificate, key }).await?;
        target.with("tls")?;
    }
    let mut suite = Suite::new(target, receiver);
    suite.patience = Duration::from_secs(options.patience);
    suite.parallel = options.parallel.max(1);
    let started = clock::instant();
    let played = runner::run(&suite, scenarios).await;
    let standing = standing::check(&suite.receiver.sinks());
    let report = Report::new(&options.target, started.elapsed(), &played, &standing);
    print!("{}", report.text());
    if let Some(path) = options.report {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    Ok(report.failing().is_empty())
}

impl Options {
    fn select(&self, scenario: &Scenario) -> bool {
        let wanted = |id: &String| self.ids.iter().any(|own| own == id || requirements::group(id) == own);
        (self.ids.is_empty() || scenario.ids.iter().any(wanted))
            && (self.tags.is_empty() || scenario.tags.iter().any(|tag| self.tags.contains(tag)))
    }
}
