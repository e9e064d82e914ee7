//! How fast a run is, and when it is expected to end.

use std::time::Duration;

use model::Timestamp;

/// The longest time that is expected; beyond it the estimate says nothing.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// When a run that did `done` of `total` records between `created` and `now` ends, if it goes on as fast. `None` when nothing
/// or everything is done, or when that is more than a year away.
pub(super) fn expected_end(created: Timestamp, now: Timestamp, done: u64, total: u64) -> Option<Timestamp> {
    if done == 0 || done >= total {
        return None;
    }
    let micros = now.since(created).as_micros() * u128::from(total - done) / u128::from(done);
    let left = Duration::from_micros(u64::try_from(micros).ok()?);
    (left <= LONGEST).then(|| now + left)
}

/// How many records a run did in a second, in tenths, between `created` and `until`. `None` when nothing is done or no time passed.
pub(super) fn tenths_per_second(created: Timestamp, until: Timestamp, done: u64) -> Option<u32> {
    let micros = until.since(created).as_micros();
    if done == 0 {
        return None;
    }
    let tenths = (u128::from(done) * 10_000_000).checked_div(micros)?;
    Some(u32::try_from(tenths).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_that_since_the_start() {
        let second = Timestamp::from_seconds;
        for (until, done, expected) in
            [(110, 10, Some(10)), (110, 25, Some(25)), (103, 1, Some(3)), (110, 0, None), (100, 5, None), (90, 5, None)]
        {
            assert_eq!(tenths_per_second(second(100), second(until), done), expected, "{done} at {until}");
        }
        assert_eq!(tenths_per_second(second(100), second(101), u64::MAX), Some(u32::MAX));
    }

    #[test]
    fn a_run_goes_on_as_fast_as_until_now() {
        let second = Timestamp::from_seconds;
        for (now, done, total, expected) in [
            (110, 10, 40, Some(140)),
            (110, 39, 40, Some(110)),
            (200, 10, 40, Some(500)),
            (110, 0, 40, None),
            (110, 40, 40, None),
            (100, 0, 0, None),
            (100_000_000, 1, 40, None),
        ] {
            let end = expected_end(second(100), second(now), done, total);
            let whole = end.map(|end| end.as_micros() / 1_000_000);
            assert_eq!(whole, expected, "{done} of {total} at {now}");
        }
        assert_eq!(expected_end(second(100), second(90), 1, 2), Some(second(90)), "a clock that was set back");
    }
}
