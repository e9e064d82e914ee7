//! The suite against the built gateway, on its embedded storage and on Apache Kafka.

#[cfg(feature = "kafka")]
#[path = "../kafka/broker.rs"]
mod broker;
mod embedded;
#[cfg(feature = "kafka")]
mod kafka;
mod setting;
