//! Reads the checkpoints of shards that other nodes own. Each read continues where the previous one of that shard
//! ended.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::Shared;
use crate::{
    Error,
    encoding::progress::{decode_key, decode_value},
    kafka::failure,
    progress::{Key, Shard, Value},
};

/// The entries of a shard up to an offset.
#[derive(Default)]
struct ShardSnapshot {
    next: u64,
    entries: HashMap<Key, Value>,
}

/// Snapshots of the shards that were read, by shard.
pub(super) struct CheckpointReader {
    shared: Arc<Shared>,
    snapshots: Mutex<HashMap<Shard, Arc<Mutex<ShardSnapshot>>>>,
}

impl CheckpointReader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, snapshots: Mutex::default() }
    }

    /// All entries of a shard that are committed now.
    pub(super) async fn read(self: &Arc<Self>, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        let reader = Arc::clone(self);
        tokio::task::spawn_blocking(move || reader.read_blocking(shard)).await.map_err(failure::join)?
    }

    fn read_blocking(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        let snapshot = {
            let mut snapshots = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(snapshots.entry(shard).or_default())
        };
        // Concurrent reads of one shard take turns; the later one has little left to read.
        let mut snapshot = snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        let ShardSnapshot { next, entries } = &mut *snapshot;
        let end = self.shared.pool.read_to_end(&self.shared.topic, shard.0 as i32, *next, |stored| {
            let key = decode_key(stored.record.key)?;
            match stored.record.value {
                Some(value) => entries.insert(key, decode_value(value)?),
                None => entries.remove(&key),
            };
            Ok(())
        })?;
        *next = end;
        Ok(entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}
