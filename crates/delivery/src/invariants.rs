//! The promises of delivery, by name (ARCHITECTURE.md, invariants). The machine checks them where they could break and
//! reports a violation in its [`Counts`](crate::machine::Counts); the driver logs and counts it.

/// An invariant of delivery, numbered as in ARCHITECTURE.md.
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

/// A promise that did not hold, with what was found instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The promise that did not hold.
    pub invariant: Invariant,
    /// The subscription or the number that broke it.
    pub detail: String,
}

/// Reports a violation unless the promise holds. In a debug build a violation panics.
pub fn check(violations: &mut Vec<Violation>, invariant: Invariant, holds: bool, detail: impl FnOnce() -> String) {
    if holds {
        return;
    }
    let detail = detail();
    debug_assert!(holds, "{invariant:?}: {detail}");
    violations.push(Violation { invariant, detail });
}
