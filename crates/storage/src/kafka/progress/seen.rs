//! What checkpoints of any shard hold, for nodes that do not own it: read on from where the last look ended.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::Shared;
use crate::{
    Error,
    kafka::failure,
    progress::{Key, Shard, Value},
    stored::progress::{decode_key, decode_value},
};

/// The entries of a shard up to an offset.
#[derive(Default)]
struct Sight {
    next: u64,
    entries: HashMap<Key, Value>,
}

/// Shards that were looked at, each as it stood then.
pub(super) struct Seen {
    shared: Arc<Shared>,
    sights: Mutex<HashMap<Shard, Arc<Mutex<Sight>>>>,
}

impl Seen {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, sights: Mutex::default() }
    }

    /// Everything that is committed of a shard now.
    pub(super) async fn read(self: &Arc<Self>, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        let seen = Arc::clone(self);
        tokio::task::spawn_blocking(move || seen.read_now(shard)).await.map_err(failure::task)?
    }

    fn read_now(&self, shard: Shard) -> Result<Vec<(Key, Value)>, Error> {
        let sight = {
            let mut sights = self.sights.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sights.entry(shard).or_default())
        };
        // Looks at one shard take turns: the later one has little left to read.
        let mut sight = sight.lock().unwrap_or_else(PoisonError::into_inner);
        let Sight { next, entries } = &mut *sight;
        let end = self.shared.cursors.fold(&self.shared.topic, shard.0 as i32, *next, |stored| {
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
