//! Topics as they must be: made when missing, refused when their settings break a promise.

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
    consumer::Consumer,
    error::KafkaError,
    types::RDKafkaErrorCode,
};

mod offsets;

pub(super) use self::offsets::{Place, places};
use super::{
    Options,
    client::{self, Plain, Reader},
    failure,
};
use crate::Error;

/// How long a changed setting takes to reach the leaders of partitions.
const HEARD: Duration = Duration::from_secs(1);

/// Which moment a record bears: that of its appending, or the one that its writer gives.
const STAMPS: &str = "message.timestamp.type";

/// What a topic is for, which decides its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Events of a kanaal: trimmed by the gateway, never compacted.
    Kanaal,
    /// The same while it is filled with what was appended elsewhere, and when.
    Filling,
    /// The newest state per key, kept for ever.
    State,
    /// Messages between nodes, of no use after this long.
    Passing(Duration),
    /// What happened, kept for this long.
    History(Duration),
}

/// Metadata and administration, with what is known of topics.
pub(super) struct Admin {
    client: Arc<AdminClient<DefaultClientContext>>,
    lookup: Reader,
    options: Arc<Options>,
    known: Mutex<HashMap<String, u32>>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admin")
    }
}

/// Settings of a topic that a promise rests on, with the value they must have.
fn required(options: &Options, kind: Kind) -> Vec<(&'static str, String)> {
    let policy = if kind == Kind::State { "compact" } else { "delete" };
    let stamps = if kind == Kind::Filling { "CreateTime" } else { "LogAppendTime" };
    let mut settings = vec![
        ("cleanup.policy", policy.to_owned()),
        ("min.insync.replicas", options.min_insync_replicas.to_string()),
        (STAMPS, stamps.to_owned()),
        ("max.message.bytes", options.request_bytes().to_string()),
    ];
    if matches!(kind, Kind::Kanaal | Kind::Filling) {
        // The gateway trims by the retention of the kanaal, and tells who is overtaken.
        settings.push(("retention.ms", "-1".to_owned()));
        settings.push(("retention.bytes", "-1".to_owned()));
    }
    settings
}

impl Admin {
    pub(super) fn new(options: Arc<Options>) -> Result<Self, Error> {
        let failed = |error: KafkaError| failure::kafka("no client", &error);
        let client = client::create(&options, &client::any(&options), DefaultClientContext).map_err(failed)?;
        let lookup = client::create(&options, &client::reader(&options), Plain).map_err(failed)?;
        Ok(Self { client, lookup, options, known: Mutex::default() })
    }

