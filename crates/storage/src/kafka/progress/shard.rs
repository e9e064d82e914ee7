//! The worker of one owned shard: reads the entries of the shard, then writes checkpoints; those that wait at the same
//! time become one transaction.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use model::Timestamp;
use rdkafka::error::{KafkaError, KafkaResult};
use tokio::sync::oneshot;

use super::{Shared, log_check::StoredEntries};
use crate::{
    Error,
    encoding::progress::{encode_key, encode_value},
    kafka::{
        failure, metrics,
        reporting_producer::ProducerRecord,
        transaction::{ConsumedOffset, TransactionalProducer},
    },
    progress::{Entry, Ownership, Shard},
};

/// Most entries in one transaction, unless a single checkpoint has more.
const MAX_BATCH: usize = 10_000;
/// The delay before a retry while the group rebalances or the brokers are away.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// A checkpoint to write.
pub(super) struct CheckpointJob {
    pub(super) entries: Vec<Entry>,
    pub(super) reply: oneshot::Sender<Result<(), Error>>,
}

/// Why a worker ends before the group revokes its shard.
enum WorkerExit {
    /// Another node owns the shard, or the producer has failed fatally.
    Lost(Error),
    /// An entry of the shard cannot be read.
    Unreadable(Error),
}

pub(super) struct Worker {
    shared: Arc<Shared>,
    shard: Shard,
    inbox: mpsc::Receiver<CheckpointJob>,
    lost: Arc<AtomicBool>,
    /// Topics that began anew, with the time at which they were as they should be.
    anew: HashMap<String, Timestamp>,
    /// The offset committed for the shard: the number of checkpoints. Only the ownership check matters, not the value.
    count: u64,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        shard: Shard,
        inbox: mpsc::Receiver<CheckpointJob>,
        lost: Arc<AtomicBool>,
        anew: HashMap<String, Timestamp>,
    ) -> Self {
        Self { shared, shard, inbox, lost, anew, count: 0 }
    }

    pub(super) fn run(mut self) {
        // Kept until the loss is reported, since closing a producer takes a moment.
        let mut producer = None;
        let Err(end) = self.serve(&mut producer) else { return };
        let shard = self.shard.0;
        match end {
            WorkerExit::Lost(error) => {
                tracing::warn!(%error, shard, "a shard was lost");
                self.shared.notify(Ok(Ownership::Lost(self.shard)));
                if !self.lost.load(Ordering::Acquire) {
                    self.shared.rejoin.store(true, Ordering::Release);
                }
            }
            WorkerExit::Unreadable(error) => {
                tracing::error!(%error, shard, "cannot read a shard");
                if matches!(error, Error::NewerVersion { .. }) {
                    self.shared.latch.trip(&error);
                }
                self.shared.notify(Err(error));
            }
        }
        // Under the lock, so that a thread that waits for the end of this shard sees it.
        if let Some(owned) = self.shared.owned().get_mut(&shard) {
            owned.ended = true;
        }
        self.shared.released.notify_all();
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    fn serve(&mut self, producer: &mut Option<TransactionalProducer>) -> Result<(), WorkerExit> {
        let id = format!("{}.{}", self.shared.topic, self.shard.0);
        let producer = producer.insert(loop {
            match TransactionalProducer::new(&self.shared.options, &id, self.shared.runtime.clone()) {
                Ok(producer) => break producer,
                Err(Error::Fenced) => return Err(WorkerExit::Lost(Error::Fenced)),
                Err(_) if self.is_lost() => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, shard = self.shard.0, "cannot take over a shard yet");
                    std::thread::sleep(RETRY_DELAY);
                }
            }
        });
        let mut stored = loop {
            match StoredEntries::read(&self.shared.pool, &self.shared.topic, self.shard) {
                Ok(stored) => break stored,
                Err(_) if self.is_lost() => return Ok(()),
                Err(Error::Unavailable { reason, .. }) => {
                    tracing::warn!(reason, shard = self.shard.0, "cannot read a shard yet");
                    std::thread::sleep(RETRY_DELAY);
                }
                Err(error) => return Err(WorkerExit::Unreadable(error)),
            }
        };
        if self.is_lost() {
            return Ok(());
        }
        self.check_logs(producer, &mut stored)?;
        let own = {
            let mut owned = self.shared.owned();
            // Whoever gives the shard up removes its entry first, and then reports the loss: nothing is gained after that.
            let Some(own) = owned.get_mut(&self.shard.0) else { return Ok(()) };
            own.gained = true;
            self.shared.notify(Ok(Ownership::Gained(self.shard, stored.entries.into_iter().collect())));
            owned.values().filter(|own| own.gained && !own.ended).count()
        };
        self.shared.owners.gained(own);
        while let Ok(first) = self.inbox.recv() {
            let mut jobs = vec![first];
            while jobs.iter().map(|job| job.entries.len()).sum::<usize>() < MAX_BATCH
                && let Ok(more) = self.inbox.try_recv()
            {
                jobs.push(more);
            }
            let entries = jobs.iter_mut().flat_map(|job| std::mem::take(&mut job.entries)).collect::<Vec<Entry>>();
            let made = self.checkpoint(producer, &entries);
            for job in jobs {
                // The caller may have given up.
                drop(job.reply.send(made.clone()));
            }
            if matches!(made, Err(Error::Fenced)) {
                ::metrics::counter!(metrics::FENCED, "what" => "progress").increment(1);
            }
            match made {
                Err(Error::Fenced) => return Err(WorkerExit::Lost(Error::Fenced)),
                Err(error) if producer.has_failed() => return Err(WorkerExit::Lost(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Sets back the marks of logs that are not the ones they were stored for.
    fn check_logs(&mut self, producer: &TransactionalProducer, stored: &mut StoredEntries) -> Result<(), WorkerExit> {
        if !self.shared.monitor.has_logs() {
            return Ok(());
        }
        let changes = match stored.check(&self.shared, &self.anew) {
            Ok(changes) => changes,
            // A partition without a leader must not keep the shard from being delivered.
            Err(error) => {
                tracing::warn!(%error, shard = self.shard.0, "stored marks cannot be compared with their logs");
                return Ok(());
            }
        };
        if changes.is_empty() {
            return Ok(());
        }
        match self.checkpoint(producer, &changes) {
            Ok(()) => Ok(()),
            Err(error @ Error::Fenced) => Err(WorkerExit::Lost(error)),
            Err(error) if producer.has_failed() => Err(WorkerExit::Lost(error)),
            // The next owner finds the same.
            Err(error) => {
                tracing::warn!(%error, shard = self.shard.0, "marks that were set back are not stored yet");
                Ok(())
            }
        }
    }

    /// Writes a checkpoint. During a rebalance the broker may refuse a checkpoint of the rightful owner, so it is
    /// retried until the shard is lost or the deadline has passed.
    fn checkpoint(&mut self, producer: &TransactionalProducer, entries: &[Entry]) -> Result<(), Error> {
        let topic: Arc<str> = self.shared.topic.as_str().into();
        let record = |(key, value): &Entry| {
            let value = value.as_ref().map(|value| encode_value(value).into());
            let partition = Some(self.shard.0 as i32);
            let record = ProducerRecord { partition, key: encode_key(key).into(), value, ..ProducerRecord::default() };
            (Arc::clone(&topic), record)
        };
        let records: Vec<_> = entries.iter().map(record).collect();
        let tries = (self.shared.options.deadline.as_millis() / RETRY_DELAY.as_millis()).max(1);
        let mut reason = None;
        for _ in 0..tries {
            if self.is_lost() {
                return Err(Error::Fenced);
            }
            let error = match self.try_checkpoint(producer, records.clone()) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if producer.is_fenced() {
                return Err(Error::Fenced);
            }
            if producer.has_failed() {
                return Err(failure::kafka("a checkpoint was refused", &error));
            }
            if let Err(error) = producer.abort() {
                return Err(failure::kafka("a checkpoint cannot be aborted", &error));
            }
            if !failure::is_fenced(&error) {
                return Err(failure::kafka("a checkpoint was not confirmed", &error));
            }
            reason = Some(error);
            std::thread::sleep(RETRY_DELAY);
        }
        Err(failure::unavailable(format!("the shard group keeps rebalancing: {reason:?}")))
    }

    fn try_checkpoint(
        &mut self,
        producer: &TransactionalProducer,
        records: Vec<(Arc<str>, ProducerRecord)>,
    ) -> KafkaResult<()> {
        let Some(group) = self.shared.membership() else { return Err(KafkaError::Canceled) };
        producer.begin()?;
        producer.send(records)?;
        let consumed = ConsumedOffset { topic: &self.shared.topic, partition: self.shard.0 as i32, offset: self.count };
        producer.commit(consumed, &group)?;
        self.count += 1;
        Ok(())
    }
}
