//! Exports entries of the audit trail, newest first, in parts.

use model::{
    Actor,
    audit::{Action, Object, ObjectKind},
};
use storage::audit::Line;

use super::{AuditQuery, reader::TrailReader};
use crate::{Error, Management, Right};

/// Most entries of one export.
pub const MAX_EXPORTED: usize = 100_000;

/// An export under way.
pub struct AuditExport {
    reader: TrailReader,
    query: AuditQuery,
    left: usize,
}

impl Management {
    /// Begins an export of the entries that the query matches, at most [`MAX_EXPORTED`]. The trail has an entry about it, with
    /// `form` and the conditions, before anything is read.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without [`Right::ExportAudit`].
    pub async fn export_audit(&self, actor: &Actor, query: AuditQuery, form: &str) -> Result<AuditExport, Error> {
        if !Right::ExportAudit.is_granted_to(actor) {
            return Err(Error::Forbidden("Only an auditor may export the audit trail.".to_owned()));
        }
        let conditions = [
            ("actor", query.actor.is_some()),
            ("action", query.action.is_some()),
            ("objectKind", query.object_kind.is_some()),
            ("object", query.object.is_some()),
            ("result", query.result.is_some()),
            ("from", query.from.is_some()),
            ("until", query.until.is_some()),
        ];
        let named = conditions.into_iter().filter_map(|(name, is_set)| is_set.then_some(name));
        let reason = [form].into_iter().chain(named).collect::<Vec<_>>().join(", ");
        let object = Object::new(ObjectKind::Audit, "");
        self.recorder.record_with_reason(actor, Action::AuditExport, object, &reason).await?;
        let reader = TrailReader::new(&self.trail, query.from, query.until);
        Ok(AuditExport { reader, query, left: MAX_EXPORTED })
    }
}

impl AuditExport {
    /// The next entries, possibly none of those that were read; `None` at the end.
    ///
    /// # Errors
    /// The trail cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<Line>>, Error> {
        if self.left == 0 || self.reader.is_over() {
            return Ok(None);
        }
        let mut lines = self.reader.next().await?;
        lines.retain(|line| self.query.matches(line));
        lines.truncate(self.left);
        self.left -= lines.len();
        Ok(Some(lines))
    }
}
