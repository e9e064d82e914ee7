//! The state that one person gave a message: new, read or deleted (CH-4, CH-5).

use std::time::Duration;

use crate::Timestamp;

/// The state of a message for one person. Deleted wins over read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// Not read, or marked as such.
    #[default]
    New,
    /// Read.
    Read {
        /// When it was read first.
        at: Timestamp,
    },
    /// Deleted for this person; the event stays.
    Deleted {
        /// When it was deleted first.
        at: Timestamp,
        /// When it had been read before.
        read: Option<Timestamp>,
    },
}

/// The kind of a [`State`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// Not read.
    New,
    /// Read.
    Read,
    /// Deleted.
    Deleted,
}

/// What a person does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Marks it as read.
    Read,
    /// Marks it as not read.
    Unread,
    /// Deletes it.
    Delete,
    /// Undoes the deletion: it is again what it was before.
    Restore,
}

/// The deletion cannot be undone any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time within which this deletion could be undone is over")]
pub struct UndoOver;

impl StateKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::New, Self::Read, Self::Deleted];

    /// Its name in the API.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Read => "read",
            Self::Deleted => "deleted",
        }
    }

    /// The kind with this name.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }
}

impl State {
    /// Its kind.
    pub const fn kind(self) -> StateKind {
        match self {
            Self::New => StateKind::New,
            Self::Read { .. } => StateKind::Read,
            Self::Deleted { .. } => StateKind::Deleted,
        }
    }

    /// The state after a change at `now`; the same when the change has no effect. A deletion can be undone for `undo`. What is
    /// deleted is changed by [`Change::Restore`] alone, so that another device that marks it as read does not bring it back.
    ///
    /// # Errors
    /// [`UndoOver`] for `Restore` after that time.
    pub fn after(self, change: Change, now: Timestamp, undo: Duration) -> Result<Self, UndoOver> {
        Ok(match (self, change) {
            (Self::New, Change::Read) => Self::Read { at: now },
            (Self::New, Change::Delete) => Self::Deleted { at: now, read: None },
            (Self::Read { at }, Change::Delete) => Self::Deleted { at: now, read: Some(at) },
            (Self::Deleted { at, .. }, Change::Restore) if now >= at + undo => return Err(UndoOver),
            (Self::Deleted { read: Some(at), .. }, Change::Restore) => Self::Read { at },
            (Self::Read { .. }, Change::Unread) | (Self::Deleted { read: None, .. }, Change::Restore) => Self::New,
            (own, _) => own,
        })
    }

    /// Whether the person can still see it at `now`: what is deleted can be seen until the deletion cannot be undone.
    pub fn is_visible(self, now: Timestamp, undo: Duration) -> bool {
        match self {
            Self::New | Self::Read { .. } => true,
            Self::Deleted { at, .. } => now < at + undo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNDO: Duration = Duration::from_secs(100);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn after(changes: &[(Change, i64)]) -> Result<State, UndoOver> {
        changes.iter().try_fold(State::New, |state, (change, seconds)| state.after(*change, at(*seconds), UNDO))
    }

    #[test]
    fn ch_4_deleted_wins_over_read_and_each_change_can_be_repeated() {
        use Change::{Delete, Read, Restore, Unread};
        for (changes, expected) in [
            (vec![], State::New),
            (vec![(Read, 1)], State::Read { at: at(1) }),
            (vec![(Read, 1), (Read, 2)], State::Read { at: at(1) }),
            (vec![(Read, 1), (Unread, 2)], State::New),
            (vec![(Unread, 2)], State::New),
            (vec![(Delete, 1), (Delete, 2)], State::Deleted { at: at(1), read: None }),
            (vec![(Delete, 1), (Read, 2)], State::Deleted { at: at(1), read: None }),
            (vec![(Delete, 1), (Unread, 2)], State::Deleted { at: at(1), read: None }),
            (vec![(Read, 1), (Delete, 2)], State::Deleted { at: at(2), read: Some(at(1)) }),
            (vec![(Read, 1), (Delete, 2), (Restore, 3)], State::Read { at: at(1) }),
            (vec![(Delete, 2), (Restore, 3)], State::New),
            (vec![(Restore, 3)], State::New),
        ] {
            assert_eq!(after(&changes), Ok(expected), "{changes:?}");
        }
    }

    #[test]
    fn ch_5_a_deletion_can_be_undone_until_its_window_ends() {
        assert_eq!(after(&[(Change::Delete, 0), (Change::Restore, 99)]), Ok(State::New));
        assert_eq!(after(&[(Change::Delete, 0), (Change::Restore, 100)]), Err(UndoOver));
        let deleted = after(&[(Change::Delete, 0)]).unwrap();
        assert!(deleted.is_visible(at(99), UNDO) && !deleted.is_visible(at(100), UNDO));
    }
}
