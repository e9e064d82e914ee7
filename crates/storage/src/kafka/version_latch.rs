//! A latch that stops this node after it meets a stored record of a newer version.
//!
//! Once tripped it stays tripped for the life of the process: the node rejects commands and appends and gives up its
//! shards, because acting without knowing the record could deliver what must not be delivered.

use std::sync::OnceLock;

use crate::Error;

/// The first record that could not be read, as the reason; empty while all records are readable.
#[derive(Debug, Default)]
pub(super) struct VersionLatch(OnceLock<Error>);

impl VersionLatch {
    /// Trips the latch. Only the first error is kept and logged.
    pub(super) fn trip(&self, error: &Error) {
        if self.0.set(error.clone()).is_ok() {
            tracing::error!(%error, "this node stops working: a stored record needs a newer version of the program");
        }
    }

    /// Fails once the latch has tripped.
    ///
    /// # Errors
    /// The error that tripped it.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.0.get().map_or(Ok(()), |error| Err(error.clone()))
    }
}
