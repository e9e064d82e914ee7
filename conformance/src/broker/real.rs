//! The Kafka client: one consumer per topic, assigned by hand to all its partitions, and a producer per record.
//! Creates no topic: one that does not exist in time is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Headers as _, OwnedHeaders};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::{BrokerError, Record};
use crate::clock::instant;
use crate::target::file::Kafka;

/// Interval between look-ups of a topic that does not exist yet.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Reads one topic from its beginning.
pub struct Reader {
    consumer: StreamConsumer,
    /// The partitions of the topic; [`everything`] removes those whose end it has reached.
    unread: BTreeSet<i32>,
}

impl Reader {
    /// Starts reading, once the topic exists; an error when it does not within `patience`.
    pub async fn open(kafka: &Kafka, topic: &str, patience: Duration) -> Result<Reader, BrokerError> {
        let unread = partitions(kafka, topic, patience).await?;
        let consumer: StreamConsumer =
            consuming(kafka).set("enable.partition.eof", "true").create().map_err(client_error)?;
        let mut list = TopicPartitionList::new();
        for partition in &unread {
            list.add_partition_offset(topic, *partition, Offset::Beginning).map_err(client_error)?;
        }
        consumer.assign(&list).map_err(client_error)?;
        Ok(Reader { consumer, unread })
    }

    /// The next record; none when none arrives within `patience`.
    pub async fn next(&mut self, patience: Duration) -> Result<Option<Record>, BrokerError> {
        let deadline = instant() + patience;
        loop {
            let left = deadline.saturating_duration_since(instant());
            match tokio::time::timeout(left, self.consumer.recv()).await {
                Err(_) => return Ok(None),
                Ok(Ok(message)) => return Ok(Some(record(&message))),
                Ok(Err(KafkaError::PartitionEOF(_))) => {}
                Ok(Err(error)) => return Err(client_error(error)),
            }
        }
    }
}

/// Every record of a topic, up to its current end.
pub async fn everything(kafka: &Kafka, topic: &str, patience: Duration) -> Result<Vec<Record>, BrokerError> {
    let mut reader = Reader::open(kafka, topic, patience).await?;
    let mut records = vec![];
    while !reader.unread.is_empty() {
        match tokio::time::timeout(patience, reader.consumer.recv()).await {
            Err(_) => return Err(BrokerError::Client(format!("the end of {topic} is not reached in {patience:?}"))),
            Ok(Ok(message)) => records.push(record(&message)),
            Ok(Err(KafkaError::PartitionEOF(partition))) => drop(reader.unread.remove(&partition)),
            Ok(Err(error)) => return Err(client_error(error)),
        }
    }
    Ok(records)
}

fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().map(|headers| {
        let pairs = headers.iter().map(|one| (one.key.to_owned(), one.value.unwrap_or_default().to_vec()));
        pairs.collect()
    });
    Record {
        key: message.key().map(<[u8]>::to_vec),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(<[u8]>::to_vec),
        position: Some((message.partition(), message.offset())),
    }
}

/// The partitions of a topic; waits up to `patience` until the topic exists.
async fn partitions(kafka: &Kafka, topic: &str, patience: Duration) -> Result<BTreeSet<i32>, BrokerError> {
    let client: BaseConsumer = consuming(kafka).create().map_err(client_error)?;
    let topic = topic.to_owned();
    let look = move || {
        let deadline = instant() + patience;
        loop {
            let metadata = client.fetch_metadata(Some(&topic), patience).map_err(client_error)?;
            let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id);
            let partitions: BTreeSet<_> = partitions.collect();
            if !partitions.is_empty() {
                return Ok(partitions);
            }
            if instant() >= deadline {
                return Err(BrokerError::NoTopic(topic));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    };
    tokio::task::spawn_blocking(look).await.map_err(client_error)?
}

/// Produces a record to a topic, which must exist within `patience`, and waits until the broker has it.
pub async fn produce(kafka: &Kafka, topic: &str, record: &Record, patience: Duration) -> Result<(), BrokerError> {
    partitions(kafka, topic, patience).await?;
    let producer: FutureProducer = client_config(kafka)
        .set("message.timeout.ms", patience.as_millis().to_string())
        .create()
        .map_err(client_error)?;
    let mut headers = OwnedHeaders::new();
    for (name, value) in &record.headers {
        headers = headers.insert(Header { key: name, value: Some(value) });
    }
    let mut outgoing = FutureRecord::<[u8], [u8]>::to(topic).headers(headers);
    if let Some(key) = &record.key {
        outgoing = outgoing.key(key);
    }
    if let Some(value) = &record.value {
        outgoing = outgoing.payload(value);
    }
    producer.send(outgoing, patience).await.map(drop).map_err(|(error, _)| client_error(error))
}

/// The settings of a topic, which must exist within `patience`, by name.
pub async fn settings(kafka: &Kafka, topic: &str, patience: Duration) -> Result<BTreeMap<String, String>, BrokerError> {
    partitions(kafka, topic, patience).await?;
    let client: AdminClient<DefaultClientContext> = client_config(kafka).create().map_err(client_error)?;
    let options = AdminOptions::new().request_timeout(Some(patience));
    let described =
        client.describe_configs([&ResourceSpecifier::Topic(topic)], &options).await.map_err(client_error)?;
    let described = described.into_iter().collect::<Result<Vec<_>, _>>().map_err(client_error)?;
    let entries = described.into_iter().flat_map(|topic| topic.entries);
    Ok(entries.filter_map(|entry| Some((entry.name, entry.value?))).collect())
}

fn consuming(kafka: &Kafka) -> ClientConfig {
    let mut config = client_config(kafka);
    // A group must be named; nothing is committed to it.
    config.set("group.id", "conformance").set("enable.auto.commit", "false").set("allow.auto.create.topics", "false");
    // The broker reports the end of a partition after it has waited this long for more.
    config.set("fetch.wait.max.ms", "50");
    config
}

fn client_config(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &kafka.brokers);
    for (name, value) in &kafka.properties {
        config.set(name, value);
    }
    config
}

fn client_error(error: impl std::fmt::Display) -> BrokerError {
    BrokerError::Client(error.to_string())
}
