//! What happens with the entries that became searchable in the journal of this node: they are counted, and shown to those who
//! watch.
//!
//! It runs in the thread that writes the journal, so neither publishing nor delivery waits for it.

use std::sync::Arc;

use storage::journal::{Entry, Observer};

use crate::{statistics::Statistics, stream::Stream};

/// Passes entries on.
pub struct JournalObserver {
    /// Counts them.
    pub statistics: Arc<Statistics>,
    /// Shows them.
    pub stream: Arc<Stream>,
}

impl Observer for JournalObserver {
    fn searchable(&self, entries: &[Entry]) {
        self.statistics.count(entries);
        self.stream.publish(entries);
    }
}
