//! The command line: one file per command.

mod audit;
mod cesql;
pub(crate) mod check;
mod demo;
mod feed;
mod import;
mod import_people;
#[cfg(feature = "console")]
mod login_link;
#[cfg(feature = "kafka")]
mod migrate;
mod output;
mod schema;
mod serve;
mod size;
mod store;
mod token;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use self::output::errln;
use crate::config::{self, Config, ConfigError, Role};

/// The NL GOV event gateway: notifications and CloudEvents in, durable, delivered to webhooks that consented.
#[derive(Debug, Parser)]
#[command(name = "gateway", version = crate::VERSION, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway until it receives a signal to stop.
    Serve {
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        on_purpose: serve::OnPurpose,
    },
    /// Shows the gateway at work: a subscriber, its consent, a notification and a CloudEvent all the way.
    Demo(demo::Demo),
    /// Prints a token for an applicatie that the configuration declares, for use with curl.
    Token {
        /// The client_id of the applicatie.
        client_id: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Prints a link that logs somebody in to the web console, once; also while the gateway runs.
    #[cfg(feature = "console")]
    LoginLink(login_link::Arguments),
    /// Checks configuration, files and address; prints each fault with its remedy.
    Check {
        #[command(flatten)]
        settings: Settings,
    },
    /// Tries a feed out: asks for it once and prints the events of its items. Stores and publishes nothing.
    Feed {
        /// The name of the feed in the configuration.
        name: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Copies the embedded store to another directory, also while the gateway runs, and verifies the copy.
    Backup(store::Backup),
    /// Puts a backup of the embedded store in the data directory, which must not hold a store.
    Restore(store::Restore),
    /// Makes the files of the embedded store as small as what they hold. Stop the gateway first.
    Compact {
        #[command(flatten)]
        settings: Settings,
    },
    /// Examines what is stored: pages of files, records and their checksums, and whether progress and journal agree with the
    /// logs. Changes nothing.
    Verify {
        #[command(flatten)]
        settings: Settings,
    },
    /// Lists and verifies the audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Brings over what another product holds.
    #[command(subcommand)]
    Import(import::Import),
    /// Moves what an embedded gateway holds to Apache Kafka.
    #[cfg(feature = "kafka")]
    Migrate(migrate::Migrate),
    /// Evaluates CloudEvents SQL expressions over events, as filters would.
    Cesql(cesql::Cesql),
    /// Computes what a load needs in nodes, cores, partitions, brokers, network and disk, from measured costs.
    Size(size::Size),
    /// Prints a generated schema.
    Schema {
        /// Which one.
        kind: schema::Kind,
    },
}

/// Where the configuration comes from, and what is set beside it.
#[derive(Debug, Args)]
struct Settings {
    /// The configuration file; without one defaults and environment (GATEWAY_…) count.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on, instead of the configured ones.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Directory of the embedded storage (with Kafka: of this node's index), instead of the configured one.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the brokers of Apache Kafka are (host:port, separated by commas), instead of the configured storage.
    #[arg(long, value_name = "BROKERS")]
    kafka: Option<String>,
    /// What this node does: ingest, deliver, beheer; separated by commas. With Kafka.
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    roles: Option<Vec<Role>>,
}

impl Settings {
    fn load(&self) -> Result<Config, ConfigError> {
        let mut config = config::load(self.config.as_deref())?;
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let Some(data) = &self.data {
            data.clone_into(&mut config.data);
        }
        if let Some(brokers) = &self.kafka {
            brokers.clone_into(&mut config.kafka.get_or_insert_default().brokers);
        }
        if let Some(roles) = &self.roles {
            roles.clone_into(&mut config.roles);
        }
        config.validate()?;
        Ok(config)
    }

    /// The text of a configuration error, with the name of the file exactly once.
    fn describe_error(&self, error: &ConfigError) -> String {
        match error {
            ConfigError::File { .. } => error.to_string(),
            _ => format!("{}: {error}", self.file().display()),
        }
    }

    fn file(&self) -> &Path {
        self.config.as_deref().unwrap_or_else(|| Path::new("(no file)"))
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve { settings, on_purpose } => serve::run(&settings, &on_purpose),
        Command::Demo(demo) => demo::run(demo),
        Command::Token { client_id, settings } => token::run(&settings, &client_id),
        #[cfg(feature = "console")]
        Command::LoginLink(arguments) => login_link::run(&arguments),
        Command::Check { settings } => Ok(check::run(&settings)),
        Command::Feed { name, settings } => feed::run(&settings, &name),
        Command::Backup(arguments) => store::backup(&arguments),
        Command::Restore(arguments) => store::restore(&arguments),
        Command::Compact { settings } => store::compact(&settings),
        Command::Verify { settings } => store::verify(&settings),
        Command::Audit(audit) => audit::run(audit),
        Command::Import(import) => import::run(import),
        #[cfg(feature = "kafka")]
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Cesql(arguments) => cesql::run(&arguments),
        Command::Size(arguments) => size::run(&arguments),
        Command::Schema { kind } => schema::run(kind),
    };
    done.unwrap_or_else(|failure| {
        errln!("gateway: {failure}");
        ExitCode::FAILURE
    })
}

/// Why a command failed, for people.
type Failure = Box<dyn std::error::Error>;
