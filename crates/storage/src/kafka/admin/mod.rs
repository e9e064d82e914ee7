//! Administration of topics: creates missing ones, and refuses topics whose settings break a guarantee.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{
    admin::{
        AdminClient, AdminOptions, AlterConfig, ConfigResource, ConfigSource, NewTopic, ResourceSpecifier,
        TopicReplication,
    },
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, KafkaResult},
    groups::GroupList,
    metadata::Metadata,
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};
use tokio::{sync::watch, time::Instant};

mod offsets;
mod partition_counts;
mod replaceable_client;

pub(super) use self::offsets::{TopicPartition, topic_partitions};
use self::{partition_counts::PartitionCounts, replaceable_client::ReplaceableClient};
use super::{
    Options,
    client::{self, ReaderContext},
    failure,
};
use crate::Error;

/// How long a changed setting takes to reach the leaders of the partitions.
const CONFIG_PROPAGATION: Duration = Duration::from_secs(1);
/// How often the settings of a topic are looked up until a change shows.
const CONFIG_POLL: Duration = Duration::from_millis(100);

/// The setting that decides the timestamp of a record: `LogAppendTime`, or `CreateTime` as given by the producer.
const TIMESTAMP_TYPE: &str = "message.timestamp.type";

/// How long after it was written a record may be left out of compaction.
const COMPACTION_LAG: &str = "max.compaction.lag.ms";
/// How long tombstones stay after compaction, so that every reader meets them.
const TOMBSTONES: &str = "delete.retention.ms";

/// What a topic is for; decides its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Events of a kanaal: trimmed by the gateway, never compacted.
    Kanaal,
    /// Events of a kanaal while a migration fills it: as [`Kind::Kanaal`], with the timestamps of the producer.
    Backfill,
    /// The newest value per key, compacted, kept without limit.
    State,
    /// As [`Kind::State`], with personal data: what was replaced or removed is gone after about this duration.
    Personal(Duration),
    /// Messages between nodes, of no use after this duration.
    Ephemeral(Duration),
    /// What happened, kept for this duration.
    History(Duration),
}

/// Metadata and administration, with a cache of the number of partitions per topic.
pub(super) struct Admin {
    client: ReplaceableClient<AdminClient<DefaultClientContext>>,
    pub(super) lookup: ReplaceableClient<BaseConsumer<ReaderContext>>,
    pub(super) options: Arc<Options>,
    partition_counts: PartitionCounts,
    /// The topics that this node created since they were last taken, with the time before each was requested.
    created: Mutex<HashMap<String, Instant>>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admin")
    }
}

/// The settings of a topic that a guarantee depends on, with their required values.
fn required(options: &Options, kind: Kind) -> Vec<(&'static str, String)> {
    let policy = if matches!(kind, Kind::State | Kind::Personal(_)) { "compact" } else { "delete" };
    let stamps = if kind == Kind::Backfill { "CreateTime" } else { "LogAppendTime" };
    let mut settings = vec![
        ("cleanup.policy", policy.to_owned()),
        ("min.insync.replicas", options.min_insync_replicas.to_string()),
        (TIMESTAMP_TYPE, stamps.to_owned()),
        ("max.message.bytes", options.request_bytes().to_string()),
    ];
    if let Kind::Personal(erasure) = kind {
        settings.push((COMPACTION_LAG, erasure.as_millis().to_string()));
        settings.push((TOMBSTONES, erasure.as_millis().to_string()));
    }
    if matches!(kind, Kind::Kanaal | Kind::Backfill) {
        // The gateway trims by the retention of the kanaal, and reports the subscriptions that lose events by it.
        settings.push(("retention.ms", "-1".to_owned()));
        settings.push(("retention.bytes", "-1".to_owned()));
    }
    settings
}

impl Admin {
    /// The metadata of a topic, or of all. Blocks for at most the deadline of the options.
    pub(super) fn fetch_metadata(&self, topic: Option<&str>) -> KafkaResult<Metadata> {
        self.lookup.call(|lookup| lookup.fetch_metadata(topic, self.options.deadline))
    }

