//! A walk over those to whom an event did not get through, in the order of the index on the evidence of the event. Which of several
//! ends of an addressee counts is that of the last resend, else that of the first mailing.

use std::collections::BTreeMap;

use model::{
    addressee::{Digest, EventReference},
    mailing::{Failure, MailingId},
};
use rusqlite::{Connection, OptionalExtension};

use super::{
    evidence,
    names::{self, Kind, Names},
    row, topic, walk,
};
use crate::{
    Error,
    audience::{Chunk, FailedCounts, FailedWalk, MAX_CHUNK},
};

/// Rows of evidence after which a chunk ends even if few were selected.
const MAX_EXAMINED: usize = 20_000;

/// A part of the walk: the numbers of addressees with their failures, and the digest to walk on from.
struct Selected {
    addressees: Vec<(i64, Failure)>,
    next: Option<Digest>,
}

/// The addressees behind `walk.after`.
pub(super) fn chunk(connection: &Connection, walk: &FailedWalk) -> Result<Chunk, Error> {
    let limit = walk.limit.clamp(1, MAX_CHUNK) as usize;
    let Selected { addressees: selected, next } = select(connection, walk, limit)?;
    walk::read(connection, selected.into_iter().map(|(number, _)| number), next)
}

/// The numbers of addressees behind `walk.after`, up to the bound of one part.
pub(super) fn counts(connection: &Connection, walk: &FailedWalk) -> Result<FailedCounts, Error> {
    let Selected { addressees: selected, next } = select(connection, walk, usize::MAX)?;
    let mut addressees = BTreeMap::new();
    for (_, failure) in selected {
        *addressees.entry(failure).or_default() += 1;
    }
    Ok(FailedCounts { addressees, next })
}

fn select(connection: &Connection, walk: &FailedWalk, limit: usize) -> Result<Selected, Error> {
    let mut selected = Selected { addressees: Vec::new(), next: None };
    let Some((kanaal, event)) = event_number(connection, &walk.event)? else { return Ok(selected) };
    let topic = topic::of(kanaal, walk.channel);
    let after = walk.after.as_ref().map_or(&[][..], |after| &after.0);
    let mut statement = connection.prepare_cached(
        "SELECT digest, addressee, outcome FROM evidence INDEXED BY evidence_event
         WHERE event = ?1 AND digest > ?2 ORDER BY digest",
    )?;
    let mut find = connection.prepare_cached(
        "SELECT number, state FROM addressee WHERE id = ?1 AND topic = ?2 AND digest = ?3 AND state IN (?4, ?5)",
    )?;
    let other = if walk.with_left { row::ENDED } else { row::CONFIRMED };
    let mut names = Names::default();
    let mut rows = statement.query((event, after))?;
    let (mut examined, mut last) = (0, None);
    while let Some(found) = rows.next()? {
        let bytes = found.get_ref(0)?.as_blob().ok().and_then(|bytes| bytes.try_into().ok());
        let digest = Digest(bytes.ok_or_else(|| row::corrupt("not a digest"))?);
        let is_full = selected.addressees.len() >= limit || examined >= MAX_EXAMINED;
        if is_full && last.is_some_and(|last| last != digest) {
            selected.next = last;
            return Ok(selected);
        }
        (examined, last) = (examined + 1, Some(digest));
        let addressee: Vec<u8> = found.get(1)?;
        let outcome: Option<i64> = found.get(2)?;
        let outcome = last_outcome(connection, (&digest, event, &addressee), walk.before)?.or(outcome);
        let failure = outcome.map(evidence::outcome).transpose()?.and_then(Failure::of);
        let Some(failure) = failure.filter(|failure| walk.failures.contains(failure)) else { continue };
        let key = (&addressee, topic, &digest.0[..], row::CONFIRMED, other);
        let number: Option<(i64, i64)> = find.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((number, state)) = number
            && (state == row::CONFIRMED || has_left(connection, &mut names, number)?)
        {
            selected.addressees.push((number, failure));
        }
    }
    Ok(selected)
}

/// Whether the person of an ended addressee left it; a damaged row counts as one, so that it is met and counted.
fn has_left(connection: &Connection, names: &mut Names, number: i64) -> Result<bool, Error> {
    match row::read(connection, names, number) {
        Ok(stored) => Ok(stored.addressee.left().is_some()),
        Err(error) if row::is_damage(&error) => Ok(true),
        Err(error) => Err(error),
    }
}

/// The number of a kanaal and of an event; `None` when there is no evidence about it.
fn event_number(connection: &Connection, event: &EventReference) -> Result<Option<(i64, i64)>, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, event.kanaal.as_str())? else { return Ok(None) };
    let sql = "SELECT number FROM event WHERE kanaal = ?1 AND source = ?2 AND id = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let number: Option<i64> = statement.query_row((kanaal, &event.source, &event.id), |row| row.get(0)).optional()?;
    Ok(number.map(|number| (kanaal, number)))
}

/// How the last resend before this one ended for an addressee, if there was one.
fn last_outcome(
    connection: &Connection,
    (digest, event, addressee): (&Digest, i64, &[u8]),
    before: Option<MailingId>,
) -> Result<Option<i64>, Error> {
    let before = before.map_or(i64::MAX, |before| before.0 as i64);
    let mut statement = connection.prepare_cached(
        "SELECT outcome FROM evidence_resend
         WHERE digest = ?1 AND event = ?2 AND addressee = ?3 AND mailing < ?4 ORDER BY mailing DESC LIMIT 1",
    )?;
    let found: Option<Option<i64>> =
        statement.query_row((&digest.0[..], event, addressee, before), |row| row.get(0)).optional()?;
    Ok(found.flatten())
}
