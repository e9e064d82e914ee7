//! Replaces what can change of a kanaal; its name and identity stay.

use model::{Actor, Kanaal, decide::Command};

use super::KanaalRequest;
use crate::{Error, Management};

impl Management {
    /// Replaces a kanaal. Members that the request keeps stay, so that a client of an older version, which does not know a
    /// member, does not reset it.
    ///
    /// [`Error::NotFound`] when there is none of this name; [`Error::Forbidden`] when the actor may not change it, or
    /// not these members of it; [`Error::Invalid`] for a request that breaks rules;
    /// [`Conflict::KanaalDeclared`](crate::Conflict::KanaalDeclared) when configuration declares it otherwise;
    /// [`Conflict::RouteTaken`](crate::Conflict::RouteTaken) for a new type route that overlaps one of another client.
    pub async fn replace_kanaal(&self, actor: &Actor, naam: &str, request: KanaalRequest) -> Result<Kanaal, Error> {
        let present = self.find_kanaal_to_change(actor, naam)?;
        let kanaal = request.over(Kanaal::clone(&present))?;
        self.check_changes(actor, &present, &kanaal)?;
        self.check_declaration(actor, &kanaal)?;
        self.check_routes(actor, &kanaal, &present.type_routes).await?;
        self.control.submit(actor, Command::ChangeKanaal(kanaal.clone())).await??;
        Ok(kanaal)
    }
}
