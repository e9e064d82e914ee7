//! A line that shows how a number changed, beside its sum.

use super::scaled;

/// The height of the picture.
pub const HEIGHT: u64 = 24;
/// The distance between two points.
const STEP: u64 = 4;
/// The margin, so that the line is not cut off.
const MARGIN: u64 = 2;

/// The line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sparkline {
    /// The points of a `polyline`.
    pub points: String,
    /// The width of the picture.
    pub width: u64,
}

impl Sparkline {
    /// The line through these numbers; `None` when all are zero, or when there are fewer than two.
    pub fn new(numbers: &[u64]) -> Option<Self> {
        let highest = numbers.iter().copied().max().filter(|highest| *highest > 0 && numbers.len() > 1)?;
        let point = |(at, number): (u64, &u64)| {
            let y = HEIGHT - MARGIN - scaled(*number, highest, HEIGHT - 2 * MARGIN);
            format!("{},{y}", MARGIN + at * STEP)
        };
        let points = (0..).zip(numbers).map(point).collect::<Vec<_>>().join(" ");
        Some(Self { points, width: 2 * MARGIN + STEP * (numbers.len() as u64 - 1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_point_for_each_number() {
        let line = Sparkline::new(&[0, 2, 1]).unwrap();
        assert_eq!((line.points.as_str(), line.width), ("2,22 6,2 10,12", 12));
        assert_eq!((Sparkline::new(&[0, 0]), Sparkline::new(&[3]), Sparkline::new(&[])), (None, None, None));
    }
}
