//! Reads the audit trail from its newest line on: a hundred lines first, then twice as many each time, at most a thousand.

use std::{sync::Arc, time::Duration};

use model::Timestamp;
use storage::{
    AuditLog,
    audit::{Before, Line},
};

/// Lines of the first read, about one page.
const FIRST_CHUNK: usize = 100;
/// Most lines of one read.
const CHUNK: usize = 1_000;

/// How far lines may be out of the order of their moments: clocks of nodes differ, and a clock may be set back.
const MAX_DISORDER: Duration = Duration::from_mins(5);

/// A reader of the trail.
pub(crate) struct TrailReader {
    trail: Arc<dyn AuditLog>,
    from: Option<Timestamp>,
    before: Before,
    limit: usize,
    lines: usize,
    is_over: bool,
}

impl TrailReader {
    /// A reader of lines before `until`, up to a while before `from`; the caller compares the moments of lines itself.
    pub(crate) fn new(trail: &Arc<dyn AuditLog>, from: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        let before = Before { place: None, time: until };
        Self { trail: Arc::clone(trail), from, before, limit: FIRST_CHUNK, lines: 0, is_over: false }
    }

    /// The next lines.
    pub(crate) async fn next(&mut self) -> Result<Vec<Line>, storage::Error> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let mut lines = self.trail.newest(self.before, self.limit).await?;
        self.lines += lines.len();
        self.is_over = lines.len() < self.limit;
        self.limit = CHUNK.min(self.limit * 2);
        self.before.place = lines.last().map(|line| line.place);
        let is_older = |line: &Line| self.from.is_some_and(|from| line.record.at + MAX_DISORDER < from);
        if let Some(at) = lines.iter().position(is_older) {
            lines.truncate(at);
            self.is_over = true;
        }
        Ok(lines)
    }

    /// How many lines it has read from the trail.
    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    /// Whether all lines were read.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }
}
