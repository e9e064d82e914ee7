//! Port Audience: addressees (light subscriptions of people), the distinct filters that they use, and the evidence of what
//! was sent to them, and the outbox of messages that are due to one person.
//!
//! They are not in the registry: there may be a million of one kanaal, and they are personal data. An adapter stores what
//! `model::addressee` decided and finds it again; it never sees an address, only its keyed digest and sealed bytes, and it
//! does not decide, send or check authorization.

mod collected;
mod error;
mod failed;
mod outbox;
mod purge;
mod rows;
mod walk;

use async_trait::async_trait;
use model::{
    KanaalName, Timestamp,
    addressee::{AddresseeId, Channel, Digest, Evidence, FilterId, FilterText},
    mailing::MailingId,
};

pub use self::{
    collected::{Collected, CollectedEnd, MAX_COLLECTED},
    error::{Error, MAX_OF_ADDRESS},
    failed::{FailedCounts, FailedWalk},
    outbox::{MAX_OUTBOX, OutboxCounts, Outgoing, OutgoingId, Settlement, StoredOutgoing},
    purge::Purge,
    rows::{Count, Put, Stored, Version},
    walk::{Chunk, EvidencePage, MAX_CHUNK, Walk},
};

/// The port: addressees and evidence.
#[async_trait]
pub trait Audience: Send + Sync {
    /// Stores addressees, new ones and changed ones, all in one durable write or none of them. What they had before is replaced;
    /// its bytes may stay in files until [`Audience::erase`] or [`Audience::purge`] is called. Kanaal and channel of an
    /// addressee never change. A due message is stored with its addressee; it replaces one of the same kind to the same addressee,
    /// since a new code makes the one before void.
    ///
    /// # Errors
    /// `Conflict` when an addressee does not have the version that the caller saw, exists although the caller saw none, or is not
    /// alone although it has to be; `UnknownFilter`; `TooManyOfAddress`; `Storage`. Nothing is stored then.
    async fn put(&self, puts: Vec<Put>) -> Result<(), Error>;

    /// The addressee with this id, as the last [`Audience::put`] that returned left it.
    ///
    /// # Errors
    /// `Storage`; `Corrupt` in it when the row is damaged.
    async fn get(&self, id: AddresseeId) -> Result<Option<Stored>, Error>;

    /// All addressees of an address, of every kanaal, channel and state, in the order of their ids. A change of address counts
    /// once it is confirmed.
    ///
    /// # Errors
    /// As [`Audience::get`].
    async fn of_address(&self, digest: Digest) -> Result<Vec<Stored>, Error>;

    /// The addressees of one kanaal and channel in the order of their digests, from behind a digest on. Addressees of the same
    /// digest are in the same chunk, in the order of their ids. Whoever walks from the beginning to the end meets every addressee
    /// that was there at the beginning and did not change meanwhile exactly once; of those that come, go or change, some.
    /// The cost of a chunk does not depend on where it is, and is bounded also when few addressees are selected, so a chunk
    /// may be empty although there are more. A damaged row is passed over and counted.
    ///
    /// # Errors
    /// `Storage`.
    async fn walk(&self, walk: Walk) -> Result<Chunk, Error>;

    /// The numbers of addressees by kanaal, channel and state, of one kanaal or of all; in no order, without zeros (CH-129). The
    /// cost does not depend on the number of addressees.
    ///
    /// # Errors
    /// `Storage`.
    async fn counts(&self, kanaal: Option<&KanaalName>) -> Result<Vec<Count>, Error>;

    /// The number of a filter, assigned if it has none. A filter that no addressee uses may be forgotten by [`Audience::purge`],
    /// and gets another number afterwards.
    ///
    /// # Errors
    /// `Storage`.
    async fn filter_id(&self, text: FilterText) -> Result<FilterId, Error>;

    /// The distinct filters of confirmed addressees of a kanaal, with those of ended ones if wanted (CH-21), in no order, so that each
    /// is evaluated once per event (CH-74). The cost does not depend on the number of addressees.
    ///
    /// # Errors
    /// `Storage`.
    async fn filters(&self, kanaal: &KanaalName, with_ended: bool) -> Result<Vec<(FilterId, FilterText)>, Error>;

    /// Unconfirmed and confirmed addressees whose own end has come, at most `limit` (1 to 1,000), those that ended first in
    /// front.
    ///
    /// # Errors
    /// `Storage`.
    async fn expired(&self, now: Timestamp, limit: u32) -> Result<Vec<Stored>, Error>;

