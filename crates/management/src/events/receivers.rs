//! Which subscriptions of the actor got one event, and why the others did not.
//!
//! What happened comes from the journal. Of a subscription without a record there, the reason follows from its present
//! settings: it may have had others when the event came.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use event_reader::StoredEvent;
use model::{Actor, Subscription, SubscriptionId, outcome::DeliveryKey};
use storage::journal::{Page, RecordOutcome, RecordPlace};

use super::{
    missed,
    preview::{Receives, receives},
};
use crate::{Error, Management, waiting::Continuation};

/// A subscription, and what became of the event for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventReceiver {
    /// The subscription of the actor.
    pub subscription: SubscriptionId,
    /// What became of the event.
    pub result: Reception,
}

/// What became of an event for a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// There is a delivery: of several, one that succeeded, else one that goes on, else the last.
    Delivery(RecordOutcome, Continuation),
    /// There is none yet; it waits its turn.
    Coming(Continuation),
    /// There is none yet: by its present settings the subscription gets it after this obstacle is removed.
    After(&'static str),
    /// There is none, because by its present settings the subscription does not get it: the reasons of [`Receives::Not`];
    /// `start`: it starts later in the log; `passed`: it wants the event now, but read beyond it without a delivery.
    Not(&'static str),
}

impl Management {
    /// A page of the subscriptions of the actor, newest first, each with what became of the newest event with this id (and
    /// source) that is still kept.
    ///
    /// # Errors
    /// [`Error::NotIndexed`], [`Error::NoLongerKept`]; [`Error::Invalid`] for `source` when events of several sources have the
    /// id.
    pub async fn event_receivers(
        &self,
        actor: &Actor,
        id: &str,
        source: Option<String>,
        page: Page,
    ) -> Result<Vec<EventReceiver>, Error> {
        let mut kept = None;
        for row in self.find_events(actor, id, source).await? {
            if let Some(event) = self.read_stored(&row).await? {
                kept = Some(event);
                break;
            }
        }
        let event = kept.ok_or(Error::NoLongerKept)?;
        let mut subscriptions = self.visible_subscriptions(actor);
        subscriptions.sort_by_key(|subscription| Reverse((subscription.created, subscription.id)));
        let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
        let subscriptions: Vec<_> = subscriptions.into_iter().skip(skip).take(page.limit as usize).collect();

        let place: RecordPlace = (event.kanaal.clone(), event.partition, event.position);
        let outcomes = self.journal.outcomes_of(vec![place.clone()]).await?.pop().unwrap_or_default();
        let known = newest_by_subscription(outcomes);
        let continuations = self.open_deliveries(&subscriptions, &known, &place).await;
        let mut receivers = Vec::with_capacity(subscriptions.len());
        for subscription in subscriptions {
            let outcome = known.get(&subscription.id).copied();
            let key = key(subscription.id, &place, outcome);
            let continuation = continuations.get(&key).copied().unwrap_or(Continuation::None);
            let result = match outcome {
                Some(outcome) => Reception::Delivery(outcome, continuation),
                None => self.without_delivery(&subscription, &event, continuation).await,
            };
            receivers.push(EventReceiver { subscription: subscription.id, result });
        }
        Ok(receivers)
    }

    /// What deliveries of this record wait for that have not ended, or of which nothing is known.
    async fn open_deliveries(
        &self,
        subscriptions: &[Arc<Subscription>],
        known: &HashMap<SubscriptionId, RecordOutcome>,
        place: &RecordPlace,
    ) -> HashMap<DeliveryKey, Continuation> {
        let mut open: HashMap<SubscriptionId, HashSet<DeliveryKey>> = HashMap::new();
        for subscription in subscriptions.iter().filter(|one| one.selection.covers(&place.0)) {
            let outcome = known.get(&subscription.id).copied();
            if outcome.is_none_or(|outcome| outcome.outcome.is_none()) {
                open.entry(subscription.id).or_default().insert(key(subscription.id, place, outcome));
            }
        }
        self.continuations(open).await
    }

    async fn without_delivery(
        &self,
        subscription: &Subscription,
        event: &StoredEvent,
        continuation: Continuation,
    ) -> Reception {
        let place = (&event.kanaal, event.partition, event.position);
        match receives(subscription, &event.facts(true), self.clock.now()) {
            Receives::Not(reason) => Reception::Not(reason),
            _ if missed::is_before_start(subscription, place) => Reception::Not("start"),
            Receives::After(reason) => Reception::After(reason),
            Receives::Now => {
                let passed = match continuation {
                    Continuation::None => self.engine.own_marks(subscription.id).await,
                    Continuation::Attempt(_) | Continuation::OtherNode => None,
                };
                if passed.is_some_and(|marks| missed::is_passed(&marks, place)) {
                    Reception::Not("passed")
                } else {
                    Reception::Coming(continuation)
                }
            }
        }
    }
}

/// The delivery of a record to a subscription that is shown: the known one, else that of the live stream.
fn key(subscription: SubscriptionId, place: &RecordPlace, outcome: Option<RecordOutcome>) -> DeliveryKey {
    let (kanaal, partition, position) = place.clone();
    DeliveryKey { subscription, kanaal, partition, position, run: outcome.and_then(|outcome| outcome.run) }
}

/// Of each subscription the delivery to show: one that succeeded, else one that goes on, else the last.
fn newest_by_subscription(outcomes: Vec<RecordOutcome>) -> HashMap<SubscriptionId, RecordOutcome> {
    use model::outcome::Outcome::{Delivered, Duplicate};
    let rank = |one: &RecordOutcome| {
        let kind = match one.outcome {
            Some(Delivered) => 3,
            Some(Duplicate) => 2,
            None => 1,
            Some(_) => 0,
        };
        (kind, one.at)
    };
    let mut found: HashMap<SubscriptionId, RecordOutcome> = HashMap::new();
    for one in outcomes {
        let known = found.entry(one.subscription).or_insert(one);
        if rank(&one) > rank(known) {
            *known = one;
        }
    }
    found
}
