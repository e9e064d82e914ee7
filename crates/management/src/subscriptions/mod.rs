//! Subscriptions: which events are delivered to which sink, and how. One file per use case.
//!
//! `build` holds the only code that lists what a subscription consists of; `request` is the typed request of its owner; `checks`
//! holds the rules that depend on the actor or on what is registered, `rules` those of a request by itself.
//!
//! Not here: the effect of a change on consent and approvals that others decide meanwhile (`model::decide`), handshakes with
//! sinks (the channels), and reading requests (the APIs and the configuration).

mod abonnement;
mod alerts;
pub mod build;
mod certificate_ends;
mod change;
mod check_receiver;
mod checks;
mod create;
mod credential;
mod declare;
mod delete;
mod deliveries;
mod delivery;
pub mod headers;
mod kenmerken;
mod list;
pub mod marks;
mod pause;
mod preview;
mod preview_event;
mod replay;
mod replay_filter;
mod request;
mod resume;
mod revalidate;
pub mod rules;
mod status;
mod test_delivery;
mod turns;

use std::sync::Arc;

use model::{Subscription, SubscriptionId, decide::Rejection, registry::Change};

pub use self::{
    alerts::AlertReceivers,
    check_receiver::CheckedReceiver,
    create::Created,
    credential::{CredentialRequest, EndpointRequest, TokenRequest},
    declare::Declared,
    kenmerken::{check_kenmerken, is_consistent},
    list::SubscriptionFilter,
    preview::{KanaalPreview, MAX_LAST, Preview, PreviewRequest, PreviewedEvent},
    preview_event::EventPreview,
    replay::{CountedReplay, ReplayPosition, ReplayRequest},
    replay_filter::ReplayFilter,
    request::{Start, SubscriptionRequest},
    status::{State, SubscriptionStatus},
    test_delivery::{TestDelivery, TestOutcome},
    turns::SinkTurns,
};
use crate::{Error, Management, Resource};

impl Management {
    /// The subscription after a change.
    fn present_subscription(&self, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        self.registry.read().subscription(id).cloned().ok_or(Error::NotFound(Resource::Subscription))
    }
}

/// The subscription as control decided it: it may have to wait for the owner of a kanaal.
fn decided(changes: Vec<Change>) -> Option<Arc<Subscription>> {
    changes.into_iter().find_map(|change| match change {
        Change::Subscription(subscription) => Some(subscription),
        _ => None,
    })
}

/// A rejection by the member that it is about.
fn explain(rejection: Rejection) -> Error {
    match rejection {
        Rejection::UnknownKanaal(_) => Error::invalid("config.kanalen", rejection.to_string()),
        other => other.into(),
    }
}
