//! One addressee: its row in `addressee`, and its slot. A checksum covers both, so that a changed byte is noticed.

use model::addressee::{Addressee, AddresseeId, Digest, FilterId, State, StateKind};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::{
    form,
    names::{Kind, Names},
    topic,
};
use crate::{
    Error,
    audience::{Stored, Version},
    sqlite::checksum,
};

/// `state` of unconfirmed addressees.
pub(super) const UNCONFIRMED: i64 = 0;
/// `state` of confirmed addressees.
pub(super) const CONFIRMED: i64 = 1;
/// `state` of ended addressees.
pub(super) const ENDED: i64 = 2;

/// A state as stored.
pub(super) const fn state_number(kind: StateKind) -> i64 {
    match kind {
        StateKind::Unconfirmed => UNCONFIRMED,
        StateKind::Confirmed => CONFIRMED,
        StateKind::Ended => ENDED,
    }
}

/// The state of a number.
pub(super) fn state_kind(number: i64) -> Result<StateKind, Error> {
    match number {
        UNCONFIRMED => Ok(StateKind::Unconfirmed),
        CONFIRMED => Ok(StateKind::Confirmed),
        ENDED => Ok(StateKind::Ended),
        _ => Err(corrupt("not a state")),
    }
}

pub(super) fn corrupt(reason: &str) -> Error {
    Error::Corrupt { kind: "addressee", reason: reason.into() }
}

/// The columns of an addressee.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) number: i64,
    pub(super) id: AddresseeId,
    pub(super) topic: i64,
    pub(super) digest: Digest,
    pub(super) state: i64,
    pub(super) filter: i64,
    pub(super) version: u64,
    pub(super) since: Option<i64>,
    pub(super) expires: Option<i64>,
    pub(super) pending: Option<Digest>,
    pub(super) slot: i64,
}

impl Columns {
    /// The columns of an addressee that is to be stored.
    pub(super) fn new(
        connection: &Connection,
        names: &mut Names,
        addressee: &Addressee,
        (number, version, slot): (i64, u64, i64),
    ) -> Result<Self, Error> {
        let kanaal = names.number(connection, Kind::Kanaal, addressee.kanaal.as_str())?;
        let (since, pending, has_ended) = match &addressee.state {
            State::Unconfirmed { since, .. } => (Some(since.as_micros()), None, false),
            State::Confirmed { change, .. } => (None, change.as_ref().map(|change| change.digest), false),
            State::Ended { at, .. } => (Some(at.as_micros()), None, true),
        };
        Ok(Self {
            number,
            id: addressee.id,
            topic: topic::of(kanaal, addressee.channel),
            digest: addressee.digest,
            state: state_number(addressee.state.kind()),
            filter: addressee.filter.map_or(0, |filter| i64::from(filter.0)),
            version,
            since,
            expires: addressee.expires.filter(|_| !has_ended).map(model::Timestamp::as_micros),
            pending,
            slot,
        })
    }

    /// What the tally has of it.
    pub(super) fn tally_key(&self) -> (i64, i64, i64) {
        (self.topic, self.state, self.filter)
    }

    /// The checksum of the row with the body in its slot, 32 bits.
    pub(super) fn checksum(&self, body: &[u8]) -> i64 {
        let mut bytes = Vec::with_capacity(body.len() + 160);
        bytes.extend_from_slice(self.id.0.as_bytes());
        bytes.extend_from_slice(&self.digest.0);
        for number in [self.topic, self.state, self.filter, self.since.unwrap_or(-1), self.expires.unwrap_or(-1)] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(self.pending.as_ref().map_or(&[][..], |pending| &pending.0));
        bytes.extend_from_slice(body);
        checksum::of(self.slot, self.version as i64, &bytes) & 0x7fff_ffff
    }
}

/// The columns, in the order in which [`columns`] reads them.
const COLUMNS: &str = "a.number, a.id, a.topic, a.digest, a.state, a.filter, a.version, a.since, a.expires, a.pending, a.slot, a.checksum";

fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    bytes.try_into().map(Digest).map_err(|_| corrupt("not a digest"))
}

fn columns(row: &Row<'_>) -> Result<Columns, Error> {
    let (id, address): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(3)?);
    let pending: Option<Vec<u8>> = row.get(9)?;
    Ok(Columns {
        number: row.get(0)?,
        id: AddresseeId(Uuid::from_slice(&id).map_err(|_| corrupt("not an id"))?),
        topic: row.get(2)?,
        digest: digest(&address)?,
        state: row.get(4)?,
        filter: row.get(5)?,
        version: row.get::<_, i64>(6)? as u64,
        since: row.get(7)?,
        expires: row.get(8)?,
        pending: pending.map(|pending| digest(&pending)).transpose()?,
        slot: row.get(10)?,
    })
}

/// The columns of the addressee with an id.
pub(super) fn find(connection: &Connection, id: AddresseeId) -> Result<Option<Columns>, Error> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM addressee a WHERE id = ?1"))?;
    statement.query_row([&id.0.as_bytes()[..]], |row| Ok(columns(row))).optional()?.transpose()
}

/// The columns of the addressee with a number.
pub(super) fn numbered(connection: &Connection, number: i64) -> Result<Columns, Error> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM addressee a WHERE number = ?1"))?;
    statement.query_row([number], |row| Ok(columns(row)))?
}

/// An addressee with the body in its slot.
const WHOLE: &str = "addressee a LEFT JOIN personal p ON p.slot = a.slot";

/// The addressee with a number.
///
/// # Errors
/// `Corrupt` when it is damaged.
pub(super) fn read(connection: &Connection, names: &mut Names, number: i64) -> Result<Stored, Error> {
    let sql = format!("SELECT {COLUMNS}, p.body FROM {WHOLE} WHERE a.number = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([number], |row| Ok(Whole::of(row)))?;
    stored(connection, names, row?)
}

/// The addressee with an id.
///
/// # Errors
/// `Corrupt` when it is damaged.
pub(super) fn read_by_id(connection: &Connection, names: &mut Names, id: AddresseeId) -> Result<Option<Stored>, Error> {
    let sql = format!("SELECT {COLUMNS}, p.body FROM {WHOLE} WHERE a.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let row = statement.query_row([&id.0.as_bytes()[..]], |row| Ok(Whole::of(row))).optional()?;
    row.map(|row| stored(connection, names, row?)).transpose()
}

/// A row with its checksum and the body in its slot.
struct Whole {
    columns: Columns,
    checksum: i64,
    body: Option<Vec<u8>>,
}

impl Whole {
    fn of(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self { columns: columns(row)?, checksum: row.get(11)?, body: row.get(12)? })
    }
}

fn stored(connection: &Connection, names: &mut Names, row: Whole) -> Result<Stored, Error> {
    let Whole { columns, checksum, body } = row;
    let body = body.ok_or_else(|| corrupt("its slot is missing"))?;
    if columns.checksum(&body) != checksum {
        return Err(corrupt("its checksum is wrong"));
    }
    let (kanaal, channel) = topic::decode(connection, names, columns.topic)?;
    let filter = u32::try_from(columns.filter).map_err(|_| corrupt("not a filter"))?;
    let body = form::decode(connection, names, body.into(), state_kind(columns.state)?)?;
    let addressee = Addressee {
        id: columns.id,
        kanaal,
        channel,
        digest: columns.digest,
        address: body.address,
        generation: body.generation,
        attributes: body.attributes,
        filter: (filter > 0).then_some(FilterId(filter)),
        language: body.language,
        frequency: body.frequency,
        owner: body.owner,
        created: body.created,
        expires: body.expires,
        code_requests: body.code_requests,
        state: body.state,
    };
    Ok(Stored { addressee, version: Version(columns.version) })
}

/// Whether an error is about one row and not about the file or the disk.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(error, Error::Corrupt { .. })
}
