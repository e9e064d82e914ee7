//! Starts a run for one subscription, and remembers it.

use std::sync::Arc;

use model::{
    Actor, Subscription,
    decide::Command,
    run::{Run, RunId, RunSelection},
};

use crate::{Error, Management};

impl Management {
    /// Starts a run.
    ///
    /// # Errors
    /// [`Error::Rejected`] when the subscription was deleted meanwhile.
    pub(crate) async fn start_run(
        &self,
        actor: &Actor,
        subscription: &Arc<Subscription>,
        what: RunSelection,
    ) -> Result<Arc<Run>, Error> {
        let run = Run {
            id: RunId(self.random.uuid()),
            subscription: subscription.id,
            what,
            asked_by: actor.to_string(),
            created: self.clock.now(),
        };
        self.control.submit(actor, Command::StartRun(run.clone())).await??;
        let run = Arc::new(run);
        self.runs.remember(&run);
        Ok(run)
    }
}
