//! Filling topics with what another installation held, before any node works on them.
//!
//! What no port offers and only this needs: records keep the moments at which they were appended elsewhere, and a note in
//! a topic of its own says whose records these are and whether all of them are there. The note is written in transactions,
//! so that of two who fill the same topics the later one stops the earlier. Events are not: the marker that ends a transaction
//! bears the moment of its writing, and looking a moment up would find the markers first. So a call that failed may have
//! appended some of its records; what is there tells which.

use std::{sync::Arc, time::Duration};

use model::{KanaalName, Timestamp};
use rdkafka::{Offset, error::KafkaError};
use tokio::runtime::Handle;

use super::{
    Kafka, KafkaLog, Options,
    admin::{self, Admin, Kind},
    control,
    cursor::Cursors,
    failure, journal, progress,
    topics::Topics,
    transact::Transactor,
    writer::Outgoing,
};
pub use crate::stored::intake::Note;
use crate::{Error, log::Record, stored};

/// What the topic of the note, and the producer, are called.
const MATTER: &str = "migration";
/// The key of the note.
const KEY: &[u8] = b"note";
/// How long writing the note may take.
const TRANSACTION: Duration = Duration::from_mins(1);

/// Fills topics.
pub struct Intake {
    topics: Topics,
    admin: Arc<Admin>,
    log: KafkaLog,
    partitions: u32,
    transactor: Arc<Transactor>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Intake").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl Kafka {
    /// The note of who fills these topics, or filled them; `None` when nobody did. Where one is that is not complete,
    /// nothing but the filling may work on the topics.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away; `NewerVersion` or `Corrupt` when the note cannot be read.
    pub async fn intake_note(&self) -> Result<Option<Note>, Error> {
        let topic = self.topics.own(MATTER);
        if self.admin.find(topic.clone()).await?.is_none() {
            return Ok(None);
        }
        let cursors = Cursors::new(Arc::clone(&self.options));
        let read = move || {
            let mut note = None;
            cursors.fold(&topic, 0, 0, |stored| {
                let body = stored.record.value.unwrap_or_default();
                note = Some(stored::intake::from_body(&String::from_utf8_lossy(&body))?);
                Ok(())
            })?;
            Ok(note)
        };
        tokio::task::spawn_blocking(read).await.map_err(failure::task)?
    }

    /// A topic of the gateway that holds or held records; `None` when all of them are empty or missing.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away.
    pub async fn in_use(&self) -> Result<Option<String>, Error> {
        let own = control::TOPICS.into_iter().chain(journal::TOPICS).chain([progress::TOPIC]);
        let own: Vec<String> = own.map(|(matter, _)| self.topics.own(matter)).collect();
        let mut places = Vec::new();
        for topic in self.admin.topics().await? {
            if own.contains(&topic) || self.topics.kanaal_of(&topic).is_some() {
                let partitions = self.admin.find(topic.clone()).await?.unwrap_or(0);
                places.extend(admin::places(&topic, partitions));
            }
        }
        let ends = self.admin.offsets(places.clone(), Offset::End).await?;
        let used = places.into_iter().zip(ends).find(|(_, end)| end.is_some_and(|end| end > 0));
        Ok(used.map(|((topic, _), _)| topic))
    }

    /// Begins to fill topics, or goes on. Inside a tokio runtime; whoever filled them before can write no note any more.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away, `Corrupt` when the topic of the note is not as it must be.
    pub async fn intake(&self) -> Result<Intake, Error> {
        self.admin.ensure(&self.topics.own(MATTER), Kind::State, 1).await?;
        let options = Options { session_timeout: TRANSACTION, ..Options::clone(&self.options) };
        let (id, runtime) = (self.topics.own(MATTER), Handle::current());
        let make = move || Transactor::new(&options, &id, runtime);
        let transactor = tokio::task::spawn_blocking(make).await.map_err(failure::task)??;
        Ok(Intake {
            topics: self.topics.clone(),
            admin: Arc::clone(&self.admin),
            log: KafkaLog::new(self)?,
            partitions: self.options.partitions,
            transactor: Arc::new(transactor),
        })
    }
}

impl Intake {
    /// Writes the note; durable when it returns.
    ///
    /// # Errors
    /// `Fenced` when another process fills these topics, `Unavailable` when the brokers are away.
    pub async fn note(&self, note: &Note) -> Result<(), Error> {
        let value = Some(stored::intake::to_body(note)?.into());
        let record = Outgoing { partition: Some(0), key: KEY.into(), value, ..Outgoing::default() };
        let record = (self.topics.own(MATTER).into(), record);
        let transactor = Arc::clone(&self.transactor);
        let write = move || {
            let failed = |error: KafkaError| failure::kafka("the note is not written", &error);
            transactor.begin().map_err(failed)?;
            let written = transactor.send(vec![record]).and_then(|_| transactor.commit_alone());
            written.map_err(|error| {
                // What cannot be taken back now is taken back when somebody goes on.
                drop(transactor.abort());
                if transactor.is_fenced() { Error::Fenced } else { failed(error) }
            })
        };
        tokio::task::spawn_blocking(write).await.map_err(failure::task)?
    }

    /// Makes the topic of a kanaal ready to be filled.
    ///
    /// # Errors
    /// `Unavailable` when the brokers are away or do not let us, `Corrupt` when its settings break a promise.
    pub async fn open(&self, kanaal: &KanaalName) -> Result<(), Error> {
        let topic = self.topics.kanaal(kanaal);
        match self.admin.find(topic.clone()).await? {
            None => self.admin.ensure(&topic, Kind::Filling, self.partitions).await.map(drop),
            Some(_) => self.admin.stamp(&topic, Kind::Filling).await,
        }
    }

    /// Reads what stands in topics that are being filled.
    pub fn log(&self) -> &KafkaLog {
        &self.log
    }

    /// Appends records to a kanaal that was opened, with the moments they bear, which must not go back; kept in
    /// milliseconds. Records with equal keys land in one partition, in order. Of a call that fails some may be there.
    ///
    /// # Errors
    /// `TooLarge` and `Corrupt` for a record that Kafka does not take, `Unavailable` when the brokers are away.
    pub async fn append(&self, kanaal: &KanaalName, records: Vec<(Timestamp, Record)>) -> Result<(), Error> {
        self.log.fill(kanaal, records).await
    }

    /// Ends the filling of a kanaal: from now on its records bear the moment of their appending.
    ///
    /// # Errors
    /// As [`Intake::open`].
    pub async fn close(&self, kanaal: &KanaalName) -> Result<(), Error> {
        self.admin.stamp(&self.topics.kanaal(kanaal), Kind::Kanaal).await
    }
}
