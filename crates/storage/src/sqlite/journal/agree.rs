//! Makes the journal agree with the log when a store is opened: rows of positions that the log does not have are removed,
//! and a journal of another store is set aside.
//!
//! Without that, new events at those positions could not be found, and would be shown with deliveries of other events.
//! The events of the log are indexed again by `management`; attempts and outcomes that are removed here are not made up.

use std::path::{Path, PathBuf};

use model::KanaalName;
use rusqlite::{Connection, OptionalExtension};

use super::name_ids;
use crate::{
    Error,
    sqlite::{
        JOURNAL, database, failure,
        generation::{self, End, Generation},
        notice::Notice,
        open_files,
    },
};

/// The log that the journal has to agree with.
pub(crate) struct Log<'a> {
    pub(crate) connection: &'a Connection,
    /// Its newest generation before this opening.
    pub(crate) previous: Option<Generation>,
    /// How that one ended.
    pub(crate) end: End,
    /// Whether it was just created.
    pub(crate) is_new: bool,
    /// The ends of its kanalen.
    pub(crate) ends: &'a [(KanaalName, u64)],
}

/// Opens the journal of a store, or creates it, and makes it agree with the log. `new` is the generation of this opening.
pub(crate) fn open(dir: &Path, log: &Log<'_>, new: Generation, notices: &mut Vec<Notice>) -> Result<Connection, Error> {
    let path = dir.join(JOURNAL);
    let reason = match connect(&path, log) {
        Ok(_) if marker(&path).exists() => "it is damaged: entries could not be written".to_owned(),
        Ok((journal, Relation::Same)) if log.end == End::Closed => return Ok(journal),
        Ok((journal, Relation::Same | Relation::Related)) => {
            let rows = remove_beyond(&journal, log.ends)?;
            if rows > 0 {
                notices.push(Notice::JournalAhead { rows });
            }
            return Ok(journal);
        }
        Ok((_, Relation::Foreign)) => "it belongs to another store, or to another copy of this one".to_owned(),
        Err(Error::Corrupt { reason, .. }) if is_damaged(&path) => reason,
        Err(error) => return Err(error),
    };
    let name = set_aside(&path, new.number)?;
    // Fails if there is none.
    let _ = std::fs::remove_file(marker(&path));
    notices.push(Notice::JournalSetAside { name, reason });
    database::create(&path, &database::JOURNAL)
}

/// What a journal has to do with the log.
enum Relation {
    /// They were opened together the last time.
    Same,
    /// They were opened together once, or that is not known.
    Related,
    /// They were never opened together since either was copied.
    Foreign,
}

fn connect(path: &Path, log: &Log<'_>) -> Result<(Connection, Relation), Error> {
    let journal = database::create(path, &database::JOURNAL)?;
    let own = generation::newest(&journal)?.map(|(generation, _)| generation);
    let is_empty = || journal.query_row("SELECT count(*) = 0 FROM name", [], |row| row.get(0));
    let relation = match (log.previous, own) {
        (Some(previous), Some(own)) if previous == own => Relation::Same,
        (Some(previous), Some(own))
            if !generation::lists(&journal, previous)? && !generation::lists(log.connection, own)? =>
        {
            Relation::Foreign
        }
        (None, _) if log.is_new && !is_empty()? => Relation::Foreign,
        // Versions before this one list no generations.
        _ => Relation::Related,
    };
    Ok((journal, relation))
}

/// Whether a file is a database that cannot be read, or no database at all; not one of another program.
fn is_damaged(path: &Path) -> bool {
    let application =
        |connection: Connection| connection.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0));
    Connection::open(path).and_then(application).map_or(true, |found| database::JOURNAL.is_application(found))
}

/// The file whose presence says that the journal is damaged.
fn marker(path: &Path) -> PathBuf {
    path.with_extension("damaged")
}

/// Notes that a journal is damaged, so that the next start sets it aside.
pub(super) fn mark_damaged(path: &Path) {
    if let Err(error) = std::fs::write(marker(path), []) {
        tracing::warn!(%error, "that the journal is damaged was not noted");
    }
}

/// Renames a journal; returns the new name.
fn set_aside(path: &Path, number: i64) -> Result<String, Error> {
    let name = format!("journal.set-aside-{number}.sqlite");
    let to: PathBuf = path.with_file_name(&name);
    for (from, to) in [(open_files::wal(path), open_files::wal(&to)), (path.to_owned(), to)] {
        match std::fs::rename(&from, &to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failure::io("rename", &from, &error));
            }
            _ => {}
        }
    }
    Ok(name)
}

/// Removes the rows of positions that the log does not have; returns their number.
fn remove_beyond(journal: &Connection, ends: &[(KanaalName, u64)]) -> Result<usize, Error> {
    beyond(journal, ends)?.into_iter().try_fold(0, |removed, (number, end)| Ok(removed + remove(journal, number, end)?))
}

/// The number of kanalen with rows of positions that the log does not have.
pub(crate) fn kanalen_beyond(journal: &Connection, ends: &[(KanaalName, u64)]) -> Result<usize, Error> {
    Ok(beyond(journal, ends)?.len())
}

/// The kanalen with rows beyond the log, by number, with the end of the log.
fn beyond(journal: &Connection, ends: &[(KanaalName, u64)]) -> Result<Vec<(i64, i64)>, Error> {
    let mut statement = journal.prepare("SELECT id, name FROM name WHERE substr(name, 1, 1) = x'6b'")?;
    let kanalen: Vec<(i64, Vec<u8>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut beyond = Vec::new();
    for (number, name) in kanalen {
        let end = ends.iter().find(|(naam, _)| name_ids::of_kanaal(naam) == name).map_or(0, |(_, end)| *end as i64);
        if newest(journal, number)? > end {
            beyond.push((number, end));
        }
    }
    Ok(beyond)
}

/// The mark behind the newest position of a kanaal that the journal has.
fn newest(journal: &Connection, kanaal: i64) -> Result<i64, Error> {
    let mut newest = 0;
    for sql in [
        "SELECT mark FROM indexed WHERE kanaal = ?1 AND partition = 0",
        "SELECT max(position) + 1 FROM event WHERE kanaal = ?1 AND partition = 0",
        "SELECT max(position) + 1 FROM delivery WHERE kanaal = ?1 AND partition = 0",
        "SELECT max(until) FROM settled_range WHERE kanaal = ?1 AND partition = 0",
    ] {
        let found: Option<Option<i64>> = journal.query_row(sql, [kanaal], |row| row.get(0)).optional()?;
        newest = newest.max(found.flatten().unwrap_or(0));
    }
    Ok(newest)
}

fn remove(journal: &Connection, kanaal: i64, end: i64) -> Result<usize, Error> {
    let transaction = journal.unchecked_transaction()?;
    let mut removed = 0;
    for sql in [
        "DELETE FROM event WHERE kanaal = ?1 AND partition = 0 AND position >= ?2",
        "DELETE FROM delivery WHERE kanaal = ?1 AND partition = 0 AND position >= ?2",
        "DELETE FROM attempt WHERE kanaal = ?1 AND partition = 0 AND position >= ?2",
        "DELETE FROM settled_range WHERE kanaal = ?1 AND partition = 0 AND first >= ?2",
        "UPDATE settled_range SET until = ?2 WHERE kanaal = ?1 AND partition = 0 AND until > ?2",
        "UPDATE indexed SET mark = ?2 WHERE kanaal = ?1 AND partition = 0 AND mark > ?2",
    ] {
        removed += transaction.execute(sql, (kanaal, end))?;
    }
    transaction.commit()?;
    Ok(removed)
}