    fn known(&self, topic: &str) -> Option<u32> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(topic).copied()
    }

    fn remember(&self, topic: &str, partitions: u32) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(topic.to_owned(), partitions);
    }

    /// Has a topic looked for anew: it may have been deleted.
    pub(super) fn forget(&self, topic: &str) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(topic);
    }

    /// How many partitions a topic has; `None` when it is not there. Blocks when it is not known yet.
    pub(super) fn find_now(&self, topic: &str) -> Result<Option<u32>, Error> {
        if let Some(partitions) = self.known(topic) {
            return Ok(Some(partitions));
        }
        self.options.authenticated()?;
        let metadata = self.lookup.fetch_metadata(Some(topic), self.options.deadline);
        let metadata = metadata.map_err(|error| failure::kafka("no metadata", &error))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic && found.error().is_none());
        let partitions = found.map_or(0, |found| found.partitions().len() as u32);
        if partitions == 0 {
            return Ok(None);
        }
        self.meet_leaders(topic, partitions);
        self.remember(topic, partitions);
        Ok(Some(partitions))
    }

    /// The same, on a blocking thread.
    pub(super) async fn find(self: &Arc<Self>, topic: String) -> Result<Option<u32>, Error> {
        if let Some(partitions) = self.known(&topic) {
            return Ok(Some(partitions));
        }
        let admin = Arc::clone(self);
        tokio::task::spawn_blocking(move || admin.find_now(&topic)).await.map_err(failure::task)?
    }

    /// Makes a topic with so many partitions unless it is there, and checks one that is; returns how many it has.
    pub(super) async fn ensure(self: &Arc<Self>, topic: &str, kind: Kind, partitions: u32) -> Result<u32, Error> {
        if let Some(partitions) = self.known(topic) {
            return Ok(partitions);
        }
        if self.find(topic.to_owned()).await?.is_none() {
            self.create(topic, kind, partitions).await?;
            // The brokers tell each other of a new topic in their own time.
            let found = async {
                loop {
                    if let Some(partitions) = self.find(topic.to_owned()).await? {
                        return Ok::<u32, Error>(partitions);
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            let late = |_| failure::away(format!("topic {topic} was made and is not there in time"));
            return tokio::time::timeout(self.options.deadline, found).await.map_err(late)?;
        }
        self.check(topic, kind).await?;
        Ok(self.known(topic).unwrap_or(partitions))
    }

    async fn create(&self, topic: &str, kind: Kind, partitions: u32) -> Result<(), Error> {
        let mut settings = required(&self.options, kind);
        if let Kind::Passing(time) | Kind::History(time) = kind {
            settings.push(("retention.ms", time.as_millis().to_string()));
        }
        let replication = TopicReplication::Fixed(i32::from(self.options.replication));
        let mut new = NewTopic::new(topic, partitions as i32, replication);
        for (name, value) in &settings {
            new = new.set(name, value);
        }
        let results = self.client.create_topics([&new], &self.patience()).await;
        let results = results.map_err(|error| failure::kafka("no topic can be made", &error))?;
        match results.into_iter().next() {
            Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists)) | Ok(_)) => Ok(()),
            Some(Err((_, code))) => Err(failure::away(format!("topic {topic} cannot be made: {code}"))),
            None => Err(failure::away(format!("the brokers do not say whether topic {topic} was made"))),
        }
    }

    /// Refuses a topic whose settings break a promise, and says what to do.
    async fn check(&self, topic: &str, kind: Kind) -> Result<(), Error> {
        let described = self.settings(topic).await?;
        let settings =
            described.map_err(|code| failure::away(format!("the settings of topic {topic} cannot be read: {code}")))?;
        match self.wrong(topic, kind, &settings) {
            None => Ok(()),
            Some(reason) => Err(Error::Corrupt { kind: "Kafka topic", reason }),
        }
    }

    /// Has the records of a topic bear the moments that its kind asks for, and leaves its other settings as they are; they
    /// are checked.
    pub(super) async fn stamp(&self, topic: &str, kind: Kind) -> Result<(), Error> {
        let wanted = if kind == Kind::Filling { "CreateTime" } else { "LogAppendTime" };
        let settings = self.settings(topic).await?;
        let settings =
            settings.map_err(|code| failure::away(format!("the settings of topic {topic} cannot be read: {code}")))?;
        if settings.get(STAMPS).and_then(|entry| entry.value.as_deref()) != Some(wanted) {
            // Brokers forget what is not said again.
            let own = settings.entries.iter().filter(|entry| entry.source == ConfigSource::DynamicTopic);
            let own = own.filter_map(|entry| Some((entry.name.as_str(), entry.value.as_deref()?)));
            let mut change = AlterConfig::new(ResourceSpecifier::Topic(topic));
            for (name, value) in own.chain([(STAMPS, wanted)]) {
                change = change.set(name, value);
            }
            let results = self.client.alter_configs([&change], &self.patience()).await;
            let results = results.map_err(|error| failure::kafka("no settings can be changed", &error))?;
            if let Some(Err((_, code))) = results.into_iter().next() {
                return Err(failure::away(format!(
                    "topic {topic}: {STAMPS} cannot be set to {wanted} ({code}); grant it with: kafka-acls.sh \
                     --bootstrap-server {} --add --allow-principal User:... --operation AlterConfigs --topic {} \
                     --resource-pattern-type prefixed",
                    self.options.brokers, self.options.prefix
                )));
            }
            // Leaders hear of it in their own time.
            tokio::time::sleep(HEARD).await;
        }
        self.check(topic, kind).await
    }

    /// The settings of a topic, or the code of the brokers for why they are not told.
    pub(super) async fn settings(&self, topic: &str) -> Result<Result<ConfigResource, RDKafkaErrorCode>, Error> {
        let described = self.client.describe_configs([&ResourceSpecifier::Topic(topic)], &self.patience()).await;
        let described = described.map_err(|error| failure::kafka("no settings of topics", &error))?;
        let described = described.into_iter().next();
        let described = described.ok_or_else(|| failure::away("the brokers do not tell the settings of a topic"))?;
        // The client does not pass on why the brokers do not tell; it is this.
        let told = |settings: &ConfigResource| !settings.entries.is_empty();
        Ok(described.and_then(|settings| Some(settings).filter(told).ok_or(RDKafkaErrorCode::TopicAuthorizationFailed)))
    }

    /// Which settings of a topic break a promise, with the remedy; `None` when none does.
    pub(super) fn wrong(&self, topic: &str, kind: Kind, settings: &ConfigResource) -> Option<String> {
        let mut wrong = Vec::new();
        for (name, wanted) in required(&self.options, kind) {
            let found = settings.get(name).and_then(|entry| entry.value.clone()).unwrap_or_default();
            let larger = || Some(found.parse::<u64>().ok()? >= wanted.parse::<u64>().ok()?);
            // More replicas and larger messages than asked for break nothing.
            let enough = matches!(name, "min.insync.replicas" | "max.message.bytes") && larger() == Some(true);
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

    /// Asks whether a topic could be made, without making it; the code of the brokers when not.
    pub(super) async fn could_create(&self, topic: &str, kind: Kind) -> Result<Result<(), RDKafkaErrorCode>, Error> {
        let replication = TopicReplication::Fixed(i32::from(self.options.replication));
        let settings = required(&self.options, kind);
        let mut new = NewTopic::new(topic, 1, replication);
        for (name, value) in &settings {
            new = new.set(name, value);
        }
        let results = self.client.create_topics([&new], &self.patience().validate_only(true)).await;
        let results = results.map_err(|error| failure::kafka("no topic can be made", &error))?;
        let result = results.into_iter().next();
        let result = result.ok_or_else(|| failure::away("the brokers do not say whether a topic could be made"))?;
        Ok(result.map(drop).map_err(|(_, code)| code))
    }

    /// The names of all topics.
    pub(super) async fn topics(self: &Arc<Self>) -> Result<Vec<String>, Error> {
        let admin = Arc::clone(self);
        let fetch = move || {
            admin.options.authenticated()?;
            let metadata = admin.lookup.fetch_metadata(None, admin.options.deadline);
            let metadata = metadata.map_err(|error| failure::kafka("no metadata", &error))?;
            Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
        };
        tokio::task::spawn_blocking(fetch).await.map_err(failure::task)?
    }

    fn patience(&self) -> AdminOptions {
        AdminOptions::new().request_timeout(Some(self.options.deadline)).operation_timeout(Some(self.options.deadline))
    }
}
