//! Stores dead letters: all that came from the machine together in one durable write. Counts them by subscription.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::{SubscriptionId, Timestamp};
use storage::{Journal, journal::DeadLetter};
use tokio::sync::mpsc;

use super::{Common, message::Message};
use crate::{
    arena::Id,
    machine::{Delivery, Input},
};

/// The dead letters of a subscription that this node stored since they were last counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadLetterCount {
    /// Their number, at least 1.
    pub letters: u64,
    /// When the first of them was stored.
    pub since: Timestamp,
}

/// The dead letters that this node stored, by subscription.
#[derive(Default)]
pub(super) struct DeadLetterCounts(Mutex<HashMap<SubscriptionId, DeadLetterCount>>);

impl DeadLetterCounts {
    fn lock(&self) -> MutexGuard<'_, HashMap<SubscriptionId, DeadLetterCount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, subscriptions: Vec<SubscriptionId>, now: Timestamp) {
        let mut counts = self.lock();
        for subscription in subscriptions {
            counts.entry(subscription).or_insert(DeadLetterCount { letters: 0, since: now }).letters += 1;
        }
    }

    /// Every count, since it was last taken off.
    pub fn all(&self) -> HashMap<SubscriptionId, DeadLetterCount> {
        self.lock().clone()
    }

    /// Takes counted dead letters off; those that were stored after `counted` was read stay.
    pub fn take_off(&self, subscription: SubscriptionId, counted: DeadLetterCount, now: Timestamp) {
        let mut counts = self.lock();
        let Some(count) = counts.get_mut(&subscription) else { return };
        count.letters = count.letters.saturating_sub(counted.letters);
        count.since = now;
        if count.letters == 0 {
            counts.remove(&subscription);
        }
    }
}

/// Stores dead letters, counts them at `now`, and reports for each whether it is durable.
pub(super) async fn store(
    journal: Arc<dyn Journal>,
    common: Arc<Common>,
    letters: Vec<(Id<Delivery>, DeadLetter)>,
    now: Timestamp,
    sender: mpsc::UnboundedSender<Message>,
) {
    let (ids, letters): (Vec<_>, Vec<_>) = letters.into_iter().unzip();
    let subscriptions = letters.iter().filter_map(DeadLetter::subscription).collect();
    let mut storing = ReportOnDrop { ids, sender, stored: false };
    match journal.store_dead_letters(letters).await {
        Ok(()) => {
            storing.stored = true;
            common.dead_letters.add(subscriptions, now);
        }
        Err(error) => tracing::warn!(%error, "dead letters cannot be stored now; they are retried"),
    }
}

/// Reports when it is dropped, so that every dead letter is answered even when the task panics.
struct ReportOnDrop {
    ids: Vec<Id<Delivery>>,
    sender: mpsc::UnboundedSender<Message>,
    stored: bool,
}

impl Drop for ReportOnDrop {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            // The shard may have stopped meanwhile.
            let _ = self.sender.send(Message::Input(Input::DeadLetterStored(id, self.stored)));
        }
    }
}
