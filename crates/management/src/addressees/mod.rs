//! Use cases of people: they subscribe, confirm, leave and undo that. Each reads what there is, has `model::addressee` decide,
//! stores the change if nobody else came first, and returns the message that is due.
//!
//! Not here: making and checking codes and tokens (callers pass digests, and have checked an unsubscribe or undo token),
//! sending, limits per source, and what clients with rights do.

mod change;
mod change_address;
mod change_attributes;
mod change_frequency;
mod confirm;
mod data_link;
mod erase;
mod error;
mod import;
mod leave;
mod returned;
mod subscribe;
#[cfg(test)]
mod tests;
mod undo;
mod upkeep;

use std::sync::Arc;

use model::{
    Clock,
    addressee::{Addressee, Message},
};
use storage::Audience;

pub use self::{
    change_address::AddressRequest,
    error::Error,
    import::{ImportRequest, Imported},
    leave::{Authority, Leaving},
    returned::Bounced,
    subscribe::PersonRequest,
    upkeep::{Retention, Upkeep},
};

/// The use cases of people; cheap to clone.
#[derive(Clone)]
pub struct Addressees {
    audience: Arc<dyn Audience>,
    clock: Arc<dyn Clock>,
}

/// A message that is due after a change was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The message.
    pub message: Message,
    /// To whom; of an acknowledgement, all that ended.
    pub addressees: Vec<Addressee>,
}

impl Addressees {
    /// The use cases on this store.
    pub fn new(audience: Arc<dyn Audience>, clock: Arc<dyn Clock>) -> Self {
        Self { audience, clock }
    }
}

impl std::fmt::Debug for Addressees {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Addressees")
    }
}
