//! The Kafka client: one consumer per topic, assigned by hand to all its partitions, and a producer per record.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::{Header, Headers as _, OwnedHeaders};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::{BrokerError, Record};
use crate::target::file::Kafka;

/// How long the broker may take to describe a topic.
const DESCRIBE: Duration = Duration::from_secs(10);

/// Reads one topic from its beginning.
pub struct Reader {
    consumer: Arc<StreamConsumer>,
}

impl Reader {
    /// Begins; the topic exists.
    pub async fn open(kafka: &Kafka, topic: &str) -> Result<Reader, BrokerError> {
        let consumer: StreamConsumer = configured(kafka)
            .set("group.id", format!("conformance-{topic}"))
            .set("enable.auto.commit", "false")
            .set("allow.auto.create.topics", "false")
            .create()
            .map_err(failed)?;
        let consumer = Arc::new(consumer);
        let (described, name) = (Arc::clone(&consumer), topic.to_owned());
        let partitions = tokio::task::spawn_blocking(move || -> Result<Vec<i32>, BrokerError> {
            let metadata = described.fetch_metadata(Some(&name), DESCRIBE).map_err(failed)?;
            let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id);
            Ok(partitions.collect())
        });
        let partitions = partitions.await.map_err(failed)??;
        if partitions.is_empty() {
            return Err(BrokerError::Client(format!("there is no topic {topic}")));
        }
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition_offset(topic, partition, Offset::Beginning).map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Reader { consumer })
    }

    /// The next record, when one comes in time.
    pub async fn next(&mut self, patience: Duration) -> Result<Option<Record>, BrokerError> {
        match tokio::time::timeout(patience, self.consumer.recv()).await {
            Err(_) => Ok(None),
            Ok(received) => {
                let message = received.map_err(failed)?;
                let headers = message.headers().map(|headers| {
                    let pairs = headers.iter().map(|one| (one.key.to_owned(), one.value.unwrap_or_default().to_vec()));
                    pairs.collect()
                });
                let key = message.key().map(<[u8]>::to_vec);
                let value = message.payload().map(<[u8]>::to_vec);
                Ok(Some(Record { key, headers: headers.unwrap_or_default(), value }))
            }
        }
    }
}

/// Puts a record on a topic and waits until the broker has it.
pub async fn produce(kafka: &Kafka, topic: &str, record: &Record, patience: Duration) -> Result<(), BrokerError> {
    let producer: FutureProducer =
        configured(kafka).set("message.timeout.ms", patience.as_millis().to_string()).create().map_err(failed)?;
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
    producer.send(outgoing, patience).await.map(drop).map_err(|(error, _)| failed(error))
}

fn configured(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &kafka.brokers);
    for (name, value) in &kafka.properties {
        config.set(name, value);
    }
    config
}

fn failed(error: impl std::fmt::Display) -> BrokerError {
    BrokerError::Client(error.to_string())
}
