//! What a dry run adds to the findings: who would receive an event, of the subscriptions that the client may see, and
//! why the others would not.

use std::sync::Arc;

use model::{
    Subscription,
    approval::ApprovalState,
    consent::Consent,
    event::{AcceptedEvent, Born},
    facts::Facts,
    subscription::Status,
};
use serde::Serialize;
use translator::facts;
use utoipa::ToSchema;

use super::{find, report::EventReport};
use crate::{
    app::App,
    auth::Caller,
    ingest::examine::Verdict,
    problem::{Fault, Problem},
};

/// Most pairs of event and subscription that one dry run looks at.
const MOST_PAIRS: usize = 200_000;

/// Most subscriptions that are shown of one event that would not receive it.
const MOST_OTHERS: usize = 100;

/// A subscription and an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receiver)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverView {
    /// The subscription.
    pub id: String,
    /// Whether the event would be delivered.
    pub receives: bool,
    /// Why not: `kanaal`, `filter`, `approval`, `gone` or `expired`; or what a delivery would wait for: `approval`,
    /// `consent`, `paused` or `suspended`. Null when nothing stands in the way.
    pub reason: Option<&'static str>,
}

/// Reports on events with who would receive them; those who would come first.
pub async fn reports(app: &App, caller: &Caller, verdicts: Vec<Verdict>) -> Result<Vec<EventReport>, Problem> {
    let subscriptions = find::own(app, caller);
    if subscriptions.len().saturating_mul(verdicts.len()) > MOST_PAIRS {
        let rule = format!("asks to look at more than {MOST_PAIRS} pairs of event and subscription: send fewer events");
        return Err(Problem::invalid(vec![Fault::new("dryRun", rule)]));
    }
    let now = app.clock.now();
    let publisher = caller.client_id.clone();
    // Thousands of filters take a while.
    let look = move || {
        verdicts
            .into_iter()
            .map(|mut verdict| {
                let accepted = AcceptedEvent {
                    event: verdict.event,
                    born: Born::CloudEvent,
                    received: Some(now),
                    publisher: Some(publisher.clone()),
                };
                let receivers = receivers(&accepted, &verdict.kanaal.naam, &subscriptions, now);
                verdict.event = accepted.event;
                EventReport::new(&verdict, Some(receivers))
            })
            .collect()
    };
    tokio::task::spawn_blocking(look).await.map_err(|_| Problem::internal())
}

fn receivers(
    accepted: &AcceptedEvent,
    kanaal: &model::KanaalName,
    subscriptions: &[Arc<Subscription>],
    now: model::Timestamp,
) -> Vec<ReceiverView> {
    let members = facts::members(accepted);
    let facts = Facts { kanaal, event: &accepted.event, born: accepted.born, members: &members };
    let views = subscriptions.iter().map(|subscription| {
        let (receives, reason) = outcome(subscription, &facts, now);
        ReceiverView { id: subscription.id.to_string(), receives, reason }
    });
    let (mut receivers, others): (Vec<_>, Vec<_>) = views.partition(|view| view.receives);
    receivers.extend(others.into_iter().take(MOST_OTHERS));
    receivers
}

/// Whether a subscription would receive an event, and why not or what it would wait for.
fn outcome(subscription: &Subscription, facts: &Facts<'_>, now: model::Timestamp) -> (bool, Option<&'static str>) {
    if subscription.expires.is_some_and(|end| end <= now) {
        return (false, Some("expired"));
    }
    if !subscription.selection.covers(facts.kanaal) {
        return (false, Some("kanaal"));
    }
    if !subscription.selection.matches(facts) {
        return (false, Some("filter"));
    }
    if let Some(entry) = subscription.approval(facts.kanaal).filter(|entry| !entry.state.is_approved()) {
        // One that names the kanaal and was not judged yet gets it when it is approved.
        let waits = entry.state == ApprovalState::Awaiting && subscription.selection.names(facts.kanaal);
        return (waits, Some("approval"));
    }
    match &subscription.status {
        Status::Gone { .. } => (false, Some("gone")),
        Status::Expired { .. } => (false, Some("expired")),
        Status::Paused => (true, Some("paused")),
        Status::Suspended { .. } => (true, Some("suspended")),
        Status::Active if subscription.held_by().is_some() => (true, Some("approval")),
        Status::Active => match &subscription.consent {
            Consent::Granted { .. } => (true, None),
            _ => (true, Some("consent")),
        },
    }
}
