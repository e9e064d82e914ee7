//! Positions in a log. They are opaque: only equality, order within a partition and "the next one" have a meaning; the
//! adapters of `storage` define the numbers.

/// The number of a partition of a kanaal, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Partition(pub u32);

/// The position of a record in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

/// A reading position: every record before it was processed, and the record at it is the next to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mark(pub u64);

impl Position {
    /// The mark behind this record.
    pub fn after(self) -> Mark {
        Mark(self.0 + 1)
    }

    /// The mark at this record.
    pub fn mark(self) -> Mark {
        Mark(self.0)
    }
}

impl Mark {
    /// The mark before any record.
    pub const BEGINNING: Self = Self(0);
}
