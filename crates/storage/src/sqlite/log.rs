//! EventLog on `gateway.sqlite`: one partition per kanaal, offsets dense, one table for all.
//!
//! A read that memory can answer (`tail`) costs no SQL; others read a snapshot. Append times of a kanaal never
//! decrease, so a moment is found by halving.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use model::{Clock, KanaalName, Mark, Partition, Position, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{oneshot, watch};

use super::{
    Options,
    readers::Readers,
    tail::{Edges, Log, Tails},
    writer::{Job, Writer},
};
use crate::{
    Error, EventLog,
    codec::{decode_record, encode_record},
    log::{Batch, Limit, Point, Record, Stored},
};

/// Bits of a place that hold the offset: room for 8 million kanalen of 10^12 records.
const OFFSET_BITS: u32 = 40;
/// Most rows that one transaction deletes.
const TRIM_ROWS: u64 = 256;

fn place(log: i64, offset: u64) -> i64 {
    (log << OFFSET_BITS) + offset as i64
}

fn offset(place: i64) -> u64 {
    place as u64 & ((1 << OFFSET_BITS) - 1)
}

/// All logs and the clock that stamps them.
pub(super) struct Logs {
    tails: Tails,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logs").field("tails", &self.tails).finish_non_exhaustive()
    }
}

impl Logs {
    /// Reads where every log begins and ends.
    pub(super) fn load(connection: &Connection, options: &Options) -> Result<Self, Error> {
        let tails = Tails::new(options.tail_bytes);
        let mut statement = connection.prepare("SELECT id, naam, first FROM kanaal")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, naam, first): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let naam = KanaalName::new(&naam)
                .ok_or_else(|| Error::Corrupt { kind: "kanaal", reason: format!("{naam:?} is not a name") })?;
            let last: Option<(i64, i64)> = connection
                .prepare_cached(
                    "SELECT place, appended FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place DESC LIMIT 1",
                )?
                .query_row((place(id, 0), place(id + 1, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let end = last.map_or(0, |(place, _)| offset(place) + 1).max(first as u64);
            let latest = last.map(|(_, appended)| Timestamp::from_micros(appended)).unwrap_or_default();
            tails.add(id, naam, Edges { first: first as u64, end, latest, known: true });
        }
        Ok(Self { tails, clock: Arc::clone(&options.clock) })
    }
}

/// The port EventLog on the embedded file.
#[derive(Debug)]
pub struct SqliteLog {
    logs: Arc<Logs>,
    writer: Arc<Writer>,
    readers: Arc<Readers>,
}

impl SqliteLog {
    pub(super) fn new(logs: Logs, writer: Arc<Writer>, readers: Arc<Readers>) -> Self {
        Self { logs: Arc::new(logs), writer, readers }
    }

    fn find(&self, kanaal: &KanaalName, partition: Partition) -> Option<Arc<Log>> {
        (partition == Partition(0)).then(|| self.logs.tails.find(kanaal))?
    }

    /// Removes up to `max` rows in short transactions; `purge` ends the log first.
    async fn remove(&self, log: Arc<Log>, before: Timestamp, max: usize, mut purge: bool) -> Result<usize, Error> {
        let mut removed = 0;
        while removed < max {
            let step = TRIM_ROWS.min((max - removed) as u64);
            let (logs, log) = (Arc::clone(&self.logs), Arc::clone(&log));
            let job = |reply| Trim { logs, log, before, step, purge, first: 0, removed: 0, reply };
            let rows = self.writer.submit(0, job).await?;
            removed += rows as usize;
            purge = false;
            if rows < step {
                break;
            }
        }
        Ok(removed)
    }
}

#[async_trait]
impl EventLog for SqliteLog {
    async fn append(&self, records: Vec<(KanaalName, Record)>) -> Result<(), Error> {
        if records.is_empty() {
            return Ok(());
        }
        let encode =
            |(naam, record): &(KanaalName, Record)| (self.logs.tails.find_or_make(naam), encode_record(record));
        let records: Vec<(Arc<Log>, Bytes)> = records.iter().map(encode).collect();
        let bytes = records.iter().map(|(_, body)| body.len()).sum();
        let logs = Arc::clone(&self.logs);
        let job = |reply| Append { logs, records, appended: Vec::new(), reply };
        self.writer.submit(bytes, job).await
    }

