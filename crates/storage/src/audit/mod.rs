//! Port AuditLog: the audit trail, to which entries are only added.
//!
//! An adapter adds the entry about a command in the same transaction as its changes; [`AuditLog::append`] adds entries that
//! belong to no command. Entries form chains: each line contains the hash of the one before it in its chain, so that a line
//! that was changed, removed or moved is noticed ([`Verifier`]). The embedded adapter has one chain. On Kafka each node, and
//! each processor of commands, begins a chain when it starts, whose first line has the hash of the newest line there was.

mod verify;

use async_trait::async_trait;
use model::{Timestamp, audit::Entry};

pub use self::verify::{Problem, Report, Trimming, Verifier};
use crate::Error;

/// The hash before the first line of a trail, in hexadecimal digits.
pub const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The target of log lines about who did what.
pub const LOG_TARGET: &str = "audit";

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it is; later lines have higher places.
    pub place: u64,
    /// The line as stored, JSON.
    pub text: String,
    /// Its contents.
    pub record: Record,
}

/// A line as stored, not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// Where it is; later lines have higher places.
    pub place: u64,
    /// JSON without spaces between members.
    pub text: String,
}

impl StoredLine {
    /// Reads the contents.
    pub fn read(self) -> Line {
        crate::encoding::audit::line(self.place, self.text)
    }
}

impl From<Line> for StoredLine {
    fn from(Line { place, text, .. }: Line) -> Self {
        Self { place, text }
    }
}

/// The contents of a line, as far as this program knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The version of its form; 0 for a line that cannot be read.
    pub version: u32,
    /// Its place in a chain; `None` before version 2.
    pub link: Option<Link>,
    /// When.
    pub at: Timestamp,
    /// The kind of identity, see [`model::audit::Subject`].
    pub actor_kind: String,
    /// The identity.
    pub actor_id: String,
    /// Its scopes at that moment.
    pub scopes: Vec<String>,
    /// The address of the client.
    pub address: Option<String>,
    /// The node that took the request.
    pub node: String,
    /// The interface that was used.
    pub interface: String,
    /// The action.
    pub action: String,
    /// The kind of object.
    pub object_kind: String,
    /// The name or id of the object.
    pub object_id: String,
    /// How it ended: `accepted`, `rejected`, `refused` or `failed`.
    pub result: String,
    /// Why it was not accepted.
    pub reason: Option<String>,
    /// The members that changed.
    pub changes: Vec<RecordedChange>,
    /// Kind and id of further objects that changed with it.
    pub touched: Vec<(String, String)>,
    /// How many attempts this line is about.
    pub count: u64,
    /// The request, as the `instance` of problem documents has it.
    pub request: Option<String>,
    /// The trace-id of the request.
    pub trace: Option<String>,
}

/// A member that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedChange {
    /// The member.
    pub member: String,
    /// Whether the values are left out.
    pub hidden: bool,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

impl Record {
    /// The reason that came with what was done: the value of the member `reason`.
    pub fn given_reason(&self) -> Option<&str> {
        self.changes.iter().find(|change| change.member == "reason")?.after.as_deref()
    }
}

/// The place of a line in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The chain.
    pub chain: String,
    /// The number of the line in the chain, from 1.
    pub seq: u64,
    /// The hash of the line before it, in hexadecimal digits.
    pub previous: String,
    /// Its own hash (SHA-256), in hexadecimal digits.
    pub hash: String,
    /// Whether that is the hash of its text.
    pub is_intact: bool,
}

/// Lines that were read, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The lines; none when there are no more.
    pub lines: Vec<Line>,
    /// The place to read on from.
    pub next: u64,
}

/// Which lines to read, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Before {
    /// Only lines before this place.
    pub place: Option<u64>,
    /// Only lines from about before this moment: lines of some seconds later may be among them.
    pub time: Option<Timestamp>,
}

/// The port: the audit trail.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// The name of this node in entries.
    fn node(&self) -> &str;

    /// Appends entries that belong to no command, in order. They are durable when this returns.
    ///
    /// # Errors
    /// `Unavailable` when it is not known that they are stored.
    async fn append(&self, entries: Vec<Entry>) -> Result<(), Error>;

    /// At most `limit` lines, newest first. Fewer only when there are no more.
    async fn newest(&self, before: Before, limit: usize) -> Result<Vec<Line>, Error>;

    /// The same lines as [`Self::newest`] as they are stored, for a reader that needs few of them.
    async fn newest_stored(&self, before: Before, limit: usize) -> Result<Vec<StoredLine>, Error> {
        Ok(self.newest(before, limit).await?.into_iter().map(StoredLine::from).collect())
    }

    /// At most `limit` lines from a place on, oldest first. None only when there are no more.
    async fn oldest(&self, from: u64, limit: usize) -> Result<Batch, Error>;

    /// Removes at most `most` lines from before a moment; the newest line stays. Returns how many were removed. An entry about
    /// it is added. On Kafka the brokers remove lines, and this does nothing.
    async fn trim(&self, before: Timestamp, most: usize) -> Result<usize, Error>;

    /// Who removes old lines.
    fn trimming(&self) -> Trimming;
}
