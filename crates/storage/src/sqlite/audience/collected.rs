//! Events that wait for the mail of an addressee: a row for each, with the number of the addressee and that of the mailing, which knows
//! the event. The mail is a row of `outgoing`.

use model::{
    Timestamp,
    addressee::{AddresseeId, Evidence, Message, Outcome},
    mailing::MailingId,
};
use rusqlite::{Connection, OptionalExtension};

use super::{
    evidence, mailings,
    names::Names,
    outgoing,
    row::{self, Columns},
};
use crate::{
    Error,
    audience::{Collected, CollectedEnd, MAX_COLLECTED, Outgoing},
};

/// The table, which came later than the first version of the file, and the index that keeps these mails apart from other due messages:
/// neither has to pass over the others. 6 is the number of such a mail.
pub(in crate::sqlite) const TABLE: (&str, &str) = (
    "collected",
    "CREATE TABLE collected (addressee INTEGER NOT NULL, mailing INTEGER NOT NULL, PRIMARY KEY (addressee, mailing))
        STRICT, WITHOUT ROWID;
     CREATE INDEX collected_mailing ON collected (mailing);
     CREATE INDEX outgoing_collected ON outgoing ((message = 6), due) WHERE due IS NOT NULL",
);

/// Adds an event to the mail of an addressee; the mail becomes due if there is none.
pub(super) fn add(connection: &Connection, id: AddresseeId, mailing: MailingId, due: &Outgoing) -> Result<(), Error> {
    let Some(found) = row::find(connection, id)? else { return Ok(()) };
    let sql = "INSERT OR IGNORE INTO collected (addressee, mailing) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((found.number, mailing.0 as i64))?;
    if outgoing::waits(connection, found.number, Message::Collected)? {
        return Ok(());
    }
    outgoing::store(connection, &mut Names::default(), found.number, due)
}

/// The events of an addressee, in the order of their mailings.
pub(super) fn all(connection: &Connection, id: AddresseeId, limit: u32) -> Result<Vec<Collected>, Error> {
    let Some(found) = row::find(connection, id)? else { return Ok(Vec::new()) };
    mailings::collected(connection, found.number, limit.min(MAX_COLLECTED))
}

/// Ends a mail. One that was erased meanwhile stays erased.
pub(super) fn settle(connection: &Connection, end: &CollectedEnd) -> Result<(), Error> {
    let sql = "SELECT addressee FROM outgoing WHERE id = ?1";
    let mut select = connection.prepare_cached(sql)?;
    let number: Option<i64> = select.query_row([&end.id.0.as_bytes()[..]], |row| row.get(0)).optional()?;
    let Some(number) = number else { return Ok(()) };
    evidence::record(connection, None, &end.evidence)?;
    let mut delete = connection.prepare_cached("DELETE FROM collected WHERE addressee = ?1 AND mailing = ?2")?;
    for mailing in &end.mailings {
        delete.execute((number, mailing.0 as i64))?;
    }
    if connection.prepare_cached("SELECT 1 FROM collected WHERE addressee = ?1 LIMIT 1")?.exists([number])? {
        return outgoing::store(connection, &mut Names::default(), number, &end.next);
    }
    outgoing::remove(connection, number, Message::Collected)
}

/// Ends the events of an addressee that is erased.
pub(super) fn end_all(connection: &Connection, found: &Columns, at: Timestamp) -> Result<(), Error> {
    let evidence = mailings::collected(connection, found.number, u32::MAX)?.into_iter().map(|one| Evidence {
        event: one.start.event,
        digest: found.digest,
        addressee: Some(found.id),
        accepted: one.start.accepted,
        tried: None,
        outcome: Some((Outcome::Ended, at)),
        read: None,
    });
    evidence::record(connection, None, &evidence.collect::<Vec<_>>())?;
    remove_all(connection, found.number)
}

/// Removes the events of an addressee.
pub(super) fn remove_all(connection: &Connection, addressee: i64) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM collected WHERE addressee = ?1")?.execute([addressee])?;
    Ok(())
}
