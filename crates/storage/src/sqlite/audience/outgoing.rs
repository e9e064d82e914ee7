//! Due messages: a row in `outgoing` per addressee and kind of message, and a slot for what is secret in it. A checksum covers
//! both. `due` is null in rows that were given up.

use model::{
    Timestamp,
    addressee::{AddresseeId, Channel, Message},
};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::{form, names::Names, row, slots, topic};
use crate::{
    Error,
    audience::{OutboxCounts, Outgoing, OutgoingId, Settlement, StoredOutgoing},
    codec::{Decoder, Encoder},
    sqlite::checksum,
};

/// A message as stored.
const fn message_number(message: Message) -> i64 {
    match message {
        Message::Confirmation => 0,
        Message::ConfirmationOfChange => 1,
        Message::AlreadySubscribed => 2,
        Message::Acknowledgement => 3,
        Message::DataLink => 4,
        Message::ChangeRequested => 5,
        Message::Collected => 6,
    }
}

fn message(number: i64) -> Result<Message, Error> {
    match number {
        0 => Ok(Message::Confirmation),
        1 => Ok(Message::ConfirmationOfChange),
        2 => Ok(Message::AlreadySubscribed),
        3 => Ok(Message::Acknowledgement),
        4 => Ok(Message::DataLink),
        5 => Ok(Message::ChangeRequested),
        6 => Ok(Message::Collected),
        _ => Err(corrupt("not a message")),
    }
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "due message", reason: reason.into() }
}

/// Stores a due message of the addressee with a number, in place of one of the same kind.
pub(super) fn store(
    connection: &Connection,
    names: &mut Names,
    addressee: i64,
    outgoing: &Outgoing,
) -> Result<(), Error> {
    remove(connection, addressee, outgoing.message)?;
    let body = match &outgoing.secret {
        None => None,
        Some(secret) => {
            let mut form = Encoder::new(160);
            form::sealed(connection, names, &mut form, secret)?;
            Some(slots::pad(form.finish()))
        }
    };
    let slot = body.as_ref().map(|body| slots::take(connection, body)).transpose()?;
    let columns =
        Columns { id: outgoing.id, message: message_number(outgoing.message), created: outgoing.created, slot };
    let sql = "INSERT INTO outgoing (addressee, message, id, created, due, attempts, slot, checksum)
               VALUES (?1, ?2, ?3, ?4, ?4, 0, ?5, ?6)";
    connection.prepare_cached(sql)?.execute((
        addressee,
        columns.message,
        &outgoing.id.0.as_bytes()[..],
        outgoing.created.as_micros(),
        slot,
        columns.checksum(body.as_deref().unwrap_or_default()),
    ))?;
    Ok(())
}

/// Removes a message of an addressee, if there is one of this kind.
pub(super) fn remove(connection: &Connection, addressee: i64, message: Message) -> Result<(), Error> {
    let sql = "DELETE FROM outgoing WHERE addressee = ?1 AND message = ?2 RETURNING slot";
    let mut delete = connection.prepare_cached(sql)?;
    let slot = delete.query_row((addressee, message_number(message)), |row| row.get(0)).optional()?;
    free(connection, slot.flatten())
}

/// Whether an addressee has a message of this kind that waits.
pub(super) fn waits(connection: &Connection, addressee: i64, message: Message) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM outgoing WHERE addressee = ?1 AND message = ?2 AND due IS NOT NULL";
    Ok(connection.prepare_cached(sql)?.exists((addressee, message_number(message)))?)
}

/// Removes all messages of an addressee.
pub(super) fn remove_all(connection: &Connection, addressee: i64) -> Result<(), Error> {
    let mut delete = connection.prepare_cached("DELETE FROM outgoing WHERE addressee = ?1 RETURNING slot")?;
    let slots: Vec<Option<i64>> = delete.query_map([addressee], |row| row.get(0))?.collect::<Result<_, _>>()?;
    slots.into_iter().try_for_each(|slot| free(connection, slot))
}

fn free(connection: &Connection, slot: Option<i64>) -> Result<(), Error> {
    slot.map_or(Ok(()), |slot| slots::free(connection, slot))
}

/// Stores how an attempt ended.
pub(super) fn settle(connection: &Connection, id: OutgoingId, settlement: Settlement) -> Result<(), Error> {
    let bytes = &id.0.as_bytes()[..];
    match settlement {
        Settlement::Done => {
            let mut delete = connection.prepare_cached("DELETE FROM outgoing WHERE id = ?1 RETURNING slot")?;
            let slot = delete.query_row([bytes], |row| row.get(0)).optional()?;
            free(connection, slot.flatten())
        }
        Settlement::Retry { at, attempts } => {
            let sql = "UPDATE outgoing SET due = ?2, attempts = ?3 WHERE id = ?1 AND due IS NOT NULL";
            connection.prepare_cached(sql)?.execute((bytes, at.as_micros(), attempts))?;
            Ok(())
        }
        Settlement::GivenUp { at } => {
            let sql = "SELECT message, created, slot FROM outgoing WHERE id = ?1 AND due IS NOT NULL";
            let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let found = connection.prepare_cached(sql)?.query_row([bytes], row).optional()?;
            let Some((message, created, slot)) = found else { return Ok(()) };
            free(connection, slot)?;
            let columns = Columns { id, message, created: Timestamp::from_micros(created), slot: None };
            let sql = "UPDATE outgoing SET due = NULL, ended = ?2, slot = NULL, checksum = ?3 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((bytes, at.as_micros(), columns.checksum(&[])))?;
            Ok(())
        }
    }
}

