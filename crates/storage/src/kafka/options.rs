//! Settings of the adapter.

use std::{path::PathBuf, sync::Arc, time::Duration};

use model::{Clock, Random};

use super::token::SharedToken;
use crate::{Error, journal::Observer};

/// How long lines of the audit trail are kept, unless configured.
pub(super) const AUDIT_RETENTION: Duration = Duration::from_hours(24 * 365 * 2);

/// Settings of the adapter; start from [`Options::new`].
#[derive(Clone)]
pub struct Options {
    /// Gives the age of a command; must agree with the clocks of the brokers to within seconds.
    pub clock: Arc<dyn Clock>,
    /// Generates ids of commands.
    pub random: Arc<dyn Random>,
    /// Addresses of brokers, `host:port`, separated by commas.
    pub brokers: String,
    /// The prefix of topics, groups and transactional ids: 1 to 39 ASCII letters, digits, `.` and `-`; default
    /// `gateway`.
    pub prefix: String,
    /// librdkafka properties for every client (TLS, SASL, compression). They do not override those that guarantees
    /// depend on (`acks`, `enable.idempotence`, `isolation.level` and the like).
    pub properties: Vec<(String, String)>,
    /// The access token of every client, for SASL OAUTHBEARER; default none.
    pub token: Option<Arc<SharedToken>>,
    /// Partitions of the topic of a new kanaal, at least 1; default 3.
    pub partitions: u32,
    /// Replicas of a new topic, at least 1; default 3.
    pub replication: u16,
    /// Replicas that must have a record before it is acknowledged, at least 1; default 2.
    pub min_insync_replicas: u16,
    /// Number of shards, at least 1, fixed when the first node starts; default 8.
    pub shards: u32,
    /// The name of this node in the audit trail; default empty.
    pub node: String,
    /// How long lines of the audit trail are kept, for a topic that is created; default 730 days.
    pub audit_retention: Duration,
    /// How long the brokers may keep what was erased of a person, and so how long a node may be away before its copy of people is
    /// filled again, which is half of it; for a topic that is created. Default 24 h.
    pub erasure: Duration,
    /// How long an operation waits for the brokers before it fails with `Unavailable`; default 5 s.
    pub deadline: Duration,
    /// After this long without a heartbeat a node loses its shards, and its open transactions are aborted; default 10
    /// s.
    pub session_timeout: Duration,
    /// How long the engine may take to finish with a shard that goes to another node; default 20 s.
    pub handover: Duration,
    /// Directory of this node's index of the journal, rebuilt from the topics if it is missing; default none: then the
    /// journal is not searchable on this node.
    pub index: Option<PathBuf>,
    /// Sees the entries of all nodes once they are searchable in the index of this node; default none.
    pub observer: Option<Arc<dyn Observer>>,
    /// Most journal entries that wait to be written; default 65,536. Beyond it the oldest are dropped.
    pub journal_entries: usize,
    /// The largest record, in bytes of key, headers and value; default 4 MiB.
    pub record_bytes: usize,
    /// Most bytes of recent records kept in memory over all watched partitions; default 16 MiB.
    pub tail_bytes: usize,
    /// Whether to begin with an empty `control` although other topics show that it was lost; default no.
    pub new_control: bool,
    /// Whether to go on although the topics were made on another cluster; default no.
    pub new_cluster: bool,
}

impl Options {
    /// The defaults, for these brokers.
    pub fn new(brokers: impl Into<String>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            clock,
            random,
            brokers: brokers.into(),
            prefix: "gateway".into(),
            properties: Vec::new(),
            token: None,
            partitions: 3,
            replication: 3,
            min_insync_replicas: 2,
            shards: 8,
            node: String::new(),
            audit_retention: AUDIT_RETENTION,
            erasure: Duration::from_hours(24),
            deadline: Duration::from_secs(5),
            session_timeout: Duration::from_secs(10),
            handover: Duration::from_secs(20),
            index: None,
            observer: None,
            journal_entries: 65_536,
            record_bytes: 4 << 20,
            tail_bytes: 16 << 20,
            new_control: false,
            new_cluster: false,
        }
    }

    /// Whether clients can authenticate.
    ///
    /// # Errors
    /// `Unavailable` when a token is required and missing.
    pub(super) fn authenticated(&self) -> Result<(), Error> {
        self.token.as_ref().map_or(Ok(()), |token| token.require())
    }

    /// The largest request in bytes: a record plus protocol overhead.
    pub(super) fn request_bytes(&self) -> usize {
        self.record_bytes + (64 << 10)
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Omits the properties, which may contain passwords.
        f.debug_struct("Options").field("brokers", &self.brokers).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
