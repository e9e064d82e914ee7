//! Conversion between wire formats and the model: CloudEvents structured, binary and batched, the notification of the
//! Notificaties API, and the record of the log.
//!
//! The crate is pure and synchronous: no IO, no clock, no randomness. Every refused input returns an error with the
//! member, the rule and the location. Selection and the meaning of events belong to `model`.
//!
//! Ids such as CE-HTTP-24, MAP-02 and NLG-CTX-10 are rows of `conformance/requirements.csv`.

pub mod cloudevents;
pub mod facts;
mod form;
pub mod json;
pub mod notificatie;
pub mod record;
mod rejection;
#[cfg(feature = "sdk")]
pub mod sdk;

pub use rejection::{Place, Reason, Registered, Rejection};

/// How to read inputs that the standards leave undefined or advise against. The rules of CloudEvents core apply in both
/// cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// Accepts them unchanged.
    #[default]
    Lenient,
    /// Refuses them.
    Strict,
}

/// Bounds on inputs, against those made to be expensive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The deepest nesting of JSON, 1 to 127; larger values mean 127.
    pub depth: u8,
    /// Most attributes of an event, or kenmerken of a notificatie.
    pub attributes: usize,
    /// Most events in a batch.
    pub events: usize,
}

impl Default for Limits {
    /// Depth 64, 1,024 attributes, 1,000 events.
    fn default() -> Self {
        Self { depth: 64, attributes: 1_024, events: 1_000 }
    }
}

impl Limits {
    /// No bounds: stored data was bounded when it was accepted, perhaps by other limits.
    pub(crate) const STORED: Self = Self { depth: u8::MAX, attributes: usize::MAX, events: usize::MAX };
}
