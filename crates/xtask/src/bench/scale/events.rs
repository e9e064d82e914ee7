//! Many events on the log: how fast the first and the last tenth are appended in batches, how long the program starts with them, and how
//! fast events are appended while retention removes older ones. Nobody subscribes.
//!
//! Retention is counted in days, so the events are made two days older in the file of the stopped program.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::post::{self, rate};
use super::{Aim, figure, figure_of, mebibytes, seconds};
use crate::bench::Bench;
use crate::bench::gateway::Gateway;
use crate::bench::messages::TYPE;
use crate::bench::report::Table;
use crate::workspace::Failure;

/// The kanaal whose events are kept for a day.
const KANAAL: &str = "kort";
/// Connections that post batches.
const CONNECTIONS: u64 = 4;
/// By how much the events are made older, in microseconds.
const AGE: i64 = 2 * 24 * 3_600 * 1_000_000;
/// Events that are made older in one transaction.
const STEP: i64 = 100_000;
/// How long retention may remove nothing; it works once a minute.
const PATIENCE: Duration = Duration::from_mins(3);

pub async fn measure(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let all = bench.events.unwrap_or_else(|| bench.pick(1_000_000, 30_000)).max(post::BATCH * 10);
    let tenth = all / 10;
    let mut gateway =
        Gateway::start_administered(bench, &format!("[[kanaal]]\nnaam = \"{KANAAL}\"\nretention_days = 1\n")).await?;
    seconds(table, "start after a kill, 0 events", gateway.kill_and_restart().await?);
    let url = gateway.at(&format!("/v1/events?kanaal={KANAAL}"));
    let mut first = 0.0;
    for part in 0..10 {
        let numbers = part * tenth..if part == 9 { all } else { (part + 1) * tenth };
        let appended = post::events(&gateway.administrator()?, &url, CONNECTIONS, numbers, |_| TYPE.to_owned()).await?;
        if part == 0 {
            first = appended;
            figure(table, &format!("events appended per second, the first {tenth}"), Aim::None, appended);
        } else if part == 9 {
            let text = format!("events appended per second, the last {tenth} of {all}");
            figure_of(table, &text, Aim::None, appended, ("of_first", appended / first));
        }
    }
    let started = gateway.kill_and_restart().await?;
    seconds(table, &format!("start after a kill, {all} events"), started);
    mebibytes(table, &format!("memory with {all} events"), gateway.process.memory()?.now);
    for file in ["gateway.sqlite", "journal.sqlite"] {
        mebibytes(table, &format!("{file} with {all} events"), gateway.file_size(file) / 1024);
    }

    gateway.stop().await?;
    let file = gateway.data().join("gateway.sqlite");
    make_older(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    gateway.kill_and_restart().await?;
    // Begins with the program.
    let begin = Instant::now();
    let chunk = bench.pick(20_000, 2_000);
    let (mut appended, mut took, mut removed, mut moved) = (0, Duration::ZERO, 0, Instant::now());
    let client = gateway.administrator()?;
    while removed < all {
        let numbers = all + appended..all + appended + chunk;
        let at = post::events(&client, &url, CONNECTIONS, numbers, |_| TYPE.to_owned()).await?;
        appended += chunk;
        took += Duration::from_secs_f64(chunk as f64 / at);
        let now = count_removed(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        if now > removed {
            (removed, moved) = (now, Instant::now());
        } else if moved.elapsed() > PATIENCE {
            return Err(format!("retention has removed {removed} of {all} events, and nothing for {PATIENCE:?}"));
        }
    }
    let during = rate(appended, took);
    let text = "events appended per second, while retention removes";
    figure_of(table, text, Aim::None, during, ("of_first", during / first));
    figure(table, "events removed per second", Aim::None, rate(removed, begin.elapsed()));
    Ok(())
}

/// Makes all events older than their retention. Their checksums, which cover the time, go: the program takes such events for those of
/// versions that stored none.
fn make_older(file: &Path) -> rusqlite::Result<()> {
    let mut database = Connection::open(file)?;
    let mut last = i64::MIN;
    loop {
        let transaction = database.transaction()?;
        let next = "SELECT max(place) FROM (SELECT place FROM record WHERE place > ?1 ORDER BY place LIMIT ?2)";
        let next: Option<i64> = transaction.query_row(next, (last, STEP), |row| row.get(0))?;
        let Some(next) = next else { return Ok(()) };
        let older = "UPDATE record SET appended = appended - ?3, checksum = NULL WHERE place > ?1 AND place <= ?2";
        transaction.execute(older, (last, next, AGE))?;
        transaction.commit()?;
        last = next;
    }
}

/// How many events of the kanaal retention has removed.
fn count_removed(file: &Path) -> rusqlite::Result<u64> {
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.busy_timeout(Duration::from_secs(5))?;
    let first = "SELECT first FROM kanaal WHERE naam = ?1";
    let first: Option<i64> = database.query_row(first, [KANAAL], |row| row.get(0)).optional()?;
    Ok(first.and_then(|first| u64::try_from(first).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_events_are_made_older_and_lose_their_checksum() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("gateway.sqlite");
        let database = Connection::open(&file).expect("it opens");
        let schema = "CREATE TABLE kanaal (id INTEGER PRIMARY KEY, naam TEXT NOT NULL UNIQUE, first INTEGER NOT NULL) STRICT;
            CREATE TABLE record (place INTEGER PRIMARY KEY, appended INTEGER NOT NULL, body BLOB NOT NULL, checksum INTEGER) STRICT;
            INSERT INTO kanaal VALUES (1, 'kort', 42);
            INSERT INTO record VALUES (5, 172800000001, x'00', 7), (1099511627776, 172800000002, x'00', 7);";
        database.execute_batch(schema).expect("made");
        make_older(&file).expect("changed");
        let rows = "SELECT sum(appended), count(checksum) FROM record";
        let rows: (i64, i64) = database.query_row(rows, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("read");
        assert_eq!(rows, (3, 0));
        assert_eq!(count_removed(&file), Ok(42));
    }
}
