//! The port Audience on `audience.db`, a file of its own, so that backups and erasure of people are apart from the rest.
//!
//! What is personal is in table `personal`, whose rows are called slots. SQLite moves rows between pages when pages split or
//! merge, and leaves copies in the unused parts of pages, which `secure_delete` does not overwrite. So rows of this table never
//! move: they have sizes in steps, are appended at the end, are overwritten in place by bytes of the same number, and are never
//! deleted; a slot that is not used any more holds zeros and waits for another row of its size. The other tables hold ids,
//! digests, numbers and moments.
//!
//! A writer of its own groups changes; reads use their own connections. On Kafka the file is a copy of a topic
//! ([`upstream`](super::upstream)): changes are stored there first, and the rest of this module does not notice.

mod address;
#[cfg(feature = "kafka")]
pub(crate) mod carried;
pub(super) mod collected;
mod counts;
mod erase_address;
mod events;
pub(super) mod evidence;
mod failed;
#[cfg(feature = "kafka")]
mod feeds;
mod filters;
mod form;
mod form_state;
pub(super) mod inbox;
pub(super) mod mailings;
#[cfg(feature = "kafka")]
mod moved;
mod names;
mod open;
mod outgoing;
mod purge;
mod put;
mod row;
mod slots;
mod tally;
mod topic;
pub(super) mod verify;
mod walk;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use model::{
    KanaalName, Timestamp,
    addressee::{AddresseeId, Channel, Digest, Evidence, FilterId, FilterText},
    mailing::MailingId,
};
use rusqlite::Connection;

#[cfg(feature = "kafka")]
pub use self::moved::{MovedRows, Places};
pub(super) use self::{open::create_private, tally::total};
use super::{
    Notice, database, erase, readers::Readers, statement_job::StatementJob, upstream::Upstream, writer::Writer,
};
use crate::{
    Audience,
    audience::{
        Chunk, Collected, CollectedEnd, Count, Error, EvidencePage, FailedCounts, FailedWalk, OutboxCounts, Outgoing,
        OutgoingId, Purge, Put, Settlement, Stored, StoredOutgoing, Walk,
    },
};

/// The size of a small change in the writer's queue, in bytes.
const ROW_BYTES: usize = 256;

/// The port Audience on an embedded file.
pub struct SqliteAudience {
    path: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
    notices: Vec<Notice>,
    /// What the file is a copy of.
    upstream: Option<Arc<dyn Upstream>>,
}

impl std::fmt::Debug for SqliteAudience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteAudience").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteAudience {
    /// What was found when the file was opened and operators should know; it was logged.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Executes statements in a transaction of the writer.
    async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        statements: impl FnOnce(&Connection) -> Result<T, crate::Error> + Send + 'static,
    ) -> Result<T, Error> {
        if let Some(upstream) = &self.upstream {
            upstream.writable()?;
        }
        Ok(self.writer.submit(bytes, |reply| StatementJob::new(statements, reply)).await?)
    }

    /// Runs a query on a connection of its own.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, crate::Error> + Send + 'static,
    ) -> Result<T, Error> {
        if let Some(upstream) = &self.upstream {
            upstream.catch_up().await?;
        }
        Ok(self.readers.run(query).await?)
    }

    async fn empty_wal(&self) -> Result<(), Error> {
        Ok(erase::empty_wal(&self.path, &database::AUDIENCE).await?)
    }
}

#[async_trait]
impl Audience for SqliteAudience {
    async fn put(&self, puts: Vec<Put>) -> Result<(), Error> {
        let bytes = puts.iter().map(put::queue_bytes).sum();
        self.write(bytes, move |connection| put::all(connection, &puts)).await?
    }

    async fn get(&self, id: AddresseeId) -> Result<Option<Stored>, Error> {
        self.read(move |connection| address::get(connection, id)).await
    }

    async fn of_address(&self, digest: Digest) -> Result<Vec<Stored>, Error> {
        self.read(move |connection| address::all(connection, &digest)).await
    }

    async fn walk(&self, walk: Walk) -> Result<Chunk, Error> {
        self.read(move |connection| walk::chunk(connection, &walk)).await
    }

