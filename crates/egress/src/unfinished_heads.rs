//! The connections on which a part of the head of an answer has arrived: its status, but not its end. Most heads arrive whole,
//! so that this is nearly always empty.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task;

use crate::stream::Exchanges;

/// The exchanges of such connections, by the task of the connection.
#[derive(Debug, Default)]
pub(crate) struct UnfinishedHeads(Mutex<HashMap<task::Id, Arc<Exchanges>>>);

impl UnfinishedHeads {
    /// The exchanges on the connection of this task, if it is here.
    pub fn get(&self, task: task::Id) -> Option<Arc<Exchanges>> {
        self.lock().get(&task).cloned()
    }

    pub fn insert(&self, task: task::Id, exchanges: Arc<Exchanges>) {
        self.lock().insert(task, exchanges);
    }

    pub fn remove(&self, task: task::Id) {
        self.lock().remove(&task);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<task::Id, Arc<Exchanges>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
