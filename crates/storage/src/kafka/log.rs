//! EventLog on topics `<prefix>.kanaal.<naam>`.
//!
//! Records go out by one idempotent producer with `acks=all`; offsets are positions. The records of one call are not a
//! transaction: a call that fails may have appended some of them, as any produce request may whose answer is
//! lost, and whoever sends again is caught by the window of duplicates. A transaction would cost every batch ten
//! milliseconds and hold all readers of a kanaal up when a node dies inside one. Readers see committed records only,
//! so transactions of other writers are respected.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{KanaalName, Mark, Partition, Timestamp};
use rdkafka::Offset;
use tokio::sync::watch;

use super::{
    Kafka, Options,
    admin::{self, Admin, Kind, Place},
    cursor::Cursors,
    fitness::Fitness,
    metrics,
    produce::Produce,
    record,
    tail::{Tail, Tails},
    topics::Topics,
    writer::Outgoing,
};
use crate::{
    Error, EventLog,
    log::{Batch, Limit, Point, Record},
};

/// How long a read waits for a record that was announced and is on its way to memory.
const ARRIVAL: Duration = Duration::from_millis(100);

/// The port EventLog on Kafka.
#[derive(Debug)]
pub struct KafkaLog {
    options: Arc<Options>,
    topics: Topics,
    admin: Arc<Admin>,
    fitness: Arc<Fitness>,
    produce: Produce,
    cursors: Arc<Cursors>,
    tails: Tails,
}

