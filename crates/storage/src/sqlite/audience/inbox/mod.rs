//! The port Inbox in `audience.db`, beside the addressees, so that backups and erasure of people cover it. The tables have digests,
//! ids of events, numbers and moments.

mod add;
mod cancel;
mod change;
mod list;
mod purge;
mod row;

use std::time::Duration;

use async_trait::async_trait;
use model::{
    KanaalName, Partition, Position, Timestamp,
    addressee::{Digest, EventReference},
    inbox::{Change, Message, MessageId, NewMessage, Totals, UndoOver},
    mailing::FollowedTo,
};

use super::{ROW_BYTES, SqliteAudience};
use crate::{
    Error, Inbox,
    audience::Error as AudienceError,
    inbox::{Cancelled, InboxPurge, Released},
};

/// The tables, which came later than the first version of the file.
///
/// `inbox_message.person` is null in messages for everybody, and `number` while a message waits until it is due. Numbers of messages
/// and of changes of state come from `inbox_sequence`.
pub(in crate::sqlite) const TABLES: (&str, &str) = (
    "inbox_message",
    "CREATE TABLE inbox_followed (
        kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (kanaal, partition))
        STRICT, WITHOUT ROWID;
     CREATE TABLE inbox_sequence (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
     INSERT INTO inbox_sequence (one, last) VALUES (1, 0);
     CREATE TABLE inbox_message (
        message INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, kanaal INTEGER NOT NULL,
        source TEXT NOT NULL, event TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, person BLOB,
        due INTEGER NOT NULL, expires INTEGER, number INTEGER, UNIQUE (kanaal, source, event)) STRICT;
     CREATE INDEX inbox_message_list ON inbox_message (person, number) WHERE number IS NOT NULL;
     CREATE INDEX inbox_message_due ON inbox_message (due) WHERE number IS NULL;
     CREATE INDEX inbox_message_expires ON inbox_message (expires) WHERE expires IS NOT NULL;
     CREATE INDEX inbox_message_place ON inbox_message (kanaal, partition, position);
     CREATE TABLE inbox_state (
        person BLOB NOT NULL, message INTEGER NOT NULL, read INTEGER, deleted INTEGER, changed INTEGER NOT NULL,
        PRIMARY KEY (person, message)) STRICT, WITHOUT ROWID;
     CREATE INDEX inbox_state_changed ON inbox_state (person, changed);
     CREATE INDEX inbox_state_message ON inbox_state (message)",
);

#[async_trait]
impl Inbox for SqliteAudience {
    async fn followed(&self, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error> {
        let kanaal = kanaal.clone();
        storage(self.read(move |connection| add::followed(connection, &kanaal)).await)
    }

    async fn add(
        &self,
        kanaal: &KanaalName,
        followed: FollowedTo,
        messages: Vec<NewMessage>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let kanaal = kanaal.clone();
        let bytes = (1 + messages.len()) * ROW_BYTES;
        storage(self.write(bytes, move |connection| add::all(connection, &kanaal, followed, &messages, now)).await)
    }

    async fn release(&self, now: Timestamp) -> Result<Released, Error> {
        let next = storage(self.read(add::next_due).await)?;
        if next.is_none_or(|next| next > now) {
            return Ok(Released { count: 0, next });
        }
        storage(self.write(ROW_BYTES, move |connection| add::release(connection, now)).await)
    }

    async fn place(&self, event: &EventReference) -> Result<Option<(Partition, Position)>, Error> {
        let event = event.clone();
        storage(self.read(move |connection| cancel::place(connection, &event)).await)
    }

    async fn cancel(&self, event: &EventReference, now: Timestamp) -> Result<Cancelled, Error> {
        let event = event.clone();
        storage(self.write(ROW_BYTES, move |connection| cancel::one(connection, &event, now)).await)
    }

    async fn newest(&self) -> Result<u64, Error> {
        storage(self.read(list::newest).await)
    }

    async fn page(&self, person: Digest, before: Option<u64>, limit: u32) -> Result<Vec<Message>, Error> {
        storage(self.read(move |connection| list::page(connection, person, before, limit)).await)
    }

    async fn changes(&self, person: Digest, after: u64, limit: u32) -> Result<Vec<Message>, Error> {
        storage(self.read(move |connection| list::changes(connection, person, after, limit)).await)
    }

    async fn message(&self, person: Digest, id: MessageId) -> Result<Option<Message>, Error> {
        storage(self.read(move |connection| list::get(connection, person, id)).await)
    }

    async fn change(
        &self,
        person: Digest,
        id: MessageId,
        change: Change,
        now: Timestamp,
        undo: Duration,
    ) -> Result<Option<Result<Message, UndoOver>>, Error> {
        let decide = move |connection: &_| change::decide(connection, person, id, change, (now, undo));
        storage(self.write(ROW_BYTES, decide).await)
    }

    async fn totals(&self, event: &EventReference) -> Result<Option<Totals>, Error> {
        let event = event.clone();
        storage(self.read(move |connection| list::totals(connection, &event)).await)
    }

    async fn erase_person(&self, person: Digest) -> Result<u64, Error> {
        let erased = storage(self.write(ROW_BYTES, move |connection| purge::erase(connection, person)).await)?;
        storage(self.empty_wal().await)?;
        Ok(erased)
    }

    async fn removable(&self, purge: InboxPurge) -> Result<u64, Error> {
        storage(self.read(move |connection| purge::count(connection, &purge)).await)
    }

    async fn remove(&self, purge: InboxPurge, max: u32) -> Result<u64, Error> {
        storage(self.write(ROW_BYTES, move |connection| purge::remove(connection, &purge, max)).await)
    }
}

/// The statements of this port have only errors of storage.
fn storage<T>(result: Result<T, AudienceError>) -> Result<T, Error> {
    result.map_err(|error| match error {
        AudienceError::Storage(error) => error,
        other => corrupt(&other.to_string()),
    })
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "message of the inbox", reason: reason.into() }
}

/// The next number of a message or a change of state.
fn next_number(connection: &rusqlite::Connection) -> Result<i64, Error> {
    let sql = "UPDATE inbox_sequence SET last = last + 1 WHERE one = 1 RETURNING last";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
