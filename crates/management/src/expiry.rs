//! Expiry: expires subscriptions at the time in their `expires`.
//!
//! It only submits the command; the engine stops the deliveries. Every node may submit it: the first command takes effect.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use model::{
    Actor, Clock, Subscription, SubscriptionId, Timestamp, decide::Command, registry::Change, subscription::Status,
};
use storage::Control;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// The longest sleep, so that a change of the system clock is noticed.
const MAX_SLEEP: Duration = Duration::from_mins(1);
/// The wait before a command that storage did not confirm is submitted again.
const PAUSE: Duration = Duration::from_secs(1);

/// Expires subscriptions whose `expires` is past.
pub struct Expiry {
    /// Gives the subscriptions and takes the commands.
    pub control: Arc<dyn Control>,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
}

impl Expiry {
    /// Runs until control closes.
    pub async fn run(self) {
        let mut changes = self.control.changes();
        let mut schedule = self.schedule();
        loop {
            let sleep = match self.expire(&mut schedule).await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::warn!(%error, "the expiry of a subscription is submitted again later");
                    PAUSE
                }
            };
            let mut change = tokio::select! {
                () = tokio::time::sleep(sleep) => Err(TryRecvError::Empty),
                change = changes.recv() => change.map_err(|error| match error {
                    RecvError::Closed => TryRecvError::Closed,
                    RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
                }),
            };
            // Several changes lead to one look at the schedule.
            loop {
                match change {
                    Ok(change) => schedule.apply(&change),
                    Err(TryRecvError::Lagged(_)) => schedule = self.schedule(),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Closed) => return,
                }
                change = changes.try_recv();
            }
        }
    }

    /// Expires every subscription whose `expires` is past.
    pub async fn pass(&self) -> Result<(), storage::Error> {
        self.expire(&mut self.schedule()).await.map(drop)
    }

    fn schedule(&self) -> Schedule {
        let mut schedule = Schedule::default();
        for subscription in self.control.registry().read().subscriptions() {
            schedule.set(subscription);
        }
        schedule
    }

    /// Expires those that are due. Returns how long to wait for the next one, at most a minute.
    async fn expire(&self, schedule: &mut Schedule) -> Result<Duration, storage::Error> {
        while let Some((at, id)) = schedule.first().filter(|(at, _)| *at <= self.clock.now()) {
            // Another node may have submitted it, or the owner may have changed or deleted it meanwhile.
            let command = Command::SetStatus { id, status: Status::Expired { at } };
            if self.control.submit(&Actor::gateway(), command).await?.is_ok() {
                tracing::info!(subscription = %id, "a subscription has expired");
            }
            schedule.remove(id);
        }
        let next = schedule.first().map(|(at, _)| at.since(self.clock.now()));
        Ok(next.unwrap_or(MAX_SLEEP).min(MAX_SLEEP))
    }
}

/// When subscriptions expire. It follows single changes, since a look at all subscriptions after each would make creating one
/// slower the more there are (H17).
#[derive(Debug, Default)]
struct Schedule {
    by_time: BTreeSet<(Timestamp, SubscriptionId)>,
    by_id: HashMap<SubscriptionId, Timestamp>,
}

impl Schedule {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Subscription(subscription) => self.set(subscription),
            Change::SubscriptionDeleted(id) => self.remove(*id),
            _ => {}
        }
    }

    fn set(&mut self, subscription: &Subscription) {
        self.remove(subscription.id);
        if let Some(at) = subscription.expires.filter(|_| subscription.status.end().is_none()) {
            self.by_time.insert((at, subscription.id));
            self.by_id.insert(subscription.id, at);
        }
    }

    fn remove(&mut self, id: SubscriptionId) {
        if let Some(at) = self.by_id.remove(&id) {
            self.by_time.remove(&(at, id));
        }
    }

    fn first(&self) -> Option<(Timestamp, SubscriptionId)> {
        self.by_time.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Sink,
        sealed::Sealed,
        selection::{NativeSelection, Selection},
    };
    use uuid::Uuid;

    use super::*;

    fn subscription(number: u128, expires: Option<i64>, status: Status) -> Change {
        let id = SubscriptionId(Uuid::from_u128(number));
        let selection = Selection::Native(NativeSelection::default());
        let sink = Sink::Webhook("https://sink.example/".to_owned());
        let secret = Sealed { key_id: "k".into(), ciphertext: vec![1] };
        let new = Subscription::new(id, "a".to_owned(), selection, sink, secret, Timestamp::from_seconds(1));
        Change::Subscription(Arc::new(Subscription { expires: expires.map(Timestamp::from_seconds), status, ..new }))
    }

    #[test]
    fn h17_the_schedule_follows_single_changes() {
        let mut schedule = Schedule::default();
        let first = |schedule: &Schedule| schedule.first().map(|(at, id)| (at.as_micros() / 1_000_000, id.0.as_u128()));
        schedule.apply(&subscription(1, Some(20), Status::Active));
        schedule.apply(&subscription(2, Some(10), Status::Paused));
        schedule.apply(&subscription(3, None, Status::Active));
        assert_eq!(first(&schedule), Some((10, 2)));
        schedule.apply(&subscription(2, Some(30), Status::Paused));
        assert_eq!(first(&schedule), Some((20, 1)));
        schedule.apply(&subscription(1, Some(20), Status::Expired { at: Timestamp::from_seconds(20) }));
        assert_eq!(first(&schedule), Some((30, 2)));
        schedule.apply(&Change::SubscriptionDeleted(SubscriptionId(Uuid::from_u128(2))));
        assert_eq!((first(&schedule), schedule.by_id.len()), (None, 0));
    }
}
