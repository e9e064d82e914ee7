//! The promises of delivery, by name. They are checked where they could break: a violation stops a debug build and is
//! counted in production.

use metrics::counter;

use crate::metrics::INVARIANT_VIOLATIONS;

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invariant {
    /// No event is skipped.
    I1,
    /// A mark is never ahead of a delivery that is neither settled nor listed.
    I2,
    /// No request starts before `Retry-After` is over.
    I3,
    /// No request starts after the sink answered 410.
    I4,
    /// No request starts before the sink consented.
    I5,
    /// Requests are never more frequent than granted.
    I6,
    /// With order `key`, a later event of a key never overtakes.
    I7,
    /// Memory is bounded by configuration.
    I8,
}

/// Counts a violation, unless the promise holds; in a debug build it panics.
pub fn check(invariant: Invariant, holds: bool, detail: impl FnOnce() -> String) {
    if holds {
        return;
    }
    let detail = detail();
    debug_assert!(holds, "{invariant:?}: {detail}");
    tracing::error!(?invariant, detail, "an invariant is violated");
    counter!(INVARIANT_VIOLATIONS, "id" => format!("{invariant:?}")).increment(1);
}