/// Messages to try now, of one channel or of all, those that wait longest first; mails with collected events apart from others. Damaged
/// ones are passed over.
pub(super) fn due(
    connection: &Connection,
    (channel, is_collected): (Option<Channel>, bool),
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredOutgoing>, Error> {
    let sql = format!(
        "{SELECT} WHERE (o.message = 6) = {} AND o.due <= ?1 AND (?2 IS NULL OR a.topic & 3 = ?2)
         ORDER BY o.due, o.number",
        u8::from(is_collected)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((now.as_micros(), channel.map(topic::channel_number)))?;
    let (mut names, mut found) = (Names::default(), Vec::new());
    while found.len() < limit as usize
        && let Some(row) = rows.next()?
    {
        match read(connection, &mut names, row) {
            Ok(stored) => found.push(stored),
            Err(error) if row::is_damage(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The numbers of messages.
pub(super) fn counts(connection: &Connection) -> Result<OutboxCounts, Error> {
    let sql = "SELECT count(due), min(created) FILTER (WHERE due IS NOT NULL), count(*) - count(due)
         FROM outgoing WHERE message <> 6";
    let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, i64>(2)?));
    let (waiting, oldest, given_up) = connection.prepare_cached(sql)?.query_row([], row)?;
    Ok(OutboxCounts { waiting: waiting as u64, oldest: oldest.map(Timestamp::from_micros), given_up: given_up as u64 })
}

/// All messages, also those that were given up.
#[cfg(feature = "kafka")]
pub(super) fn all(connection: &Connection) -> Result<Vec<StoredOutgoing>, Error> {
    let mut statement = connection.prepare(SELECT)?;
    let (mut rows, mut names, mut all) = (statement.query([])?, Names::default(), Vec::new());
    while let Some(row) = rows.next()? {
        all.push(read(connection, &mut names, row)?);
    }
    Ok(all)
}

/// The number of messages, and of those that are damaged or have no addressee.
pub(super) fn examine(connection: &Connection) -> Result<(u64, u64), Error> {
    let mut statement = connection.prepare(SELECT)?;
    let (mut rows, mut names, mut all, mut damaged) = (statement.query([])?, Names::default(), 0, 0);
    while let Some(row) = rows.next()? {
        all += 1;
        match read(connection, &mut names, row) {
            Ok(_) => {}
            Err(error) if row::is_damage(&error) => damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((all, damaged))
}

/// The columns that [`read`] reads.
const SELECT: &str =
    "SELECT a.id, o.id, o.message, o.created, coalesce(o.due, 0), o.attempts, o.slot, o.checksum, p.body
    FROM outgoing o LEFT JOIN addressee a ON a.number = o.addressee LEFT JOIN personal p ON p.slot = o.slot";

fn read(connection: &Connection, names: &mut Names, row: &Row<'_>) -> Result<StoredOutgoing, Error> {
    let addressee: Option<Vec<u8>> = row.get(0)?;
    let addressee = addressee.ok_or_else(|| corrupt("its addressee is missing"))?;
    let uuid = |bytes: &[u8]| Uuid::from_slice(bytes).map_err(|_| corrupt("not an id"));
    let id: Vec<u8> = row.get(1)?;
    let columns = Columns {
        id: OutgoingId(uuid(&id)?),
        message: row.get(2)?,
        created: Timestamp::from_micros(row.get(3)?),
        slot: row.get(6)?,
    };
    let body: Option<Vec<u8>> = row.get(8)?;
    if body.is_some() != columns.slot.is_some() {
        return Err(corrupt("its slot is missing"));
    }
    if columns.checksum(body.as_deref().unwrap_or_default()) != row.get::<_, i64>(7)? {
        return Err(corrupt("its checksum is wrong"));
    }
    let secret = match body {
        None => None,
        Some(body) => Some(form::read_sealed(connection, names, &mut Decoder::new("due message", body.into())?)?),
    };
    let attempts = u32::try_from(row.get::<_, i64>(5)?).map_err(|_| corrupt("not a number of attempts"))?;
    Ok(StoredOutgoing {
        addressee: AddresseeId(uuid(&addressee)?),
        outgoing: Outgoing { id: columns.id, message: message(columns.message)?, secret, created: columns.created },
        attempts,
        due: Timestamp::from_micros(row.get(4)?),
    })
}

/// The columns that never change while a message waits.
struct Columns {
    id: OutgoingId,
    message: i64,
    created: Timestamp,
    slot: Option<i64>,
}

impl Columns {
    /// The checksum of the row with the body in its slot, 32 bits.
    fn checksum(&self, body: &[u8]) -> i64 {
        let mut bytes = self.id.0.as_bytes().to_vec();
        bytes.extend_from_slice(&self.message.to_le_bytes());
        bytes.extend_from_slice(body);
        checksum::of(self.slot.unwrap_or(0), self.created.as_micros(), &bytes) & 0x7fff_ffff
    }
}