    async fn partitions(&self, _: &KanaalName) -> Result<u32, Error> {
        Ok(1)
    }

    async fn read(&self, kanaal: &KanaalName, partition: Partition, from: Mark, limit: Limit) -> Result<Batch, Error> {
        let Some(log) = self.find(kanaal, partition) else {
            return Ok(Batch { records: Vec::new(), next: from, oldest: Mark::BEGINNING });
        };
        let (found, oldest, end) = {
            let tail = log.tail();
            let Edges { first, end, .. } = tail.visible;
            let start = from.0.max(first);
            if start >= end {
                return Ok(Batch { records: Vec::new(), next: Mark(start), oldest: Mark(first) });
            }
            let found = tail.from(start).map(|newest| {
                let mut bytes = 0;
                let fits = |(at, (_, body)): &(usize, &(Timestamp, Bytes))| {
                    bytes += body.len();
                    *at == 0 || bytes <= limit.bytes
                };
                let records = newest.take(limit.records.max(1)).enumerate().take_while(fits);
                (start, records.map(|(_, record)| record.clone()).collect::<Vec<_>>())
            });
            (found, first, end)
        };
        let (start, found, oldest) = match found {
            Some((start, found)) => (start, found, oldest),
            None => self.readers.run(move |connection| read_rows(connection, log.id, from.0, end, limit)).await?,
        };
        let stored = |(at, (appended, body)): (usize, (Timestamp, Bytes))| {
            Ok(Stored { position: Position(start + at as u64), appended, record: decode_record(body)? })
        };
        let records: Vec<Stored> = found.into_iter().enumerate().map(stored).collect::<Result<_, Error>>()?;
        Ok(Batch { next: Mark(start + records.len() as u64), records, oldest: Mark(oldest) })
    }

    async fn marks(&self, partitions: &[(KanaalName, Partition)], point: Point) -> Result<Vec<Mark>, Error> {
        let end = |log: Arc<Log>| (log.id, log.tail().visible.end);
        let ends: Vec<Option<(i64, u64)>> =
            partitions.iter().map(|(kanaal, partition)| self.find(kanaal, *partition).map(end)).collect();
        let Point::Since(time) = point else {
            return Ok(ends.into_iter().map(|found| found.map_or(Mark::BEGINNING, |(_, end)| Mark(end))).collect());
        };
        let find = move |connection: &Connection| {
            let mark = |found| {
                let Some((id, end)) = found else { return Ok(Mark::BEGINNING) };
                let first = stored_first(connection, id)?;
                Ok(Mark(first_since(connection, id, first, end, time)?))
            };
            ends.into_iter().map(mark).collect()
        };
        self.readers.run(find).await
    }

    fn watch(&self, kanaal: &KanaalName, _: Partition) -> watch::Receiver<Mark> {
        self.logs.tails.find_or_make(kanaal).watch()
    }

    async fn trim(&self, kanaal: &KanaalName, before: Timestamp, max: usize) -> Result<usize, Error> {
        match self.logs.tails.find(kanaal) {
            Some(log) => self.remove(log, before, max, false).await,
            None => Ok(0),
        }
    }

    async fn purge(&self, kanaal: &KanaalName) -> Result<(), Error> {
        if let Some(log) = self.logs.tails.find(kanaal) {
            self.remove(log, Timestamp::from_micros(i64::MIN), usize::MAX, true).await?;
        }
        Ok(())
    }
}

/// Where the log begins in this snapshot.
fn stored_first(connection: &Connection, log: i64) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached("SELECT first FROM kanaal WHERE id = ?1")?;
    let first: Option<i64> = statement.query_row([log], |row| row.get(0)).optional()?;
    Ok(first.unwrap_or(0) as u64)
}

/// Bodies with their times, the offset of the first, and where the log begins.
type Rows = (u64, Vec<(Timestamp, Bytes)>, u64);

