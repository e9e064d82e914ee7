//! The thread that applies the topics of the journal to this node's index.
//!
//! Its offsets are kept in a file beside the index. Applying a record twice has no further effect, so the file may lag;
//! if it is missing, the topics are applied from the beginning.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::Consumer,
    error::{KafkaError, KafkaResult},
};
use serde::{Deserialize, Serialize};
use tokio::{runtime::Handle, sync::watch};
use uuid::Uuid;

use super::{Index, TopicNames};
use crate::{
    Error, Journal, encoding,
    journal::{DeadLetter, Entry},
    kafka::{
        Options,
        brokers_down::has_lost_brokers,
        client::{self, AssignedConsumer},
        failure, log_throttle, record,
    },
    log::Stored,
    sqlite::{self, Embedded, SqliteJournal},
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);
/// Most records applied together.
const BATCH: usize = 1_000;
/// The delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The next offsets to apply, per topic. Stored as JSON in `applied.json`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Offsets {
    outcomes: u64,
    dead_letters: u64,
}

/// The applied offsets, for callers that wait for them.
#[derive(Debug)]
pub(super) struct IndexProgress {
    offsets: watch::Sender<Offsets>,
    stop: AtomicBool,
    /// A topic was made again: which one is to be applied from its beginning.
    anew_outcomes: AtomicBool,
    anew_dead_letters: AtomicBool,
}

impl IndexProgress {
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Applies a topic from its beginning, since it was made again.
    pub(super) fn begin_anew(&self, outcomes: bool) {
        let flag = if outcomes { &self.anew_outcomes } else { &self.anew_dead_letters };
        flag.store(true, Ordering::Release);
    }

    pub(super) async fn outcomes_to(&self, until: u64, wait: Duration) -> Result<(), Error> {
        self.reach(|offsets| offsets.outcomes >= until, wait).await
    }

    pub(super) async fn dead_letters_to(&self, until: u64, wait: Duration) -> Result<(), Error> {
        self.reach(|offsets| offsets.dead_letters >= until, wait).await
    }

    async fn reach(&self, reached: impl FnMut(&Offsets) -> bool, wait: Duration) -> Result<(), Error> {
        let mut offsets = self.offsets.subscribe();
        let late = || failure::unavailable("the index of the journal lags behind");
        tokio::time::timeout(wait, offsets.wait_for(reached)).await.map_err(|_| late())?.map_err(|_| late())?;
        Ok(())
    }
}

/// A record of the topic of dead letters.
enum DeadLetterChange {
    Stored(Box<DeadLetter>),
    Removed(Uuid),
}

pub(super) struct Indexer {
    journal: Arc<SqliteJournal>,
    progress: Arc<IndexProgress>,
    consumer: AssignedConsumer,
    options: Arc<Options>,
    names: TopicNames,
    file: PathBuf,
    runtime: Handle,
}

impl Indexer {
    /// Opens the index in a directory and positions the consumer where the index ends.
    pub(super) fn open(
        options: &Arc<Options>,
        directory: &Path,
        names: &TopicNames,
        runtime: Handle,
    ) -> Result<(Index, Self), Error> {
        let embedded = {
            let observer = options.observer.clone();
            let own =
                sqlite::Options { holds_log: false, observer, ..sqlite::Options::new(Arc::clone(&options.clock)) };
            Embedded::open(directory, own)?
        };
        let journal = embedded.journal;
        let file = directory.join("applied.json");
        let offsets: Offsets =
            std::fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let failed = |error: KafkaError| failure::kafka("cannot follow the journal", &error);
        let consumer = create_consumer(options, names, offsets).map_err(failed)?;
        let progress = Arc::new(IndexProgress {
            offsets: watch::Sender::new(offsets),
            stop: AtomicBool::new(false),
            anew_outcomes: AtomicBool::new(false),
            anew_dead_letters: AtomicBool::new(false),
        });
        let index = Index { journal: Arc::clone(&journal), progress: Arc::clone(&progress) };
        let (options, names) = (Arc::clone(options), names.clone());
        Ok((index, Self { journal, progress, consumer, options, names, file, runtime }))
    }

    /// Starts again at the beginning of topics that were made again, or where the index ends when the consumer has lost its
    /// brokers.
    fn restart_if_needed(&mut self) {
        let outcomes = self.progress.anew_outcomes.swap(false, Ordering::AcqRel);
        let dead_letters = self.progress.anew_dead_letters.swap(false, Ordering::AcqRel);
        if !outcomes && !dead_letters && !has_lost_brokers(self.consumer.client()) {
            return;
        }
        let mut offsets = *self.progress.offsets.borrow();
        offsets.outcomes = if outcomes { 0 } else { offsets.outcomes };
        offsets.dead_letters = if dead_letters { 0 } else { offsets.dead_letters };
        self.progress.offsets.send_replace(offsets);
        match create_consumer(&self.options, &self.names, offsets) {
            Ok(consumer) => self.consumer = consumer,
            Err(error) => log_throttle::warn_throttled("cannot read the topics of the journal", &error, ""),
        }
    }

