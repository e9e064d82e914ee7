//! The audit trail on the table `audit` of `gateway.sqlite`: one chain, written by the writer thread.
//!
//! The entry about a command is a statement of the job that decides on it ([`super::control`]). Entries that belong to no
//! command, and removals, are jobs of their own. An older program does not know the table: what it does is not recorded.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use model::{
    Actor, Clock, Timestamp,
    audit::{Action, Entry, Object, ObjectKind, Source, Verdict},
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{SqliteControl, control::State, options::Options, writer::Job};
use crate::{
    Error,
    audit::{AuditLog, Batch, Before, Line, StoredLine, Trimming},
    encoding::audit::{Chain, log},
};

/// The assumed size of an entry in the writer's queue, in bytes.
const ENTRY_BYTES: usize = 2_048;

/// The trail of a file: where it ends, and what its entries have in common.
pub(super) struct Trail {
    node: String,
    clock: Arc<dyn Clock>,
    end: Mutex<Chain>,
}

/// The end of the trail while a group is staged.
pub(super) struct TrailEnd(Chain);

impl Trail {
    /// Finds the newest line.
    pub(super) fn load(connection: &Connection, options: &Options) -> Result<Self, Error> {
        let newest = "SELECT line FROM audit ORDER BY seq DESC LIMIT 1";
        let newest = connection.prepare(newest)?.query_map([], |row| row.get::<_, String>(0))?.next().transpose()?;
        let end = newest.map_or_else(|| Ok(Chain::new(options.random.uuid(), None)), |line| Chain::after(&line))?;
        Ok(Self { node: options.node.clone(), clock: Arc::clone(&options.clock), end: Mutex::new(end) })
    }

    pub(super) fn node(&self) -> &str {
        &self.node
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn end(&self) -> TrailEnd {
        TrailEnd(self.end.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    pub(super) fn set_end(&self, end: &TrailEnd) {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&end.0);
    }
}

impl TrailEnd {
    /// Writes an entry behind the newest line; returns its line.
    pub(super) fn insert(&mut self, connection: &Connection, entry: &Entry) -> Result<String, Error> {
        let line = self.0.seal(entry)?;
        connection.prepare_cached("INSERT INTO audit (seq, at, line) VALUES (?1, ?2, ?3)")?.execute((
            self.0.seq() as i64,
            entry.at.as_micros(),
            &line,
        ))?;
        Ok(line)
    }
}

/// Writes entries, and removes lines before a moment first if asked.
struct Write {
    state: Arc<State>,
    entries: Vec<Entry>,
    trim: Option<(Timestamp, usize)>,
    removed: usize,
    lines: Vec<String>,
    reply: oneshot::Sender<Result<usize, Error>>,
}

impl Job for Write {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        if let Some((before, most)) = self.trim {
            self.removed = remove(connection, before, most)?;
            if self.removed > 0 {
                let first: i64 = connection.query_row("SELECT min(seq) FROM audit", [], |row| row.get(0))?;
                let what = (Action::AuditTrim, Object::new(ObjectKind::Audit, first.to_string()));
                let trail = &self.state.trail;
                let source = Source::new(&Actor::gateway(), trail.node());
                let mut entry = Entry::new(trail.now(), source, what, Verdict::Accepted);
                entry.count = self.removed as u64;
                self.entries.push(entry);
            }
        }
        let entries = &self.entries;
        self.lines = self.state.stage(|staged| {
            entries.iter().map(|entry| staged.end.insert(connection, entry)).collect::<Result<_, _>>()
        })?;
        Ok(())
    }

    fn publish(&mut self) {
        self.state.committed();
        for line in &self.lines {
            log(line);
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.state.rolled_back();
        }
        // The caller may have given up.
        drop(self.reply.send(outcome.map(|()| self.removed)));
    }
}

fn remove(connection: &Connection, before: Timestamp, most: usize) -> Result<usize, Error> {
    // From the beginning only, so that what is left has no gaps, also when the clock was set back.
    let sql = "DELETE FROM audit WHERE seq < coalesce(
                   (SELECT min(seq) FROM (SELECT seq, at FROM audit ORDER BY seq LIMIT ?2) WHERE at >= ?1),
                   (SELECT max(seq) FROM (SELECT seq FROM audit ORDER BY seq LIMIT ?2)))";
    Ok(connection.prepare_cached(sql)?.execute((before.as_micros(), most.saturating_add(1) as i64))?)
}

