//! Mailings that go on in this process, so that each can be stopped (CH-94, CH-98).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::{Timestamp, mailing::MailingId};
use tokio::sync::Mutex as AsyncMutex;
use tokio_util::sync::CancellationToken;

/// Whether a mailing may still be cancelled. Who holds the lock on it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waits for the moment of its event.
    Waits,
    /// It was cancelled or replaced before its moment, and ends.
    Cancelled,
    /// Its walk begins.
    Started,
}

/// What stops one, and the moment that it waits for.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub token: CancellationToken,
    pub due: Option<Timestamp>,
    pub turn: Arc<AsyncMutex<Turn>>,
}

/// One entry for each.
#[derive(Debug, Clone, Default)]
pub struct Stops(Arc<Mutex<HashMap<MailingId, Entry>>>);

/// A mailing that can be stopped while this lives.
#[derive(Debug)]
pub(super) struct Stoppable {
    stops: Stops,
    id: MailingId,
    pub token: CancellationToken,
    turn: Arc<AsyncMutex<Turn>>,
}

impl Stops {
    /// Stops a mailing; returns whether it goes on here.
    pub fn stop(&self, id: MailingId) -> bool {
        self.get(id).inspect(|own| own.token.cancel()).is_some()
    }

    /// The moment that a mailing waits for, if it does.
    pub(super) fn due(&self, id: MailingId) -> Option<Timestamp> {
        self.get(id)?.due
    }

    pub(super) fn get(&self, id: MailingId) -> Option<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(super) fn add(&self, id: MailingId, due: Option<Timestamp>) -> Stoppable {
        let token = CancellationToken::new();
        let turn = Arc::new(AsyncMutex::new(if due.is_some() { Turn::Waits } else { Turn::Started }));
        let entry = Entry { token: token.clone(), due, turn: Arc::clone(&turn) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, entry);
        Stoppable { stops: self.clone(), id, token, turn }
    }
}

impl Stoppable {
    /// It begins: from now on it can be stopped, and not cancelled. One that was cancelled is stopped in the store, which its walk reads.
    pub async fn begin(&self) {
        *self.turn.lock().await = Turn::Started;
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.stops.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
