//! Places in a log. They are opaque: only equality, order within one partition and "the next one" mean
//! anything; the adapters of `storage` decide what the numbers are.

/// The number of a partition of a kanaal, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Partition(pub u32);

/// The place of one record in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

/// How far something has read: every record before it is done, the one at it is the next to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mark(pub u64);

impl Position {
    /// The mark of who has read up to and including this record.
    pub fn after(self) -> Mark {
        Mark(self.0 + 1)
    }

    /// The mark of who reads this record next.
    pub fn mark(self) -> Mark {
        Mark(self.0)
    }
}

impl Mark {
    /// Before the first record there can be.
    pub const BEGINNING: Self = Self(0);
}