#[async_trait]
impl AuditLog for SqliteControl {
    fn node(&self) -> &str {
        self.state.trail.node()
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<(), Error> {
        let (state, bytes) = (Arc::clone(&self.state), ENTRY_BYTES * entries.len());
        let job = |reply| Write { state, entries, trim: None, removed: 0, lines: Vec::new(), reply };
        self.writer.submit(bytes, job).await.map(drop)
    }

    async fn newest(&self, before: Before, limit: usize) -> Result<Vec<Line>, Error> {
        let read = move |connection: &Connection| {
            Ok(newest(connection, before, limit)?.into_iter().map(StoredLine::read).collect())
        };
        self.readers.run(read).await
    }

    async fn newest_stored(&self, before: Before, limit: usize) -> Result<Vec<StoredLine>, Error> {
        self.readers.run(move |connection| newest(connection, before, limit)).await
    }

    async fn oldest(&self, from: u64, limit: usize) -> Result<Batch, Error> {
        self.readers.run(move |connection| batch(connection, from, limit)).await
    }

    async fn trim(&self, before: Timestamp, most: usize) -> Result<usize, Error> {
        let (state, trim) = (Arc::clone(&self.state), Some((before, most)));
        let job = |reply| Write { state, entries: Vec::new(), trim, removed: 0, lines: Vec::new(), reply };
        self.writer.submit(ENTRY_BYTES, job).await
    }

    fn trimming(&self) -> Trimming {
        Trimming::Recorded
    }
}

/// At most `limit` lines, newest first.
fn newest(connection: &Connection, before: Before, limit: usize) -> Result<Vec<StoredLine>, Error> {
    // The newest line before a moment, by the index; lines in between have later moments when the clock was set back.
    let by_time = "SELECT seq FROM audit WHERE at < ?1 ORDER BY at DESC, seq DESC LIMIT 1";
    let mut end = before.place.map_or(i64::MAX, |place| i64::try_from(place).unwrap_or(i64::MAX));
    if let Some(time) = before.time {
        let mut found = connection.prepare_cached(by_time)?;
        let newest = found.query_map([time.as_micros()], |row| row.get::<_, i64>(0))?.next().transpose()?;
        end = end.min(newest.map_or(0, |newest| newest + 1));
    }
    lines(connection, "SELECT seq, line FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2", end, limit)
}

fn lines(connection: &Connection, sql: &str, place: i64, limit: usize) -> Result<Vec<StoredLine>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((place, limit), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| row.map(|(place, text)| StoredLine { place: place as u64, text }).map_err(Error::from)).collect()
}

fn batch(connection: &Connection, from: u64, limit: usize) -> Result<Batch, Error> {
    let sql = "SELECT seq, line FROM audit WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
    let lines = lines(connection, sql, i64::try_from(from).unwrap_or(i64::MAX), limit)?;
    let next = lines.last().map_or(from, |line| line.place + 1);
    Ok(Batch { lines: lines.into_iter().map(StoredLine::read).collect(), next })
}

/// The lines of a store from a place on, oldest first, without a gateway; one may run on the store. None when the store is of
/// a version without an audit trail.
///
/// # Errors
/// `Unavailable` when there is no store or it cannot be read.
pub fn read_lines(dir: &Path, from: u64, limit: usize) -> Result<Batch, Error> {
    let path = dir.join(super::GATEWAY);
    if !path.is_file() {
        return Err(super::failure::broken(format!("there is no {}", path.display())));
    }
    let connection = super::database::open_reader(&path)?;
    if !super::database::has(&connection, "audit")? {
        return Ok(Batch { lines: Vec::new(), next: from });
    }
    batch(&connection, from, limit)
}
