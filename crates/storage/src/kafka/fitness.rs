//! Whether this program can read what all nodes go by.
//!
//! One that cannot (a newer node stored something that it does not know) decides on nothing, takes nothing in and gives
//! its shards to other nodes: it would do all of that as if what it cannot read were not there.

use std::sync::OnceLock;

use crate::Error;

/// What a node could not read, if anything.
#[derive(Debug, Default)]
pub(super) struct Fitness(OnceLock<Error>);

impl Fitness {
    /// Notes what could not be read; the first thing counts, for as long as the program runs.
    pub(super) fn end(&self, error: &Error) {
        if self.0.set(error.clone()).is_ok() {
            tracing::error!(%error, "this program gives up its work: another version has to take over");
        }
    }

    /// # Errors
    /// What could not be read.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.0.get().map_or(Ok(()), |error| Err(error.clone()))
    }
}
