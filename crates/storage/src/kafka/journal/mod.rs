//! Journal on the topics `outcomes` and `dead-letters`, searchable through an index on the nodes that keep one.
//!
//! Entries reach `outcomes` through a bounded queue. A dead letter is on `dead-letters` (compacted, keyed by its id)
//! before `store_dead_letters` returns. An index is an embedded journal in a directory of its own: it follows both
//! topics, can be deleted at any time, and receives events from the reader of the logs on the same node.

mod indexer;
mod outcome_writer;
mod topic_scan;

use std::{sync::Arc, thread::JoinHandle, time::Duration};

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp, outcome::DeliveryKey};
use rdkafka::Offset;
use tokio::runtime::Handle;
use uuid::Uuid;

use self::{
    indexer::{IndexProgress, Indexer},
    outcome_writer::OutcomeWriter,
};
use super::{
    Kafka,
    admin::{Admin, Kind},
    consumer_pool::ConsumerPool,
    failure,
    idempotent_producer::IdempotentProducer,
    monitor::{Monitor, Notice, Phase},
    reporting_producer::ProducerRecord,
};
use crate::{
    Error, Journal, encoding,
    journal::{
        DeadLetter, DeadLetterGroups, DeadLetterQuery, DeadLetterSum, DeliveryCounts, DeliveryQuery, DeliveryRow,
        Entry, EventQuery, EventRow, Page, RecentTypes, RecordOutcome, RecordPlace, RunQuery, RunRow,
    },
    queue::Queue,
    sqlite::SqliteJournal,
};

/// Retention of outcomes; a trim may remove them earlier.
const OUTCOME_RETENTION: Duration = Duration::from_hours(24 * 90);
/// Most dead letters that one call trims.
const MAX_PAGE: usize = 1_000;

/// The topics of the journal, without prefix.
pub(super) const TOPICS: [(&str, Kind); 2] =
    [("outcomes", Kind::History(OUTCOME_RETENTION)), ("dead-letters", Kind::State)];

/// The names of the topics. Each has one partition, since every reader reads all of it.
#[derive(Debug, Clone)]
struct TopicNames {
    outcomes: String,
    dead_letters: String,
}

/// The index of this node and the progress of the thread that fills it.
#[derive(Debug)]
struct Index {
    journal: Arc<SqliteJournal>,
    progress: Arc<IndexProgress>,
}

/// The port Journal on Kafka.
#[derive(Debug)]
pub struct KafkaJournal {
    names: TopicNames,
    admin: Arc<Admin>,
    producer: Arc<IdempotentProducer>,
    queue: Arc<Queue<Vec<u8>>>,
    index: Option<Index>,
    pool: Arc<ConsumerPool>,
    deadline: Duration,
    threads: Vec<JoinHandle<()>>,
    /// Keeps the monitor running.
    _monitor: Arc<Monitor>,
}

impl KafkaJournal {
    /// Creates missing topics, and follows them if this node keeps an index.
    pub(in crate::kafka) async fn open(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, monitor, .. } = kafka.clone();
        let names = TopicNames { outcomes: topics.internal("outcomes"), dead_letters: topics.internal("dead-letters") };
        for (name, kind) in TOPICS {
            admin.ensure(&topics.internal(name), kind, 1).await?;
        }
        let mut journal = Self {
            names,
            admin,
            producer: Arc::new(IdempotentProducer::new(Arc::clone(&options))?),
            queue: Arc::new(Queue::new(options.journal_entries)),
            index: None,
            pool: Arc::new(ConsumerPool::new(Arc::clone(&options))),
            deadline: options.deadline,
            threads: Vec::new(),
            _monitor: Arc::clone(&monitor),
        };
        if let Some(directory) = &options.index {
            let (index, indexer) = Indexer::open(&options, directory, &journal.names, Handle::current())?;
            journal.index = Some(index);
            journal.spawn("kafka-index", move || indexer.run())?;
        }
        let (queue, producer) = (Arc::clone(&journal.queue), Arc::clone(&journal.producer));
        let writer = OutcomeWriter::new(queue, producer, journal.names.outcomes.clone(), Handle::current());
        journal.spawn("kafka-journal", move || writer.run())?;
        let (producer, names) = (Arc::downgrade(&journal.producer), journal.names.clone());
        let applied = journal.index.as_ref().map(|index| Arc::clone(&index.progress));
        monitor.listen(Phase::Owners, move |notice| {
            let Notice::Remade(topic) = notice else { return };
            if *topic != names.outcomes && *topic != names.dead_letters {
                return;
            }
            producer.upgrade().into_iter().for_each(|producer| producer.renew());
            if let Some(applied) = &applied {
                applied.begin_anew(*topic == names.outcomes);
            }
        });
        monitor.start();
        Ok(journal)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work);
        self.threads.push(thread.map_err(|error| failure::unavailable(format!("no thread: {error}")))?);
        Ok(())
    }

    /// The number of entries dropped since the start because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    fn index(&self) -> Result<&SqliteJournal, Error> {
        let none = || {
            failure::unavailable(
                "this node keeps no index of the journal; send the request to one with the role beheer",
            )
        };
        self.index.as_ref().map(|index| &*index.journal).ok_or_else(none)
    }

    async fn scan(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetter>, Error> {
        topic_scan::dead_letters(Arc::clone(&self.pool), self.names.dead_letters.clone(), query).await
    }

    /// Writes dead letters, or tombstones for `None`, and waits until the index of this node has applied them.
    async fn write_dead_letters(&self, letters: Vec<(Uuid, Option<Vec<u8>>)>) -> Result<(), Error> {
        let topic: Arc<str> = self.names.dead_letters.as_str().into();
        let record = |(id, body): (Uuid, Option<Vec<u8>>)| {
            let (key, value) = (id.as_bytes().to_vec().into(), body.map(Into::into));
            (Arc::clone(&topic), ProducerRecord { partition: Some(0), key, value, ..ProducerRecord::default() })
        };
        let appended = self.producer.append(letters.into_iter().map(record).collect()).await?;
        let until = appended.into_iter().map(|(_, offset)| offset).max().unwrap_or_default();
        match &self.index {
            Some(index) => index.progress.dead_letters_to(until, self.deadline).await,
            None => Ok(()),
        }
    }
}

