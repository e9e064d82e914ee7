//! Stores the transactions of the owner's copy on the topic, and tells readers of other copies when they are complete.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use model::Partition;
use rdkafka::{
    Offset,
    error::{KafkaError, KafkaResult},
};
use rusqlite::Connection;

use super::Shared;
use crate::{
    Error,
    kafka::{
        failure,
        reporting_producer::ProducerRecord,
        transaction::{ConsumedOffset, TransactionalProducer},
    },
    sqlite::{
        replica::{self, Row},
        upstream::Upstream,
    },
};

/// The delay before a retry while the group rebalances.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// How often, and how long after each other, the end of the topic is looked at after a transaction.
const VISIBLE_TRIES: u32 = 500;
const VISIBLE_DELAY: Duration = Duration::from_millis(2);
/// How long a reader waits for this node to apply the committed records before it reads their end itself.
const FOLLOW_TIMEOUT: Duration = Duration::from_millis(300);

/// What the owner writes with.
pub(super) struct Lead {
    producer: TransactionalProducer,
    /// The offset committed for the group: the number of transactions. Only the check of ownership matters.
    count: u64,
    /// What was stored last is not committed in the copy yet.
    pending: bool,
}

impl Lead {
    pub(super) fn new(producer: TransactionalProducer) -> Self {
        Self { producer, count: 0, pending: false }
    }
}

impl Shared {
    /// Stores rows in one transaction; returns the offset behind them. During a rebalance the broker may refuse a transaction of
    /// the rightful owner, so it is repeated until the ownership is lost or the deadline has passed.
    pub(super) fn transact(&self, lead: &mut Lead, rows: Vec<Row>) -> Result<u64, Error> {
        let record = |row: Row| {
            let (key, value) = (row.key.into(), row.value.map(Into::into));
            (Arc::clone(&self.topic), ProducerRecord { partition: Some(0), key, value, ..ProducerRecord::default() })
        };
        let records: Vec<_> = rows.into_iter().map(record).collect();
        let tries = (self.options.deadline.as_millis() / RETRY_DELAY.as_millis()).max(1);
        let mut reason = None;
        for _ in 0..tries {
            if !self.assigned.load(Ordering::Acquire) {
                return Err(Error::Fenced);
            }
            let error = match self.try_transact(lead, records.clone()) {
                Ok(next) => {
                    self.wait_until_visible(next);
                    return Ok(next);
                }
                Err(error) => error,
            };
            if lead.producer.is_fenced() {
                return Err(Error::Fenced);
            }
            if lead.producer.has_failed() {
                return Err(failure::kafka("changes of people were refused", &error));
            }
            if let Err(error) = lead.producer.abort() {
                return Err(failure::kafka("changes of people cannot be aborted", &error));
            }
            if !failure::is_fenced(&error) {
                return Err(failure::kafka("changes of people were not confirmed", &error));
            }
            reason = Some(error);
            std::thread::sleep(RETRY_DELAY);
        }
        Err(failure::unavailable(format!("the group of people keeps rebalancing: {reason:?}")))
    }

    fn try_transact(&self, lead: &mut Lead, records: Vec<(Arc<str>, ProducerRecord)>) -> KafkaResult<u64> {
        let Some(group) = self.membership() else { return Err(KafkaError::Canceled) };
        lead.producer.begin()?;
        let offsets = lead.producer.send(records)?;
        let consumed = ConsumedOffset { topic: &self.topic, partition: 0, offset: lead.count };
        lead.producer.commit(consumed, &group)?;
        lead.count += 1;
        Ok(offsets.into_iter().max().map_or(0, |last| last + 1))
    }

    /// Waits until readers on other nodes see a transaction that was committed: the brokers confirm it a moment before that. What is not
    /// seen in time is durable nevertheless.
    fn wait_until_visible(&self, next: u64) {
        let end = [((self.topic.to_string(), Partition(0)), Offset::End)];
        for _ in 0..VISIBLE_TRIES {
            let ends = self.admin.offsets_each_blocking(&end);
            if ends.is_ok_and(|ends| ends.first().copied().flatten().is_some_and(|end| end > next)) {
                return;
            }
            std::thread::sleep(VISIBLE_DELAY);
        }
    }

    /// Waits until the copy is applied up to an offset.
    async fn wait_until_applied(&self, until: u64) -> Result<(), Error> {
        let mut applied = self.applied.subscribe();
        let reached = |applied: &Result<u64, Error>| applied.as_ref().map_or(true, |applied| *applied >= until);
        let late = || failure::unavailable("the copy of people on this node lags behind");
        let waited = tokio::time::timeout(self.options.deadline, applied.wait_for(reached)).await;
        waited.map_err(|_| late())?.map_err(|_| late())?.clone().map(drop)
    }
}

fn not_the_owner() -> Error {
    failure::unavailable("another node changes what is stored of people, or none at the moment")
}

#[async_trait]
impl Upstream for Shared {
    fn writable(&self) -> Result<(), Error> {
        self.latch.check()?;
        if *self.owner.borrow() { Ok(()) } else { Err(not_the_owner()) }
    }

    async fn catch_up(&self) -> Result<(), Error> {
        self.latch.check()?;
        if *self.owner.borrow() {
            return Ok(());
        }
        let end = self.admin.end((self.topic.to_string(), Partition(0))).await?;
        // Each transaction has at least one record and ends with a marker.
        let until = end.saturating_sub(1);
        if let Ok(reached) = tokio::time::timeout(FOLLOW_TIMEOUT, self.wait_until_applied(until)).await {
            return reached;
        }
        // An aborted transaction has left only its marker.
        let applied = self.applied.borrow().clone()?;
        let (pool, topic) = (Arc::clone(&self.pool), self.topic.to_string());
        let read = move || {
            let mut last = applied;
            pool.read_to_end(&topic, 0, applied, |stored| {
                last = stored.position.after().0;
                Ok(())
            })?;
            Ok::<_, Error>(last)
        };
        let last = tokio::task::spawn_blocking(read).await.map_err(failure::join)??;
        self.wait_until_applied(last).await
    }

    fn begin(&self, connection: &Connection) -> Result<(), Error> {
        replica::watch(connection, &self.tables)
    }

    fn store(&self, connection: &Connection) -> Result<(), Error> {
        let rows = replica::take(connection, &self.tables)?;
        if rows.is_empty() {
            return Ok(());
        }
        let stored = {
            let mut lead = self.lead();
            let Some(own) = lead.as_mut() else { return Err(not_the_owner()) };
            let stored = self.transact(own, rows);
            own.pending = stored.is_ok();
            stored
        };
        let next = stored.inspect_err(|error| self.failed(error))?;
        replica::note(connection, next, self.options.clock.now())
    }

    fn committed(&self) {
        if let Some(lead) = self.lead().as_mut() {
            lead.pending = false;
        }
    }

    fn rolled_back(&self) {
        // The topic is ahead of the copy.
        if self.lead().as_ref().is_some_and(|lead| lead.pending) {
            self.step_down();
        }
    }
}
