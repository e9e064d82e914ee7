//! The bare limit of taking events in on Kafka: an HTTP server that produces each body as it is, acknowledged by all
//! replicas, with the idempotent producer, and answers then. Nothing else of what a gateway does.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::any;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;

use crate::workspace::Failure;

/// Partitions of the topic, as many as the gateway gives a kanaal.
const PARTITIONS: i32 = 3;
/// How long a body waits for room in the queue of the producer.
const PATIENCE: Timeout = Timeout::After(Duration::from_secs(5));

#[derive(Clone)]
struct Topic {
    name: String,
    producer: FutureProducer,
}

/// Makes the topic, and a server that produces to it.
pub async fn router(brokers: &str, topic: &str) -> Result<Router, Failure> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    let admin: AdminClient<DefaultClientContext> = config.create().map_err(|error| error.to_string())?;
    let new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1));
    let made = admin.create_topics([&new], &AdminOptions::new()).await.map_err(|error| error.to_string())?;
    if let Some(Err((_, code))) = made.first() {
        return Err(format!("topic {topic}: {code}"));
    }
    config.set("enable.idempotence", "true").set("acks", "all").set("linger.ms", "1");
    let producer = config.create().map_err(|error| error.to_string())?;
    Ok(Router::new().fallback(any(produce)).with_state(Topic { name: topic.to_owned(), producer }))
}

async fn produce(State(topic): State<Topic>, body: Bytes) -> StatusCode {
    let record: FutureRecord<'_, (), [u8]> = FutureRecord::to(&topic.name).payload(&body);
    match topic.producer.send(record, PATIENCE).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
