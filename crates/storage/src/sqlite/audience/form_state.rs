//! The state of an addressee as bytes, a part of [`super::form`]. The kind of the state is in the row.

use model::{
    Timestamp,
    addressee::{
        ActId, AddressChange, Addressee, AddresseeId, Basis, Check, Confirmation, Digest, EndReason, HardBounces,
        LeftBy, State, StateKind, UsedLink,
    },
};
use rusqlite::Connection;

use super::{
    form::{moments, read_moments, read_sealed, sealed, text},
    names::{Kind, Names},
    row::corrupt,
};
use crate::{
    Error,
    codec::{Decoder, Encoder},
};

/// Whether it has the moment at which a source verified the address, which needs a form of a later version.
pub(super) fn has_verification(state: &State) -> bool {
    let confirmation = match state {
        State::Confirmed { confirmation, .. } => confirmation,
        State::Ended { reason: EndReason::Unsubscribed { was, .. }, .. } => was,
        State::Unconfirmed { .. } | State::Ended { .. } => return false,
    };
    matches!(confirmation.by, Basis::Source { verified: Some(_), .. })
}

/// Encodes the state.
pub(super) fn encode(
    connection: &Connection,
    names: &mut Names,
    form: &mut Encoder,
    addressee: &Addressee,
) -> Result<(), Error> {
    let created = addressee.created;
    match &addressee.state {
        State::Unconfirmed { since, check } => {
            later(form, created, *since);
            encode_check(form, check);
        }
        State::Confirmed { confirmation, change, bounces } => {
            encode_confirmation(connection, names, form, (confirmation, created))?;
            moments(form, bounces.moments());
            form.byte(change.is_some().into());
            if let Some(change) = change {
                form.raw(&change.digest.0);
                sealed(connection, names, form, &change.address)?;
                encode_check(form, &change.check);
            }
        }
        State::Ended { at, reason } => {
            later(form, created, *at);
            match reason {
                EndReason::Unsubscribed { act, by, was, undo_until } => {
                    form.byte(0).raw(act.0.as_bytes()).byte(left_by_number(*by)).timestamp(*undo_until);
                    encode_confirmation(connection, names, form, (was, created))?;
                }
                EndReason::Undeliverable => drop(form.byte(1)),
                EndReason::Complaint => drop(form.byte(2)),
                EndReason::Expired => drop(form.byte(3)),
                EndReason::Erased => drop(form.byte(4)),
                EndReason::Replaced { by } => drop(form.byte(5).raw(by.0.as_bytes())),
            }
        }
    }
    Ok(())
}

/// Decodes a state of this kind, of an addressee created then.
pub(super) fn decode(
    connection: &Connection,
    names: &mut Names,
    form: &mut Decoder,
    (kind, created): (StateKind, Timestamp),
) -> Result<State, Error> {
    Ok(match kind {
        StateKind::Unconfirmed => State::Unconfirmed { since: read_later(form, created)?, check: decode_check(form)? },
        StateKind::Confirmed => {
            let confirmation = decode_confirmation(connection, names, form, created)?;
            let bounces = HardBounces::new(read_moments(form)?);
            let change = if form.byte()? == 0 {
                None
            } else {
                let (digest, address) = (digest(form)?, read_sealed(connection, names, form)?);
                Some(Box::new(AddressChange { digest, address, check: decode_check(form)? }))
            };
            State::Confirmed { confirmation, change, bounces }
        }
        StateKind::Ended => {
            let at = read_later(form, created)?;
            let reason = match form.byte()? {
                0 => {
                    let (act, by, undo_until) = (ActId(form.uuid()?), left_by(form.byte()?)?, form.timestamp()?);
                    let was = decode_confirmation(connection, names, form, created)?;
                    EndReason::Unsubscribed { act, by, was, undo_until }
                }
                1 => EndReason::Undeliverable,
                2 => EndReason::Complaint,
                3 => EndReason::Expired,
                4 => EndReason::Erased,
                5 => EndReason::Replaced { by: AddresseeId(form.uuid()?) },
                _ => return Err(corrupt("not a reason")),
            };
            State::Ended { at, reason }
        }
    })
}

