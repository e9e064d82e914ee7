//! Withdraws a payload schema.

use model::{Actor, decide::Command};

use crate::{Conflict, Error, Management, Resource};

impl Management {
    /// Withdraws a schema that the actor registered, or any registered one for an administrator. Payloads are no longer
    /// checked against it.
    ///
    /// [`Error::NotFound`] when there is none of this name; [`Conflict::SchemaDeclared`] when configuration declares
    /// it; [`Error::Forbidden`] when another client registered it.
    pub async fn delete_schema(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        let found = self.registry.read().schema(name).cloned();
        let schema = found.ok_or(Error::NotFound(Resource::Schema))?;
        let owner = schema.owner.as_ref().ok_or(Conflict::SchemaDeclared)?;
        if !actor.may_manage(owner) {
            return Err(Error::Forbidden("Only who registered a schema may withdraw it.".to_owned()));
        }
        self.control.submit(actor, Command::DeleteSchema(schema.name.clone())).await??;
        Ok(())
    }
}
