//! The newest entries of the audit trail, for a page that shows only some.

use model::Actor;
use storage::audit::{Before, Line};

use crate::{Error, Management, Right};

/// Most entries at a time.
const MOST: usize = 100;

impl Management {
    /// The newest entries, newest first, at most `most` and at most 100; no others are read.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without [`Right::SeeAudit`].
    pub async fn newest_audit(&self, actor: &Actor, most: usize) -> Result<Vec<Line>, Error> {
        if !Right::SeeAudit.is_granted_to(actor) {
            return Err(Error::Forbidden(
                "Only an administrator or auditor may read the whole audit trail.".to_owned(),
            ));
        }
        Ok(self.trail.newest(Before::default(), most.min(MOST)).await?)
    }
}
