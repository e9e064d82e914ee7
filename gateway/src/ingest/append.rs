//! The port of publishing: somewhere to append records durably.

use std::{future::Future, sync::Arc};

use model::KanaalName;
use storage::{EventLog, log::Record};

/// Somewhere to append records.
pub trait Append: Send + Sync {
    /// Appends all records or none; when it returns `Ok` they are durable.
    fn append(&self, records: Vec<(KanaalName, Record)>) -> impl Future<Output = Result<(), storage::Error>> + Send;
}

impl Append for Arc<dyn EventLog> {
    async fn append(&self, records: Vec<(KanaalName, Record)>) -> Result<(), storage::Error> {
        EventLog::append(self.as_ref(), records).await
    }
}
