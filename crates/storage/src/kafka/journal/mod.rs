//! Journal on the topics `outcomes` and `dead-letters`, searchable through an index on those nodes that keep one.
//!
//! What happened goes to `outcomes` behind a bounded queue; a dead letter is on `dead-letters` (compacted, by its id)
//! before burying returns. An index is the embedded journal in a directory of its own: it follows both topics, can be
//! thrown away at any time, and takes events from whoever reads the logs on the same node.

mod indexer;
mod scan;
mod sender;

use std::{sync::Arc, thread::JoinHandle, time::Duration};

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, Timestamp};
use rdkafka::Offset;
use tokio::runtime::Handle;
use uuid::Uuid;

use self::{
    indexer::{Applied, Indexer},
    sender::Sender,
};
use super::{
    Options,
    admin::{Admin, Kind},
    cursor::Cursors,
    failure,
    produce::Produce,
    topics::Topics,
    writer::Outgoing,
};
use crate::{
    Error, Journal,
    journal::{DeadLetter, DeadLetterQuery, DeliveryQuery, DeliveryRow, Entry, EventQuery, EventRow, Page},
    queue::Queue,
    sqlite::SqliteJournal,
    stored,
};

/// How long outcomes are kept when nobody trims them sooner.
const OUTCOMES: Duration = Duration::from_hours(24 * 90);
/// Most dead letters that one call trims.
const MAX_PAGE: usize = 1_000;

/// What the journal consists of, with what each topic is for.
pub(super) const TOPICS: [(&str, Kind); 2] = [("outcomes", Kind::History(OUTCOMES)), ("dead-letters", Kind::State)];

/// The topics of the journal; each has one partition, since whoever reads them reads all.
#[derive(Debug, Clone)]
struct Places {
    outcomes: String,
    dead_letters: String,
}

/// The index of this node and the thread that feeds it.
#[derive(Debug)]
struct Index {
    journal: Arc<SqliteJournal>,
    applied: Arc<Applied>,
}

/// The port Journal on Kafka.
#[derive(Debug)]
pub struct KafkaJournal {
    places: Places,
    admin: Arc<Admin>,
    produce: Arc<Produce>,
    queue: Arc<Queue<Vec<u8>>>,
    index: Option<Index>,
    cursors: Arc<Cursors>,
    deadline: Duration,
    threads: Vec<JoinHandle<()>>,
}

impl KafkaJournal {
    /// Makes the topics when they are missing, and starts to follow them when this node keeps an index.
    pub(in crate::kafka) async fn open(
        options: Arc<Options>,
        topics: &Topics,
        admin: Arc<Admin>,
    ) -> Result<Self, Error> {
        let places = Places { outcomes: topics.own("outcomes"), dead_letters: topics.own("dead-letters") };
        for (matter, kind) in TOPICS {
            admin.ensure(&topics.own(matter), kind, 1).await?;
        }
        let mut journal = Self {
            places,
            admin,
            produce: Arc::new(Produce::new(Arc::clone(&options))?),
            queue: Arc::new(Queue::new(options.journal_entries)),
            index: None,
            cursors: Arc::new(Cursors::new(Arc::clone(&options))),
            deadline: options.deadline,
            threads: Vec::new(),
        };
        if let Some(directory) = &options.index {
            let (index, indexer) = Indexer::open(&options, directory, &journal.places, Handle::current())?;
            journal.index = Some(index);
            journal.spawn("kafka-index", move || indexer.run())?;
        }
        let (queue, produce) = (Arc::clone(&journal.queue), Arc::clone(&journal.produce));
        let sender = Sender::new(queue, produce, journal.places.outcomes.clone(), Handle::current());
        journal.spawn("kafka-journal", move || sender.run())?;
        Ok(journal)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work);
        self.threads.push(thread.map_err(|error| failure::away(format!("no thread: {error}")))?);
        Ok(())
    }

    /// How many entries were dropped because too many waited, since the start.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    fn index(&self) -> Result<&SqliteJournal, Error> {
        let none = || failure::away("this node keeps no index of the journal; ask one with the role beheer");
        self.index.as_ref().map(|index| &*index.journal).ok_or_else(none)
    }

    async fn scan(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Error> {
        scan::letters(Arc::clone(&self.cursors), self.places.dead_letters.clone(), query).await
    }

    /// Writes dead letters, or ends them; waits until the index of this node shows it.
    async fn write_letters(&self, letters: Vec<(Uuid, Option<Vec<u8>>)>) -> Result<(), Error> {
        let topic: Arc<str> = self.places.dead_letters.as_str().into();
        let record = |(id, body): (Uuid, Option<Vec<u8>>)| {
            let (key, value) = (id.as_bytes().to_vec().into(), body.map(Into::into));
            (Arc::clone(&topic), Outgoing { partition: Some(0), key, value, ..Outgoing::default() })
        };
        let places = self.produce.append(letters.into_iter().map(record).collect()).await?;
        let until = places.into_iter().map(|(_, offset)| offset).max().unwrap_or_default();
        match &self.index {
            Some(index) => index.applied.dead_letters_to(until, self.deadline).await,
            None => Ok(()),
        }
    }
}

