//! Which subscriptions an actor may see and which it may change. The subscription that an actor may not see looks like one
//! that does not exist; one that it may see and not change is refused by the right of the route, and here as well.

use std::sync::Arc;

use model::{Actor, Kanaal, Registry, Role, Subscription, SubscriptionId};

use crate::{Error, Management, Resource};

impl Management {
    /// The subscription with this id, if the actor may change it.
    pub(crate) fn own_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        let known = self.registry.read().subscription(id).cloned();
        known
            .filter(|subscription| actor.may_manage(&subscription.owner))
            .ok_or(Error::NotFound(Resource::Subscription))
    }

    /// Every subscription that the actor may change; all of them for an administrator.
    pub(crate) fn own_subscriptions(&self, actor: &Actor) -> Vec<Arc<Subscription>> {
        let registry = self.registry.read();
        registry.subscriptions().filter(|subscription| actor.may_manage(&subscription.owner)).cloned().collect()
    }

    /// The subscription with this id, if the actor may see it.
    pub(crate) fn visible_subscription(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        let registry = self.registry.read();
        let known = registry.subscription(id).filter(|subscription| sees(&registry, actor, subscription));
        known.cloned().ok_or(Error::NotFound(Resource::Subscription))
    }

    /// Every subscription that the actor may see.
    pub(crate) fn visible_subscriptions(&self, actor: &Actor) -> Vec<Arc<Subscription>> {
        let registry = self.registry.read();
        registry.subscriptions().filter(|subscription| sees(&registry, actor, subscription)).cloned().collect()
    }

    /// Whether the actor may see what happened for the subscription with this id. What belongs to a deleted subscription
    /// is for those who see everything.
    pub(crate) fn may_see_deliveries_of(&self, actor: &Actor, id: SubscriptionId) -> bool {
        let registry = self.registry.read();
        let subscription = registry.subscription(id);
        actor.sees_all() || subscription.is_some_and(|subscription| sees(&registry, actor, subscription))
    }

    /// Whether the actor may change what happened for the subscription with this id, such as deliver it again. What belongs
    /// to a deleted subscription is for administrators only.
    pub(crate) fn may_manage_deliveries_of(&self, actor: &Actor, id: SubscriptionId) -> bool {
        let registry = self.registry.read();
        let subscription = registry.subscription(id);
        actor.is_beheer() || subscription.is_some_and(|subscription| actor.may_manage(&subscription.owner))
    }

    /// Whether the actor is a person who answers for the kanaal, and so sees its events.
    pub(crate) fn is_kanaaleigenaar(&self, actor: &Actor, naam: &str) -> bool {
        let registry = self.registry.read();
        registry.kanaal(naam).is_some_and(|kanaal| answers_for(actor, kanaal))
    }
}

/// The owner of a kanaal sees the subscriptions that receive its events.
fn sees(registry: &Registry, actor: &Actor, subscription: &Subscription) -> bool {
    let covers_own =
        || registry.kanalen().any(|own| answers_for(actor, own) && subscription.selection.covers(&own.naam));
    actor.may_see(&subscription.owner) || covers_own()
}

fn answers_for(actor: &Actor, kanaal: &Kanaal) -> bool {
    let owner = kanaal.owner.as_deref();
    actor
        .grants()
        .is_some_and(|grants| grants.has(Role::Kanaaleigenaar) && owner.is_some_and(|owner| grants.acts_for(owner)))
}
