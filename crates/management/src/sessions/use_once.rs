//! Uses a link, token or form that holds once.

use model::{Actor, Timestamp, decide::Command, revocation::Revoked};

use super::MARGIN;
use crate::{Error, Management};

impl Management {
    /// Notes that a link, token or form was used. `end` is when it is too old anyway.
    ///
    /// # Errors
    /// [`Error::Rejected`] with [`model::decide::Rejection::AlreadyUsed`] when it was used before, on any node.
    pub async fn use_once(&self, actor: &Actor, what: Revoked, end: Timestamp) -> Result<(), Error> {
        let command = Command::UseOnce { what, at: self.clock.now(), until: end + MARGIN };
        self.control.submit(actor, command).await??;
        Ok(())
    }
}
