//! Control on one table of `gateway.sqlite`: commands are decided on the writer thread, one after the other.
//!
//! The writer decides against a registry of its own that is ahead of the shared one by the changes of the group
//! that is being committed. When a group is rolled back it starts over from the shared one.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::{
    Registry,
    decide::{Command, decide},
    registry::Change,
};
use rusqlite::Connection;
use tokio::sync::{broadcast, oneshot};

use super::writer::{Job, Writer};
use crate::{
    Control, Error,
    control::{Decision, SharedRegistry},
    stored,
};

/// How many changes a receiver may lag behind before it must read the registry anew.
const LAG: usize = 4_096;
/// What a command counts for in the queue, in bytes; commands are small and bounded by the gateway.
const COMMAND_BYTES: usize = 2_048;

#[derive(Debug)]
pub(super) struct State {
    shared: SharedRegistry,
    ahead: Mutex<Option<Registry>>,
    changes: broadcast::Sender<Change>,
}

impl State {
    /// Folds everything that is stored.
    pub(super) fn load(connection: &Connection) -> Result<Self, Error> {
        let mut registry = Registry::default();
        let mut statement = connection.prepare("SELECT body FROM control")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            registry.apply(&stored::from_body(body)?);
        }
        Ok(Self {
            ahead: Mutex::new(Some(registry.clone())),
            shared: SharedRegistry::new(registry),
            changes: broadcast::Sender::new(LAG),
        })
    }
}

/// The port Control on the embedded file.
#[derive(Debug)]
pub struct SqliteControl {
    state: Arc<State>,
    writer: Arc<Writer>,
}

impl SqliteControl {
    pub(super) fn new(state: State, writer: Arc<Writer>) -> Self {
        Self { state: Arc::new(state), writer }
    }
}

#[async_trait]
impl Control for SqliteControl {
    async fn submit(&self, command: Command) -> Result<Decision, Error> {
        let state = Arc::clone(&self.state);
        let job = |reply| Submit { state, command: Some(command), decision: None, reply };
        self.writer.submit(COMMAND_BYTES, job).await
    }

    fn registry(&self) -> SharedRegistry {
        self.state.shared.clone()
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.state.changes.subscribe()
    }

    async fn catch_up(&self) -> Result<(), Error> {
        // A change is folded in before its command is answered, and nobody else accepts any.
        Ok(())
    }
}

struct Submit {
    state: Arc<State>,
    command: Option<Command>,
    decision: Option<Decision>,
    reply: oneshot::Sender<Result<Decision, Error>>,
}

impl Job for Submit {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        let Some(command) = self.command.take() else { return Ok(()) };
        let mut ahead = self.state.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let registry = ahead.get_or_insert_with(|| self.state.shared.read().clone());
        let decision = decide(registry, command);
        for change in decision.iter().flatten() {
            let row = stored::to_row(change)?;
            match row.body {
                Some(body) => connection
                    .prepare_cached("INSERT OR REPLACE INTO control (kind, id, body) VALUES (?1, ?2, ?3)")?
                    .execute((row.kind, row.id, body))?,
                None => connection
                    .prepare_cached("DELETE FROM control WHERE kind = ?1 AND id = ?2")?
                    .execute((row.kind, row.id))?,
            };
            registry.apply(change);
        }
        self.decision = Some(decision);
        Ok(())
    }

    fn publish(&mut self) {
        let Some(Ok(changes)) = &self.decision else { return };
        self.state.shared.apply(changes);
        for change in changes {
            // Nobody listening is fine.
            drop(self.state.changes.send(change.clone()));
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        let answer = match (outcome, self.decision) {
            (Ok(()), Some(decision)) => Ok(decision),
            (Ok(()), None) => Err(super::failure::broken("a command was not decided")),
            (Err(error), _) => {
                *self.state.ahead.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Err(error)
            }
        };
        // A caller that is gone does not need its answer.
        drop(self.reply.send(answer));
    }
}
