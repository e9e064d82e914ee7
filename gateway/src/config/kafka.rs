//! Section `[kafka]`: Apache Kafka as the storage, instead of the embedded file.
//!
//! The values are described in `storage::kafka`; here they are only named, bounded and read.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ConfigError, kafka_oauth::KafkaOauth};

/// Apache Kafka as the storage.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// Where the brokers are: `host:port`, separated by commas.
    pub brokers: String,
    /// What the names of all topics and groups start with: 1 to 39 letters, digits, `.` and `-`. Gateways that share brokers
    /// and are not nodes of one installation have different ones.
    pub prefix: String,
    /// Partitions of the topic of a new kanaal.
    #[schema(minimum = 1)]
    pub partitions: u32,
    /// Replicas of a new topic.
    #[schema(minimum = 1)]
    pub replication: u16,
    /// Replicas that must have a record before it counts; at most `replication`.
    #[schema(minimum = 1)]
    pub min_insync_replicas: u16,
    /// Shards that deliveries are divided into, at most one node works on each; fixed when the first node starts.
    #[schema(minimum = 1)]
    pub shards: u32,
    /// How records are compressed.
    pub compression: Compression,
    /// How long a change waits for the brokers before it is refused, in seconds.
    #[schema(minimum = 1)]
    pub timeout_seconds: u64,
    /// After this long without a sign of life a node loses its shards to others, in milliseconds.
    #[schema(minimum = 1000)]
    pub session_timeout_ms: u64,
    /// How long a node may take to finish with a shard that goes to another one, in seconds.
    #[schema(minimum = 1)]
    pub handover_seconds: u64,
    /// Directory of this node's index of what happened (role beheer); absent: `index` in the data directory. It is rebuilt
    /// when it is missing.
    #[schema(value_type = Option<String>)]
    pub index: Option<PathBuf>,
    /// Properties of librdkafka, by their names (`security.protocol`, `sasl.mechanism`, `ssl.ca.location`). In environment
    /// variables write `_` for the dot.
    pub properties: BTreeMap<String, Property>,
    /// Properties of librdkafka whose value is read from a file: passwords.
    #[schema(value_type = BTreeMap<String, String>)]
    pub property_files: BTreeMap<String, PathBuf>,
    /// Who grants the access token for the brokers (SASL OAUTHBEARER); absent: no such token is used.
    pub oauth: Option<KafkaOauth>,
    /// Set on the command line only: begin with an empty topic `control` if it was lost.
    #[serde(skip)]
    #[schema(ignore)]
    pub new_control: bool,
    /// Set on the command line only: go on although the topics were made on another cluster.
    #[serde(skip)]
    #[schema(ignore)]
    pub new_cluster: bool,
}

/// How records are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// Fast and fair.
    #[default]
    Lz4,
    /// Smallest.
    Zstd,
    /// For old consumers.
    Gzip,
    /// For old consumers.
    Snappy,
}

impl Compression {
    /// As librdkafka names it.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
        }
    }
}

/// The value of a property.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Property {
    /// A yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl std::fmt::Display for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl std::fmt::Debug for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It may be a password.
        f.write_str("…")
    }
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            brokers: String::new(),
            prefix: "gateway".into(),
            partitions: 3,
            replication: 3,
            min_insync_replicas: 2,
            shards: 8,
            compression: Compression::default(),
            timeout_seconds: 5,
            session_timeout_ms: 10_000,
            handover_seconds: 20,
            index: None,
            properties: BTreeMap::new(),
            property_files: BTreeMap::new(),
            oauth: None,
            new_control: false,
            new_cluster: false,
        }
    }
}

