//! Storage: nine ports (event log, control, audit trail, progress, journal, audience, mailings, inbox, feeds) and their adapters on SQLite
//! and Apache Kafka.
//!
//! The documentation of a port states what every adapter guarantees; the suites in `suite` (feature of that name) test
//! the guarantees and run unchanged against each adapter. Records are opaque: storage never parses an event. Every
//! stored form carries a kind and a version; samples of each version are kept and read by a test.
//!
//! Ids such as CE-KAFKA-16 are rows of `conformance/requirements.csv`.

pub mod audience;
pub mod audit;
pub mod books;
mod codec;
pub mod control;
#[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "the adapters use the rest"))]
mod encoding;
pub mod error;
pub mod feeds;
pub mod inbox;
pub mod journal;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod log;
pub mod mailings;
#[cfg(feature = "sqlite")]
pub mod metrics;
pub mod progress;
#[cfg(feature = "sqlite")]
mod queue;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "suite", test))]
pub mod suite;

pub use audience::Audience;
pub use audit::AuditLog;
pub use control::Control;
pub use error::Error;
pub use feeds::Feeds;
pub use inbox::Inbox;
pub use journal::Journal;
pub use log::EventLog;
pub use mailings::Mailings;
pub use progress::Progress;
