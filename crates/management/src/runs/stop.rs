//! Stops a run; stopping one that ended changes nothing.

use model::{
    Actor,
    decide::{Command, Rejection},
    run::RunId,
};

use crate::{Error, Management};

impl Management {
    /// Stops the actor's run with this id.
    pub async fn stop_run(&self, actor: &Actor, id: RunId) -> Result<(), Error> {
        self.find_own_run(actor, id).await?;
        match self.control.submit(actor, Command::EndRun(id)).await? {
            Ok(_) | Err(Rejection::UnknownRun(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}
