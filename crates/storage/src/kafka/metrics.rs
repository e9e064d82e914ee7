//! The names of what the adapter counts.

/// Seconds from an append to the word of the brokers that it is durable, failures included.
pub const APPEND_SECONDS: &str = "gateway_kafka_append_seconds";
/// Appends that the brokers did not confirm.
pub const APPENDS_FAILED: &str = "gateway_kafka_appends_failed_total";
/// Transactions that were refused because another node has taken over, by `what`: `control` or `progress`.
pub const FENCED: &str = "gateway_kafka_fenced_writes_total";
/// Whether this node is the one that decides on changes: 1 or 0.
pub const PROCESSOR: &str = "gateway_kafka_processor";
