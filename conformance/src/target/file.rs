//! The target file: a description of a system under test in TOML, for whatever the command line is too short for.
//! Reads it; README.md explains it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::TargetError;
use super::calls::Calls;
use super::client::Declared;

/// A target file. What is absent is as for the gateway this suite comes from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Base address: `http(s)://host[:port][/prefix]`.
    pub url: Option<String>,
    /// The abilities of the target, instead of the usual ones.
    pub abilities: Option<Vec<String>>,
    /// Abilities it has in addition.
    pub with: Vec<String>,
    /// Abilities it does not have.
    pub without: Vec<String>,
    /// An origin the target grants when it is itself the subscriber.
    pub sender_origin: Option<String>,
    /// Clients by name; `main` is the one with all scopes.
    pub client: BTreeMap<String, Declared>,
    /// Paths by placeholder, such as `ingest = "/events/{{kanaal}}"`.
    pub paths: BTreeMap<String, String>,
    /// How the suite makes and removes what its scenarios need.
    pub calls: Calls,
    /// The broker behind the target.
    pub kafka: Option<Kafka>,
}

/// A broker whose topics the suite may read and write.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// Addresses of brokers, `host:port`, separated by commas.
    pub brokers: String,
    /// Topic of a kanaal; `{{kanaal}}` is replaced by its name.
    #[serde(default = "usual_topic")]
    pub topic: String,
    /// Settings of librdkafka, such as `security.protocol`.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

/// Topics of the gateway this suite comes from.
pub fn usual_topic() -> String {
    "gateway.kanaal.{{kanaal}}".to_owned()
}

/// Reads and parses a target file; the error has the path and the reason.
pub fn read(path: &Path) -> Result<File, TargetError> {
    let fault = |what: &dyn std::fmt::Display| TargetError::File(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    toml::from_str(&text).map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_file_in_the_readme_is_one() {
        let readme = include_str!("../../README.md");
        let example = readme.split("```toml target\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let file: File = toml::from_str(example).unwrap();
        assert!(file.url.is_some() && !file.client.is_empty() && !file.paths.is_empty());
    }

    #[test]
    fn an_unknown_member_is_refused() {
        assert!(toml::from_str::<File>("adress = \"x\"").unwrap_err().to_string().contains("adress"));
    }
}
