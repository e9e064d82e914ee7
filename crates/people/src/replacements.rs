//! Publishes the events that replace one that waits for its moment (CH-98). The decision and the sealed record of the other event are one
//! write; the record is in the store until it is on the log.
//!
//! A process that ends in between publishes it after its next start, perhaps twice: mailings and the inbox know an event by its source
//! and id. Not here: the decision (`administration::replace`).

use std::{sync::Arc, time::Duration};

use model::sealed::Sealed;
use storage::{EventLog, Mailings, log::Record, mailings::StoredReplacement};
use tokio::sync::{Mutex, Notify};

use crate::{Error, Keys};

/// The wait before storage is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// The longest wait of a request for its event to be on the log.
const WAIT: Duration = Duration::from_secs(2);
/// The wait before it is looked again when nothing is known to be left.
const LOOK: Duration = Duration::from_secs(5);

/// What is decided and not published yet.
pub struct Replacements {
    mailings: Arc<dyn Mailings>,
    log: Arc<dyn EventLog>,
    keys: Arc<Keys>,
    /// One publishes at a time, so that none is published twice.
    turn: Mutex<()>,
    failed: Notify,
}

impl Replacements {
    /// Those of this store.
    pub fn new(mailings: Arc<dyn Mailings>, log: Arc<dyn EventLog>, keys: Arc<Keys>) -> Self {
        Self { mailings, log, keys, turn: Mutex::default(), failed: Notify::new() }
    }

    /// Publishes what a process that ended left behind, and what could not be published at its decision. It never returns.
    pub async fn run(self: Arc<Self>) {
        loop {
            match self.publish_all().await {
                // A decision that was not confirmed in time may be stored later.
                Ok(()) => drop(tokio::time::timeout(LOOK, self.failed.notified()).await),
                Err(error) => {
                    tracing::warn!(%error, "an event that replaces another is not published yet; this is retried");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Publishes all, and waits at most two seconds for that. What fails is tried again by [`Replacements::run`].
    pub(crate) async fn publish(self: &Arc<Self>) {
        let own = Arc::clone(self);
        let published = tokio::spawn(async move {
            if let Err(error) = own.publish_all().await {
                tracing::warn!(%error, "an event that replaces another is not published yet; this is retried");
                own.failed.notify_one();
            }
        });
        drop(tokio::time::timeout(WAIT, published).await);
    }

    /// Seals a record.
    pub(crate) fn seal(&self, record: &Record) -> Result<Sealed, Error> {
        Ok(self.keys.seal_record(&record.to_bytes())?)
    }

    /// Publishes all that can be, and returns the first error.
    async fn publish_all(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        let (mut after, mut first) = (None, Ok(()));
        while let Some(one) = self.mailings.next_replacement(after).await? {
            after = Some(one.number);
            first = first.and(self.publish_one(one).await);
        }
        first
    }

    async fn publish_one(&self, StoredReplacement { number, kanaal, record }: StoredReplacement) -> Result<(), Error> {
        let record = Record::from_bytes(self.keys.open_record(&record)?.into())?;
        self.log.append(vec![(kanaal, record)]).await?;
        Ok(self.mailings.replacement_published(number).await?)
    }
}
