//! Erases everything of an address: its addressees become what `Command::Erase` leaves, and changes to it are forgotten, as are
//! messages that are due to it. The write-ahead log is emptied afterwards, by the caller.

use model::{
    Timestamp,
    addressee::{
        Addressee, Attributes, CodeRequests, Command, Digest, EndReason, Frequency, Language, Message, State, decide,
    },
};
use rusqlite::Connection;

use super::{
    address, collected,
    mailings::sending,
    names::Names,
    outgoing,
    put::Batch,
    row::{self, Columns},
    topic,
};
use crate::Error;

/// Erases; returns the number of addressees that had something to erase.
pub(super) fn all(connection: &Connection, digest: &Digest, at: Timestamp) -> Result<u64, Error> {
    let (mut batch, mut names, mut erased) = (Batch::default(), Names::default(), 0);
    for number in address::numbers(connection, digest)? {
        let found = row::numbered(connection, number)?;
        collected::end_all(connection, &found, at)?;
        outgoing::remove_all(connection, number)?;
        let addressee = match row::read(connection, &mut names, number) {
            Ok(stored) => stored.addressee,
            Err(error) if row::is_damage(&error) => outline(connection, &mut names, &found, at)?,
            Err(error) => return Err(error),
        };
        if matches!(addressee.state, State::Ended { reason: EndReason::Erased, .. }) {
            continue;
        }
        if let Ok(accepted) = decide(&addressee, Command::Erase, at)
            && let Some(change) = accepted.change
        {
            batch.write(connection, Some(&found), &change)?;
            erased += 1;
        }
    }
    for number in pending(connection, digest)? {
        outgoing::remove(connection, number, Message::ConfirmationOfChange)?;
        let mut addressee = row::read(connection, &mut names, number)?.addressee;
        if let State::Confirmed { change, .. } = &mut addressee.state {
            *change = None;
        }
        batch.write(connection, Some(&row::numbered(connection, number)?), &addressee)?;
    }
    sending::erase(connection, digest)?;
    batch.differences.store(connection)?;
    Ok(erased)
}

/// The rows with a change to an address.
fn pending(connection: &Connection, digest: &Digest) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached("SELECT number FROM addressee WHERE pending = ?1")?;
    Ok(statement.query_map([&digest.0[..]], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// What the row of a damaged addressee still says. Damage does not keep anybody from being erased.
fn outline(connection: &Connection, names: &mut Names, found: &Columns, at: Timestamp) -> Result<Addressee, Error> {
    let (kanaal, channel) = topic::decode(connection, names, found.topic)?;
    Ok(Addressee {
        id: found.id,
        kanaal,
        channel,
        digest: found.digest,
        address: None,
        generation: 1,
        attributes: Attributes::default(),
        filter: None,
        language: Language::default(),
        frequency: Frequency::default(),
        owner: None,
        created: at,
        expires: None,
        code_requests: CodeRequests::default(),
        state: State::Ended { at, reason: EndReason::Complaint },
    })
}
