//! What lasts: four ports (event log, control, progress, journal) and their adapters.
//!
//! A port says in prose what every adapter promises; the suites in `suite` (feature of that name) check the
//! promises and run against each adapter unchanged. Records are opaque here: storage never parses an event. Every
//! stored form carries a kind and a version; samples of each version are kept and read by a test.

#[cfg(feature = "sqlite")]
mod codec;
pub mod control;
pub mod error;
pub mod journal;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod log;
pub mod progress;
#[cfg(feature = "sqlite")]
mod queue;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "sqlite")]
mod stored;
#[cfg(any(feature = "suite", test))]
pub mod suite;

pub use control::Control;
pub use error::Error;
pub use journal::Journal;
pub use log::EventLog;
pub use progress::Progress;
