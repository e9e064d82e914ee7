//! The port Mailings in `audience.db`, beside the addressees: a checkpoint and the evidence behind it are on one disk. The tables have
//! ids, digests, numbers and moments.

mod counts;
mod list;
mod progress;
mod replacement;
mod resend;
pub(super) mod sending;
mod start;

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::{
    KanaalName, Timestamp,
    addressee::EventReference,
    mailing::{
        Checkpoint, Failure, FollowedTo, MAX_TRIAL_ADDRESSES, MailingId, MailingStart, Progress, Sending, SendingChange,
    },
};

pub(super) use self::list::collected;
pub(in crate::sqlite) use self::{
    replacement::TABLE as REPLACEMENTS, resend::TABLE as RESENDS, sending::TABLES as SENDING,
};
use super::{ROW_BYTES, SqliteAudience};
use crate::{
    Error, Mailings,
    audience::Error as AudienceError,
    mailings::{EndedMailing, OpenMailing, Replaced, Replacement, ResendStart, StoredReplacement},
};

/// The tables, which came later than the first version of the file.
///
/// `mailing.ended` is null while it is open. `cursor` is the digest that the walk is behind, or null; `walked` is 1 at its end.
pub(in crate::sqlite) const TABLES: (&str, &str) = (
    "mailing",
    "CREATE TABLE mailing_followed (
        kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (kanaal, partition))
        STRICT, WITHOUT ROWID;
     CREATE TABLE mailing (
        number INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
        partition INTEGER NOT NULL, position INTEGER NOT NULL, accepted INTEGER NOT NULL, expires INTEGER,
        cursor BLOB, walked INTEGER NOT NULL, phase INTEGER NOT NULL, counts TEXT NOT NULL, ended INTEGER,
        UNIQUE (topic, source, id)) STRICT;
     CREATE INDEX mailing_open ON mailing (topic, number) WHERE ended IS NULL;
     CREATE INDEX mailing_ended ON mailing (number) WHERE ended IS NOT NULL;
     CREATE TABLE mailing_unsettled (
        mailing INTEGER NOT NULL, addressee BLOB NOT NULL, digest BLOB NOT NULL, attempts INTEGER NOT NULL,
        first INTEGER, last INTEGER, retry_at INTEGER, in_doubt INTEGER NOT NULL, intent INTEGER NOT NULL,
        PRIMARY KEY (mailing, addressee)) STRICT, WITHOUT ROWID",
);

#[async_trait]
impl Mailings for SqliteAudience {
    async fn followed(&self, kanaal: &KanaalName) -> Result<Vec<FollowedTo>, Error> {
        let kanaal = kanaal.clone();
        storage(self.read(move |connection| list::followed(connection, &kanaal)).await)
    }

    async fn start(
        &self,
        kanaal: &KanaalName,
        followed: FollowedTo,
        starts: Vec<MailingStart>,
    ) -> Result<Vec<OpenMailing>, Error> {
        let kanaal = kanaal.clone();
        let bytes = (1 + starts.len()) * ROW_BYTES;
        storage(self.write(bytes, move |connection| start::all(connection, &kanaal, followed, &starts)).await)
    }

    async fn resend(&self, id: MailingId, failures: BTreeSet<Failure>) -> Result<ResendStart, Error> {
        storage(self.write(ROW_BYTES, move |connection| resend::start(connection, id, &failures)).await)
    }

    async fn apply(&self, id: MailingId, checkpoint: Checkpoint) -> Result<(), Error> {
        let bytes = (1 + checkpoint.changed.len() + checkpoint.ended.len()) * ROW_BYTES;
        storage(self.write(bytes, move |connection| progress::apply(connection, id, &checkpoint)).await)
    }

    async fn cancel(&self, ids: Vec<MailingId>) -> Result<bool, Error> {
        let bytes = ids.len() * ROW_BYTES;
        storage(self.write(bytes, move |connection| replacement::cancel(connection, &ids)).await)
    }

    async fn replace(&self, replacement: Replacement, now: Timestamp) -> Result<Replaced, Error> {
        let bytes = ROW_BYTES + replacement.record.ciphertext.len();
        storage(self.write(bytes, move |connection| replacement::decide(connection, &replacement, now)).await)
    }

    async fn next_replacement(&self, after: Option<u64>) -> Result<Option<StoredReplacement>, Error> {
        storage(self.read(move |connection| replacement::next(connection, after)).await)
    }

    async fn replacement_published(&self, number: u64) -> Result<(), Error> {
        storage(self.write(ROW_BYTES, move |connection| replacement::remove(connection, number)).await)
    }

    async fn end(&self, id: MailingId, at: Timestamp) -> Result<(), Error> {
        storage(self.write(ROW_BYTES, move |connection| progress::end(connection, id, at)).await)
    }

    async fn open(&self, kanaal: &KanaalName, after: Option<MailingId>, limit: u32) -> Result<Vec<OpenMailing>, Error> {
        let kanaal = kanaal.clone();
        storage(self.read(move |connection| list::open(connection, &kanaal, after, limit)).await)
    }

    async fn kanalen(&self) -> Result<Vec<KanaalName>, Error> {
        storage(self.read(list::kanalen).await)
    }

    async fn of_event(&self, event: &EventReference) -> Result<(Vec<OpenMailing>, Vec<EndedMailing>), Error> {
        let event = event.clone();
        storage(self.read(move |connection| list::of_event(connection, &event)).await)
    }

    async fn progress(&self, id: MailingId) -> Result<Option<Progress>, Error> {
        storage(self.read(move |connection| progress::read(connection, id)).await)
    }

    async fn ended(&self, kanaal: Option<&KanaalName>, limit: u32) -> Result<Vec<EndedMailing>, Error> {
        let kanaal = kanaal.cloned();
        storage(self.read(move |connection| list::ended(connection, kanaal.as_ref(), limit)).await)
    }

    async fn ended_one(&self, id: MailingId) -> Result<Option<EndedMailing>, Error> {
        storage(self.read(move |connection| list::ended_one(connection, id)).await)
    }

    async fn sendings(&self) -> Result<Vec<(KanaalName, Sending)>, Error> {
        storage(self.read(sending::all).await)
    }

    async fn sending(&self, kanaal: &KanaalName) -> Result<Sending, Error> {
        let kanaal = kanaal.clone();
        storage(self.read(move |connection| sending::one(connection, &kanaal)).await)
    }

    async fn change_sending(
        &self,
        kanaal: &KanaalName,
        change: SendingChange,
        at: Timestamp,
    ) -> Result<Sending, Error> {
        let (kanaal, bytes) = (kanaal.clone(), (1 + MAX_TRIAL_ADDRESSES) * ROW_BYTES);
        storage(self.write(bytes, move |connection| sending::change(connection, &kanaal, change, at)).await)
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
    Error::Corrupt { kind: "mailing", reason: reason.into() }
}
