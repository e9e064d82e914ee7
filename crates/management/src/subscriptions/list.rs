//! Finds and lists subscriptions: those that the actor may see (CE-SUB-05).

use std::{cmp::Reverse, sync::Arc};

use futures_util::future::join_all;
use model::{Actor, Subscription, SubscriptionId};

use super::status::State;
use crate::{Error, Management};

/// How many subscriptions the engine is asked about concurrently.
const ASKED_TOGETHER: usize = 256;

/// Which subscriptions; `None` for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionFilter {
    /// Only with the sink of this key.
    pub sink: Option<String>,
    /// Only of this client.
    pub owner: Option<String>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only those that events of the kanaal of this name can match; none when there is no such kanaal.
    pub kanaal: Option<String>,
    /// Only those whose id, name, contact, description, sink or owner contains this text; letter case does not count.
    pub text: Option<String>,
}

impl Management {
    /// A subscription that the actor may see.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for the subscription of another client.
    pub fn find_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        self.visible_subscription(actor, id)
    }

    /// The subscriptions that the actor may see and the filter passes, newest first.
    pub async fn list_subscriptions(&self, actor: &Actor, filter: &SubscriptionFilter) -> Vec<Arc<Subscription>> {
        let mut found = self.visible_subscriptions(actor);
        let kanaal = filter.kanaal.as_ref().map(|naam| {
            let registry = self.registry.read();
            registry.kanaal(naam).map(|kanaal| kanaal.naam.clone())
        });
        let text = filter.text.as_ref().map(|text| text.to_lowercase());
        found.retain(|subscription| {
            filter.owner.as_ref().is_none_or(|owner| *owner == subscription.owner)
                && filter.sink.as_ref().is_none_or(|sink| sink == subscription.sink.key())
                && kanaal
                    .as_ref()
                    .is_none_or(|known| known.as_ref().is_some_and(|naam| subscription.selection.covers(naam)))
                && text.as_ref().is_none_or(|text| contains(subscription, text))
        });
        if let Some(state) = filter.state {
            let mut kept = Vec::new();
            for part in found.chunks(ASKED_TOGETHER) {
                let asked = join_all(part.iter().map(|own| self.has_state(own, state))).await;
                kept.extend(part.iter().zip(asked).filter(|(_, has)| *has).map(|(own, _)| Arc::clone(own)));
            }
            found = kept;
        }
        found.sort_by_key(|subscription| Reverse((subscription.created, subscription.id)));
        found
    }
}

/// Whether a text for people, the sink or an identity of the subscription contains `text`, which is in lower case.
fn contains(subscription: &Subscription, text: &str) -> bool {
    let members = [&subscription.name, &subscription.contact, &subscription.description];
    let members = members.into_iter().flatten().map(|member| member.to_lowercase());
    let others =
        [subscription.id.to_string(), subscription.sink.key().to_lowercase(), subscription.owner.to_lowercase()];
    members.chain(others).any(|member| member.contains(text))
}
