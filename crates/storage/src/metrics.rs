//! The names of the metrics of the journal, on both adapters. Those of Kafka are in `kafka::metrics`.

/// Batches of the journal that were not written; each is tried again.
pub const JOURNAL_FAILURES: &str = "gateway_journal_failures_total";
/// Entries of the journal that were dropped: the queue was full, or the file cannot hold them because it is damaged.
pub const JOURNAL_DROPPED: &str = "gateway_journal_dropped_entries_total";
/// Entries of the journal that wait to be written.
pub const JOURNAL_LAG: &str = "gateway_journal_lag_entries";
