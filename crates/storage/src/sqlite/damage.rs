//! Records that cannot be read: after a bounded time they are passed over, each as a record that holds only the reason,
//! so that readers treat it as one that is no event (decision 35).
//!
//! A damaged page or checksum is read again on new connections for a moment; a failing disk gets longer, and only counts
//! when the disk takes writes. More than a bound is not passed over: then the file has to be restored.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{Position, Timestamp};
use tokio::time::Instant;

use super::{
    database, failure,
    log_rows::{self, Cause},
};
use crate::{
    Error,
    log::{Record, Stored},
};

/// How often a record is read again before it counts as damaged, each time on a new connection.
const TRIES: usize = 3;
/// The pause between two of them.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a disk may fail to read a record before it counts as damaged.
const DISK_PATIENCE: Duration = Duration::from_secs(30);
/// Most records behind a failing one that are examined together.
const DISK_RECORDS: usize = 64;
/// Most damaged records that are passed over since the start.
const MAX_RECORDS: usize = 10_000;

/// What is known about damage since the start.
#[derive(Debug, Default)]
pub(super) struct Damage(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Reasons by log and offset.
    records: BTreeMap<(i64, u64), String>,
    /// Since when the disk fails at an offset, by log.
    failing: HashMap<i64, (u64, Instant)>,
}

/// What to do about a record that could not be read.
pub(super) enum Verdict {
    /// It can be read after all.
    Readable,
    /// It counts as damaged, as those behind it that cannot be read either.
    Damaged(Vec<Stored>),
    /// The disk fails, for longer than the patience: damaged if the disk takes writes.
    DamagedIfWritable,
}

impl Damage {
    /// The damaged records from an offset on that are known already, at most `most`.
    pub(super) fn known(&self, log: i64, from: u64, until: u64, most: usize) -> Vec<Stored> {
        let known = self.lock();
        let run = known.records.range((log, from)..(log, until)).zip(from..);
        let run = run.take_while(|(((_, offset), _), expected)| offset == expected).take(most);
        run.map(|((&(_, offset), reason), _)| damaged(offset, reason)).collect()
    }

    /// The number of damaged records since the start.
    pub(super) fn count(&self) -> usize {
        self.lock().records.len()
    }

    /// Examines the record at `at`, which could not be read, in a log that ends at `end`. `writable` is whether the disk
    /// took a write after it failed. Blocks for a moment.
    ///
    /// # Errors
    /// `Unavailable` while the disk fails and its patience lasts; `Corrupt` beyond the bound of damaged records.
    pub(super) fn examine(
        &self,
        path: &Path,
        log: i64,
        (at, end): (u64, u64),
        writable: bool,
    ) -> Result<Verdict, Error> {
        let mut cause = Cause::Disk(String::new());
        for _ in 0..TRIES {
            std::thread::sleep(PAUSE);
            match log_rows::one(&database::open_reader(path)?, log, at)? {
                Ok(_) => return Ok(Verdict::Readable),
                Err(found) => cause = found,
            }
        }
        if let Cause::Disk(reason) = &cause
            && !writable
        {
            let mut known = self.lock();
            let now = Instant::now();
            let since = known.failing.entry(log).or_insert((at, now));
            if since.0 != at {
                *since = (at, now);
            }
            if now.duration_since(since.1) < DISK_PATIENCE {
                return Err(failure::broken(format!("record {at} cannot be read: {reason}")));
            }
            return Ok(Verdict::DamagedIfWritable);
        }
        Ok(Verdict::Damaged(self.set_aside(path, log, (at, end), cause)?))
    }

    /// Remembers a damaged record, and those behind it that cannot be read either.
    fn set_aside(&self, path: &Path, log: i64, (at, end): (u64, u64), first: Cause) -> Result<Vec<Stored>, Error> {
        let connection = database::open_reader(path)?;
        // A failing disk may take seconds for each.
        let most = if matches!(first, Cause::Disk(_)) { DISK_RECORDS } else { MAX_RECORDS + 1 };
        let mut found = vec![(at, first)];
        for offset in at + 1..end {
            match log_rows::one(&connection, log, offset)? {
                Err(cause) if found.len() < most => found.push((offset, cause)),
                _ => break,
            }
        }
        let mut known = self.lock();
        if known.records.len() + found.len() > MAX_RECORDS {
            return Err(Error::Corrupt {
                kind: "log",
                reason: format!(
                    "more than {MAX_RECORDS} records cannot be read: stop the gateway, run gateway verify and restore a backup"
                ),
            });
        }
        known.failing.remove(&log);
        let records = found.into_iter().map(|(offset, cause)| {
            let (Cause::Content(reason) | Cause::Disk(reason)) = cause;
            let stored = damaged(offset, &reason);
            known.records.insert((log, offset), reason);
            stored
        });
        Ok(records.collect())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn damaged(offset: u64, reason: &str) -> Stored {
    Stored { position: Position(offset), appended: Timestamp::default(), record: Record::damaged(reason) }
}
