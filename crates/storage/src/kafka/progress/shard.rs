//! The worker of one owned shard: reads what the shard holds, then makes checkpoints, those that wait together as one
//! transaction.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use rdkafka::error::{KafkaError, KafkaResult};
use tokio::sync::oneshot;

use super::Shared;
use crate::{
    Error,
    kafka::{
        failure, metrics,
        transact::{Done, Transactor},
        writer::Outgoing,
    },
    progress::{Entry, Key, Ownership, Shard, Value},
    stored::progress::{decode_key, decode_value, encode_key, encode_value},
};

/// Most entries in one transaction, unless a single checkpoint has more.
const TOGETHER: usize = 10_000;
/// How long to wait before trying a checkpoint again that came amid a change of the group.
const AGAIN: Duration = Duration::from_millis(100);

/// A checkpoint to make.
pub(super) struct Job {
    pub(super) entries: Vec<Entry>,
    pub(super) reply: oneshot::Sender<Result<(), Error>>,
}

/// Why a shard ends here before the group says so.
enum End {
    /// Another node has it, or its producer can do no more.
    Lost(Error),
    /// What it holds cannot be read.
    Unreadable(Error),
}

pub(super) struct Worker {
    shared: Arc<Shared>,
    shard: Shard,
    inbox: mpsc::Receiver<Job>,
    lost: Arc<AtomicBool>,
    /// Offset of the shard in the group: it counts checkpoints and means nothing.
    count: u64,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>, shard: Shard, inbox: mpsc::Receiver<Job>, lost: Arc<AtomicBool>) -> Self {
        Self { shared, shard, inbox, lost, count: 0 }
    }

    pub(super) fn run(mut self) {
        // It is kept until a loss is told: the end of a producer takes a moment.
        let mut transactor = None;
        let Err(end) = self.serve(&mut transactor) else { return };
        let shard = self.shard.0;
        match end {
            End::Lost(error) => {
                tracing::warn!(%error, shard, "a shard is lost");
                self.shared.tell(Ok(Ownership::Lost(self.shard)));
                if !self.lost.load(Ordering::Acquire) {
                    self.shared.rejoin.store(true, Ordering::Release);
                }
            }
            End::Unreadable(error) => {
                tracing::error!(%error, shard, "a shard cannot be read");
                if matches!(error, Error::NewerVersion { .. }) {
                    self.shared.fitness.end(&error);
                }
                self.shared.tell(Err(error));
            }
        }
        // Under the lock, so that whoever waits for the end of this shard sees it.
        if let Some(owned) = self.shared.owned().get_mut(&shard) {
            owned.over = true;
        }
        self.shared.released.notify_all();
    }

    fn gone(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    fn serve(&mut self, transactor: &mut Option<Transactor>) -> Result<(), End> {
        let id = format!("{}.{}", self.shared.topic, self.shard.0);
        let transactor = transactor.insert(loop {
            match Transactor::new(&self.shared.options, &id, self.shared.runtime.clone()) {
                Ok(transactor) => break transactor,
                Err(Error::Fenced) => return Err(End::Lost(Error::Fenced)),
                Err(_) if self.gone() => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, shard = self.shard.0, "a shard cannot be taken over yet");
                    std::thread::sleep(AGAIN);
                }
            }
        });
        let entries = loop {
            match self.entries() {
                Ok(entries) => break entries,
                Err(_) if self.gone() => return Ok(()),
                Err(Error::Unavailable { reason, .. }) => {
                    tracing::warn!(reason, shard = self.shard.0, "a shard cannot be read yet");
                    std::thread::sleep(AGAIN);
                }
                Err(error) => return Err(End::Unreadable(error)),
            }
        };
        if self.gone() {
            return Ok(());
        }
        self.shared.tell(Ok(Ownership::Gained(self.shard, entries)));
        while let Ok(first) = self.inbox.recv() {
            let mut jobs = vec![first];
            while jobs.iter().map(|job| job.entries.len()).sum::<usize>() < TOGETHER
                && let Ok(more) = self.inbox.try_recv()
            {
                jobs.push(more);
            }
            let entries = jobs.iter_mut().flat_map(|job| std::mem::take(&mut job.entries)).collect::<Vec<Entry>>();
            let made = self.checkpoint(transactor, &entries);
            for job in jobs {
                // Whoever is gone does not need its answer.
                drop(job.reply.send(made.clone()));
            }
            if matches!(made, Err(Error::Fenced)) {
                ::metrics::counter!(metrics::FENCED, "what" => "progress").increment(1);
            }
            match made {
                Err(Error::Fenced) => return Err(End::Lost(Error::Fenced)),
                Err(error) if transactor.has_failed() => return Err(End::Lost(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Everything that the shard holds.
    fn entries(&self) -> Result<Vec<(Key, Value)>, Error> {
        let mut held: HashMap<Key, Value> = HashMap::new();
        self.shared.cursors.fold(&self.shared.topic, self.shard.0 as i32, 0, |stored| {
            let key = decode_key(stored.record.key)?;
            match stored.record.value {
                Some(value) => held.insert(key, decode_value(value)?),
                None => held.remove(&key),
            };
            Ok(())
        })?;
        Ok(held.into_iter().collect())
    }

    /// Makes a checkpoint. While the group changes, a checkpoint may be refused that is ours to make; it is tried again
    /// until the shard is gone or the deadline is over.
    fn checkpoint(&mut self, transactor: &Transactor, entries: &[Entry]) -> Result<(), Error> {
        let topic: Arc<str> = self.shared.topic.as_str().into();
        let record = |(key, value): &Entry| {
            let value = value.as_ref().map(|value| encode_value(value).into());
            let partition = Some(self.shard.0 as i32);
            let record = Outgoing { partition, key: encode_key(key).into(), value, ..Outgoing::default() };
            (Arc::clone(&topic), record)
        };
        let records: Vec<_> = entries.iter().map(record).collect();
        let tries = (self.shared.options.deadline.as_millis() / AGAIN.as_millis()).max(1);
        let mut reason = None;
        for _ in 0..tries {
            if self.gone() {
                return Err(Error::Fenced);
            }
            let error = match self.try_checkpoint(transactor, records.clone()) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if transactor.is_fenced() {
                return Err(Error::Fenced);
            }
            if transactor.has_failed() {
                return Err(failure::kafka("a checkpoint is refused", &error));
            }
            if let Err(error) = transactor.abort() {
                return Err(failure::kafka("a checkpoint cannot be taken back", &error));
            }
            if !failure::is_fenced(&error) {
                return Err(failure::kafka("a checkpoint is not made", &error));
            }
            reason = Some(error);
            std::thread::sleep(AGAIN);
        }
        Err(failure::away(format!("the group of shards does not settle: {reason:?}")))
    }

    fn try_checkpoint(&mut self, transactor: &Transactor, records: Vec<(Arc<str>, Outgoing)>) -> KafkaResult<()> {
        let Some(group) = self.shared.membership() else { return Err(KafkaError::Canceled) };
        transactor.begin()?;
        transactor.send(records)?;
        let done = Done { topic: &self.shared.topic, partition: self.shard.0 as i32, offset: self.count };
        transactor.commit(done, &group)?;
        self.count += 1;
        Ok(())
    }
}
