//! The thread that feeds this node's index from the topics of the journal.
//!
//! How far it has come stands in a file beside the index. Feeding something twice does no harm, so the file may be
//! behind; when it is missing, everything the topics hold is fed again.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rdkafka::{Message, Offset, TopicPartitionList, consumer::Consumer, error::KafkaError};
use serde::{Deserialize, Serialize};
use tokio::{runtime::Handle, sync::watch};
use uuid::Uuid;

use super::{Index, Places};
use crate::{
    Error, Journal,
    journal::{DeadLetter, Entry},
    kafka::{
        Options,
        client::{self, Plain, Reader},
        failure, notes, record,
    },
    log::Stored,
    sqlite::{self, Embedded, SqliteJournal},
    stored,
};

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);
/// Most records fed together.
const BATCH: usize = 1_000;
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// How far the index has come, as offsets of both topics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Offsets {
    outcomes: u64,
    dead_letters: u64,
}

/// How far the index has come, for those who wait for it.
#[derive(Debug)]
pub(super) struct Applied {
    offsets: watch::Sender<Offsets>,
    stop: AtomicBool,
}

impl Applied {
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    pub(super) async fn outcomes_to(&self, until: u64, wait: Duration) -> Result<(), Error> {
        self.reach(|offsets| offsets.outcomes >= until, wait).await
    }

    pub(super) async fn dead_letters_to(&self, until: u64, wait: Duration) -> Result<(), Error> {
        self.reach(|offsets| offsets.dead_letters >= until, wait).await
    }

    async fn reach(&self, reached: impl FnMut(&Offsets) -> bool, wait: Duration) -> Result<(), Error> {
        let mut offsets = self.offsets.subscribe();
        let late = || failure::away("the index of the journal does not keep up");
        tokio::time::timeout(wait, offsets.wait_for(reached)).await.map_err(|_| late())?.map_err(|_| late())?;
        Ok(())
    }
}

/// What changes the dead letters of the index.
enum Letter {
    Buried(Box<DeadLetter>),
    Removed(Uuid),
}

pub(super) struct Indexer {
    journal: Arc<SqliteJournal>,
    applied: Arc<Applied>,
    consumer: Reader,
    places: Places,
    file: PathBuf,
    runtime: Handle,
}

impl Indexer {
    /// Opens the index in a directory and stands ready where it ended.
    pub(super) fn open(
        options: &Options,
        directory: &Path,
        places: &Places,
        runtime: Handle,
    ) -> Result<(Index, Self), Error> {
        let embedded = Embedded::open(directory, sqlite::Options::new(Arc::clone(&options.clock)))?;
        let journal = embedded.journal;
        let file = directory.join("applied.json");
        let offsets: Offsets =
            std::fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let failed = |error: KafkaError| failure::kafka("the journal cannot be followed", &error);
        let consumer: Reader = client::create(options, &client::reader(options), Plain).map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for (topic, offset) in [(&places.outcomes, offsets.outcomes), (&places.dead_letters, offsets.dead_letters)] {
            list.add_partition_offset(topic, 0, Offset::Offset(offset as i64)).map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        let applied = Arc::new(Applied { offsets: watch::Sender::new(offsets), stop: AtomicBool::new(false) });
        let index = Index { journal: Arc::clone(&journal), applied: Arc::clone(&applied) };
        Ok((index, Self { journal, applied, consumer, places: places.clone(), file, runtime }))
    }

    fn stopping(&self) -> bool {
        self.applied.stop.load(Ordering::Acquire)
    }

    pub(super) fn run(self) {
        while !self.stopping() {
            let mut offsets = *self.applied.offsets.borrow();
            let (mut entries, mut letters) = (Vec::new(), Vec::new());
            let mut wait = POLL;
            while entries.len() + letters.len() < BATCH {
                let message = match self.consumer.poll(wait) {
                    Some(Ok(message)) => message,
                    // Of two topics one ends before the other.
                    Some(Err(KafkaError::PartitionEOF(_))) => continue,
                    None => break,
                    Some(Err(error)) => {
                        notes::tell("the journal is not followed now", &error, "");
                        break;
                    }
                };
                wait = Duration::ZERO;
                let stored = record::stored(&message);
                let next = stored.position.after().0;
                let read = if message.topic() == self.places.outcomes {
                    offsets.outcomes = next;
                    entry(stored).map(|entry| entries.push(entry))
                } else {
                    offsets.dead_letters = next;
                    letter(stored).map(|letter| letters.push(letter))
                };
                match read {
                    Ok(()) => {}
                    Err(error @ Error::NewerVersion { .. }) => {
                        tracing::error!(%error, "the index of the journal stops here");
                        return;
                    }
                    Err(error) => tracing::error!(%error, next, "a record of the journal is left out"),
                }
            }
            if offsets != *self.applied.offsets.borrow() && !self.feed(entries, letters, offsets) {
                return;
            }
        }
    }

    /// Feeds a batch and notes how far that is; again and again until it succeeds or is to stop.
    fn feed(&self, entries: Vec<Entry>, letters: Vec<Letter>, offsets: Offsets) -> bool {
        loop {
            let fed = self.runtime.block_on(self.apply(&entries, &letters)).and_then(|()| self.note(offsets));
            match fed {
                Ok(()) => {
                    self.applied.offsets.send_replace(offsets);
                    return true;
                }
                Err(error) => tracing::error!(%error, "the index of the journal was not written"),
            }
            if self.stopping() {
                return false;
            }
            std::thread::sleep(PAUSE);
        }
    }

    async fn apply(&self, entries: &[Entry], letters: &[Letter]) -> Result<(), Error> {
        if !entries.is_empty() {
            self.journal.record(entries.to_vec());
            self.journal.flush().await?;
        }
        for letter in letters {
            match letter {
                Letter::Buried(letter) => self.journal.bury(vec![(**letter).clone()]).await?,
                Letter::Removed(id) => self.journal.remove_dead_letters(vec![*id]).await.map(drop)?,
            }
        }
        Ok(())
    }

    fn note(&self, offsets: Offsets) -> Result<(), Error> {
        let failed =
            |error: &dyn std::fmt::Display| failure::away(format!("cannot write {}: {error}", self.file.display()));
        let text = serde_json::to_vec(&offsets).map_err(|error| failed(&error))?;
        let fresh = self.file.with_extension("new");
        let mut file = std::fs::File::create(&fresh).map_err(|error| failed(&error))?;
        file.write_all(&text).map_err(|error| failed(&error))?;
        std::fs::rename(&fresh, &self.file).map_err(|error| failed(&error))
    }
}

fn entry(stored: Stored) -> Result<Entry, Error> {
    stored::journal::decode_entry(stored.record.value.unwrap_or_default())
}

fn letter(stored: Stored) -> Result<Letter, Error> {
    let corrupt = |_| Error::Corrupt { kind: "dead letter", reason: "its key is not an id".into() };
    let id = Uuid::from_slice(&stored.record.key).map_err(corrupt)?;
    Ok(match stored.record.value {
        Some(value) => Letter::Buried(Box::new(stored::journal::decode_letter(id, value)?)),
        None => Letter::Removed(id),
    })
}
