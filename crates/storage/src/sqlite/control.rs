//! Control on the table `control` of `gateway.sqlite`: the writer thread decides on commands one after another.
//!
//! It decides against a registry of its own, which already contains the changes of the group that is being committed.
//! When a group is rolled back, that registry is copied from the shared one again. The entry of the audit trail about a
//! decision is written in the same transaction, see [`super::audit`].

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use model::{
    Actor, Registry,
    audit::{self, Entry, Source},
    decide::{Command, decide},
    registry::Change,
};
use rusqlite::Connection;
use tokio::sync::{broadcast, oneshot};

use super::{
    audit::{Trail, TrailEnd},
    options::Options,
    probe::Probe,
    readers::Readers,
    writer::{Job, Writer},
};
use crate::{
    Control, Error,
    control::{Decision, SharedRegistry, log_decision},
    encoding,
};

/// How many changes a receiver may lag before it must reread the registry.
const MAX_LAG: usize = 4_096;
/// The assumed size of a command in the writer's queue, in bytes; commands are small and bounded by the gateway.
const COMMAND_BYTES: usize = 2_048;

pub(super) struct State {
    shared: SharedRegistry,
    pub(super) trail: Trail,
    staged: Mutex<Option<Staged>>,
    changes: broadcast::Sender<Change>,
}

/// What is staged in the group that is being committed.
pub(super) struct Staged {
    registry: Registry,
    pub(super) end: TrailEnd,
}

impl State {
    /// Builds the registry from the stored rows, and finds the end of the audit trail.
    pub(super) fn load(connection: &Connection, options: &Options) -> Result<Self, Error> {
        let mut registry = Registry::default();
        read(connection, &mut registry)?;
        Ok(Self {
            staged: Mutex::new(None),
            shared: SharedRegistry::new(registry),
            trail: Trail::load(connection, options)?,
            changes: broadcast::Sender::new(MAX_LAG),
        })
    }

    /// Works on what is staged.
    pub(super) fn stage<T>(&self, work: impl FnOnce(&mut Staged) -> Result<T, Error>) -> Result<T, Error> {
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Staged { registry: self.shared.read().clone(), end: self.trail.end() };
        work(staged.get_or_insert_with(fresh))
    }

    /// The group was committed: what was staged of the trail counts.
    pub(super) fn committed(&self) {
        if let Some(staged) = &*self.staged.lock().unwrap_or_else(PoisonError::into_inner) {
            self.trail.set_end(&staged.end);
        }
    }

    /// The group was rolled back.
    pub(super) fn rolled_back(&self) {
        *self.staged.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Applies the stored rows to a registry.
///
/// # Errors
/// `NewerVersion` or `Corrupt` for a row that this program cannot read.
pub(super) fn read(connection: &Connection, registry: &mut Registry) -> Result<(), Error> {
    let mut statement = connection.prepare("SELECT body FROM control")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        registry.apply(&encoding::from_body(body)?);
    }
    Ok(())
}

/// The ports Control and AuditLog on the embedded file.
pub struct SqliteControl {
    pub(super) state: Arc<State>,
    pub(super) writer: Arc<Writer>,
    pub(super) readers: Arc<Readers>,
    probe: Probe,
}

impl std::fmt::Debug for SqliteControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteControl")
    }
}

impl SqliteControl {
    pub(super) fn new(state: State, writer: Arc<Writer>, readers: Arc<Readers>, probe: Probe) -> Self {
        Self { state: Arc::new(state), writer, readers, probe }
    }
}

#[async_trait]
impl Control for SqliteControl {
    async fn submit(&self, actor: &Actor, command: Command) -> Result<Decision, Error> {
        let name = command.name();
        let state = Arc::clone(&self.state);
        let source = Source::new(actor, state.trail.node());
        let job = |reply| Submit { state, request: Some((source, command)), decision: None, line: None, reply };
        let decision = self.writer.submit(COMMAND_BYTES, job).await;
        log_decision(actor, name, &decision);
        decision
    }

    fn registry(&self) -> SharedRegistry {
        self.state.shared.clone()
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.state.changes.subscribe()
    }

    async fn catch_up(&self) -> Result<(), Error> {
        // A change is in the registry before its command is answered, and no other process accepts any.
        Ok(())
    }

    async fn probe(&self) -> Result<(), Error> {
        self.probe.run().await
    }
}

struct Submit {
    state: Arc<State>,
    request: Option<(Source, Command)>,
    decision: Option<Decision>,
    line: Option<String>,
    reply: oneshot::Sender<Result<Decision, Error>>,
}

impl Job for Submit {
    fn stage(&mut self, connection: &Connection) -> Result<(), Error> {
        let Some((source, command)) = self.request.take() else { return Ok(()) };
        let at = self.state.trail.now();
        let (decision, line) = self.state.stage(|Staged { registry, end }| {
            let what = audit::described(&command);
            let decision = decide(registry, command);
            let entry =
                what.map(|what| Entry::of_decision(registry, at, source, what, decision.as_ref().map(Vec::as_slice)));
            for change in decision.iter().flatten() {
                let row = encoding::to_row(change)?;
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
            let line = entry.map(|entry| end.insert(connection, &entry)).transpose()?;
            Ok((decision, line))
        })?;
        (self.decision, self.line) = (Some(decision), line);
        Ok(())
    }

    fn publish(&mut self) {
        self.state.committed();
        if let Some(line) = &self.line {
            encoding::audit::log(line);
        }
        let Some(Ok(changes)) = &self.decision else { return };
        self.state.shared.apply(changes);
        for change in changes {
            // The send fails if there is no receiver.
            drop(self.state.changes.send(change.clone()));
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        let answer = match (outcome, self.decision) {
            (Ok(()), Some(decision)) => Ok(decision),
            (Ok(()), None) => Err(super::failure::broken("a command was not decided")),
            (Err(error), _) => {
                self.state.rolled_back();
                Err(error)
            }
        };
        // The caller may have given up.
        drop(self.reply.send(answer));
    }
}
