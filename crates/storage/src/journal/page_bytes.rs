//! The bound on the bytes of one page of a list: rows come from clients and may be long. It reads no rows itself.

use model::outcome::Attempt;

use super::{DeadLetter, DeliveryRow, EventRow, RunRow};
#[cfg(feature = "sqlite")]
use crate::Error;

/// Most bytes of the rows of one page; longer rows come in smaller pages.
pub const MAX_PAGE_BYTES: usize = 4 << 20;

/// A row of a page.
pub trait RowBytes {
    /// Its size in memory, in bytes, about.
    fn bytes(&self) -> usize;
}

impl RowBytes for EventRow {
    fn bytes(&self) -> usize {
        let subject = self.subject.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.id.len() + self.source.len() + self.kind.len() + subject
    }
}

impl RowBytes for DeliveryRow {
    fn bytes(&self) -> usize {
        let attempt = |(_, attempt): &(u32, Attempt)| size_of::<Attempt>() + attempt.excerpt.len();
        let event_id = self.event_id.as_ref().map_or(0, String::len);
        size_of::<Self>() + event_id + self.attempts.iter().map(attempt).sum::<usize>()
    }
}

impl RowBytes for DeadLetter {
    fn bytes(&self) -> usize {
        let texts = [&self.event_id, &self.event_source, &self.event_kind, &self.reason];
        size_of::<Self>() + self.record.bytes() + texts.iter().map(|text| text.len()).sum::<usize>()
    }
}

impl RowBytes for RunRow {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.progress.asked_by.len()
    }
}

/// The rows of a page, as far as they fit.
#[cfg(feature = "sqlite")]
#[derive(Debug)]
pub(crate) struct BoundedRows<T> {
    rows: Vec<T>,
    bytes: usize,
}

#[cfg(feature = "sqlite")]
impl<T: RowBytes> BoundedRows<T> {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new(), bytes: 0 }
    }

    /// Adds a row; the first one has room whatever its size.
    ///
    /// # Errors
    /// `TooLarge` when the page has more than [`MAX_PAGE_BYTES`] with it.
    pub(crate) fn push(&mut self, row: T) -> Result<(), Error> {
        self.bytes += row.bytes();
        if self.bytes > MAX_PAGE_BYTES && !self.rows.is_empty() {
            return Err(Error::TooLarge { bytes: self.bytes, limit: MAX_PAGE_BYTES });
        }
        self.rows.push(row);
        Ok(())
    }

    pub(crate) fn into_rows(self) -> Vec<T> {
        self.rows
    }
}
