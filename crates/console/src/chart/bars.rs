//! Two bars for each period: the first filled, the second outlined.

use model::Timestamp;

use super::scaled;

/// The height of the highest bar, in units of the picture.
pub const HEIGHT: u64 = 100;
/// The width of a period.
const PERIOD: u64 = 24;
/// The width of a bar.
const BAR: u64 = 9;

/// What happened in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its start.
    pub from: Timestamp,
    /// The number of the first bar.
    pub first: u64,
    /// The number of the second bar.
    pub second: u64,
}

/// A bar in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// The left edge.
    pub x: u64,
    /// The upper edge.
    pub y: u64,
    /// The width.
    pub width: u64,
    /// The height.
    pub height: u64,
    /// Whether it is the second bar of its period.
    pub is_second: bool,
}

/// The chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    /// The periods, oldest first.
    pub periods: Vec<Period>,
    /// The bars that are more than nothing.
    pub shapes: Vec<Bar>,
    /// The width of the picture.
    pub width: u64,
    /// The highest number of a period.
    pub highest: u64,
    /// The sum of the first bars.
    pub first: u64,
    /// The sum of the second bars.
    pub second: u64,
}

impl Bars {
    /// The chart of these periods.
    pub fn new(periods: Vec<Period>) -> Self {
        let highest = periods.iter().map(|period| period.first.max(period.second)).max().unwrap_or_default();
        let mut shapes = Vec::new();
        for (at, period) in (0..).zip(&periods) {
            for (value, shift, is_second) in [(period.first, 2, false), (period.second, 3 + BAR, true)] {
                let height = scaled(value, highest, HEIGHT);
                if height > 0 {
                    shapes.push(Bar { x: at * PERIOD + shift, y: HEIGHT - height, width: BAR, height, is_second });
                }
            }
        }
        Self {
            width: PERIOD * periods.len() as u64,
            highest,
            first: periods.iter().map(|period| period.first).sum(),
            second: periods.iter().map(|period| period.second).sum(),
            shapes,
            periods,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_the_ground_and_are_inside_the_picture() {
        let period = |minute: i64, first, second| Period { from: Timestamp::from_seconds(minute * 60), first, second };
        let chart = Bars::new(vec![period(0, 10, 5), period(1, 0, 0), period(2, 1, 20)]);
        assert_eq!((chart.width, chart.highest, chart.first, chart.second), (72, 20, 11, 25));
        let shown: Vec<_> = chart.shapes.iter().map(|bar| (bar.x, bar.height, bar.is_second)).collect();
        assert_eq!(shown, [(2, 50, false), (12, 25, true), (50, 5, false), (60, 100, true)]);
        assert!(chart.shapes.iter().all(|bar| bar.y + bar.height == HEIGHT && bar.x + bar.width <= chart.width));
        let empty = Bars::new(vec![]);
        assert_eq!((empty.width, empty.highest, empty.shapes.len()), (0, 0, 0));
    }
}
