//! Whether a change of a kanaal contradicts the configuration, which would undo it at the next start.

use model::{Actor, Identity, Kanaal};

use crate::{Conflict, Error, Management};

impl Management {
    /// Checks a kanaal as it would become. Members that a declaration leaves open may change.
    ///
    /// # Errors
    /// [`Conflict::KanaalDeclared`] when the configuration of this node declares the kanaal otherwise.
    pub(super) fn check_declaration(&self, actor: &Actor, changed: &Kanaal) -> Result<(), Error> {
        if matches!(actor.identity, Identity::Configuration) {
            return Ok(());
        }
        let declared = self.settings.declared_kanalen.iter().find(|own| own.naam.as_ref() == Some(&changed.naam));
        let Some(declared) = declared else { return Ok(()) };
        let at_start = declared.clone().over(changed.clone())?;
        if at_start == *changed { Ok(()) } else { Err(Conflict::KanaalDeclared(changed.naam.clone()).into()) }
    }
}
