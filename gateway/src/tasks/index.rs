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
const LIMIT: Limit = Limit { records: 2_048, bytes: 4 * 1024 * 1024 };

/// How long it rests between two reads: publishing comes first, and records gather meanwhile.
const REST: Duration = Duration::from_millis(100);

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
                    Ok(mark) => {
                        next = mark;
                        tokio::time::sleep(REST).await;
                    }
                    Err(error) => {
                        tracing::warn!(%kanaal, %error, "index waits for storage");
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

#[cfg(test)]
mod tests {
    use model::{
        AttributeName, Event, Kanaal, Timestamp, Value,
        clock::ManualClock,
        decide::Command,
        event::{AcceptedEvent, Born},
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
            born: Born::CloudEvent,
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
            index.control.submit(Command::CreateKanaal(kanaal)).await.unwrap().unwrap();
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
            let patience = Duration::from_secs(20);
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
