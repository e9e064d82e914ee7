//! EventLog on `gateway.sqlite`: one partition per kanaal, dense offsets, one table for all kanalen.
//!
//! Reads are served from memory (`tail`) if possible, else from a snapshot. Append times of a kanaal never decrease, so
//! a timestamp is found by binary search.

use std::sync::{Arc, atomic::Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use model::{Clock, KanaalName, Mark, Partition, Position, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{oneshot, watch};

use super::{
    Options, checksum,
    damage::{Damage, Verdict},
    database, erase, failure,
    log_rows::{self, Cause, Rows, first_since, stored_first},
    probe::Probe,
    readers::Readers,
    tail::{Bounds, Log, Tails},
    writer::{Job, Writer},
};
use crate::{
    Error, EventLog,
    codec::{decode_record, encode_record},
    log::{Batch, Limit, Point, Record, Stored},
};

/// Bits of a row id that hold the offset: room for 8 million kanalen of 10^12 records.
const OFFSET_BITS: u32 = 40;
/// Most rows that one transaction deletes.
const TRIM_ROWS: u64 = 256;

pub(super) fn row_id(log: i64, offset: u64) -> i64 {
    (log << OFFSET_BITS) + offset as i64
}

pub(super) fn offset(row_id: i64) -> u64 {
    row_id as u64 & ((1 << OFFSET_BITS) - 1)
}

/// All logs, and the clock for append times.
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
    /// Reads the bounds of every log.
    pub(super) fn load(connection: &Connection, options: &Options) -> Result<Self, Error> {
        let tails = Tails::new(options.tail_bytes);
        for (id, naam, bounds) in bounds(connection)? {
            tails.add(id, naam, bounds);
        }
        Ok(Self { tails, clock: Arc::clone(&options.clock) })
    }
}

/// The id, kanaal and bounds of every stored log.
pub(super) fn bounds(connection: &Connection) -> Result<Vec<(i64, KanaalName, Bounds)>, Error> {
    let mut statement = connection.prepare("SELECT id, naam, first FROM kanaal")?;
    let mut rows = statement.query([])?;
    let mut logs = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, naam, first): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let naam = KanaalName::new(&naam)
            .ok_or_else(|| Error::Corrupt { kind: "kanaal", reason: format!("{naam:?} is not a name") })?;
        let last: Option<(i64, i64)> = connection
            .prepare_cached(
                "SELECT place, appended FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place DESC LIMIT 1",
            )?
            .query_row((row_id(id, 0), row_id(id + 1, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let end = last.map_or(0, |(id, _)| offset(id) + 1).max(first as u64);
        let latest = last.map(|(_, appended)| Timestamp::from_micros(appended)).unwrap_or_default();
        logs.push((id, naam, Bounds { first: first as u64, end, latest, known: true }));
    }
    Ok(logs)
}

/// The port EventLog on the embedded file.
#[derive(Debug)]
pub struct SqliteLog {
    logs: Arc<Logs>,
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    probe: Probe,
    damage: Arc<Damage>,
}

impl SqliteLog {
    pub(super) fn new(
        logs: Logs,
        writer: Arc<Writer>,
        readers: Arc<Readers>,
        probe: Probe,
        damage: Arc<Damage>,
    ) -> Self {
        Self { logs: Arc::new(logs), writer, readers, probe, damage }
    }

    fn find(&self, kanaal: &KanaalName, partition: Partition) -> Option<Arc<Log>> {
        (partition == Partition(0)).then(|| self.logs.tails.find(kanaal))?
    }

    /// Reads from the file. Damaged records are examined, and returned as such.
    async fn read_file(&self, log: &Arc<Log>, from: Mark, end: u64, limit: Limit) -> Result<Batch, Error> {
        let most = limit.records.max(1);
        loop {
            let id = log.id;
            let known = self.damage.known(id, from.0, end, most);
            let (records, oldest) = if known.is_empty() {
                match self.readers.run(move |connection| log_rows::read(connection, id, from.0, end, limit)).await? {
                    Rows::Records(records, oldest) => (records, oldest),
                    Rows::Damaged(at, cause) => {
                        let Some(records) = self.examine(log, (at, end), cause).await? else { continue };
                        (records, at.min(from.0))
                    }
                }
            } else {
                (known, from.0)
            };
            let next = records.last().map_or(from, |last| Mark(last.position.0 + 1));
            return Ok(Batch { records, next, oldest: Mark(oldest.max(log.tail().visible.first)) });
        }
    }

    /// The damaged records from an offset on; `None` if it can be read after all.
    async fn examine(&self, log: &Arc<Log>, (at, end): (u64, u64), cause: Cause) -> Result<Option<Vec<Stored>>, Error> {
        let mut writable = false;
        loop {
            let (damage, path, id) = (Arc::clone(&self.damage), self.readers.path().to_owned(), log.id);
            let work = move || damage.examine(&path, id, (at, end), writable);
            let ended = tokio::task::spawn_blocking(work).await;
            match ended.map_err(|error| failure::broken(format!("reading again failed: {error}")))?? {
                Verdict::Readable => return Ok(None),
                Verdict::DamagedIfWritable => {
                    self.probe.run().await?;
                    writable = true;
                }
                Verdict::Damaged(records) => {
                    let kanaal = log.naam.as_str();
                    let until = at + records.len() as u64;
                    tracing::error!(kanaal, first = at, until, %cause, "records cannot be read and are passed over");
                    return Ok(Some(records));
                }
            }
        }
    }

    /// Removes up to `max` rows in short transactions. With `secure`, they are overwritten, and the first transaction
    /// also moves the log's beginning to its end.
    async fn remove(&self, log: Arc<Log>, before: Timestamp, max: usize, secure: bool) -> Result<usize, Error> {
        let (mut removed, mut purge) = (0, secure);
        while removed < max {
            let step = TRIM_ROWS.min((max - removed) as u64);
            let (id, Bounds { first, end, .. }) = (log.id, log.tail().visible);
            let bounds = move |connection: &Connection| {
                Ok((first_since(connection, id, first, end, before)?, oldest(connection, id, end)?.map(offset)))
            };
            let (until, oldest) = self.readers.run(bounds).await?;
            let (logs, own) = (Arc::clone(&self.logs), Arc::clone(&log));
            let job = |reply| Trim { logs, log: own, until, oldest, step, purge, secure, first: 0, removed: 0, reply };
            let skipped = log.undeletable.load(Ordering::Relaxed);
            let rows = match self.writer.submit(0, job).await {
                // On a bad page; the next step starts behind it.
                Err(Error::Corrupt { .. }) if log.undeletable.load(Ordering::Relaxed) > skipped => {
                    removed += step as usize;
                    continue;
                }
                rows => rows?,
            };
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
            |(naam, record): &(KanaalName, Record)| (self.logs.tails.find_or_create(naam), encode_record(record));
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
            let Bounds { first, end, .. } = tail.visible;
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
        let Some((start, found)) = found else { return self.read_file(&log, from, end, limit).await };
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

    fn damage(&self) -> Option<String> {
        let count = self.damage.count();
        (count > 0).then(|| format!("{count} records cannot be read and were passed over; gateway verify lists them"))
    }

    fn watch(&self, kanaal: &KanaalName, _: Partition) -> watch::Receiver<Mark> {
        self.logs.tails.find_or_create(kanaal).watch()
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
            erase::empty_wal(self.readers.path(), &database::GATEWAY).await?;
        }
        Ok(())
    }
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
        let mut insert = connection
            .prepare_cached("INSERT INTO record (place, appended, body, checksum) VALUES (?1, ?2, ?3, ?4)")?;
        for (log, body) in &self.records {
            let (new, offset, appended) = {
                let staged = &mut log.tail().staged;
                let (new, offset, appended) = (!staged.known, staged.end, staged.latest.max(now));
                *staged = Bounds { end: offset + 1, latest: appended, known: true, ..*staged };
                (new, offset, appended)
            };
            if new {
                let sql = "INSERT INTO kanaal (id, naam, first) VALUES (?1, ?2, 0)";
                connection.prepare_cached(sql)?.execute((log.id, log.naam.as_str()))?;
            }
            let (place, micros) = (row_id(log.id, offset), appended.as_micros());
            insert.execute((place, micros, &body[..], checksum::of(place, micros, body)))?;
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
            if outcome.is_ok() { log.notify_watchers() } else { log.roll_back() }
        }
        // The caller may have given up.
        drop(self.reply.send(outcome));
    }
}

/// The oldest row of a log; `None` also when that page cannot be read.
fn oldest(connection: &Connection, log: i64, end: u64) -> Result<Option<i64>, Error> {
    let sql = "SELECT min(place) FROM record WHERE place >= ?1 AND place < ?2";
    let found = connection.prepare_cached(sql)?.query_row((row_id(log, 0), row_id(log, end)), |row| row.get(0));
    match found.map_err(Error::from) {
        Err(Error::Corrupt { .. }) => Ok(None),
        found => found,
    }
}

/// Deletes at most `step` rows of one log, oldest first: those appended before a timestamp, and those left by an
/// earlier purge.
struct Trim {
    logs: Arc<Logs>,
    log: Arc<Log>,
    /// The offset of the first record to keep, and of the oldest row if it can be read. They were read outside the
    /// transaction, which would be lost to a bad page.
    until: u64,
    oldest: Option<u64>,
    step: u64,
    purge: bool,
    /// Whether the rows are overwritten, including pages that become free.
    secure: bool,
    first: u64,
    removed: u64,
    reply: oneshot::Sender<Result<u64, Error>>,
}

impl Job for Trim {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        let Bounds { first, end, known, .. } = self.log.tail().staged;
        if !known {
            return Ok(());
        }
        let id = self.log.id;
        let until = if self.purge { end } else { self.until };
        let oldest = self.oldest.unwrap_or(first).max(self.log.undeletable.load(Ordering::Relaxed));
        let gone = until.min(oldest.saturating_add(self.step)).max(oldest);
        let delete = "DELETE FROM record WHERE place >= ?1 AND place < ?2";
        let delete = |connection: &Connection| {
            Ok(connection.prepare_cached(delete)?.execute((row_id(id, oldest), row_id(id, gone)))?)
        };
        let deleted = if self.secure { erase::securely(connection, delete) } else { delete(connection) };
        self.removed = deleted.inspect_err(|error| {
            if let Error::Corrupt { reason, .. } = error {
                let kanaal = self.log.naam.as_str();
                tracing::error!(
                    kanaal,
                    first = oldest,
                    until = gone,
                    reason,
                    "records cannot be removed and stay in the file"
                );
                self.log.undeletable.store(gone, Ordering::Relaxed);
            }
        })? as u64;
        // Rows on a bad page stay the oldest ones.
        if self.log.undeletable.load(Ordering::Relaxed) > 0 {
            self.log.undeletable.store(gone, Ordering::Relaxed);
        }
        self.first = if self.purge { end } else { gone.max(first) };
        if self.first > first {
            let sql = "UPDATE kanaal SET first = ?2 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((id, self.first as i64))?;
            self.log.tail().staged.first = self.first;
        }
        Ok(())
    }

    fn publish(&mut self) {
        self.logs.tails.trim(&self.log, self.first);
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.log.roll_back();
        }
        // The caller may have given up.
        drop(self.reply.send(outcome.map(|()| self.removed)));
    }
}
