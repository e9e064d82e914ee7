//! Addressees, due messages and evidence on their way to another process, as the rows that they make in an empty file. So there
//! is one stored form of them.

use model::addressee::{AddresseeId, Digest, Evidence};
use rusqlite::Connection;
use uuid::Uuid;

use super::{address, evidence as stored, outgoing, put, row};
use crate::{
    Error,
    audience::{self, EvidencePage, Put},
    sqlite::{
        database,
        replica::{self, Row, Table},
    },
};

/// The rows of new addressees with their due messages, whatever version of them was seen.
///
/// # Errors
/// What [`crate::Audience::put`] says of addressees of which one is there twice.
pub(crate) fn of_puts(puts: &[Put]) -> Result<Vec<Row>, audience::Error> {
    let (file, tables) = empty()?;
    for put in puts {
        if let Some(filter) = put.addressee.filter {
            let sql = "INSERT OR IGNORE INTO filter (number, text) VALUES (?1, ?1)";
            file.execute(sql, [filter.0]).map_err(Error::from)?;
        }
    }
    replica::watch(&file, &tables)?;
    let new: Vec<Put> = puts.iter().map(|put| Put { seen: None, alone: false, ..put.clone() }).collect();
    put::all(&file, &new)??;
    Ok(replica::take(&file, &tables)?)
}

/// The addressees with their due messages, in their order.
pub(crate) fn puts(rows: &[Row]) -> Result<Vec<Put>, Error> {
    let file = filled(rows)?;
    let mut statement = file.prepare("SELECT id FROM addressee ORDER BY number")?;
    let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
    let mut due = outgoing::all(&file)?;
    let mut puts = Vec::with_capacity(ids.len());
    for id in ids {
        let id = AddresseeId(Uuid::from_slice(&id).map_err(|_| row::corrupt("not an id"))?);
        let stored = address::get(&file, id)?.ok_or_else(|| row::corrupt("it is missing"))?;
        let place = due.iter().position(|due| due.addressee == id);
        let due = place.map(|place| due.swap_remove(place).outgoing);
        puts.push(Put { due, ..Put::new(stored.addressee) });
    }
    Ok(puts)
}

/// The rows of evidence.
pub(crate) fn of_evidence(evidence: &[Evidence]) -> Result<Vec<Row>, Error> {
    let (file, tables) = empty()?;
    replica::watch(&file, &tables)?;
    stored::record(&file, None, evidence)?;
    replica::take(&file, &tables)
}

/// The evidence, in the order of digests and events.
pub(crate) fn evidence(rows: &[Row]) -> Result<Vec<Evidence>, Error> {
    let file = filled(rows)?;
    let mut statement = file.prepare("SELECT DISTINCT digest FROM evidence ORDER BY digest")?;
    let digests = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<[u8; 32]>, _>>()?;
    let mut found = Vec::new();
    for digest in digests {
        let mut offset = 0;
        loop {
            let page = stored::of_address(&file, &Digest(digest), EvidencePage { offset, limit: 1_000 })?;
            offset += page.len() as u64;
            found.extend(page.iter().cloned());
            if page.len() < 1_000 {
                break;
            }
        }
    }
    Ok(found)
}

fn empty() -> Result<(Connection, Vec<Table>), Error> {
    let file = database::in_memory(&database::AUDIENCE)?;
    let tables = replica::tables(&file)?;
    Ok((file, tables))
}

fn filled(rows: &[Row]) -> Result<Connection, Error> {
    let (file, tables) = empty()?;
    replica::apply(&file, &tables, rows)?;
    Ok(file)
}
