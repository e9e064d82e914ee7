//! Changes parts of a kanaal.

use model::{Actor, Kanaal, decide::Command};
use uuid::Uuid;

use super::KanaalChange;
use crate::{Error, Management};

impl Management {
    /// Changes the named parts of the kanaal with this id.
    ///
    /// [`Error::NotFound`] when there is none; [`Error::Forbidden`] when the actor may not change it;
    /// [`Conflict::KanaalDeclared`](crate::Conflict::KanaalDeclared) when configuration declares it otherwise; [`Error::Rejected`]
    /// when it was deleted in the meantime.
    pub async fn change_kanaal(&self, actor: &Actor, id: Uuid, change: KanaalChange) -> Result<Kanaal, Error> {
        let kanaal = change.over(&*self.find_kanaal_by_id_to_change(actor, id)?);
        self.check_declaration(actor, &kanaal)?;
        self.control.submit(actor, Command::ChangeKanaal(kanaal.clone())).await??;
        Ok(kanaal)
    }
}
