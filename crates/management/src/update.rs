//! A member of a request that may be left out.

/// The update of a value that a request may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Update<T> {
    /// The present value stays.
    #[default]
    Keep,
    /// The value is replaced.
    Set(T),
}

impl<T> Update<T> {
    /// The value after the update.
    pub fn or(self, present: T) -> T {
        match self {
            Self::Keep => present,
            Self::Set(value) => value,
        }
    }
}
