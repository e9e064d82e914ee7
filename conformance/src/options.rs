//! The command line of the program: how it describes the target and selects scenarios.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use clap::builder::PossibleValuesParser;

use crate::requirements::{self, LEVELS, OBLIGATORY};
use crate::scenario::Scenario;
use crate::target::client::{Credential, MAIN};
use crate::target::file::{self, File, Kafka, usual_topic};
use crate::target::{Target, TargetError};

/// Black-box conformance suite for event gateways: CloudEvents, webhooks, NL GOV profile, Notificaties API
#[derive(Debug, Parser)]
#[command(name = "conformance")]
pub struct Options {
    /// Base address of the system under test, such as <http://127.0.0.1:8080>
    #[arg(long)]
    pub target: Option<String>,
    /// Description of the system under test (TOML): address, abilities, clients, paths, calls
    #[arg(long)]
    pub target_file: Option<PathBuf>,
    /// Certificate (PEM) to trust when the target is reached over https
    #[arg(long)]
    pub target_ca: Option<PathBuf>,
    /// Client id of a client with all scopes
    #[arg(long, env = "CONFORMANCE_CLIENT_ID", requires = "secret")]
    pub client_id: Option<String>,
    /// Secret of that client
    #[arg(long, env = "CONFORMANCE_SECRET", hide_env_values = true)]
    pub secret: Option<String>,
    /// Another client, for scenarios about scopes and ownership; may be repeated
    #[arg(long, value_name = "NAME=ID:SECRET")]
    pub client: Vec<String>,
    /// A bearer token to send unchanged, instead of client id and secret
    #[arg(long, env = "CONFORMANCE_BEARER", hide_env_values = true, conflicts_with = "client_id")]
    pub bearer: Option<String>,
    /// Only scenarios about these requirements; a group such as CE-HTTP is all of its rows
    #[arg(long, value_delimiter = ',')]
    pub ids: Vec<String>,
    /// Only scenarios with one of these tags
    #[arg(long, value_delimiter = ',')]
    pub tags: Vec<String>,
    /// The target can do exactly this: other scenarios are not applicable
    #[arg(long, value_delimiter = ',')]
    pub abilities: Option<Vec<String>>,
    /// Abilities the target does not have
    #[arg(long, value_delimiter = ',')]
    pub without: Vec<String>,
    /// Abilities the target is set up for
    #[arg(long, value_delimiter = ',')]
    pub with: Vec<String>,
    /// Levels whose failures make the run fail
    #[arg(long, value_delimiter = ',', default_values = OBLIGATORY, value_parser = PossibleValuesParser::new(LEVELS))]
    pub obligatory: Vec<String>,
    /// Scenario file or folder to use instead of the built-in ones
    #[arg(long)]
    pub scenarios: Option<PathBuf>,
    /// Where the subscribers of the suite listen
    #[arg(long, default_value = "127.0.0.1:0")]
    pub receiver: SocketAddr,
    /// How the target reaches them, when that is not http://RECEIVER
    #[arg(long)]
    pub receiver_url: Option<String>,
    /// Certificate (PEM) of subscribers with TLS; the target must trust it
    #[arg(long, requires = "receiver_key")]
    pub receiver_certificate: Option<PathBuf>,
    /// Private key (PEM) of that certificate
    #[arg(long, requires = "receiver_certificate")]
    pub receiver_key: Option<PathBuf>,
    /// Origin that the target accepts when it is itself the subscriber
    #[arg(long)]
    pub sender_origin: Option<String>,
    /// Broker behind the target, for rows about topics: host:port, several with commas
    #[arg(long)]
    pub kafka_brokers: Option<String>,
    /// Topic of a kanaal there
    #[arg(long, default_value_t = usual_topic(), requires = "kafka_brokers")]
    pub kafka_topic: String,
    /// Seconds something expected may take
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub patience: u64,
    /// Scenarios at the same time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=256))]
    pub parallel: u64,
    /// Writes the report as JSON
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// Writes the report as a page of HTML to read and print
    #[arg(long)]
    pub html: Option<PathBuf>,
    /// Lists abilities, tags and scenarios, and runs nothing
    #[arg(long)]
    pub list: bool,
    /// Prints no progress
    #[arg(long, short)]
    pub quiet: bool,
}

