//! The index of events: reads every log and records its events in the journal, so that they can be found by id and
//! attributes.
//!
//! It runs asynchronously and never delays publishing; after a restart it continues where the index ends.

use std::{collections::HashMap, sync::Arc, time::Duration};

use event_reader::StoredEvent;
use model::{KanaalName, Mark, Partition, registry::Change};
use storage::{
    Control, EventLog, Journal,
    journal::{Entry, EventRow},
    log::{Limit, Stored},
};
use tokio::{sync::broadcast::error::RecvError, task::JoinSet};

/// Bounds of one read.
const LIMIT: Limit = Limit { records: 2_048, bytes: 4 * 1024 * 1024 };

/// The pause between two reads, so that publishing has priority and records are read in batches.
const READ_INTERVAL: Duration = Duration::from_millis(100);

/// How long to wait when storage fails.
const RETRY: Duration = Duration::from_secs(1);

/// Follows logs and records their events in the journal.
#[derive(Clone)]
pub struct Index {
    /// The logs of all kanalen.
    pub log: Arc<dyn EventLog>,
    /// Stores the rows of events.
    pub journal: Arc<dyn Journal>,
    /// Gives the kanalen and their changes.
    pub control: Arc<dyn Control>,
}

impl Index {
    /// Runs until control closes: one follower per partition of every kanaal.
    pub async fn run(self) {
        let mut changes = self.control.changes();
        let mut extensions = self.log.extensions();
        let mut followed = HashMap::new();
        let mut followers = JoinSet::new();
        loop {
            self.follow_new(&mut followed, &mut followers).await;
            loop {
                tokio::select! {
                    change = changes.recv() => match change {
                        Ok(Change::Kanaal(_)) | Err(RecvError::Lagged(_)) => break,
                        Ok(_) => {}
                        Err(RecvError::Closed) => return,
                    },
                    Ok(()) = extensions.changed() => break,
                }
            }
        }
    }

    /// Starts followers for partitions that have none; `followed` has the number of those that have one, by kanaal.
    async fn follow_new(&self, followed: &mut HashMap<KanaalName, u32>, followers: &mut JoinSet<()>) {
        let kanalen: Vec<KanaalName> =
            self.control.registry().read().kanalen().map(|kanaal| kanaal.naam.clone()).collect();
        for naam in kanalen {
            match self.log.partitions(&naam).await {
                Ok(partitions) => {
                    let number = followed.entry(naam.clone()).or_default();
                    for partition in *number..partitions {
                        followers.spawn(self.clone().follow(naam.clone(), Partition(partition)));
                    }
                    *number = partitions.max(*number);
                }
                Err(error) => tracing::warn!(%naam, %error, "kanaal is not indexed yet"),
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
                    Ok(mark) => {
                        next = mark;
                        tokio::time::sleep(READ_INTERVAL).await;
                    }
                    Err(error) => {
                        tracing::warn!(%kanaal, %error, "the index retries a storage error");
                        tokio::time::sleep(RETRY).await;
                    }
                }
            }
            if end.changed().await.is_err() {
                return;
            }
        }
    }

    async fn step(&self, kanaal: &KanaalName, partition: Partition, from: Mark) -> Result<Mark, storage::Error> {
        let batch = self.log.read(kanaal, partition, from, LIMIT).await?;
        let rows: Vec<Entry> =
            batch.records.into_iter().filter_map(|stored| row(kanaal, partition, stored)).map(Entry::Event).collect();
        if !rows.is_empty() {
            self.journal.record(rows);
            // No faster than the journal writes, or it would drop rows.
            self.journal.flush().await?;
        }
        Ok(batch.next)
    }
}

/// The row of a record; `None` for a record of another program that holds no event.
fn row(kanaal: &KanaalName, partition: Partition, stored: Stored) -> Option<EventRow> {
    let position = stored.position.0;
    let event = StoredEvent::decode(kanaal.clone(), partition, stored)
        .inspect_err(|error| tracing::warn!(%kanaal, position, error = %error.reason, "record is not indexed"))
        .ok()?;
    let (id, source, kind, subject) = {
        let event = &event.accepted.event;
        (event.id().to_owned(), event.source().to_owned(), event.kind().to_owned(), event.subject().map(str::to_owned))
    };
    let (position, appended) = (event.position, event.appended);
    Some(EventRow { kanaal: event.kanaal, partition, position, id, source, kind, subject, appended })
}

#[cfg(test)]
mod tests {
    use model::{
        AttributeName, Event, Kanaal, Timestamp, Value,
        clock::ManualClock,
        decide::Command,
        event::{AcceptedEvent, PublishedAs},
    };
    use storage::{
        journal::{EventQuery, Page},
        log::Record,
        sqlite::{Embedded, Options},
    };
    use uuid::Uuid;

    use super::*;

    fn record(id: &str) -> Record {
        let attributes = [("id", id), ("source", "s"), ("type", "t")]
            .map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
        let event = Event::new(attributes.into(), None).unwrap();
        let parts = translator::record::encode(&AcceptedEvent {
            event,
            published_as: PublishedAs::CloudEvent,
            received: None,
            publisher: None,
        });
        Record { key: parts.key, headers: parts.headers, value: parts.value }
    }

    #[tokio::test]
    async fn events_of_old_and_new_kanalen_become_findable_and_are_indexed_once() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let storage = Embedded::open(dir.path(), Options::new(clock)).unwrap();
        let index = Index { log: storage.log, journal: storage.journal, control: storage.control };
        let make = async |naam: &str| {
            let naam = KanaalName::new(naam).unwrap();
            let kanaal = Kanaal::new(Uuid::nil(), naam.clone(), Timestamp::default());
            index.control.submit(&model::Actor::gateway(), Command::CreateKanaal(kanaal)).await.unwrap().unwrap();
            index.log.append(vec![(naam.clone(), record(naam.as_str())), (naam, Record::default())]).await.unwrap();
        };
        let found = async || {
            let page = Page { offset: 0, limit: 100 };
            let rows = index.journal.events(EventQuery::default(), page).await.unwrap();
            let mut ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
            ids.sort();
            ids
        };
        make("a").await;
        for _ in 0..2 {
            // Twice, as after a restart.
            let task = tokio::spawn(index.clone().run());
            if found().await.len() < 2 {
                make("b").await;
            }
            let patience = Duration::from_mins(2);
            let waited = tokio::time::timeout(patience, async {
                while found().await.len() < 2 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
            waited.await.expect("both are indexed");
            assert_eq!(found().await, ["a", "b"], "a record without an event is passed over");
            task.abort();
        }
    }
}
