//! Wire formats to and from the model: CloudEvents structured, binary and batched, the notification of
//! the Notificaties API, and the record of the log.
//!
//! It is pure and synchronous: no IO, no clock, no randomness, and it never fails silently: whatever is
//! refused comes back as an error that names the member, the rule and the place. What an event means
//! and which events somebody wants is `model`'s business.

pub mod cloudevents;
pub mod facts;
mod form;
pub mod json;
pub mod notificatie;
mod percent;
pub mod record;
mod rejection;
#[cfg(feature = "sdk")]
pub mod sdk;

pub use rejection::{Place, Reason, Registered, Rejection};

/// How inputs are read that the standards leave undefined or only advise against (the rules of CloudEvents
/// core hold in both).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// Reads them as they stand and changes nothing.
    #[default]
    Lenient,
    /// Refuses them.
    Strict,
}

/// Bounds on what is read, against inputs made to be costly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of JSON, 1 to 127; more is read as 127.
    pub depth: u8,
    /// Most attributes of one event, or kenmerken of one notificatie.
    pub attributes: usize,
    /// Most events in one batch.
    pub events: usize,
}

impl Default for Limits {
    /// Depth 64, 1,024 attributes, 1,000 events.
    fn default() -> Self {
        Self { depth: 64, attributes: 1_024, events: 1_000 }
    }
}

impl Limits {
    /// What is stored was bounded when it was accepted, perhaps by other limits than today's.
    pub(crate) const STORED: Self = Self { depth: u8::MAX, attributes: usize::MAX, events: usize::MAX };
}
