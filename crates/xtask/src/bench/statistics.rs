//! Figures out of figures: the spread of rounds and percentiles of durations. No units, no printing of tables.

use serde_json::{Value, json};

/// Median, lowest and highest of the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundSummary {
    pub median: f64,
    pub lowest: f64,
    pub highest: f64,
}

impl RoundSummary {
    /// Of no rounds: all zero.
    pub fn of(rounds: &[f64]) -> Self {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(&lowest), Some(&highest)) = (sorted.first(), sorted.last()) else {
            return Self { median: 0.0, lowest: 0.0, highest: 0.0 };
        };
        let middle = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) };
        Self { median, lowest, highest }
    }

    pub fn json(self) -> Value {
        json!({ "median": self.median, "lowest": self.lowest, "highest": self.highest })
    }

    /// `median (lowest-highest)` with thousands apart: for figures well above one.
    pub fn whole(self) -> String {
        format!("{} ({}-{})", thousands(self.median), thousands(self.lowest), thousands(self.highest))
    }

    /// `median (lowest-highest)` with two decimals: for milliseconds.
    pub fn fine(self) -> String {
        format!("{:.2} ({:.2}-{:.2})", self.median, self.lowest, self.highest)
    }
}

/// The value below which the given share (0 to 1) of the sorted values lies; nearest rank; of nothing: not a number.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// The median of the ratios of rounds that were measured one after the other with two versions; of nothing: not a number.
pub fn of_before(rounds: &[f64], before: &[f64]) -> f64 {
    let ratios: Vec<f64> = rounds.iter().zip(before).map(|(now, before)| now / before).collect();
    if ratios.is_empty() { f64::NAN } else { RoundSummary::of(&ratios).median }
}

/// A share as `73 %`, or a dash where there is nothing to compare with.
pub fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.0} %", 100.0 * part / whole) } else { "-".to_owned() }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_of_rounds() {
        for (rounds, expected) in [
            (&[][..], (0.0, 0.0, 0.0)),
            (&[3.0][..], (3.0, 3.0, 3.0)),
            (&[3.0, 1.0, 2.0][..], (2.0, 1.0, 3.0)),
            (&[4.0, 1.0][..], (2.5, 1.0, 4.0)),
        ] {
            let (median, lowest, highest) = expected;
            assert_eq!(RoundSummary::of(rounds), RoundSummary { median, lowest, highest }, "{rounds:?}");
        }
        assert_eq!(RoundSummary::of(&[1234.0, 999.0, 1234567.0]).whole(), "1,234 (999-1,234,567)");
    }

    #[test]
    fn versions_are_compared_round_by_round() {
        assert!((of_before(&[100.0, 50.0, 9.0], &[100.0, 100.0, 10.0]) - 0.9).abs() < f64::EPSILON);
        assert!(of_before(&[], &[1.0]).is_nan());
    }

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        for (sorted, share, expected) in [
            (&hundred[..], 0.5, 50.0),
            (&hundred[..], 0.99, 99.0),
            (&hundred[..], 1.0, 100.0),
            (&hundred[..1], 0.99, 1.0),
            (&hundred[..2], 0.5, 1.0),
        ] {
            assert!((percentile(sorted, share) - expected).abs() < f64::EPSILON, "{share} of {}", sorted.len());
        }
        assert!(percentile(&[], 0.5).is_nan());
    }
}
