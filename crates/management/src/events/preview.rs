//! Which subscriptions that an actor may see would receive an event that is not stored, and why the others would not.

use std::sync::Arc;

use model::{
    Actor, KanaalName, Subscription, SubscriptionId, Timestamp, approval::ApprovalState, consent::Consent,
    event::AcceptedEvent, facts::Facts, subscription::Status,
};

use crate::{Error, Management};

/// Most pairs of event and subscription in one preview.
const MAX_PAIRS: usize = 200_000;

/// Most subscriptions that are returned of one event that would not receive it.
const MAX_OTHERS: usize = 100;

/// A subscription, and whether it would receive the event.
#[derive(Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The subscription.
    pub id: SubscriptionId,
    /// Whether it would receive the event.
    pub receives: Receives,
}

/// Whether a subscription would receive an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receives {
    /// Yes, immediately.
    Now,
    /// Yes, after this obstacle is removed: `approval`, `consent`, `paused` or `suspended`.
    After(&'static str),
    /// No, because of: `kanaal`, `filter`, `approval`, `gone` or `expired`.
    Not(&'static str),
}

impl Management {
    /// For each event, the subscriptions that the actor may see and that would receive it, followed by up to a hundred that would not. The
    /// events come back with their receivers.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `dryRun` when there are more than 200,000 pairs of event and subscription.
    pub async fn preview_receivers(
        &self,
        actor: &Actor,
        events: Vec<(KanaalName, AcceptedEvent)>,
    ) -> Result<Vec<(KanaalName, AcceptedEvent, Vec<Receiver>)>, Error> {
        let subscriptions = self.visible_subscriptions(actor);
        if subscriptions.len().saturating_mul(events.len()) > MAX_PAIRS {
            let rule =
                format!("asks to look at more than {MAX_PAIRS} pairs of event and subscription: send fewer events");
            return Err(Error::invalid("dryRun", rule));
        }
        let now = self.clock.now();
        // Thousands of filters take a while.
        let preview = move || {
            let with_receivers = |(kanaal, accepted)| {
                let receivers = receivers(&kanaal, &accepted, &subscriptions, now);
                (kanaal, accepted, receivers)
            };
            events.into_iter().map(with_receivers).collect()
        };
        tokio::task::spawn_blocking(preview).await.map_err(|_| Error::Interrupted)
    }
}

fn receivers(
    kanaal: &KanaalName,
    accepted: &AcceptedEvent,
    subscriptions: &[Arc<Subscription>],
    now: Timestamp,
) -> Vec<Receiver> {
    let members = translator::facts::members(accepted);
    let facts = event_reader::facts(kanaal, accepted, &members);
    let all = subscriptions
        .iter()
        .map(|subscription| Receiver { id: subscription.id, receives: receives(subscription, &facts, now) });
    let (mut receivers, others): (Vec<_>, Vec<_>) =
        all.partition(|receiver| !matches!(receiver.receives, Receives::Not(_)));
    receivers.extend(others.into_iter().take(MAX_OTHERS));
    receivers
}

pub(crate) fn receives(subscription: &Subscription, facts: &Facts<'_>, now: Timestamp) -> Receives {
    if subscription.expires.is_some_and(|end| end <= now) {
        return Receives::Not("expired");
    }
    if !subscription.selection.covers(facts.kanaal) {
        return Receives::Not("kanaal");
    }
    if !subscription.selection.matches(facts) {
        return Receives::Not("filter");
    }
    if let Some(entry) = subscription.approval(facts.kanaal).filter(|entry| !entry.state.is_approved()) {
        // One that names the kanaal and waits for a decision gets the event when it is approved.
        let waits = entry.state == ApprovalState::Awaiting && subscription.selection.names(facts.kanaal);
        return if waits { Receives::After("approval") } else { Receives::Not("approval") };
    }
    match &subscription.status {
        Status::Gone { .. } => Receives::Not("gone"),
        Status::Expired { .. } => Receives::Not("expired"),
        Status::Paused => Receives::After("paused"),
        Status::Suspended { .. } => Receives::After("suspended"),
        Status::Active if subscription.held_by().is_some() => Receives::After("approval"),
        Status::Active => match &subscription.consent {
            Consent::Granted { .. } => Receives::Now,
            _ => Receives::After("consent"),
        },
    }
}
