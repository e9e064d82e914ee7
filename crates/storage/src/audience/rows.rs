//! What is stored and found.

use model::{
    KanaalName,
    addressee::{Addressee, Channel, StateKind},
};

use super::Outgoing;

/// The version of a stored addressee, from 1; each change adds 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

/// An addressee to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// The addressee.
    pub addressee: Addressee,
    /// The version on which the decision was made; `None` for a new addressee.
    pub seen: Option<Version>,
    /// Whether no other of the same kanaal, channel and digest may be there that has not ended. Two requests at the same time
    /// would add two otherwise (CH-52).
    pub alone: bool,
    /// The message that is due once this is stored.
    pub due: Option<Outgoing>,
}

impl Put {
    /// A new addressee.
    pub fn new(addressee: Addressee) -> Self {
        Self { addressee, seen: None, alone: false, due: None }
    }

    /// The same, with a message that becomes due with it.
    #[must_use]
    pub fn with_due(self, due: Outgoing) -> Self {
        Self { due: Some(due), ..self }
    }
}

/// An addressee as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The addressee.
    pub addressee: Addressee,
    /// Its version.
    pub version: Version,
}

/// The number of addressees of a kanaal, channel and state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// The state.
    pub state: StateKind,
    /// How many; never 0.
    pub addressees: u64,
}

impl Stored {
    /// The changed addressee, to be stored if nobody else changes it first.
    pub fn change(&self, addressee: Addressee) -> Put {
        Put { addressee, seen: Some(self.version), alone: false, due: None }
    }
}
