//! Which subscriptions get the gateway's own events about another subscription: who is warned when its receiver fails.
//!
//! Not here: when such an event is due (crate `own-events`).

use std::sync::Arc;

use model::{Actor, KanaalName, Subscription};

use crate::Management;

/// Who gets the gateway's own events about a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertReceivers {
    /// Nobody: the gateway publishes no events about itself.
    Off,
    /// Nobody: its sink gets these events itself, so none are published about it.
    Itself,
    /// These subscriptions, as far as the actor may see them; none when it is empty. They may select a part by type.
    Subscriptions(Vec<Arc<Subscription>>),
}

impl Management {
    /// Who gets the gateway's own events about a subscription.
    pub fn alert_receivers(&self, actor: &Actor, about: &Subscription) -> AlertReceivers {
        if !self.settings.own_events {
            return AlertReceivers::Off;
        }
        let kanaal = KanaalName::own();
        let receiving = |own: &Arc<Subscription>| own.selection.names(&kanaal);
        let mut found: Vec<_> = self.registry.read().subscriptions().filter(|own| receiving(own)).cloned().collect();
        if found.iter().any(|own| own.sink.key() == about.sink.key()) {
            return AlertReceivers::Itself;
        }
        found.retain(|own| self.visible_subscription(actor, own.id).is_ok());
        AlertReceivers::Subscriptions(found)
    }
}
