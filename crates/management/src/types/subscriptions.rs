//! Lists the subscriptions that ask for a type.

use std::{cmp::Reverse, sync::Arc};

use model::{Actor, Subscription, selection::Selection};

use super::EventType;
use crate::Management;

impl Management {
    /// The subscriptions that the actor may see and that ask for events of a type by their kanaal and types, newest first. Their
    /// other criteria may select fewer events.
    pub fn list_subscriptions_of_type(&self, actor: &Actor, found: &EventType) -> Vec<Arc<Subscription>> {
        let Some(kanaal) = &found.kanaal else { return vec![] };
        let mut all = self.visible_subscriptions(actor);
        all.retain(|own| own.selection.covers(&kanaal.naam) && names_type(&own.selection, &found.kind));
        all.sort_by_key(|own| Reverse((own.created, own.id)));
        all
    }
}

/// Whether a selection asks for a type, or for any.
fn names_type(selection: &Selection, kind: &str) -> bool {
    match selection {
        Selection::Native(native) => native.types.is_empty() || native.types.iter().any(|own| own == kind),
        Selection::Abonnement(_) => true,
    }
}
