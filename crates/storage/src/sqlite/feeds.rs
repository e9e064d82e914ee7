//! The port Feeds on the tables `feed` and `feed_item` of `gateway.sqlite`.
//!
//! `feed.is_read` is 1 when the feed was read, perhaps without an item. Items whose digests are stored are those that count as seen.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use model::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::{readers::Readers, statement_job::StatementJob, writer::Writer};
use crate::{
    Error, Feeds,
    feeds::{FeedState, ItemDigest, Seen},
};

/// About how many bytes an item takes in the file.
pub(super) const ITEM_BYTES: usize = 80;

/// The port Feeds on the embedded file.
#[derive(Debug)]
pub struct SqliteFeeds {
    writer: Arc<Writer>,
    readers: Arc<Readers>,
}

impl SqliteFeeds {
    pub(super) fn new(writer: Arc<Writer>, readers: Arc<Readers>) -> Self {
        Self { writer, readers }
    }
}

#[async_trait]
impl Feeds for SqliteFeeds {
    async fn state(&self, name: &str) -> Result<Option<FeedState>, Error> {
        let name = name.to_owned();
        self.readers.run(move |connection| read(connection, &name)).await
    }

    async fn store(&self, name: &str, state: FeedState) -> Result<(), Error> {
        let name = name.to_owned();
        let bytes = ITEM_BYTES * (1 + state.seen.as_ref().map_or(0, BTreeMap::len));
        let write = move |connection: &Connection| write(connection, &name, &state);
        self.writer.submit(bytes, |reply| StatementJob::new(write, reply)).await
    }
}

pub(super) fn read(connection: &Connection, name: &str) -> Result<Option<FeedState>, Error> {
    let sql = "SELECT url, etag, last_modified, not_before, gone, is_read FROM feed WHERE name = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row((name,), |row| {
        let state = FeedState {
            url: row.get(0)?,
            etag: row.get(1)?,
            last_modified: row.get(2)?,
            not_before: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_micros),
            gone: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_micros),
            seen: None,
        };
        Ok((state, row.get::<_, bool>(5)?))
    });
    let Some((mut state, is_read)) = row.optional()? else { return Ok(None) };
    if is_read {
        let mut statement = connection.prepare_cached("SELECT key, compared, missed FROM feed_item WHERE feed = ?1")?;
        let items = statement.query_map((name,), |row| {
            Ok((row.get::<_, ItemDigest>(0)?, Seen { compared: row.get(1)?, missed: row.get(2)? }))
        })?;
        state.seen = Some(items.collect::<Result<_, _>>()?);
    }
    Ok(Some(state))
}

pub(super) fn write(connection: &Connection, name: &str, state: &FeedState) -> Result<(), Error> {
    let micros = |moment: Option<Timestamp>| moment.map(Timestamp::as_micros);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO feed (name, url, etag, last_modified, not_before, gone, is_read)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            name,
            state.url,
            &state.etag,
            &state.last_modified,
            micros(state.not_before),
            micros(state.gone),
            state.seen.is_some(),
        ))?;
    let before = read(connection, name)?.and_then(|state| state.seen).unwrap_or_default();
    let none = BTreeMap::new();
    let seen = state.seen.as_ref().unwrap_or(&none);
    let mut drop = connection.prepare_cached("DELETE FROM feed_item WHERE feed = ?1 AND key = ?2")?;
    for key in before.keys().filter(|key| !seen.contains_key(*key)) {
        drop.execute((name, key))?;
    }
    let mut keep = connection
        .prepare_cached("INSERT OR REPLACE INTO feed_item (feed, key, compared, missed) VALUES (?1, ?2, ?3, ?4)")?;
    for (key, own) in seen.iter().filter(|(key, own)| before.get(*key) != Some(*own)) {
        keep.execute((name, key, own.compared, own.missed))?;
    }
    Ok(())
}
