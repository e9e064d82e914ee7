//! Reads the audit trail from its newest line on, a thousand lines at a time.

use std::{sync::Arc, time::Duration};

use model::Timestamp;
use storage::{
    AuditLog,
    audit::{Before, Line},
};

/// Lines of one read.
pub(crate) const CHUNK: usize = 1_000;

/// How far lines may be out of the order of their moments: clocks of nodes differ, and a clock may be set back.
const MAX_DISORDER: Duration = Duration::from_mins(5);

/// A reader of the trail.
pub(crate) struct TrailReader {
    trail: Arc<dyn AuditLog>,
    from: Option<Timestamp>,
    before: Before,
    is_over: bool,
}

impl TrailReader {
    /// A reader of lines before `until`, up to a while before `from`; the caller compares the moments of lines itself.
    pub(crate) fn new(trail: &Arc<dyn AuditLog>, from: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        Self { trail: Arc::clone(trail), from, before: Before { place: None, time: until }, is_over: false }
    }

    /// The next lines, at most [`CHUNK`].
    pub(crate) async fn next(&mut self) -> Result<Vec<Line>, storage::Error> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let mut lines = self.trail.newest(self.before, CHUNK).await?;
        self.is_over = lines.len() < CHUNK;
        self.before.place = lines.last().map(|line| line.place);
        let is_older = |line: &Line| self.from.is_some_and(|from| line.record.at + MAX_DISORDER < from);
        if let Some(at) = lines.iter().position(is_older) {
            lines.truncate(at);
            self.is_over = true;
        }
        Ok(lines)
    }

    /// Whether all lines were read.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }
}