impl Options {
    /// The target as the file and the command line describe it; the command line comes first.
    pub fn target(&self) -> Result<Target, TargetError> {
        let file = self.target_file.as_deref().map_or_else(|| Ok(File::default()), file::read)?;
        let mut target = Target::of_file(self.target.as_deref(), file)?;
        if let Some(abilities) = &self.abilities {
            target.only(abilities)?;
        }
        if let Some((id, secret)) = self.client_id.as_ref().zip(self.secret.as_ref()) {
            target.client(MAIN, Credential::Zgw { id: id.clone(), secret: secret.clone() });
        }
        if let Some(token) = &self.bearer {
            target.client(MAIN, Credential::Bearer(token.clone()));
        }
        for client in &self.client {
            let (name, credential) = named_client(client)?;
            target.client(name, credential);
        }
        if let Some(origin) = &self.sender_origin {
            target.sender_origin.clone_from(origin);
        }
        if let Some(brokers) = &self.kafka_brokers {
            let (brokers, topic) = (brokers.clone(), self.kafka_topic.clone());
            target.kafka(Kafka { brokers, topic, properties: std::collections::BTreeMap::new() });
        }
        if let Some(path) = &self.target_ca {
            let pem = std::fs::read_to_string(path);
            target.trust(&pem.map_err(|error| TargetError::Certificate(format!("{}: {error}", path.display())))?)?;
        }
        self.with.iter().try_for_each(|ability| target.with(ability))?;
        self.without.iter().try_for_each(|ability| target.without(ability))?;
        Ok(target)
    }

    /// Whether `--ids` and `--tags` select this scenario.
    pub fn selects(&self, scenario: &Scenario) -> bool {
        let wanted = |id: &String| self.ids.iter().any(|own| own == id || requirements::group(id) == own);
        (self.ids.is_empty() || scenario.ids.iter().any(wanted))
            && (self.tags.is_empty() || scenario.tags.iter().any(|tag| self.tags.contains(tag)))
    }
}

fn named_client(text: &str) -> Result<(&str, Credential), TargetError> {
    let fault = || TargetError::Client { name: text.to_owned(), what: "write it as NAME=ID:SECRET".to_owned() };
    let (name, credential) = text.split_once('=').ok_or_else(fault)?;
    let (id, secret) = credential.split_once(':').ok_or_else(fault)?;
    Ok((name, Credential::Zgw { id: id.to_owned(), secret: secret.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    fn options(arguments: &[&str]) -> Options {
        Options::try_parse_from(["conformance", "--target", "http://h"].iter().chain(arguments)).unwrap()
    }

    #[test]
    fn abilities_are_declared_taken_away_and_added() {
        let target =
            options(&["--abilities", "ingest,legacy", "--without", "legacy", "--with", "tls"]).target().unwrap();
        assert!(target.can("ingest") && target.can("tls") && !target.can("legacy") && !target.can("kanalen"));
        let unknown = options(&["--abilities", "ingestion"]).target().unwrap_err().to_string();
        assert!(unknown.contains("\"ingestion\"") && unknown.contains("kanalen"), "{unknown}");
    }

    #[test]
    fn clients_are_named() {
        let target = options(&["--client-id", "a", "--secret", "b", "--client", "lezer=c:d:e"]).target().unwrap();
        assert!(target.can("client:main") && target.can("client:lezer"));
        assert!(options(&["--client", "lezer"]).target().is_err());
    }

    #[test]
    fn scenarios_are_chosen_by_id_group_and_tag() {
        let all = library::built_in().unwrap();
        let count = |arguments: &[&str]| {
            let options = options(arguments);
            all.iter().filter(|scenario| options.selects(scenario)).count()
        };
        assert_eq!(count(&[]), all.len());
        assert!((1..all.len()).contains(&count(&["--ids", "CE-HTTP"])));
        assert!(count(&["--ids", "CE-HTTP-24"]) < count(&["--ids", "CE-HTTP"]));
        assert!((1..all.len()).contains(&count(&["--tags", "smoke"])));
        assert_eq!(count(&["--tags", "no-such-tag"]), 0);
    }
}