    /// The members of a consumer group. Blocks for at most the deadline of the options.
    pub(super) fn describe_group(&self, group: &str) -> KafkaResult<GroupList> {
        self.lookup.call(|lookup| lookup.fetch_group_list(Some(group), self.options.deadline))
    }

    pub(super) fn new(options: Arc<Options>) -> Result<Self, Error> {
        let failed = |error: KafkaError| failure::kafka("cannot create a client", &error);
        let make = |options: &Options| client::create(options, &client::base_config(options), DefaultClientContext);
        let client = ReplaceableClient::new(&options, make).map_err(failed)?;
        let lookup = ReplaceableClient::new(&options, client::create_reader).map_err(failed)?;
        Ok(Self { client, lookup, options, partition_counts: PartitionCounts::default(), created: Mutex::default() })
    }

    /// The topics that were ever looked up, with their partitions.
    pub(super) fn known_counts(&self) -> HashMap<String, u32> {
        self.partition_counts.all()
    }

    /// Notes the partitions of a topic that a look at all topics found; `replaced`: it began anew, and may have fewer than
    /// before.
    pub(super) fn note_count(&self, topic: &str, partitions: u32, replaced: bool) {
        if replaced {
            self.partition_counts.replaced(topic, partitions);
        } else {
            self.partition_counts.found(topic, partitions);
        }
    }

    /// Has the brokers asked for the partitions of a topic next time: it may have been deleted.
    pub(super) fn forget(&self, topic: &str) {
        self.partition_counts.forget(topic);
    }

    /// Changes whenever a topic has more partitions than were returned for it before.
    pub(super) fn extensions(&self) -> watch::Receiver<u64> {
        self.partition_counts.extensions()
    }

    /// The number of partitions of a topic; `None` if it does not exist. Blocks unless it is cached.
    pub(super) fn find_blocking(&self, topic: &str) -> Result<Option<u32>, Error> {
        if let Some(partitions) = self.partition_counts.cached(topic) {
            return Ok(Some(partitions));
        }
        self.look_up_blocking(topic)
    }