    /// Erases everything of an address (CH-135): every addressee of it becomes what `Command::Erase` leaves, which is the digest; a
    /// change to this address that is not confirmed is forgotten, and so are messages that are due to it. Evidence stays, it has only
    /// the digest. On return, address, attributes, owner and codes, also those that were replaced before, are in no file of this
    /// store. Returns the number of addressees. Repeat it after an error.
    ///
    /// # Errors
    /// `Storage`; the rows may be erased although their bytes are still in files.
    async fn erase(&self, digest: Digest, at: Timestamp) -> Result<u64, Error>;

    /// The number of rows that [`Audience::purge`] would remove now (CH-136).
    ///
    /// # Errors
    /// `Storage`.
    async fn purgeable(&self, purge: Purge) -> Result<u64, Error>;

    /// Removes rows whose retention is over, at most `max` (1 to 10,000) per call; returns their number. When it is less than
    /// `max`, nothing is left to remove, and what earlier calls removed is in no file of this store on return.
    ///
    /// # Errors
    /// `Storage`; rows may be removed nevertheless.
    async fn purge(&self, purge: Purge, max: usize) -> Result<usize, Error>;

    /// Stores evidence, all in one durable write. What is known of the same event, digest and addressee is merged with it, by
    /// [`Evidence::merge`]; when the event was sent there again, that of the last resend.
    ///
    /// # Errors
    /// `Storage`.
    async fn record(&self, evidence: Vec<Evidence>) -> Result<(), Error>;

    /// Stores evidence of a resend (CH-94), all in one durable write: a row of its own beside what is known of the event, digest
    /// and addressee, merged with what is known of this resend.
    ///
    /// # Errors
    /// `Storage`.
    async fn record_resend(&self, id: MailingId, evidence: Vec<Evidence>) -> Result<(), Error>;

    /// The confirmed addressees of a channel to whom an event did not get through, with those who left if wanted, in the order of their
    /// digests; chunks as those of [`Audience::walk`]. Who has another address since then is not among them.
    ///
    /// # Errors
    /// `Storage`.
    async fn failed(&self, walk: FailedWalk) -> Result<Chunk, Error>;

    /// The number of addressees that [`Audience::failed`] would return, in parts of a bounded cost; `limit` has no meaning.
    ///
    /// # Errors
    /// `Storage`.
    async fn failed_counts(&self, walk: FailedWalk) -> Result<FailedCounts, Error>;

    /// The evidence of one address, complete over all pages and without that of others (CH-137), in an order that stays: what was
    /// sent again is behind what was sent before.
    ///
    /// # Errors
    /// `Storage`.
    async fn evidence(&self, digest: Digest, page: EvidencePage) -> Result<Vec<Evidence>, Error>;

    /// Due messages that are to be tried at this moment, without mails with collected events, at most `limit` (1 to [`MAX_OUTBOX`]), those that wait longest in front. A
    /// damaged row is passed over. The cost does not depend on the number of messages that wait for later.
    ///
    /// # Errors
    /// `Storage`.
    async fn outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, Error>;

    /// The same of one channel alone, so that what waits for one provider is not in front of another.
    ///
    /// # Errors
    /// `Storage`.
    async fn outbox_of(&self, channel: Channel, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, Error>;

    /// Mails with collected events that are due, in place of other messages; otherwise as [`Audience::outbox_of`] (CH-101).
    ///
    /// # Errors
    /// `Storage`.
    async fn outbox_collected(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, Error>;

    /// Adds the event of a mailing to the mail of an addressee, which becomes due with the first one; again it changes nothing.
    /// Erasure and purges remove both. An addressee that is not there gets none.
    ///
    /// # Errors
    /// `Storage`.
    async fn collect(&self, addressee: AddresseeId, mailing: MailingId, due: Outgoing) -> Result<(), Error>;

    /// The events that wait for the mail of an addressee, in the order of their mailings, at most `limit` (1 to [`MAX_COLLECTED`]).
    ///
    /// # Errors
    /// `Storage`.
    async fn collected(&self, addressee: AddresseeId, limit: u32) -> Result<Vec<Collected>, Error>;

    /// Stores how a mail with events ended, in one durable write: the evidence, and that the events do not wait any more. Nothing is
    /// stored of a mail that was erased meanwhile.
    ///
    /// # Errors
    /// `Storage`.
    async fn settle_collected(&self, end: CollectedEnd) -> Result<(), Error>;

    /// Stores how an attempt ended. A message that was replaced, erased or settled meanwhile is left as it is.
    ///
    /// # Errors
    /// `Storage`.
    async fn settle(&self, id: OutgoingId, settlement: Settlement) -> Result<(), Error>;

    /// The numbers of due messages, without mails with collected events.
    ///
    /// # Errors
    /// `Storage`.
    async fn outbox_counts(&self) -> Result<OutboxCounts, Error>;
}
