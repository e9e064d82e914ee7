//! Mailings that go on in this process, so that each can be stopped (CH-94, CH-98).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::{Timestamp, mailing::MailingId};
use people::administration::Running;
use tokio_util::sync::CancellationToken;

use super::MailingParts;

/// What stops one, and the moment that it waits for.
#[derive(Debug, Clone)]
struct Entry {
    token: CancellationToken,
    due: Option<Timestamp>,
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
}

impl Stops {
    /// Stops a mailing; returns whether it goes on here.
    pub fn stop(&self, id: MailingId) -> bool {
        self.get(id).inspect(|own| own.token.cancel()).is_some()
    }

    fn get(&self, id: MailingId) -> Option<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(super) fn add(&self, id: MailingId, due: Option<Timestamp>) -> Stoppable {
        let token = CancellationToken::new();
        let entry = Entry { token: token.clone(), due };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, entry);
        Stoppable { stops: self.clone(), id, token }
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.stops.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Running for MailingParts {
    fn stop(&self, id: MailingId) -> bool {
        self.stops.stop(id)
    }

    fn due(&self, id: MailingId) -> Option<Timestamp> {
        self.stops.get(id)?.due
    }
}
