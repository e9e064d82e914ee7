//! Where the changes of a file are stored before they are committed in it. Without one, the file is all there is.

use async_trait::async_trait;
use rusqlite::Connection;

use crate::Error;

/// What a file is a copy of.
#[async_trait]
pub(crate) trait Upstream: Send + Sync {
    /// Whether this process may change the file.
    ///
    /// # Errors
    /// `Unavailable` when another process does, or none at the moment.
    fn writable(&self) -> Result<(), Error>;

    /// Waits until the file has everything that was stored upstream before.
    ///
    /// # Errors
    /// `Unavailable` when that takes too long.
    async fn catch_up(&self) -> Result<(), Error>;

    /// Prepares a transaction that was just begun: its changes are to be known.
    fn begin(&self, connection: &Connection) -> Result<(), Error>;

    /// Stores what a transaction changed; it is committed next. Blocks.
    ///
    /// # Errors
    /// `Fenced` or `Unavailable`: the transaction has to be rolled back.
    fn store(&self, connection: &Connection) -> Result<(), Error>;

    /// A transaction that was stored is committed.
    fn committed(&self);

    /// A transaction was rolled back, perhaps after it was stored.
    fn rolled_back(&self);
}
