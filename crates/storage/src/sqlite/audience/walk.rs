//! A part of a walk over the addressees of a topic, in the order of the index on their digests. The index has state and filter,
//! so that the rows of those that are not selected are not read.

use std::collections::HashSet;

use model::addressee::{Digest, FilterId};
use rusqlite::Connection;

use super::{
    names::{self, Kind, Names},
    row, topic,
};
use crate::{
    Error,
    audience::{Chunk, MAX_CHUNK, Stored, Walk},
};

/// Entries of the index after which a chunk ends even if few were selected.
const MAX_EXAMINED: usize = 20_000;

/// The addressees behind `walk.after`.
pub(super) fn chunk(connection: &Connection, walk: &Walk) -> Result<Chunk, Error> {
    let Some(kanaal) = names::find(connection, Kind::Kanaal, walk.kanaal.as_str())? else {
        return Ok(Chunk { addressees: Vec::new(), next: None, damaged: 0 });
    };
    let (numbers, next) = select(connection, topic::of(kanaal, walk.channel), walk)?;
    read(connection, numbers, next)
}

/// The chunk of the rows with these numbers, without those that are damaged.
pub(super) fn read(
    connection: &Connection,
    numbers: impl IntoIterator<Item = i64>,
    next: Option<Digest>,
) -> Result<Chunk, Error> {
    let (mut addressees, mut damaged) = (Vec::<Stored>::new(), 0);
    let mut names = Names::default();
    for number in numbers {
        match row::read(connection, &mut names, number) {
            Ok(stored) => addressees.push(stored),
            Err(error) if row::is_damage(&error) => {
                tracing::error!(row = number, %error, "an addressee is damaged and was passed over");
                damaged += 1;
            }
            Err(error) => return Err(error),
        }
    }
    addressees.sort_by_key(|stored| (stored.addressee.digest, stored.addressee.id));
    Ok(Chunk { addressees, next, damaged })
}

/// The numbers of the selected rows, and the digest to walk on from.
fn select(connection: &Connection, topic: i64, walk: &Walk) -> Result<(Vec<i64>, Option<Digest>), Error> {
    let limit = walk.limit.clamp(1, MAX_CHUNK) as usize;
    let state = walk.state.map(row::state_number);
    let number = |filter: &Option<FilterId>| filter.map_or(0, |filter| i64::from(filter.0));
    let filters: Option<HashSet<i64>> = walk.filters.as_ref().map(|filters| filters.iter().map(number).collect());
    let after = walk.after.as_ref().map_or(&[][..], |after| &after.0);
    let mut statement = connection.prepare_cached(
        "SELECT number, digest, state, filter FROM addressee INDEXED BY addressee_walk
         WHERE topic = ?1 AND digest > ?2 ORDER BY digest",
    )?;
    let mut rows = statement.query((topic, after))?;
    let (mut selected, mut examined, mut last) = (Vec::new(), 0, None);
    while let Some(found) = rows.next()? {
        let bytes = found.get_ref(1)?.as_blob().ok().and_then(|bytes| bytes.try_into().ok());
        let digest = Digest(bytes.ok_or_else(|| row::corrupt("not a digest"))?);
        let is_full = selected.len() >= limit || examined >= MAX_EXAMINED;
        if is_full && last.is_some_and(|last| last != digest) {
            return Ok((selected, last));
        }
        (examined, last) = (examined + 1, Some(digest));
        let (kind, filter): (i64, i64) = (found.get(2)?, found.get(3)?);
        let is_wanted =
            state.is_none_or(|state| state == kind) && filters.as_ref().is_none_or(|filters| filters.contains(&filter));
        if is_wanted {
            selected.push(found.get(0)?);
        }
    }
    Ok((selected, None))
}
