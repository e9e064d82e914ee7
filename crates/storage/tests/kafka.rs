//! The contract suites on Apache Kafka: one real broker for all of them, a prefix of topics for each test.

#[path = "kafka/harness.rs"]
mod harness;

use harness::OnKafka;

mod log {
    storage::log_suite!(crate::OnKafka::new());
}