impl KafkaLog {
    /// Connects, and checks the topics that are there.
    pub(super) async fn open(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, .. } = kafka;
        for topic in admin.topics().await? {
            if topics.kanaal_of(&topic).is_some() {
                admin.ensure(&topic, Kind::Kanaal, options.partitions).await?;
            }
        }
        Self::new(kafka)
    }

    /// The same, of topics that are not looked at.
    pub(super) fn new(kafka: &Kafka) -> Result<Self, Error> {
        let Kafka { options, topics, admin, fitness } = kafka.clone();
        Ok(Self {
            produce: Produce::new(Arc::clone(&options))?,
            cursors: Arc::new(Cursors::new(Arc::clone(&options))),
            tails: Tails::start(&options, Arc::clone(&admin))?,
            options,
            topics,
            admin,
            fitness,
        })
    }

    /// The topic of a kanaal, when this partition of it is there.
    async fn find(&self, kanaal: &KanaalName, partition: Partition) -> Result<Option<Place>, Error> {
        let topic = self.topics.kanaal(kanaal);
        let partitions = self.admin.find(topic.clone()).await?;
        Ok(partitions.is_some_and(|partitions| partition.0 < partitions).then_some((topic, partition)))
    }

    /// All partitions of a kanaal that are there.
    async fn places(&self, kanaal: &KanaalName) -> Result<Vec<Place>, Error> {
        let topic = self.topics.kanaal(kanaal);
        let partitions = self.admin.find(topic.clone()).await?.unwrap_or(0);
        Ok(admin::places(&topic, partitions))
    }

    /// Where a partition begins and ends. What is learned of the end is shared: a marker of a transaction moves it
    /// without a record that a watch would see.
    async fn edges(&self, place: &Place) -> Result<(u64, u64), Error> {
        let (low, high) = self.admin.edges(place).await?;
        let Some(tail) = self.tails.find(place) else { return Ok((low, high)) };
        Ok((low, tail.reached(high)))
    }

    /// Where partitions end.
    async fn ends(&self, places: Vec<Place>) -> Result<Vec<u64>, Error> {
        let ends = self.admin.offsets(places.clone(), Offset::End).await?;
        let known = |(end, place): (Option<u64>, &Place)| {
            let (end, tail) = (end.unwrap_or(0), self.tails.find(place));
            tail.map_or(end, |tail| tail.reached(end))
        };
        Ok(ends.into_iter().zip(&places).map(known).collect())
    }

    /// Where the first records since a moment are; the ends of partitions that have none.
    async fn since(&self, places: Vec<Place>, time: Timestamp) -> Result<Vec<u64>, Error> {
        let millis = (time + Duration::from_micros(999)).as_millis();
        let found = self.admin.offsets(places.clone(), Offset::Offset(millis.max(0))).await?;
        let without = places.into_iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(place, _)| place);
        let mut ends = self.ends(without.collect()).await?.into_iter();
        Ok(found.into_iter().map(|found| found.or_else(|| ends.next()).unwrap_or(0)).collect())
    }

    async fn read_near_end(&self, tail: &Tail, from: u64, limit: Limit) -> Option<Batch> {
        if !tail.is_live() {
            return None;
        }
        if from >= tail.end() {
            return Some(Batch { records: Vec::new(), next: Mark(from), oldest: Mark(tail.low()) });
        }
        if tail.read(from, limit).is_none() {
            tail.arrive(from, ARRIVAL).await;
        }
        let (records, next) = tail.read(from, limit)?;
        Some(Batch { records, next: Mark(next), oldest: Mark(tail.low()) })
    }

    fn prepare(&self, kanaal: &KanaalName, record: Record, moment: Option<i64>) -> Result<(Arc<str>, Outgoing), Error> {
        let headers = Some(record::headers(&record, self.options.record_bytes)?);
        let Record { key, value, .. } = record;
        Ok((self.topics.kanaal(kanaal).into(), Outgoing { partition: None, key, value, headers, moment }))
    }

    /// Appends records of one kanaal that bear moments of their own; its topic must be there and keep them.
    pub(super) async fn fill(&self, kanaal: &KanaalName, records: Vec<(Timestamp, Record)>) -> Result<(), Error> {
        let prepare = |(moment, record): (Timestamp, Record)| self.prepare(kanaal, record, Some(moment.as_millis()));
        self.produce_all(records.into_iter().map(prepare).collect::<Result<_, Error>>()?).await
    }

    /// Appends records and waits for the reports on all of them.
    async fn produce_all(&self, records: Vec<(Arc<str>, Outgoing)>) -> Result<(), Error> {
        let topics: Vec<Arc<str>> = records.iter().map(|(topic, _)| Arc::clone(topic)).collect();
        let appended = self.produce.append(records).await;
        let places = appended.inspect_err(|_| topics.iter().for_each(|topic| self.admin.forget(topic)))?;
        for (topic, (partition, end)) in topics.iter().zip(places) {
            self.tails.find_or_make(topic, Partition(partition as u32)).reached(end);
        }
        Ok(())
    }

    async fn delete_before(&self, place: &Place, offset: u64) -> Result<(), Error> {
        self.admin.delete_before(place, offset).await?;
        if let Some(tail) = self.tails.find(place) {
            tail.trimmed(offset);
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for KafkaLog {
    async fn append(&self, records: Vec<(KanaalName, Record)>) -> Result<(), Error> {
        self.fitness.check()?;
        let mut prepared = Vec::with_capacity(records.len());
        for (kanaal, record) in records {
            prepared.push(self.prepare(&kanaal, record, None)?);
        }
        for (topic, _) in &prepared {
            self.admin.ensure(topic, Kind::Kanaal, self.options.partitions).await?;
        }
        let started = self.options.clock.now();
        let appended = self.produce_all(prepared).await;
        ::metrics::histogram!(metrics::APPEND_SECONDS).record(self.options.clock.now().since(started).as_secs_f64());
        if appended.is_err() {
            ::metrics::counter!(metrics::APPENDS_FAILED).increment(1);
        }
        appended
    }

    /// Makes the topic, so that the first event need not wait for it, nor those who watch it.
    async fn partitions(&self, kanaal: &KanaalName) -> Result<u32, Error> {
        let topic = self.topics.kanaal(kanaal);
        match self.admin.ensure(&topic, Kind::Kanaal, self.options.partitions).await {
            Ok(partitions) => Ok(partitions),
            // Without the right to make it, it comes when somebody else does.
            Err(Error::Unavailable { reason, .. }) => {
                tracing::warn!(reason, topic, "the topic of a kanaal is not made yet");
                Ok(self.admin.find(topic).await?.unwrap_or(self.options.partitions))
            }
            Err(error) => Err(error),
        }
    }

    async fn read(&self, kanaal: &KanaalName, partition: Partition, from: Mark, limit: Limit) -> Result<Batch, Error> {
        let Some(place) = self.find(kanaal, partition).await? else {
            return Ok(Batch { records: Vec::new(), next: from, oldest: Mark::BEGINNING });
        };
        if let Some(tail) = self.tails.find(&place)
            && let Some(batch) = self.read_near_end(&tail, from.0, limit).await
        {
            return Ok(batch);
        }
        let (low, high) = self.edges(&place).await?;
        let start = from.0.max(low);
        if start >= high {
            return Ok(Batch { records: Vec::new(), next: Mark(start), oldest: Mark(low) });
        }
        let (records, next) = self.cursors.read(place.0, partition.0 as i32, (start, high), limit).await?;
        Ok(Batch { records, next: Mark(next), oldest: Mark(low) })
    }

    async fn marks(&self, partitions: &[(KanaalName, Partition)], point: Point) -> Result<Vec<Mark>, Error> {
        let mut there = Vec::with_capacity(partitions.len());
        for (kanaal, partition) in partitions {
            there.push(self.find(kanaal, *partition).await?);
        }
        let places = there.iter().flatten().cloned().collect();
        let offsets = match point {
            Point::End => self.ends(places).await?,
            Point::Since(time) => self.since(places, time).await?,
        };
        let mut offsets = offsets.into_iter();
        Ok(there
            .iter()
            .map(|place| place.as_ref().and_then(|_| offsets.next()).map_or(Mark::BEGINNING, Mark))
            .collect())
    }

    /// The value is at once what this node knows; the end that others have moved it to follows within moments.
    fn watch(&self, kanaal: &KanaalName, partition: Partition) -> watch::Receiver<Mark> {
        self.tails.watch(&self.topics.kanaal(kanaal), partition).subscribe()
    }

    /// Counts offsets: markers of transactions by other writers count as well.
    async fn trim(&self, kanaal: &KanaalName, before: Timestamp, max: usize) -> Result<usize, Error> {
        let places = self.places(kanaal).await?;
        let lows = self.admin.offsets(places.clone(), Offset::Beginning).await?;
        let since = self.since(places.clone(), before).await?;
        let mut removed = 0;
        for (place, (low, since)) in places.iter().zip(lows.into_iter().zip(since)) {
            let low = low.unwrap_or(0);
            let until = since.min(low + (max - removed) as u64);
            if until > low {
                self.delete_before(place, until).await?;
                removed += (until - low) as usize;
            }
        }
        Ok(removed)
    }

    /// The topic stays, empty, so that marks stay valid when the kanaal is made again.
    async fn purge(&self, kanaal: &KanaalName) -> Result<(), Error> {
        for place in self.places(kanaal).await? {
            let (low, high) = self.edges(&place).await?;
            if high > low {
                self.delete_before(&place, high).await?;
            }
        }
        Ok(())
    }
}
