//! Progress on the table `progress` of `gateway.sqlite`: one shard, owned for the life of the process.
//!
//! Keys and values are encoded as in `encoding::progress`.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{readers::Readers, statement_job::StatementJob, writer::Writer};
use crate::{
    Error, Progress,
    encoding::progress::{decode_key, decode_value, encode_key, encode_value},
    progress::{Entry, Key, Ownership, Shard, Value},
};

/// The port Progress on the embedded file.
#[derive(Debug)]
pub struct SqliteProgress {
    writer: Arc<Writer>,
    readers: Arc<Readers>,
    gained: Mutex<bool>,
}

impl SqliteProgress {
    pub(super) fn new(writer: Arc<Writer>, readers: Arc<Readers>) -> Self {
        Self { writer, readers, gained: Mutex::new(false) }
    }

    async fn entries(&self) -> Result<Vec<(Key, Value)>, Error> {
        self.readers
            .run(|connection| {
                let mut statement = connection.prepare_cached("SELECT key, value FROM progress")?;
                let mut rows = statement.query([])?;
                let mut entries = Vec::new();
                while let Some(row) = rows.next()? {
                    let key: Vec<u8> = row.get(0)?;
                    let value: Vec<u8> = row.get(1)?;
                    entries.push((decode_key(key.into())?, decode_value(value.into())?));
                }
                Ok(entries)
            })
            .await
    }
}

#[async_trait]
impl Progress for SqliteProgress {
    fn shards(&self) -> u32 {
        1
    }

    async fn ownership(&self) -> Result<Ownership, Error> {
        if *self.gained.lock().unwrap_or_else(PoisonError::into_inner) {
            return std::future::pending().await;
        }
        let entries = self.entries().await?;
        *self.gained.lock().unwrap_or_else(PoisonError::into_inner) = true;
        Ok(Ownership::Gained(Shard(0), entries))
    }

    async fn checkpoint(&self, shard: Shard, entries: Vec<Entry>) -> Result<(), Error> {
        if shard != Shard(0) {
            return Err(Error::Fenced);
        }
        let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> =
            entries.iter().map(|(key, value)| (encode_key(key), value.as_ref().map(encode_value))).collect();
        let bytes = rows.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum();
        let write = move |connection: &rusqlite::Connection| {
            let mut keep = connection.prepare_cached("INSERT OR REPLACE INTO progress (key, value) VALUES (?1, ?2)")?;
            let mut drop = connection.prepare_cached("DELETE FROM progress WHERE key = ?1")?;
            for (key, value) in rows {
                match value {
                    Some(value) => keep.execute((key, value))?,
                    None => drop.execute((key,))?,
                };
            }
            Ok(())
        };
        self.writer.submit(bytes, |reply| StatementJob::new(write, reply)).await
    }

    async fn stored(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        if shard == Shard(0) { self.entries().await } else { Ok(Vec::new()) }
    }

    async fn release(&self, _: Shard) -> Result<(), Error> {
        // No other process can own the shard: the files are locked until this process ends.
        Ok(())
    }
}
