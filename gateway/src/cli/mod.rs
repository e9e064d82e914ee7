//! The command line: one file per command.

mod cesql;
mod check;
mod demo;
mod import;
#[cfg(feature = "kafka")]
mod migrate;
mod schema;
mod serve;
mod token;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, ConfigError, Role};

/// The NL GOV event gateway: notifications and CloudEvents in, durable, delivered to webhooks that consented.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway until it is told to stop.
    Serve {
        #[command(flatten)]
        settings: Settings,
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
    /// Checks configuration, files and address, and says what is wrong and how to mend it.
    Check {
        #[command(flatten)]
        settings: Settings,
    },
    /// Brings over what another product holds.
    #[command(subcommand)]
    Import(import::Import),
    /// Moves what an embedded gateway holds to Apache Kafka.
    #[cfg(feature = "kafka")]
    Migrate(migrate::Migrate),
    /// Evaluates CloudEvents SQL expressions over events, as filters would.
    Cesql(cesql::Cesql),
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

    /// Why the configuration cannot be used, with the file once.
    fn said(&self, error: &ConfigError) -> String {
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
        Command::Serve { settings } => serve::run(&settings),
        Command::Demo(demo) => demo::run(demo),
        Command::Token { client_id, settings } => token::run(&settings, &client_id),
        Command::Check { settings } => Ok(check::run(&settings)),
        Command::Import(import) => import::run(import),
        #[cfg(feature = "kafka")]
        Command::Migrate(asked) => migrate::run(&asked),
        Command::Cesql(arguments) => cesql::run(&arguments),
        Command::Schema { kind } => schema::run(kind),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("gateway: {failure}");
        ExitCode::FAILURE
    })
}

/// Why a command failed, for people.
type Failure = Box<dyn std::error::Error>;
