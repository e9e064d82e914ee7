//! Verifies the chains of the audit trail.

use model::Actor;
use storage::{
    AuditLog,
    audit::{Report, Verifier},
};

use crate::{Error, Management, Right};

/// Lines of one read.
const CHUNK: usize = 1_000;

/// Reads the whole trail and checks it. `wanted`: the hash of a line that must be there.
///
/// # Errors
/// The trail cannot be read.
pub async fn verify(log: &dyn AuditLog, wanted: Option<String>) -> Result<Report, storage::Error> {
    let mut verifier = Verifier::new(log.trimming(), wanted);
    let mut from = 0;
    loop {
        let batch = log.oldest(from, CHUNK).await?;
        if batch.lines.is_empty() {
            return Ok(verifier.finish());
        }
        from = batch.next;
        for line in &batch.lines {
            verifier.next(line);
        }
    }
}

impl Management {
    /// Verifies the audit trail. It takes as long as reading all of it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an actor without [`Right::SeeAudit`].
    pub async fn verify_audit(&self, actor: &Actor, wanted: Option<String>) -> Result<Report, Error> {
        if !Right::SeeAudit.is_granted_to(actor) {
            return Err(Error::Forbidden("Only an administrator or an auditor may verify the audit trail.".to_owned()));
        }
        Ok(verify(&*self.trail, wanted).await?)
    }
}
