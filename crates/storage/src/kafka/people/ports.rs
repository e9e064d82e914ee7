//! The ports Audience and Inbox of one node: reads from its copy, and changes by the owner, which is this node or another.
//!
//! What only the node does that works for people (purges, due messages, following logs) is not passed to another: it fails with
//! `Unavailable` on a node that is not the owner.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{
    KanaalName, Partition, Position, Timestamp,
    addressee::{AddresseeId, Channel, Digest, EventReference, Evidence, FilterId, FilterText},
    inbox::{Change, Message, MessageId, NewMessage, Totals, UndoOver},
    mailing::{FollowedTo, MailingId},
};

use super::{Shared, commands::Commands};
use crate::{
    Audience, Error, Inbox,
    audience::{
        Chunk, Collected, CollectedEnd, Count, Error as AudienceError, EvidencePage, FailedCounts, FailedWalk,
        OutboxCounts, Outgoing, OutgoingId, Purge, Put, Settlement, Stored, StoredOutgoing, Walk,
    },
    encoding::people::{Answer, Command},
    inbox::{Cancelled, InboxPurge, Released},
    sqlite::SqliteAudience,
};

/// The ports Audience and Inbox of a node.
pub struct PeoplePorts {
    local: Arc<SqliteAudience>,
    shared: Arc<Shared>,
    commands: Arc<Commands>,
}

impl std::fmt::Debug for PeoplePorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeoplePorts").field("local", &self.local).finish_non_exhaustive()
    }
}

impl PeoplePorts {
    pub(super) fn new(local: Arc<SqliteAudience>, shared: Arc<Shared>, commands: Arc<Commands>) -> Self {
        Self { local, shared, commands }
    }

    /// Whether this node is the owner. Right after the start, and while it takes over, it is neither that nor can it ask another:
    /// then it waits.
    async fn is_owner(&self) -> bool {
        let (mut owner, mut listening) = (self.shared.owner.subscribe(), self.commands.listening.subscribe());
        tokio::select! {
            biased;
            is_owner = async { owner.wait_for(|is| *is).await.is_ok() } => is_owner,
            () = async { drop(listening.wait_for(|is| *is).await) } => false,
            () = tokio::time::sleep(self.shared.options.deadline) => false,
        }
    }

    /// Has the owner do something, and returns the number that it answered.
    async fn submit(&self, command: Command) -> Result<u64, AudienceError> {
        match self.commands.submit(&command).await? {
            Answer::Done(number) => Ok(number),
            _ => Err(Error::Corrupt { kind: "answer about people", reason: "it is that of another".into() }.into()),
        }
    }
}

#[async_trait]
impl Audience for PeoplePorts {
    async fn put(&self, puts: Vec<Put>) -> Result<(), AudienceError> {
        if self.is_owner().await {
            return self.local.put(puts).await;
        }
        self.submit(Command::Put(puts)).await.map(drop)
    }

    async fn get(&self, id: AddresseeId) -> Result<Option<Stored>, AudienceError> {
        self.local.get(id).await
    }

    async fn of_address(&self, digest: Digest) -> Result<Vec<Stored>, AudienceError> {
        self.local.of_address(digest).await
    }

    async fn walk(&self, walk: Walk) -> Result<Chunk, AudienceError> {
        self.local.walk(walk).await
    }

    async fn counts(&self, kanaal: Option<&KanaalName>) -> Result<Vec<Count>, AudienceError> {
        self.local.counts(kanaal).await
    }

    async fn filter_id(&self, text: FilterText) -> Result<FilterId, AudienceError> {
        if self.is_owner().await {
            return self.local.filter_id(text).await;
        }
        let number = self.submit(Command::Filter(text)).await?;
        let corrupt = |_| Error::Corrupt { kind: "answer about people", reason: "not a filter".into() };
        Ok(FilterId(u32::try_from(number).map_err(corrupt)?))
    }

    async fn filters(
        &self,
        kanaal: &KanaalName,
        with_ended: bool,
    ) -> Result<Vec<(FilterId, FilterText)>, AudienceError> {
        self.local.filters(kanaal, with_ended).await
    }

    async fn expired(&self, now: Timestamp, limit: u32) -> Result<Vec<Stored>, AudienceError> {
        self.local.expired(now, limit).await
    }

    async fn erase(&self, digest: Digest, at: Timestamp) -> Result<u64, AudienceError> {
        if self.is_owner().await {
            return self.local.erase(digest, at).await;
        }
        self.submit(Command::Erase(digest, at)).await
    }

    async fn purgeable(&self, purge: Purge) -> Result<u64, AudienceError> {
        self.local.purgeable(purge).await
    }

    async fn purge(&self, purge: Purge, max: usize) -> Result<usize, AudienceError> {
        self.local.purge(purge, max).await
    }