/// A moment as the time since another one: mostly minutes, and so a few bytes.
fn later(form: &mut Encoder, created: Timestamp, moment: Timestamp) {
    let difference = moment.as_micros().wrapping_sub(created.as_micros());
    // Small numbers of either sign become small ones without a sign.
    form.number(((difference << 1) ^ (difference >> 63)) as u64);
}

fn read_later(form: &mut Decoder, created: Timestamp) -> Result<Timestamp, Error> {
    let number = form.number()?;
    let difference = ((number >> 1) as i64) ^ -((number & 1) as i64);
    Ok(Timestamp::from_micros(created.as_micros().wrapping_add(difference)))
}

fn encode_check(form: &mut Encoder, check: &Check) {
    form.raw(&check.code.0).raw(&check.link.0).byte(check.tries_left);
    form.timestamp(check.code_until).timestamp(check.link_until);
}

fn decode_check(form: &mut Decoder) -> Result<Check, Error> {
    Ok(Check {
        code: digest(form)?,
        link: digest(form)?,
        tries_left: form.byte()?,
        code_until: form.timestamp()?,
        link_until: form.timestamp()?,
    })
}

fn bytes<const N: usize>(form: &mut Decoder) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    for byte in &mut bytes {
        *byte = form.byte()?;
    }
    Ok(bytes)
}

fn digest(form: &mut Decoder) -> Result<Digest, Error> {
    bytes(form).map(Digest)
}

fn encode_confirmation(
    connection: &Connection,
    names: &mut Names,
    form: &mut Encoder,
    (confirmation, created): (&Confirmation, Timestamp),
) -> Result<(), Error> {
    later(form, created, confirmation.at);
    match &confirmation.by {
        Basis::Code => drop(form.byte(0)),
        Basis::Link(used) => drop(form.byte(1).raw(&used.0)),
        Basis::Client { agreement } => {
            let number = names.number(connection, Kind::Agreement, agreement)?;
            form.byte(2).number(number as u64);
        }
        Basis::Source { name, verified } => {
            let number = names.number(connection, Kind::Source, name)? as u64;
            match verified {
                None => form.byte(3).number(number),
                Some(verified) => form.byte(6).number(number).timestamp(*verified),
            };
        }
        Basis::Import => drop(form.byte(4)),
        Basis::Inbox => drop(form.byte(5)),
    }
    Ok(())
}

fn decode_confirmation(
    connection: &Connection,
    names: &mut Names,
    form: &mut Decoder,
    created: Timestamp,
) -> Result<Confirmation, Error> {
    let at = read_later(form, created)?;
    let by = match form.byte()? {
        0 => Basis::Code,
        1 => Basis::Link(UsedLink(bytes(form)?)),
        2 => Basis::Client { agreement: text(connection, names, form)? },
        3 => Basis::Source { name: text(connection, names, form)?, verified: None },
        4 => Basis::Import,
        5 => Basis::Inbox,
        6 => Basis::Source { name: text(connection, names, form)?, verified: Some(form.timestamp()?) },
        _ => return Err(corrupt("not a basis")),
    };
    Ok(Confirmation { at, by })
}

/// The number of a way to leave, stored.
const fn left_by_number(by: LeftBy) -> u8 {
    match by {
        LeftBy::OneClick => 0,
        LeftBy::Page => 1,
        LeftBy::Mail => 2,
        LeftBy::Keyword => 3,
        LeftBy::Owner => 4,
        LeftBy::Client => 5,
    }
}

fn left_by(number: u8) -> Result<LeftBy, Error> {
    let by = LeftBy::ALL.into_iter().find(|by| left_by_number(*by) == number);
    by.ok_or_else(|| corrupt("not a way to leave"))
}
