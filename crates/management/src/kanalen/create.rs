//! Creates a kanaal.

use model::{Actor, Kanaal, decide::Command};

use super::KanaalRequest;
use crate::{Error, Management, Update};

impl Management {
    /// Creates a kanaal. It belongs to the actor, unless an administrator names another owner.
    ///
    /// [`Error::Invalid`] for a request that breaks rules, [`Error::Forbidden`] for the owner of another applicatie,
    /// [`Error::Rejected`] when the name is taken, [`Conflict::RouteTaken`](crate::Conflict::RouteTaken) for a type route
    /// that overlaps one of another client.
    pub async fn create_kanaal(&self, actor: &Actor, request: KanaalRequest) -> Result<Kanaal, Error> {
        let naam = request.naam.clone().ok_or_else(|| Error::invalid("naam", "is required"))?;
        if naam.is_own() {
            return Err(Error::invalid("naam", "belongs to the kanaal of the gateway's own events"));
        }
        let own = actor.client_id().map(str::to_owned);
        let foreign = matches!(&request.owner, Update::Set(owner) if *owner != own);
        let new = Kanaal { owner: own, ..Kanaal::new(self.random.uuid(), naam, self.clock.now()) };
        let kanaal = request.over(new)?;
        if foreign && !actor.is_beheer() {
            return Err(Error::Forbidden("Only an administrator may make a kanaal somebody else's.".to_owned()));
        }
        self.check_routes(actor, &kanaal, &[]).await?;
        self.control.submit(actor, Command::CreateKanaal(kanaal.clone())).await??;
        Ok(kanaal)
    }
}