impl Drop for KafkaJournal {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(index) = &self.index {
            index.applied.stop();
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the journal panicked");
            }
        }
    }
}

#[async_trait]
impl Journal for KafkaJournal {
    fn record(&self, entries: Vec<Entry>) {
        let mut events = Vec::new();
        let mut forms = Vec::with_capacity(entries.len());
        for entry in entries {
            match stored::journal::encode_entry(&entry) {
                Some(form) => forms.push(form),
                None => events.push(entry),
            }
        }
        self.queue.push(forms.into_iter().map(|form| (form.len(), form)));
        if let Some(index) = &self.index
            && !events.is_empty()
        {
            index.journal.record(events);
        }
    }

    async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), Error> {
        let forms = letters.iter().map(|letter| (letter.id, Some(stored::journal::encode_letter(letter)))).collect();
        self.write_letters(forms).await
    }

    async fn flush(&self) -> Result<(), Error> {
        let until = self.queue.flush().await?;
        if let Some(index) = &self.index {
            index.applied.outcomes_to(until, self.deadline).await?;
            index.journal.flush().await?;
        }
        Ok(())
    }

    async fn indexed(&self, kanaal: &KanaalName, partition: Partition) -> Result<Mark, Error> {
        self.index()?.indexed(kanaal, partition).await
    }

    async fn events(&self, query: EventQuery, page: Page) -> Result<Vec<EventRow>, Error> {
        self.index()?.events(query, page).await
    }

    async fn deliveries(&self, query: DeliveryQuery, page: Page) -> Result<Vec<DeliveryRow>, Error> {
        self.index()?.deliveries(query, page).await
    }

    async fn dead_letters(&self, query: DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error> {
        match &self.index {
            Some(index) => index.journal.dead_letters(query, page).await,
            None => Ok(scan::page(self.scan(query).await?, page)),
        }
    }

    async fn count_dead_letters(&self, query: DeadLetterQuery) -> Result<u64, Error> {
        match &self.index {
            Some(index) => index.journal.count_dead_letters(query).await,
            None => Ok(self.scan(query).await?.len() as u64),
        }
    }

    /// A node without an index does not know which of them there are, and counts them all.
    async fn remove_dead_letters(&self, ids: Vec<Uuid>) -> Result<u64, Error> {
        let removed = match &self.index {
            _ if ids.is_empty() => return Ok(0),
            Some(index) => {
                let query = DeadLetterQuery { ids: ids.clone(), ..DeadLetterQuery::default() };
                index.journal.count_dead_letters(query).await?
            }
            None => ids.len() as u64,
        };
        self.write_letters(ids.into_iter().map(|id| (id, None)).collect()).await?;
        Ok(removed)
    }

    /// Dead letters and outcomes go from the topics as well, for every node; the other rows are those of this node's
    /// index.
    async fn trim(&self, before: Timestamp, max: usize) -> Result<usize, Error> {
        let index = self.index()?;
        let query = DeadLetterQuery { until: Some(before), ..DeadLetterQuery::default() };
        let page = Page { offset: 0, limit: max.clamp(1, MAX_PAGE) as u32 };
        let old = index.dead_letters(query, page).await?;
        let buried =
            self.remove_dead_letters(old.into_iter().map(|letter| letter.id).take(max).collect()).await? as usize;
        let left = max - buried.min(max);
        if left == 0 || buried == MAX_PAGE {
            return Ok(buried);
        }
        let removed = buried + index.trim(before, left).await?;
        if removed < max {
            let outcomes = (self.places.outcomes.clone(), Partition(0));
            let moment = Offset::Offset(before.as_millis().max(0));
            let since = self.admin.offsets(vec![outcomes.clone()], moment).await?;
            if let Some(offset) = since[0].filter(|offset| *offset > 0) {
                self.admin.delete_before(&outcomes, offset).await?;
            }
        }
        Ok(removed)
    }
}
