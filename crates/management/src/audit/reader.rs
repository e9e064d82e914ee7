//! Reads the audit trail from its newest line on: a hundred lines first, then twice as many each time, at most a thousand.

use std::{sync::Arc, time::Duration};

use model::Timestamp;
use storage::{
    AuditLog,
    audit::{Before, Line, StoredLine},
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
        self.note(lines.len(), lines.last().map(|line| line.place));
        if let Some(at) = lines.iter().position(|line| self.is_older(line)) {
            lines.truncate(at);
            self.is_over = true;
        }
        Ok(lines)
    }

    /// The next lines as stored. Of these only the last is read, so some may be from before the start of the period.
    pub(crate) async fn next_stored(&mut self) -> Result<Vec<StoredLine>, storage::Error> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let lines = self.trail.newest_stored(self.before, self.limit).await?;
        self.note(lines.len(), lines.last().map(|line| line.place));
        if let Some(last) = lines.last() {
            self.is_over |= self.is_older(&last.clone().read());
        }
        Ok(lines)
    }

    /// Notes a read of a number of lines up to a place.
    fn note(&mut self, lines: usize, place: Option<u64>) {
        self.lines += lines;
        self.is_over = lines < self.limit;
        self.limit = CHUNK.min(self.limit * 2);
        self.before.place = place;
    }

    /// Whether a line is from so long before the start of the period that all before it are too. A line that cannot be read
    /// has no moment.
    fn is_older(&self, line: &Line) -> bool {
        line.record.version > 0 && self.from.is_some_and(|from| line.record.at + MAX_DISORDER < from)
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
