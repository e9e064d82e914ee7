//! Asks the Autorisaties API for the rights of one applicatie again.

use model::{
    Actor,
    audit::{Action, Object, ObjectKind},
};

use super::{ApplicatieState, RightsSource};
use crate::{Error, Management, Resource};

impl Management {
    /// Asks for the rights of an applicatie that the actor may see now, whatever is cached, and returns it with what is known
    /// then: the rights of before and the reason when the request failed. Other nodes ask when their cache ends.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for `clientId` when its rights come from configuration.
    pub async fn ask_rights(&self, actor: &Actor, client_id: &str) -> Result<ApplicatieState, Error> {
        let found = self.registry.read().applicatie(client_id).cloned();
        let applicatie =
            found.filter(|own| actor.may_see(&own.client_id)).ok_or(Error::NotFound(Resource::Applicatie))?;
        let is_asked = applicatie.scopes.is_empty() && self.clients.rights(client_id) != RightsSource::Declared;
        if !is_asked {
            return Err(Error::invalid("clientId", "has its rights in the configuration, so that nobody is asked"));
        }
        let object = Object::new(ObjectKind::Applicatie, client_id);
        self.recorder.record(actor, Action::ApplicatieAsk, object).await?;
        actor.recorded.set();
        let rights = self.clients.ask_rights(client_id).await;
        Ok(ApplicatieState { activity: self.clients.activity(client_id), rights, applicatie })
    }
}
