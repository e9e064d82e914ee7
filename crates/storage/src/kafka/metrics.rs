//! Names of the metrics of this adapter.

/// Histogram: seconds from an append to its acknowledgement or failure.
pub const APPEND_SECONDS: &str = "gateway_kafka_append_seconds";
/// Counter: appends that the brokers did not acknowledge.
pub const APPENDS_FAILED: &str = "gateway_kafka_appends_failed_total";
/// Counter: transactions refused because another node has taken over; label `what` is `control`, `progress` or
/// `people`.
pub const FENCED: &str = "gateway_kafka_fenced_writes_total";
/// Gauge: 1 while this node decides on commands, else 0.
pub const PROCESSOR: &str = "gateway_kafka_processor";
/// Gauge: 1 while this node works for people, else 0; absent on nodes that cannot.
pub const PEOPLE_OWNER: &str = "gateway_kafka_people_owner";
/// Counter: topics that were deleted, or lost records, while this node ran.
pub const TOPICS_LOST: &str = "gateway_kafka_topics_lost_total";
/// Counter: partitions of kanalen that hold less than the stored progress of a shard; deliveries began anew there.
pub const MARKS_RESET: &str = "gateway_kafka_marks_reset_total";