impl Kafka {
    pub(super) fn validate(&self, has_key_file: bool) -> Result<(), ConfigError> {
        let fail = |key: &str, why: String| Err(ConfigError::Value { key: key.to_owned(), why });
        let is_address = |address: &str| {
            let port = address.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
            matches!(port, Some((host, Ok(1..))) if !host.is_empty())
        };
        if !self.brokers.split(',').all(|address| is_address(address.trim())) {
            let why = "must be host:port, separated by commas, such as kafka-1:9092,kafka-2:9092";
            return fail("kafka.brokers", why.to_owned());
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if !(1..=39).contains(&self.prefix.len()) || !self.prefix.bytes().all(legal) {
            return fail("kafka.prefix", "must be 1 to 39 ASCII letters, digits, '.' and '-'".to_owned());
        }
        for (key, value, least) in [
            ("kafka.partitions", u64::from(self.partitions), 1),
            ("kafka.replication", u64::from(self.replication), 1),
            ("kafka.min_insync_replicas", u64::from(self.min_insync_replicas), 1),
            ("kafka.shards", u64::from(self.shards), 1),
            ("kafka.timeout_seconds", self.timeout_seconds, 1),
            ("kafka.session_timeout_ms", self.session_timeout_ms, 1_000),
            ("kafka.handover_seconds", self.handover_seconds, 1),
        ] {
            if value < least {
                return fail(key, format!("must be at least {least}"));
            }
        }
        if self.min_insync_replicas > self.replication {
            return fail("kafka.min_insync_replicas", "must not be more than kafka.replication".to_owned());
        }
        for name in self.properties.keys().chain(self.property_files.keys()) {
            if let Some((_, own)) = OWN.iter().find(|(property, _)| *property == dotted(name)) {
                return fail("kafka.properties", format!("{name} is set by {own}"));
            }
        }
        if let Some(name) = self.property_files.keys().find(|name| self.properties.contains_key(*name)) {
            return fail("kafka.property_files", format!("{name} is in kafka.properties as well"));
        }
        if let Some((key, why)) = self.oauth.as_ref().and_then(KafkaOauth::fault).or_else(|| self.bearer_fault()) {
            return fail(key, why.to_owned());
        }
        if !has_key_file {
            let why = "must be set with [kafka]: all nodes share one key; make it with: openssl rand -hex 32";
            return fail("secrets.key_file", why.to_owned());
        }
        Ok(())
    }

    /// The first contradiction between the properties and `oauth`.
    fn bearer_fault(&self) -> Option<(&'static str, &'static str)> {
        let given = |name: &str| {
            let mut properties = self.properties.iter();
            properties.find(|(key, _)| dotted(key) == name).map(|(_, value)| value.to_string().to_ascii_lowercase())
        };
        let mechanism = given("sasl.mechanism").or_else(|| given("sasl.mechanisms"));
        let bearer = mechanism.as_deref() == Some("oauthbearer");
        let own = given("enable.sasl.oauthbearer.unsecure.jwt").is_some_and(|value| value == "true");
        if self.oauth.is_none() {
            let why = "OAUTHBEARER needs [kafka.oauth], which says where the access token comes from";
            let bearer = bearer || given("sasl.oauthbearer.method").is_some_and(|method| method == "oidc");
            return (bearer && !own).then_some(("kafka.properties", why));
        }
        if own || given("sasl.oauthbearer.method").is_some() || (mechanism.is_some() && !bearer) {
            return Some(("kafka.oauth", "kafka.properties say something else of how the gateway proves who it is"));
        }
        let sasl = given("security.protocol").is_some_and(|protocol| protocol.starts_with("sasl_"));
        let why = "needs \"security.protocol\" = \"SASL_SSL\" in kafka.properties (SASL_PLAINTEXT for a test)";
        (!sasl).then_some(("kafka.oauth", why))
    }

    /// All properties with their values, files read.
    pub fn all_properties(&self) -> Result<Vec<(String, String)>, ConfigError> {
        let mut all = vec![("compression.type".to_owned(), self.compression.label().to_owned())];
        all.extend(self.properties.iter().map(|(name, value)| (dotted(name), value.to_string())));
        for (name, path) in &self.property_files {
            let text = secrets::read_text(path).map_err(|source| ConfigError::File { path: path.clone(), source })?;
            all.push((dotted(name), text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        Ok(all)
    }
}

/// Properties that have a key of their own.
const OWN: [(&str, &str); 5] = [
    ("bootstrap.servers", "kafka.brokers"),
    ("metadata.broker.list", "kafka.brokers"),
    ("compression.type", "kafka.compression"),
    ("compression.codec", "kafka.compression"),
    ("session.timeout.ms", "kafka.session_timeout_ms"),
];

/// No property has a `_` in its name that anybody sets, and no shell takes a dot in the name of a variable.
fn dotted(name: &str) -> String {
    name.replace('_', ".")
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    const GOOD: &str = "[secrets]\nkey_file = \"key\"\n[kafka]\nbrokers = \"a:9092, [::1]:9093\"\n";

    const OAUTH: &str = "[kafka.properties]\n\"security.protocol\" = \"SASL_SSL\"\n[kafka.oauth]\n\
        token_url = \"https://login.example/t\"\nclient_id = \"gw\"\nclient_secret = \"geheim\"\n";

    #[test]
    fn properties_are_passed_on_as_librdkafka_names_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("password");
        std::fs::write(&file, "p w\n").unwrap();
        let text = format!(
            "{GOOD}compression = \"zstd\"\n[kafka.properties]\n\"security.protocol\" = \"SASL_SSL\"\nsasl_username = \"u\"\n\
             \"enable.ssl.certificate.verification\" = true\n\"socket.timeout.ms\" = 5000\n\
             [kafka.property_files]\n\"sasl.password\" = {:?}\n",
            file.display().to_string()
        );
        let config = parse(&text).unwrap();
        let kafka = config.kafka.as_ref().unwrap();
        let all = kafka.all_properties().unwrap();
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("compression.type", "zstd"),
            ("enable.ssl.certificate.verification", "true"),
            ("sasl.username", "u"),
            ("security.protocol", "SASL_SSL"),
            ("socket.timeout.ms", "5000"),
            ("sasl.password", "p w"),
        ];
        assert_eq!(all, expected);
        assert!(!format!("{config:?}").contains("SASL_SSL"), "values of properties are not shown");
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_key() {
        for (text, key) in [
            ("[secrets]\nkey_file = \"key\"\n[kafka]\n".to_owned(), "kafka.brokers"),
            (GOOD.replace("a:9092", "a"), "kafka.brokers"),
            (GOOD.replace("key_file = \"key\"", ""), "secrets.key_file"),
            (format!("{GOOD}prefix = \"a_b\""), "kafka.prefix"),
            (format!("{GOOD}shards = 0"), "kafka.shards"),
            (format!("{GOOD}replication = 1"), "kafka.min_insync_replicas"),
            (format!("{GOOD}session_timeout_ms = 10"), "kafka.session_timeout_ms"),
            (format!("{GOOD}[kafka.properties]\nbootstrap_servers = \"x\""), "kafka.properties"),
            (format!("{GOOD}[kafka.property_files]\n\"session.timeout.ms\" = \"x\""), "kafka.properties"),
            (format!("{GOOD}[kafka.properties]\na = \"x\"\n[kafka.property_files]\na = \"x\""), "kafka.property_files"),
            (format!("{GOOD}compression = \"zip\""), "kafka.compression"),
            (format!("{GOOD}[kafka.properties]\nsasl_mechanism = \"OAUTHBEARER\""), "kafka.properties"),
            (format!("{GOOD}{OAUTH}").replace("client_id = \"gw\"", ""), "kafka.oauth.client_id"),
            (format!("{GOOD}{OAUTH}").replace("https://", ""), "kafka.oauth.token_url"),
            (format!("{GOOD}{OAUTH}").replace("= \"geheim\"", "= \"\""), "kafka.oauth.client_secret"),
            (format!("{GOOD}{OAUTH}client_secret_file = \"x\""), "kafka.oauth.client_secret"),
            (format!("{GOOD}{OAUTH}[kafka.oauth.extensions]\nlogical_cluster = \"x\""), "kafka.oauth.extensions"),
            (format!("{GOOD}{OAUTH}").replace("SASL_SSL", "SSL"), "kafka.oauth"),
            (format!("{GOOD}{OAUTH}").replace("SASL_SSL\"", "SASL_SSL\"\nsasl_mechanism = \"PLAIN\""), "kafka.oauth"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.starts_with(key), "{text}: {error}");
        }
        parse(GOOD).unwrap();
        let unsecured =
            "[kafka.properties]\nsasl_mechanism = \"OAUTHBEARER\"\n\"enable.sasl.oauthbearer.unsecure.jwt\" = true";
        parse(&format!("{GOOD}{unsecured}")).unwrap();
        let config = parse(&format!("{GOOD}{OAUTH}[kafka.oauth.extensions]\nlogicalCluster = \"lkc 1\"")).unwrap();
        assert!(!format!("{config:?}").contains("geheim"), "the secret is not shown");
    }
}
