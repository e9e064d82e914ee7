//! The days of a period in the query of a page, in the configured time zone.

use jiff::{Span, Timestamp as Instant, civil::Date, tz::TimeZone};
use model::Timestamp;

use crate::View;

/// A period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Days {
    /// The beginning of its first day.
    pub from: Option<Timestamp>,
    /// The end of its last day.
    pub until: Option<Timestamp>,
}

/// The period of the fields `van` and `tot` (the last day, included); an empty field is no bound. Faults are added by field.
pub fn days(view: &View, (from, until): (&str, &str), faults: &mut Vec<(&'static str, &'static str)>) -> Days {
    let texts = &view.text.audit;
    let zone = view.time_zone();
    let mut read = |name, text: &str, next| match text {
        "" => None,
        text => {
            let moment = beginning(text, zone, next);
            if moment.is_none() {
                faults.push((name, texts.no_date));
            }
            moment
        }
    };
    let days = Days { from: read("van", from, false), until: read("tot", until, true) };
    if let (Some(from), Some(until)) = (days.from, days.until)
        && from >= until
    {
        faults.push(("tot", texts.no_period));
    }
    days
}

/// The beginnings of the last days, of which today is the last.
pub fn last(view: &View, days: i64) -> Vec<Timestamp> {
    last_days(view.now, view.time_zone(), days)
}

fn last_days(now: Timestamp, zone: &TimeZone, days: i64) -> Vec<Timestamp> {
    let now = Instant::from_microsecond(now.as_micros()).unwrap_or(Instant::UNIX_EPOCH);
    let today = now.to_zoned_datetime(zone.clone()).date();
    let day = |before: i64| today.checked_sub(Span::new().days(before)).ok()?.to_zoned_datetime(zone.clone()).ok();
    let beginnings = (0..days).rev().filter_map(day);
    beginnings.map(|day| Timestamp::from_micros(day.timestamp().as_microsecond())).collect()
}

/// The beginning of a day (`2026-11-30`), or of the day after.
fn beginning(text: &str, zone: &TimeZone, next: bool) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    let date = if next { date.tomorrow().ok()? } else { date };
    let moment = date.to_zoned_datetime(zone.clone()).ok()?;
    Some(Timestamp::from_micros(moment.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_days_begin_at_midnight_also_when_the_clock_is_changed() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let now = Timestamp::parse_rfc3339("2026-10-26T12:00:00Z").unwrap();
        let days: Vec<String> = last_days(now, &zone, 3).into_iter().map(Timestamp::to_rfc3339).collect();
        assert_eq!(days, ["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]);
    }

    #[test]
    fn days_begin_in_the_time_zone() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        for (text, next, expected) in [
            ("2026-11-30", false, Some("2026-11-29T23:00:00Z")),
            ("2026-11-30", true, Some("2026-11-30T23:00:00Z")),
            ("2026-07-01", false, Some("2026-06-30T22:00:00Z")),
            ("2026-10-25", true, Some("2026-10-25T23:00:00Z")),
            ("2026-02-30", false, None),
            ("gisteren", false, None),
        ] {
            let expected = expected.map(|text| Timestamp::parse_rfc3339(text).unwrap());
            assert_eq!(beginning(text, &zone, next), expected, "{text} {next}");
        }
    }
}
