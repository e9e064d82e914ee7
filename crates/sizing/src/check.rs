//! The formula beside two measured points that it does not use.

use crate::costs::{self, Measured};
use crate::formula::busy;

/// A measured point beside the formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was measured.
    pub what: &'static str,
    /// How many a second.
    pub per_second: f64,
    /// The cores that were busy with it.
    pub measured: f64,
    /// The cores by the formula.
    pub computed: f64,
}

impl Check {
    /// How far the formula is from what was measured, in percent: negative when it asks for less.
    pub fn deviation_percent(&self) -> f64 {
        (self.computed / self.measured - 1.0) * 100.0
    }
}

/// The two points.
pub fn checks() -> [Check; 2] {
    let check = |what, [each, rate]: [Measured; 2], cost: Measured| Check {
        what,
        per_second: rate.value,
        measured: busy(rate.value, each.value),
        computed: busy(rate.value, cost.value),
    };
    [
        check(
            "Kafka, notifications in by a node with role `ingest` alone, 64 connections",
            costs::CHECKED_IN,
            costs::KAFKA_IN,
        ),
        check("Kafka, deliveries to ten sinks by three nodes", costs::CHECKED_OUT, costs::KAFKA_OUT),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_signed() {
        let check = Check { what: "x", per_second: 1.0, measured: 2.0, computed: 1.5 };
        assert!((check.deviation_percent() + 25.0).abs() < 1e-9, "{check:?}");
        assert!(checks().iter().all(|check| check.measured > 0.0 && check.computed > 0.0));
    }
}
