//! Charts as values that templates write as inline SVG: positions and sizes, no markup and no colours.
//!
//! Each chart has a text that says what it shows, and its figures in a table. Bars differ by shape (filled or outlined), not
//! only by colour.

pub mod bars;
pub mod sparkline;

pub use self::{bars::Bars, sparkline::Sparkline};

/// `value` as a part of `highest`, scaled to `size` and rounded; at least 1 for what is more than nothing.
fn scaled(value: u64, highest: u64, size: u64) -> u64 {
    if value == 0 || highest == 0 {
        return 0;
    }
    let (value, highest, most) = (u128::from(value), u128::from(highest), u128::from(size));
    u64::try_from((value * most + highest / 2) / highest).unwrap_or(size).clamp(1, size)
}

/// `value` in percents of `highest`, for a bar beside a number.
pub fn percent(value: u64, highest: u64) -> u64 {
    scaled(value, highest, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_parts_of_the_highest_and_little_is_not_nothing() {
        for (value, highest, size) in
            [(0, 10, 0), (10, 10, 100), (5, 10, 50), (1, 1_000, 1), (0, 0, 0), (7, 3, 100), (u64::MAX, u64::MAX, 100)]
        {
            assert_eq!(percent(value, highest), size, "{value} of {highest}");
        }
    }
}