    async fn record(&self, evidence: Vec<Evidence>) -> Result<(), AudienceError> {
        if self.is_owner().await {
            return self.local.record(evidence).await;
        }
        self.submit(Command::Record(evidence)).await.map(drop)
    }

    async fn record_resend(&self, id: MailingId, evidence: Vec<Evidence>) -> Result<(), AudienceError> {
        self.local.record_resend(id, evidence).await
    }

    async fn failed(&self, walk: FailedWalk) -> Result<Chunk, AudienceError> {
        self.local.failed(walk).await
    }

    async fn failed_counts(&self, walk: FailedWalk) -> Result<FailedCounts, AudienceError> {
        self.local.failed_counts(walk).await
    }

    async fn evidence(&self, digest: Digest, page: EvidencePage) -> Result<Vec<Evidence>, AudienceError> {
        self.local.evidence(digest, page).await
    }

    async fn outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, AudienceError> {
        self.local.outbox(now, limit).await
    }

    async fn outbox_of(
        &self,
        channel: Channel,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredOutgoing>, AudienceError> {
        self.local.outbox_of(channel, now, limit).await
    }

    async fn outbox_collected(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredOutgoing>, AudienceError> {
        self.local.outbox_collected(now, limit).await
    }

    async fn collect(&self, addressee: AddresseeId, mailing: MailingId, due: Outgoing) -> Result<(), AudienceError> {
        self.local.collect(addressee, mailing, due).await
    }

    async fn collected(&self, addressee: AddresseeId, limit: u32) -> Result<Vec<Collected>, AudienceError> {
        self.local.collected(addressee, limit).await
    }

    async fn settle_collected(&self, end: CollectedEnd) -> Result<(), AudienceError> {
        self.local.settle_collected(end).await
    }

    async fn settle(&self, id: OutgoingId, settlement: Settlement) -> Result<(), AudienceError> {
        self.local.settle(id, settlement).await
    }

    async fn outbox_counts(&self) -> Result<OutboxCounts, AudienceError> {
        self.local.outbox_counts().await
    }
}

/// The commands of this port have only errors of storage.
fn storage(error: AudienceError) -> Error {
    match error {
        AudienceError::Storage(error) => error,
        other => Error::Corrupt { kind: "answer about people", reason: other.to_string() },
    }
}

#[async_trait]
impl Inbox for PeoplePorts {
    async fn followed(&self, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error> {
        Inbox::followed(&*self.local, kanaal).await
    }

    async fn add(
        &self,
        kanaal: &KanaalName,
        followed: FollowedTo,
        messages: Vec<NewMessage>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        self.local.add(kanaal, followed, messages, now).await
    }

    async fn release(&self, now: Timestamp) -> Result<Released, Error> {
        self.local.release(now).await
    }

    async fn place(&self, event: &EventReference) -> Result<Option<(Partition, Position)>, Error> {
        self.local.place(event).await
    }

    async fn cancel(&self, event: &EventReference, now: Timestamp) -> Result<Cancelled, Error> {
        self.local.cancel(event, now).await
    }

    async fn newest(&self) -> Result<u64, Error> {
        self.local.newest().await
    }

    async fn page(&self, person: Digest, before: Option<u64>, limit: u32) -> Result<Vec<Message>, Error> {
        self.local.page(person, before, limit).await
    }

    async fn changes(&self, person: Digest, after: u64, limit: u32) -> Result<Vec<Message>, Error> {
        self.local.changes(person, after, limit).await
    }

    async fn message(&self, person: Digest, id: MessageId) -> Result<Option<Message>, Error> {
        self.local.message(person, id).await
    }

    async fn change(
        &self,
        person: Digest,
        id: MessageId,
        change: Change,
        now: Timestamp,
        undo: Duration,
    ) -> Result<Option<Result<Message, UndoOver>>, Error> {
        if self.is_owner().await {
            return Inbox::change(&*self.local, person, id, change, now, undo).await;
        }
        match self.commands.submit(&Command::Change { person, id, change, now, undo }).await.map_err(storage)? {
            Answer::UndoOver => Ok(Some(Err(UndoOver))),
            Answer::Done(_) => Ok(self.local.message(person, id).await?.map(Ok)),
            Answer::NoMessage | Answer::Refused(_) => Ok(None),
        }
    }

    async fn totals(&self, event: &EventReference) -> Result<Option<Totals>, Error> {
        self.local.totals(event).await
    }

    async fn erase_person(&self, person: Digest) -> Result<u64, Error> {
        if self.is_owner().await {
            return self.local.erase_person(person).await;
        }
        self.submit(Command::ErasePerson(person)).await.map_err(storage)
    }

    async fn removable(&self, purge: InboxPurge) -> Result<u64, Error> {
        self.local.removable(purge).await
    }

    async fn remove(&self, purge: InboxPurge, max: u32) -> Result<u64, Error> {
        self.local.remove(purge, max).await
    }
}
