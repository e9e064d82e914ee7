//! When a run is expected to end.

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

#[cfg(test)]
mod tests {
    use super::*;

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