fn read_rows(connection: &Connection, log: i64, from: u64, end: u64, limit: Limit) -> Result<Rows, Error> {
    let first = stored_first(connection, log)?;
    let start = from.max(first);
    let mut statement = connection
        .prepare_cached("SELECT appended, body FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3")?;
    let most = i64::try_from(limit.records.max(1)).unwrap_or(i64::MAX);
    let mut rows = statement.query((place(log, start), place(log, end), most))?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        bytes += body.len();
        if bytes > limit.bytes && !found.is_empty() {
            break;
        }
        found.push((Timestamp::from_micros(row.get(0)?), Bytes::copy_from_slice(body)));
    }
    Ok((start, found, first))
}

/// The first offset from `first` on that was appended at or after `time`; `end` when there is none.
fn first_since(connection: &Connection, log: i64, first: u64, end: u64, time: Timestamp) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached("SELECT appended FROM record WHERE place = ?1")?;
    let (mut low, mut high) = (first, end.max(first));
    while low < high {
        let middle = low + (high - low) / 2;
        let appended: i64 = statement.query_row([place(log, middle)], |row| row.get(0))?;
        if appended < time.as_micros() { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

struct Append {
    logs: Arc<Logs>,
    records: Vec<(Arc<Log>, Bytes)>,
    appended: Vec<Timestamp>,
    reply: oneshot::Sender<Result<(), Error>>,
}

impl Job for Append {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        let now = self.logs.clock.now();
        let mut insert = connection.prepare_cached("INSERT INTO record (place, appended, body) VALUES (?1, ?2, ?3)")?;
        for (log, body) in &self.records {
            let (new, offset, appended) = {
                let staged = &mut log.tail().staged;
                let (new, offset, appended) = (!staged.known, staged.end, staged.latest.max(now));
                *staged = Edges { end: offset + 1, latest: appended, known: true, ..*staged };
                (new, offset, appended)
            };
            if new {
                let sql = "INSERT INTO kanaal (id, naam, first) VALUES (?1, ?2, 0)";
                connection.prepare_cached(sql)?.execute((log.id, log.naam.as_str()))?;
            }
            insert.execute((place(log.id, offset), appended.as_micros(), &body[..]))?;
            self.appended.push(appended);
        }
        Ok(())
    }

    fn publish(&mut self) {
        for ((log, body), appended) in self.records.iter().zip(&self.appended) {
            self.logs.tails.push(log, *appended, body.clone());
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        for (log, _) in &self.records {
            if outcome.is_ok() { log.announce() } else { log.unstage() }
        }
        // A caller that is gone does not need its answer.
        drop(self.reply.send(outcome));
    }
}

/// Deletes at most `step` rows of one log, the oldest first: those appended before a moment, and those that an
/// earlier purge left.
struct Trim {
    logs: Arc<Logs>,
    log: Arc<Log>,
    before: Timestamp,
    step: u64,
    purge: bool,
    first: u64,
    removed: u64,
    reply: oneshot::Sender<Result<u64, Error>>,
}

impl Job for Trim {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        let Edges { first, end, known, .. } = self.log.tail().staged;
        if !known {
            return Ok(());
        }
        let id = self.log.id;
        let until = if self.purge { end } else { first_since(connection, id, first, end, self.before)? };
        let sql = "SELECT min(place) FROM record WHERE place >= ?1 AND place < ?2";
        let oldest: Option<i64> =
            connection.prepare_cached(sql)?.query_row((place(id, 0), place(id, end)), |row| row.get(0))?;
        let oldest = oldest.map_or(until, offset);
        let gone = until.min(oldest.saturating_add(self.step)).max(oldest);
        let delete = "DELETE FROM record WHERE place >= ?1 AND place < ?2";
        self.removed = connection.prepare_cached(delete)?.execute((place(id, oldest), place(id, gone)))? as u64;
        self.first = if self.purge { end } else { gone.max(first) };
        if self.first > first {
            let sql = "UPDATE kanaal SET first = ?2 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((id, self.first as i64))?;
            self.log.tail().staged.first = self.first;
        }
        Ok(())
    }

    fn publish(&mut self) {
        self.logs.tails.forget(&self.log, self.first);
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.log.unstage();
        }
        // A caller that is gone does not need its answer.
        drop(self.reply.send(outcome.map(|()| self.removed)));
    }
}
