//! Progress on one table of `gateway.sqlite`: one shard, owned for as long as the process lives.
//!
//! Keys and values are compact binary forms with a version up front (`codec`).

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use model::{Mark, Partition, Position, SubscriptionId, outcome::DeliveryKey, run::RunId};

use super::{readers::Readers, statement_job::StatementJob, writer::Writer};
use crate::{
    Error, Progress,
    codec::{Decoder, Encoder},
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

    async fn release(&self, _: Shard) -> Result<(), Error> {
        // Nobody else can take it: the files are locked until this process ends.
        Ok(())
    }
}

fn encode_key(key: &Key) -> Vec<u8> {
    let mut encoder = Encoder::new(64);
    match key {
        Key::Reader(kanaal, partition) => {
            encoder.byte(0).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
        }
        Key::Subscription(id, kanaal, partition) => {
            encoder.byte(1).raw(id.0.as_bytes()).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
        }
        Key::Unsettled(delivery) => {
            encoder
                .byte(2)
                .raw(delivery.subscription.0.as_bytes())
                .bytes(delivery.kanaal.as_str().as_bytes())
                .number(delivery.partition.0.into())
                .number(delivery.position.0)
                .optional(delivery.run, |encoder, run| encoder.raw(run.0.as_bytes()));
        }
        Key::Sink(url) => {
            encoder.byte(3).bytes(url.as_bytes());
        }
        Key::Run(id, kanaal, partition) => {
            encoder.byte(4).raw(id.0.as_bytes()).bytes(kanaal.as_str().as_bytes()).number(partition.0.into());
        }
    }
    encoder.finish()
}

fn decode_key(bytes: Bytes) -> Result<Key, Error> {
    let mut from = Decoder::new("progress key", bytes)?;
    let key = match from.byte()? {
        0 => Key::Reader(from.kanaal()?, Partition(from.small()?)),
        1 => Key::Subscription(SubscriptionId(from.uuid()?), from.kanaal()?, Partition(from.small()?)),
        2 => Key::Unsettled(DeliveryKey {
            subscription: SubscriptionId(from.uuid()?),
            kanaal: from.kanaal()?,
            partition: Partition(from.small()?),
            position: Position(from.number()?),
            run: from.optional(|from| from.uuid().map(RunId))?,
        }),
        3 => Key::Sink(from.text()?),
        4 => Key::Run(RunId(from.uuid()?), from.kanaal()?, Partition(from.small()?)),
        _ => return Err(from.corrupt("it is about something unknown")),
    };
    from.end()?;
    Ok(key)
}

fn encode_value(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(32);
    match value {
        Value::At(mark) => {
            encoder.byte(0).number(mark.0);
        }
        Value::Level => {
            encoder.byte(1);
        }
        Value::Unsettled { attempts, not_before } => {
            encoder.byte(2).number((*attempts).into()).moment(*not_before);
        }
        Value::Sink { not_before, outage_since, next_allowed } => {
            encoder.byte(3);
            for moment in [not_before, outage_since, next_allowed] {
                encoder.optional(*moment, |encoder, moment| encoder.moment(moment));
            }
        }
    }
    encoder.finish()
}

fn decode_value(bytes: Bytes) -> Result<Value, Error> {
    let mut from = Decoder::new("progress value", bytes)?;
    let value = match from.byte()? {
        0 => Value::At(Mark(from.number()?)),
        1 => Value::Level,
        2 => Value::Unsettled { attempts: from.small()?, not_before: from.moment()? },
        3 => Value::Sink {
            not_before: from.optional(Decoder::moment)?,
            outage_since: from.optional(Decoder::moment)?,
            next_allowed: from.optional(Decoder::moment)?,
        },
        _ => return Err(from.corrupt("it says something unknown")),
    };
    from.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::progress::entries;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    fn bytes(hex: &str) -> Bytes {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    /// The samples were written by the first version and stay as they are.
    #[test]
    fn version_1_is_read_and_written() {
        let samples = include_str!("../../tests/stored/v1/progress.json");
        let samples: Vec<(String, String)> = serde_json::from_str(samples).unwrap();
        let written: Vec<(String, String)> =
            entries().iter().map(|(key, value)| (hex(&encode_key(key)), hex(&encode_value(value)))).collect();
        assert_eq!(written, samples);
        let read =
            samples.iter().map(|(key, value)| (decode_key(bytes(key)).unwrap(), decode_value(bytes(value)).unwrap()));
        assert_eq!(read.collect::<Vec<_>>(), entries());
    }
}