impl Drop for KafkaJournal {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(index) = &self.index {
            index.progress.stop();
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
            match encoding::journal::encode_entry(&entry) {
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

    async fn store_dead_letters(&self, letters: Vec<DeadLetter>) -> Result<(), Error> {
        let forms =
            letters.iter().map(|letter| (letter.id, Some(encoding::journal::encode_dead_letter(letter)))).collect();
        self.write_dead_letters(forms).await
    }

    async fn flush(&self) -> Result<(), Error> {
        let until = self.queue.flush().await?;
        if let Some(index) = &self.index {
            index.progress.outcomes_to(until, self.deadline).await?;
            index.journal.flush().await?;
        }
        Ok(())
    }

    /// Waits for the brokers, not for the index: it follows the topic.
    async fn make_durable(&self) -> Result<(), Error> {
        self.queue.flush().await.map(drop)
    }

    fn lost(&self) -> u64 {
        self.queue.dropped() + self.index.as_ref().map_or(0, |index| index.journal.lost())
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

    async fn runs(&self, query: RunQuery, page: Page) -> Result<Vec<RunRow>, Error> {
        self.index()?.runs(query, page).await
    }

    async fn count_deliveries(&self, until: Timestamp, max: usize) -> Result<bool, Error> {
        self.index()?.count_deliveries(until, max).await
    }

    async fn delivery_counts(&self, subscription: SubscriptionId, from: Timestamp) -> Result<DeliveryCounts, Error> {
        self.index()?.delivery_counts(subscription, from).await
    }

    async fn recent_types(
        &self,
        subscription: SubscriptionId,
        from: Timestamp,
        newest: u32,
    ) -> Result<RecentTypes, Error> {
        self.index()?.recent_types(subscription, from, newest).await
    }

    async fn last_delivered(&self, subscriptions: Vec<SubscriptionId>) -> Result<Vec<Option<Timestamp>>, Error> {
        self.index()?.last_delivered(subscriptions).await
    }

    async fn dead_letters(&self, query: DeadLetterQuery, page: Page) -> Result<Vec<DeadLetter>, Error> {
        match &self.index {
            Some(index) => index.journal.dead_letters(query, page).await,
            None => Ok(topic_scan::page(self.scan(query).await?, page)),
        }
    }

    async fn dead_letter_deliveries(
        &self,
        query: DeadLetterQuery,
        after: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Vec<DeliveryKey>, Error> {
        match &self.index {
            Some(index) => index.journal.dead_letter_deliveries(query, after, limit).await,
            None => Ok(topic_scan::deliveries(self.scan(query).await?, after.as_ref(), limit)),
        }
    }

    async fn count_dead_letters(&self, query: DeadLetterQuery) -> Result<u64, Error> {
        match &self.index {
            Some(index) => index.journal.count_dead_letters(query).await,
            None => Ok(self.scan(query).await?.len() as u64),
        }
    }

    async fn dead_letter_groups(&self, query: DeadLetterQuery) -> Result<DeadLetterGroups, Error> {
        match &self.index {
            Some(index) => index.journal.dead_letter_groups(query).await,
            None => Ok(topic_scan::groups(self.scan(query).await?)),
        }
    }

    fn read_steps(&self) -> u64 {
        self.index.as_ref().map_or(0, |index| index.journal.read_steps())
    }

    async fn sum_dead_letters(&self, query: DeadLetterQuery) -> Result<Vec<DeadLetterSum>, Error> {
        match &self.index {
            Some(index) => index.journal.sum_dead_letters(query).await,
            None => Ok(topic_scan::sum(self.scan(query).await?)),
        }
    }

    async fn outcomes_of(&self, records: Vec<RecordPlace>) -> Result<Vec<Vec<RecordOutcome>>, Error> {
        self.index()?.outcomes_of(records).await
    }

    /// Without an index it is not known which of them exist, so all are counted.
    async fn remove_dead_letters(&self, ids: Vec<Uuid>) -> Result<u64, Error> {
        let removed = match &self.index {
            _ if ids.is_empty() => return Ok(0),
            Some(index) => {
                let query = DeadLetterQuery { ids: ids.clone(), ..DeadLetterQuery::default() };
                index.journal.count_dead_letters(query).await?
            }
            None => ids.len() as u64,
        };
        self.write_dead_letters(ids.into_iter().map(|id| (id, None)).collect()).await?;
        Ok(removed)
    }

    /// Without an index the whole topic is read once for all of them.
    async fn remove_redriven(&self, deliveries: Vec<DeliveryKey>) -> Result<u64, Error> {
        let ids = if let Some(index) = &self.index {
            index.journal.redriven(deliveries).await?
        } else {
            let topic = self.names.dead_letters.clone();
            topic_scan::redriven(Arc::clone(&self.pool), topic, deliveries).await?
        };
        if ids.is_empty() {
            return Ok(0);
        }
        let removed = ids.len() as u64;
        self.write_dead_letters(ids.into_iter().map(|id| (id, None)).collect()).await?;
        Ok(removed)
    }

    /// Dead letters are removed from their topic, for all nodes; other rows only from this node's index.
    async fn purge(&self, kanaal: &KanaalName, ends: &[(Partition, Mark)]) -> Result<(), Error> {
        for (partition, end) in ends.iter().copied() {
            if let Some(index) = &self.index {
                let mut after = 0;
                loop {
                    let found = index.journal.dead_letters_before(kanaal, (partition, end), after).await?;
                    let Some((last, _)) = found.last() else { break };
                    after = *last;
                    self.remove_dead_letters(found.into_iter().map(|(_, id)| id).collect()).await?;
                }
            } else {
                let query = DeadLetterQuery { kanaal: Some(kanaal.clone()), ..DeadLetterQuery::default() };
                let mut found = self.scan(query).await?;
                found.retain(|DeadLetter { delivery, .. }| {
                    delivery.partition == partition && delivery.position.0 < end.0
                });
                for letters in found.chunks(MAX_PAGE) {
                    self.remove_dead_letters(letters.iter().map(|letter| letter.id).collect()).await?;
                }
            }
        }
        match &self.index {
            Some(index) => index.journal.purge(kanaal, ends).await,
            None => Ok(()),
        }
    }

    /// Removes dead letters and outcomes from the topics as well, for all nodes; other rows only from this node's
    /// index.
    async fn trim(&self, before: Timestamp, max: usize) -> Result<usize, Error> {
        let index = self.index()?;
        let old = index.older_dead_letters(before, max.clamp(1, MAX_PAGE)).await?;
        let trimmed = self.remove_dead_letters(old).await? as usize;
        let left = max - trimmed.min(max);
        if left == 0 || trimmed == MAX_PAGE {
            return Ok(trimmed);
        }
        let removed = trimmed + index.trim(before, left).await?;
        if removed < max {
            let outcomes = (self.names.outcomes.clone(), Partition(0));
            let moment = Offset::Offset(before.as_millis().max(0));
            let since = self.admin.offsets(vec![outcomes.clone()], moment).await?;
            if let Some(offset) = since[0].filter(|offset| *offset > 0) {
                self.admin.delete_before(&outcomes, offset).await?;
            }
        }
        Ok(removed)
    }

    /// Only from this node's index; the topic has a retention of its own.
    async fn trim_runs(&self, before: Timestamp, max: usize) -> Result<usize, Error> {
        self.index()?.trim_runs(before, max).await
    }
}