    fn stopping(&self) -> bool {
        self.progress.stop.load(Ordering::Acquire)
    }

    pub(super) fn run(mut self) {
        while !self.stopping() {
            self.restart_if_needed();
            let mut offsets = *self.progress.offsets.borrow();
            let (mut entries, mut letters) = (Vec::new(), Vec::new());
            let mut wait = POLL;
            while entries.len() + letters.len() < BATCH {
                let message = match self.consumer.poll(wait) {
                    Some(Ok(message)) => message,
                    // One of the two topics ends before the other.
                    Some(Err(KafkaError::PartitionEOF(_))) => continue,
                    None => break,
                    Some(Err(error)) => {
                        log_throttle::warn_throttled("cannot read the topics of the journal", &error, "");
                        break;
                    }
                };
                wait = Duration::ZERO;
                let stored = record::from_message(&message);
                let next = stored.position.after().0;
                let read = if message.topic() == self.names.outcomes {
                    offsets.outcomes = next;
                    entry(stored).map(|entry| entries.push(entry))
                } else {
                    offsets.dead_letters = next;
                    dead_letter(stored).map(|letter| letters.push(letter))
                };
                match read {
                    Ok(()) => {}
                    Err(error @ Error::NewerVersion { .. }) => {
                        tracing::error!(%error, "the index of the journal stops: a record has a newer version");
                        return;
                    }
                    Err(error) => {
                        tracing::error!(%error, next, "a record of the journal cannot be read and is skipped");
                    }
                }
            }
            if offsets != *self.progress.offsets.borrow() && !self.apply_with_retry(entries, letters, offsets) {
                return;
            }
        }
    }

    /// Applies a batch and stores the offsets. Retries until it succeeds; returns `false` if it was stopped first.
    fn apply_with_retry(&self, entries: Vec<Entry>, letters: Vec<DeadLetterChange>, offsets: Offsets) -> bool {
        loop {
            let applied =
                self.runtime.block_on(self.apply(&entries, &letters)).and_then(|()| self.store_offsets(offsets));
            match applied {
                Ok(()) => {
                    self.progress.offsets.send_replace(offsets);
                    return true;
                }
                Err(error) => tracing::error!(%error, "the index of the journal was not written"),
            }
            if self.stopping() {
                return false;
            }
            std::thread::sleep(RETRY_DELAY);
        }
    }

    /// The offsets are stored after this, so the rows must be durable: they are not applied again.
    async fn apply(&self, entries: &[Entry], letters: &[DeadLetterChange]) -> Result<(), Error> {
        if !entries.is_empty() {
            self.journal.record(entries.to_vec());
            self.journal.make_durable().await?;
        }
        for letter in letters {
            match letter {
                DeadLetterChange::Stored(letter) => self.journal.store_dead_letters(vec![(**letter).clone()]).await?,
                DeadLetterChange::Removed(id) => self.journal.remove_dead_letters(vec![*id]).await.map(drop)?,
            }
        }
        Ok(())
    }

    fn store_offsets(&self, offsets: Offsets) -> Result<(), Error> {
        let failed = |error: &dyn std::fmt::Display| {
            failure::unavailable(format!("cannot write {}: {error}", self.file.display()))
        };
        let text = serde_json::to_vec(&offsets).map_err(|error| failed(&error))?;
        let fresh = self.file.with_extension("new");
        let mut file = std::fs::File::create(&fresh).map_err(|error| failed(&error))?;
        file.write_all(&text).map_err(|error| failed(&error))?;
        std::fs::rename(&fresh, &self.file).map_err(|error| failed(&error))
    }
}

/// A consumer that reads on from these offsets.
fn create_consumer(options: &Options, names: &TopicNames, offsets: Offsets) -> KafkaResult<AssignedConsumer> {
    let mut list = TopicPartitionList::new();
    for (topic, offset) in [(&names.outcomes, offsets.outcomes), (&names.dead_letters, offsets.dead_letters)] {
        list.add_partition_offset(topic, 0, Offset::Offset(offset as i64))?;
    }
    let consumer = client::create_reader(options)?;
    consumer.assign(&list)?;
    Ok(consumer)
}

fn entry(stored: Stored) -> Result<Entry, Error> {
    encoding::journal::decode_entry(stored.record.value.unwrap_or_default())
}

fn dead_letter(stored: Stored) -> Result<DeadLetterChange, Error> {
    let corrupt = |_| Error::Corrupt { kind: "dead letter", reason: "its key is not an id".into() };
    let id = Uuid::from_slice(&stored.record.key).map_err(corrupt)?;
    Ok(match stored.record.value {
        Some(value) => DeadLetterChange::Stored(Box::new(encoding::journal::decode_dead_letter(id, value)?)),
        None => DeadLetterChange::Removed(id),
    })
}
