//! Ends the sessions of a person, or those of one session at the provider, on every node.

use model::{Actor, decide::Command, revocation::Revoked};

use super::{LIFETIME, MARGIN};
use crate::{Error, Management};

impl Management {
    /// Ends the sessions that started until now.
    ///
    /// # Errors
    /// [`Error::Storage`] when it was not stored: the sessions go on.
    pub async fn end_sessions(&self, actor: &Actor, what: Revoked) -> Result<(), Error> {
        let at = self.clock.now();
        let command = Command::EndSessions { what, at, until: at + LIFETIME + MARGIN };
        self.control.submit(actor, command).await??;
        Ok(())
    }
}
