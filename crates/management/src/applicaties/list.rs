//! Lists the applicaties by `client_id`.

use std::sync::Arc;

use model::{Actor, applicatie::Applicatie};

use super::{ApplicatieState, RightsSource};
use crate::Management;

impl Management {
    /// The applicaties that the actor may see, by `client_id`. Rights are shown as they are cached; nothing is requested.
    pub fn list_applicaties(&self, actor: &Actor) -> Vec<ApplicatieState> {
        let mut all: Vec<Arc<Applicatie>> = {
            let registry = self.registry.read();
            registry.applicaties().filter(|own| actor.may_see(&own.client_id)).cloned().collect()
        };
        all.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        all.into_iter().map(|applicatie| self.state_of(applicatie)).collect()
    }

    fn state_of(&self, applicatie: Arc<Applicatie>) -> ApplicatieState {
        let client_id = &applicatie.client_id;
        let rights = if applicatie.scopes.is_empty() { self.clients.rights(client_id) } else { RightsSource::Declared };
        ApplicatieState { activity: self.clients.activity(client_id), rights, applicatie }
    }
}
