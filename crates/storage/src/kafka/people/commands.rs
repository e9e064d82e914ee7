//! What this node has the owner do: a command on `people-commands`, and its answer on `people-answers`.
//!
//! A command is done at most once: the owner reads those that come while it is the owner, and drops one that is older than half the
//! deadline. Who gets no answer does not know whether it was done.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use crate::{
    Error, Inbox,
    audience::{self, Audience},
    encoding::people::{self, Answer, Command},
    kafka::{
        Options, admin::Kind, failure, idempotent_producer::IdempotentProducer, reporting_producer::ProducerRecord,
    },
    log::Stored,
    sqlite::SqliteAudience,
};

/// Retention of commands and answers.
const MESSAGE_RETENTION: Duration = Duration::from_hours(1);

/// The topics, without prefix.
pub(in crate::kafka) const TOPICS: [(&str, Kind); 2] =
    [("people-commands", Kind::Ephemeral(MESSAGE_RETENTION)), ("people-answers", Kind::Ephemeral(MESSAGE_RETENTION))];

/// Commands of this node, and answers to those of others.
pub(super) struct Commands {
    options: Arc<Options>,
    pub(super) topic: Arc<str>,
    pub(super) answers: Arc<str>,
    producer: IdempotentProducer,
    pending: Mutex<HashMap<Uuid, oneshot::Sender<Answer>>>,
    /// Whether this node reads answers.
    pub(super) listening: watch::Sender<bool>,
}

impl Commands {
    pub(super) fn new(options: Arc<Options>, topic: String, answers: String) -> Result<Self, Error> {
        Ok(Self {
            producer: IdempotentProducer::new(Arc::clone(&options))?,
            topic: topic.into(),
            answers: answers.into(),
            pending: Mutex::default(),
            listening: watch::Sender::new(false),
            options,
        })
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<Uuid, oneshot::Sender<Answer>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the owner do something, and waits for its answer.
    ///
    /// # Errors
    /// What the owner refused; `Unavailable` when there is no answer within the deadline.
    pub(super) async fn submit(&self, command: &Command) -> Result<Answer, audience::Error> {
        let none = || failure::unavailable("no node changes what is stored of people now");
        if !*self.listening.borrow() {
            return Err(none().into());
        }
        let body = people::to_body(command)?;
        let id = self.options.random.uuid();
        let (reply, answer) = oneshot::channel();
        self.pending().insert(id, reply);
        let answered = async {
            self.append(&self.topic, id, body).await?;
            let answer = tokio::time::timeout(self.options.deadline, answer).await;
            answer.map_err(|_| none())?.map_err(|_| none())
        };
        let answered = answered.await;
        self.pending().remove(&id);
        match answered? {
            Answer::Refused(error) => Err(error),
            answer => Ok(answer),
        }
    }

    async fn append(&self, topic: &Arc<str>, id: Uuid, body: String) -> Result<(), Error> {
        let record = ProducerRecord {
            partition: Some(0),
            key: id.as_bytes().to_vec().into(),
            value: Some(body.into_bytes().into()),
            ..ProducerRecord::default()
        };
        self.producer.append(vec![(Arc::clone(topic), record)]).await.map(drop)
    }

    /// An answer was read.
    pub(super) fn answered(&self, stored: &Stored) {
        let Ok(id) = Uuid::from_slice(&stored.record.key) else { return };
        let Some(reply) = self.pending().remove(&id) else { return };
        let body = String::from_utf8_lossy(stored.record.value.as_deref().unwrap_or_default());
        match people::from_answer(&body) {
            // The caller may have given up.
            Ok(answer) => drop(reply.send(answer)),
            Err(error) => tracing::error!(%error, "an answer about people cannot be read"),
        }
    }

    /// Does what a command says, and answers it.
    ///
    /// # Errors
    /// `NewerVersion`: a newer node has to do it. What else goes wrong is answered or logged.
    pub(super) async fn serve(&self, audience: &SqliteAudience, stored: &Stored) -> Result<(), Error> {
        let age = self.options.clock.now().since(stored.appended);
        let Ok(id) = Uuid::from_slice(&stored.record.key) else { return Ok(()) };
        if age > self.options.deadline / 2 {
            tracing::warn!(?age, "a command about people was too old to be done");
            return Ok(());
        }
        let body = String::from_utf8_lossy(stored.record.value.as_deref().unwrap_or_default());
        let command = match people::from_body(&body) {
            Ok(command) => command,
            Err(error @ Error::NewerVersion { .. }) => return Err(error),
            // Its sender, if any, gets no answer and times out.
            Err(error) => {
                tracing::error!(%error, "a command about people cannot be read");
                return Ok(());
            }
        };
        let answer = perform(audience, command).await.unwrap_or_else(Answer::Refused);
        if let Err(error) = self.append(&self.answers, id, people::to_answer(&answer)?).await {
            tracing::warn!(%error, "an answer about people was not written");
        }
        Ok(())
    }
}

async fn perform(audience: &SqliteAudience, command: Command) -> Result<Answer, audience::Error> {
    Ok(match command {
        Command::Put(puts) => {
            audience.put(puts).await?;
            Answer::Done(0)
        }
        Command::Filter(text) => Answer::Done(audience.filter_id(text).await?.0.into()),
        Command::Erase(digest, at) => Answer::Done(audience.erase(digest, at).await?),
        Command::Record(evidence) => {
            audience.record(evidence).await?;
            Answer::Done(0)
        }
        Command::Change { person, id, change, now, undo } => {
            match Inbox::change(audience, person, id, change, now, undo).await? {
                None => Answer::NoMessage,
                Some(Err(_)) => Answer::UndoOver,
                Some(Ok(_)) => Answer::Done(0),
            }
        }
        Command::ErasePerson(person) => Answer::Done(audience.erase_person(person).await?),
    })
}
