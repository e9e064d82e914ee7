//! The index of events: follows every log and tells the journal what went by, so that events can be found.
//!
//! It runs behind publishing, never in its way; after a restart it goes on where the index ends.

use std::{collections::HashSet, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition, registry::Change};
use storage::{
    Control, EventLog, Journal,
    journal::{Entry, EventRow},
    log::{Limit, Stored},
};
use tokio::{sync::broadcast::error::RecvError, task::JoinSet};

/// How much is read at once.
const LIMIT: Limit = Limit { records: 512, bytes: 4 * 1024 * 1024 };

/// How long records may gather before they are indexed together.
const GATHER: Duration = Duration::from_millis(50);

/// How long to wait when storage fails.
const RETRY: Duration = Duration::from_secs(1);

/// What the index is made from.
#[derive(Clone)]
pub struct Index {
    /// Events.
    pub log: Arc<dyn EventLog>,
    /// Where they become findable.
    pub journal: Arc<dyn Journal>,
    /// Which kanalen there are and come.
    pub control: Arc<dyn Control>,
}

impl Index {
    /// Runs for ever: one follower per partition of every kanaal.
    pub async fn run(self) {
        let mut changes = self.control.changes();
        let mut followed = HashSet::new();
        let mut followers = JoinSet::new();
        loop {
            let kanalen: Vec<KanaalName> =
                self.control.registry().read().kanalen().map(|kanaal| kanaal.naam.clone()).collect();
            for naam in kanalen {
                if !followed.contains(&naam) {
                    match self.log.partitions(&naam).await {
                        Ok(partitions) => {
                            for partition in 0..partitions {
                                followers.spawn(self.clone().follow(naam.clone(), Partition(partition)));
                            }
                            followed.insert(naam);
                        }
                        Err(error) => tracing::warn!(%naam, %error, "kanaal is not indexed yet"),
                    }
                }
            }
            loop {
                match changes.recv().await {
                    Ok(Change::Kanaal(_)) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }

    async fn follow(self, kanaal: KanaalName, partition: Partition) {
        let mut end = self.log.watch(&kanaal, partition);
        let mut next = loop {
            match self.journal.indexed(&kanaal, partition).await {
                Ok(mark) => break mark,
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        };
        loop {
            while next < *end.borrow_and_update() {
                match self.step(&kanaal, partition, next).await {
                    Ok(mark) => next = mark,
                    Err(error) => {
                        tracing::warn!(%kanaal, %error, "index waits for storage");
                        tokio::time::sleep(RETRY).await;
                    }
                }
            }
            if end.changed().await.is_err() {
                return;
            }
            tokio::time::sleep(GATHER).await;
        }
    }

    async fn step(&self, kanaal: &KanaalName, partition: Partition, from: Mark) -> Result<Mark, storage::Error> {
        let batch = self.log.read(kanaal, partition, from, LIMIT).await?;
        let rows: Vec<Entry> =
            batch.records.iter().filter_map(|stored| row(kanaal, partition, stored)).map(Entry::Event).collect();
        if !rows.is_empty() {
            self.journal.record(rows);
            // No faster than the journal writes, or it would drop rows.
            self.journal.flush().await?;
        }
        Ok(batch.next)
    }
}

/// The row of a record; `None` for one that holds no event (somebody else wrote it).
fn row(kanaal: &KanaalName, partition: Partition, stored: &Stored) -> Option<EventRow> {
    let record = &stored.record;
    let accepted = translator::record::decode(&record.headers, record.value.as_ref())
        .inspect_err(|error| tracing::warn!(%kanaal, position = stored.position.0, %error, "record is not indexed"))
        .ok()?;
    let event = &accepted.event;
    Some(EventRow {
        kanaal: kanaal.clone(),
        partition,
        position: stored.position,
        id: event.id().to_owned(),
        source: event.source().to_owned(),
        kind: event.kind().to_owned(),
        subject: event.subject().map(str::to_owned),
        appended: stored.appended,
    })
}