    async fn counts(&self, kanaal: Option<&KanaalName>) -> Result<Vec<Count>, Error> {
        let kanaal = kanaal.cloned();
        self.read(move |connection| counts::all(connection, kanaal.as_ref())).await
    }

    async fn filter_id(&self, text: FilterText) -> Result<FilterId, Error> {
        let (bytes, sought) = (ROW_BYTES + text.as_str().len(), text.clone());
        if let Some(id) = self.read(move |connection| filters::find(connection, &sought)).await? {
            return Ok(id);
        }
        self.write(bytes, move |connection| filters::assign(connection, &text)).await
    }

    async fn filters(&self, kanaal: &KanaalName, with_ended: bool) -> Result<Vec<(FilterId, FilterText)>, Error> {
        let kanaal = kanaal.clone();
        self.read(move |connection| filters::of_kanaal(connection, &kanaal, with_ended)).await
    }

    async fn expired(&self, now: Timestamp, limit: u32) -> Result<Vec<Stored>, Error> {
        self.read(move |connection| address::expired(connection, now, limit)).await
    }

    async fn erase(&self, digest: Digest, at: Timestamp) -> Result<u64, Error> {
        let erased = self.write(ROW_BYTES, move |connection| erase_address::all(connection, &digest, at)).await?;
        self.empty_wal().await?;
        Ok(erased)
    }

    async fn purgeable(&self, purge: Purge) -> Result<u64, Error> {
        self.read(move |connection| purge::count(connection, &purge)).await
    }

    async fn purge(&self, purge: Purge, max: usize) -> Result<usize, Error> {
        let removed = self.write(ROW_BYTES, move |connection| purge::remove(connection, &purge, max)).await?;
        if removed < max {
            self.empty_wal().await?;
        }
        Ok(removed)
    }

    async fn record(&self, evidence: Vec<Evidence>) -> Result<(), Error> {
        let bytes = evidence.len() * ROW_BYTES;
        self.write(bytes, move |connection| evidence::record(connection, None, &evidence)).await
    }

    async fn record_resend(&self, id: MailingId, evidence: Vec<Evidence>) -> Result<(), Error> {
        let bytes = evidence.len() * ROW_BYTES;
        self.write(bytes, move |connection| evidence::record(connection, Some(id), &evidence)).await
    }

    async fn failed(&self, walk: FailedWalk) -> Result<Chunk, Error> {
        self.read(move |connection| failed::chunk(connection, &walk)).await
    }

    async fn failed_counts(&self, walk: FailedWalk) -> Result<FailedCounts, Error> {
        self.read(move |connection| failed::counts(connection, &walk)).await
    }

    async fn evidence(&self, digest: Digest, page: EvidencePage) -> Result<Vec<Evidence>, Error> {
        self.read(move |connection| evidence::of_address(connection, &digest, page)).await
    }

    async fn outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, Error> {
        self.read(move |connection| outgoing::due(connection, (None, false), now, limit)).await
    }

    async fn outbox_of(&self, channel: Channel, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, Error> {
        self.read(move |connection| outgoing::due(connection, (Some(channel), false), now, limit)).await
    }

    async fn outbox_collected(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, Error> {
        self.read(move |connection| outgoing::due(connection, (None, true), now, limit)).await
    }

    async fn collect(&self, addressee: AddresseeId, mailing: MailingId, due: Outgoing) -> Result<(), Error> {
        self.write(ROW_BYTES, move |connection| collected::add(connection, addressee, mailing, &due)).await
    }

    async fn collected(&self, addressee: AddresseeId, limit: u32) -> Result<Vec<Collected>, Error> {
        self.read(move |connection| collected::all(connection, addressee, limit)).await
    }

    async fn settle_collected(&self, end: CollectedEnd) -> Result<(), Error> {
        let bytes = (1 + end.mailings.len()) * ROW_BYTES;
        self.write(bytes, move |connection| collected::settle(connection, &end)).await
    }

    async fn settle(&self, id: OutgoingId, settlement: Settlement) -> Result<(), Error> {
        self.write(ROW_BYTES, move |connection| outgoing::settle(connection, id, settlement)).await
    }

    async fn outbox_counts(&self) -> Result<OutboxCounts, Error> {
        self.read(outgoing::counts).await
    }
}
