//! Declares the revision of the configuration.

use model::{
    Actor,
    decide::{Command, Rejection},
};

use super::{Declaration, DeclareError};

impl Declaration<'_> {
    /// Records the revision; `false` when a newer one was declared before.
    pub(super) async fn declare_revision(&self, revision: u64) -> Result<bool, DeclareError> {
        if revision == self.control.registry().read().revision() {
            return Ok(true);
        }
        match self.control.submit(&Actor::configuration(), Command::Declare { revision }).await? {
            Ok(_) => Ok(true),
            Err(rejection @ Rejection::OlderRevision { .. }) => {
                tracing::warn!(%rejection, "declared state is not applied");
                Ok(false)
            }
            Err(rejection) => Err(rejection.into()),
        }
    }
}