    /// As [`Admin::find_blocking`], always by asking the brokers.
    pub(super) fn look_up_blocking(&self, topic: &str) -> Result<Option<u32>, Error> {
        self.options.authenticated()?;
        let metadata = self.fetch_metadata(Some(topic));
        let metadata = metadata.map_err(|error| failure::kafka("cannot fetch metadata", &error))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        // Any other error does not mean that the topic is absent.
        let partitions = match found.map(|found| (found.error(), found.partitions().len() as u32)) {
            None | Some((Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), _) | (None, 0)) => {
                return Ok(None);
            }
            Some((None, partitions)) => partitions,
            Some((Some(error), _)) => {
                let code = RDKafkaErrorCode::from(error);
                return Err(failure::unavailable(format!("topic {topic} cannot be looked up: {code}")));
            }
        };
        self.wait_for_leaders(topic, partitions);
        Ok(Some(self.partition_counts.found(topic, partitions)))
    }

    /// Whether the brokers report that a topic does not exist. Blocks.
    pub(super) fn is_absent(&self, topic: &str) -> bool {
        let Ok(metadata) = self.fetch_metadata(Some(topic)) else { return false };
        let unknown = RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        metadata.topics().iter().any(|found| found.name() == topic && found.error() == Some(unknown))
    }

    /// The topics that this node created since the last call, with the time before each was requested.
    pub(super) fn take_created(&self) -> HashMap<String, Instant> {
        std::mem::take(&mut *self.created.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The number of partitions of every topic. Blocks.
    pub(super) fn partition_counts_blocking(&self) -> KafkaResult<HashMap<String, u32>> {
        let metadata = self.fetch_metadata(None)?;
        let known = metadata.topics().iter().filter(|topic| topic.error().is_none());
        Ok(known.map(|topic| (topic.name().to_owned(), topic.partitions().len() as u32)).collect())
    }

    /// As [`Admin::find_blocking`], on a blocking thread.
    pub(super) async fn find(self: &Arc<Self>, topic: String) -> Result<Option<u32>, Error> {
        if let Some(partitions) = self.partition_counts.cached(&topic) {
            return Ok(Some(partitions));
        }
        let admin = Arc::clone(self);
        tokio::task::spawn_blocking(move || admin.find_blocking(&topic)).await.map_err(failure::join)?
    }

    /// Creates a topic with this many partitions if it is missing, or checks the settings of an existing one; returns
    /// its number of partitions.
    ///
    /// # Errors
    /// `Corrupt` when its settings break a guarantee, `Unavailable` when the brokers are away or refuse.
    pub(super) async fn ensure(self: &Arc<Self>, topic: &str, kind: Kind, partitions: u32) -> Result<u32, Error> {
        if let Some(partitions) = self.partition_counts.cached(topic) {
            return Ok(partitions);
        }
        if self.find(topic.to_owned()).await?.is_none() {
            self.create(topic, kind, partitions).await?;
            return self.wait_until_known(topic).await;
        }
        self.check(topic, kind).await?;
        Ok(self.partition_counts.cached(topic).unwrap_or(partitions))
    }

    /// The number of partitions of a topic that was just created: it takes a moment to be known to all brokers, and those
    /// that know it may not know a leader yet, which is an error of the look-up.
    async fn wait_until_known(self: &Arc<Self>, topic: &str) -> Result<u32, Error> {
        let deadline = Instant::now() + self.options.deadline;
        loop {
            let found = match self.find(topic.to_owned()).await {
                Ok(Some(partitions)) => return Ok(partitions),
                Ok(None) => failure::unavailable(format!("topic {topic} was created but did not appear in time")),
                Err(error @ Error::Unavailable { .. }) => error,
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(found);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn create(&self, topic: &str, kind: Kind, partitions: u32) -> Result<(), Error> {
        let mut settings = required(&self.options, kind);
        if let Kind::Ephemeral(time) | Kind::History(time) = kind {
            settings.push(("retention.ms", time.as_millis().to_string()));
        }
        let replication = TopicReplication::Fixed(i32::from(self.options.replication));
        let mut new = NewTopic::new(topic, partitions as i32, replication);
        for (name, value) in &settings {
            new = new.set(name, value);
        }
        let requested = Instant::now();
        let client = self.client.current();
        let results = client.create_topics([&new], &self.admin_options()).await;
        let results = self.client.returned(client, results);
        let results = results.map_err(|error| failure::kafka("cannot create a topic", &error))?;
        match results.into_iter().next() {
            Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
            Some(Ok(_)) => {
                self.created.lock().unwrap_or_else(PoisonError::into_inner).insert(topic.to_owned(), requested);
                Ok(())
            }
            Some(Err((_, code))) => Err(failure::unavailable(format!("topic {topic} cannot be created: {code}"))),
            None => Err(failure::unavailable(format!("the brokers did not confirm the creation of topic {topic}"))),
        }
    }

    /// Fails with the remedy if the settings of a topic break a guarantee.
    async fn check(&self, topic: &str, kind: Kind) -> Result<(), Error> {
        let described = self.settings(topic).await?;
        let settings = described
            .map_err(|code| failure::unavailable(format!("the settings of topic {topic} cannot be read: {code}")))?;
        match self.violations(topic, kind, &settings) {
            None => Ok(()),
            Some(reason) => Err(Error::Corrupt { kind: "Kafka topic", reason }),
        }
    }

    /// Sets the timestamp type that a kind requires, keeps the other settings, and checks them.
    pub(super) async fn set_timestamp_type(&self, topic: &str, kind: Kind) -> Result<(), Error> {
        let wanted = if kind == Kind::Backfill { "CreateTime" } else { "LogAppendTime" };
        let settings = self.settings(topic).await?;
        let settings = settings
            .map_err(|code| failure::unavailable(format!("the settings of topic {topic} cannot be read: {code}")))?;
        if settings.get(TIMESTAMP_TYPE).and_then(|entry| entry.value.as_deref()) != Some(wanted) {
            // `alter_configs` resets settings that are not repeated.
            let own = settings.entries.iter().filter(|entry| entry.source == ConfigSource::DynamicTopic);
            let own = own.filter_map(|entry| Some((entry.name.as_str(), entry.value.as_deref()?)));
            let mut change = AlterConfig::new(ResourceSpecifier::Topic(topic));
            for (name, value) in own.chain([(TIMESTAMP_TYPE, wanted)]) {
                change = change.set(name, value);
            }
            let client = self.client.current();
            let results = client.alter_configs([&change], &self.admin_options()).await;
            let results = self.client.returned(client, results);
            let results = results.map_err(|error| failure::kafka("cannot change settings", &error))?;
            if let Some(Err((_, code))) = results.into_iter().next() {
                return Err(failure::unavailable(format!(
                    "topic {topic}: {TIMESTAMP_TYPE} cannot be set to {wanted} ({code}); grant it with: kafka-acls.sh \
                     --bootstrap-server {} --add --allow-principal User:... --operation AlterConfigs --topic {} \
                     --resource-pattern-type prefixed",
                    self.options.brokers, self.options.prefix
                )));
            }
            self.wait_for_timestamp_type(topic, wanted).await?;
            // Other brokers may learn of the change a little later.
            tokio::time::sleep(CONFIG_PROPAGATION).await;
        }
        self.check(topic, kind).await
    }

    /// Waits until the brokers return the new timestamp type of a topic; they apply a change after they confirmed it. Returns
    /// without an error when they have not within the deadline: the check that follows reports it.
    async fn wait_for_timestamp_type(&self, topic: &str, wanted: &str) -> Result<(), Error> {
        let applied = async {
            loop {
                let settings = self.settings(topic).await?;
                let found = settings.ok().and_then(|settings| settings.get(TIMESTAMP_TYPE)?.value.clone());
                if found.as_deref() == Some(wanted) {
                    return Ok(());
                }
                tokio::time::sleep(CONFIG_POLL).await;
            }
        };
        tokio::time::timeout(self.options.deadline, applied).await.unwrap_or(Ok(()))
    }

    /// The settings of a topic, or the code with which the brokers refuse to return them.
    pub(super) async fn settings(&self, topic: &str) -> Result<Result<ConfigResource, RDKafkaErrorCode>, Error> {
        let client = self.client.current();
        let described = client.describe_configs([&ResourceSpecifier::Topic(topic)], &self.admin_options()).await;
        let described = self.client.returned(client, described);
        let described = described.map_err(|error| failure::kafka("cannot fetch the settings of topics", &error))?;
        let described = described.into_iter().next();
        let described =
            described.ok_or_else(|| failure::unavailable("the brokers did not return the settings of a topic"))?;
        // The client returns no entries and hides the error; the only known cause is missing authorization.
        let returned = |settings: &ConfigResource| !settings.entries.is_empty();
        Ok(described
            .and_then(|settings| Some(settings).filter(returned).ok_or(RDKafkaErrorCode::TopicAuthorizationFailed)))
    }

    /// The settings of a topic that break a guarantee, with the remedy; `None` if there are none.
    pub(super) fn violations(&self, topic: &str, kind: Kind, settings: &ConfigResource) -> Option<String> {
        let mut wrong = Vec::new();
        for (name, wanted) in required(&self.options, kind) {
            let found = settings.get(name).and_then(|entry| entry.value.clone()).unwrap_or_default();
            let larger = || Some(found.parse::<u64>().ok()? >= wanted.parse::<u64>().ok()?);
            // Larger values of these break nothing, and of one a smaller value.
            let enough = match name {
                "min.insync.replicas" | "max.message.bytes" | TOMBSTONES => larger() == Some(true),
                COMPACTION_LAG => larger() == Some(false),
                _ => false,
            };
            if found != wanted && !enough {
                wrong.push((name, found, wanted));
            }
        }
        if wrong.is_empty() {
            return None;
        }
        let is: Vec<String> =
            wrong.iter().map(|(name, found, wanted)| format!("{name} is {found:?} and must be {wanted:?}")).collect();
        let config: Vec<String> = wrong.iter().map(|(name, _, wanted)| format!("{name}={wanted}")).collect();
        Some(format!(
            "topic {topic}: {}; set it with: kafka-configs.sh --bootstrap-server {} --alter --topic {topic} --add-config {}",
            is.join(", "),
            self.options.brokers,
            config.join(",")
        ))
    }

    /// Validates the creation of a topic without creating it; `Err` holds the code of the brokers.
    pub(super) async fn could_create(&self, topic: &str, kind: Kind) -> Result<Result<(), RDKafkaErrorCode>, Error> {
        let replication = TopicReplication::Fixed(i32::from(self.options.replication));
        let settings = required(&self.options, kind);
        let mut new = NewTopic::new(topic, 1, replication);
        for (name, value) in &settings {
            new = new.set(name, value);
        }
        let client = self.client.current();
        let results = client.create_topics([&new], &self.admin_options().validate_only(true)).await;
        let results = self.client.returned(client, results);
        let results = results.map_err(|error| failure::kafka("cannot create a topic", &error))?;
        let result = results.into_iter().next();
        let result =
            result.ok_or_else(|| failure::unavailable("the brokers did not answer whether a topic can be created"))?;
        Ok(result.map(drop).map_err(|(_, code)| code))
    }

    /// The names of all topics.
    pub(super) async fn topics(self: &Arc<Self>) -> Result<Vec<String>, Error> {
        let admin = Arc::clone(self);
        let fetch = move || {
            admin.options.authenticated()?;
            let metadata =
                admin.fetch_metadata(None).map_err(|error| failure::kafka("cannot fetch metadata", &error))?;
            Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
        };
        tokio::task::spawn_blocking(fetch).await.map_err(failure::join)?
    }

    fn admin_options(&self) -> AdminOptions {
        AdminOptions::new().request_timeout(Some(self.options.deadline)).operation_timeout(Some(self.options.deadline))
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{SystemClock, SystemRandom};
    use rdkafka::mocking::MockCluster;

    use super::*;

    /// Its marks would be taken for the beginning, and its events for none.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a1_a_topic_that_cannot_be_looked_up_does_not_count_as_absent() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        brokers.topic_error("zaken", RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).unwrap();
        let options =
            Options::new(brokers.bootstrap_servers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        let admin = Arc::new(Admin::new(Arc::new(options)).unwrap());
        assert!(matches!(admin.find("zaken".to_owned()).await, Err(Error::Unavailable { .. })));
        assert!(!tokio::task::spawn_blocking(move || admin.is_absent("zaken")).await.unwrap());
    }

    /// A client may never find a broker again after one stood still.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn clients_whose_calls_get_no_answers_are_replaced() {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic("zaken", 1, 1).unwrap();
        let mut options =
            Options::new(brokers.bootstrap_servers(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
        (options.deadline, options.session_timeout) = (Duration::from_secs(1), Duration::from_secs(1));
        let admin = Arc::new(Admin::new(Arc::new(options)).unwrap());
        let (client, lookup) = (admin.client.current(), admin.lookup.current());
        brokers.broker_down(1).unwrap();
        let replaced = async {
            while Arc::ptr_eq(&client, &admin.client.current()) {
                admin.settings("zaken").await.unwrap_err();
            }
            while Arc::ptr_eq(&lookup, &admin.lookup.current()) {
                admin.find("zaken".to_owned()).await.unwrap_err();
            }
        };
        tokio::time::timeout(Duration::from_mins(1), replaced).await.expect("replaced");
        brokers.broker_up(1).unwrap();
        let recovered = async { while admin.find("zaken".to_owned()).await.is_err() {} };
        tokio::time::timeout(Duration::from_mins(1), recovered).await.expect("recovered");
    }
}
