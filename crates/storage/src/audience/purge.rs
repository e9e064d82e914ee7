//! Retention classes: which rows may go, and when (CH-136).

use model::{KanaalName, Timestamp};

/// Rows whose retention is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purge {
    /// Unconfirmed addressees whose newest code was requested before a moment; by default after 7 days. Filters that nobody uses
    /// are forgotten with them.
    Unconfirmed {
        /// The moment.
        before: Timestamp,
    },
    /// Addressees that ended before a moment; by default after 30 days, which is as long as an undo is possible. Filters that
    /// nobody uses are forgotten with them.
    Ended {
        /// The moment.
        before: Timestamp,
    },
    /// Evidence about events of a kanaal that were accepted before a moment.
    Evidence {
        /// The kanaal.
        kanaal: KanaalName,
        /// The moment.
        before: Timestamp,
    },
}
