//! The moments at which mails with collected events are sent: once a day, or once a week.

use std::time::Duration;

use jiff::{civil::Weekday, tz::TimeZone};
use model::{Timestamp, addressee::Frequency};

/// An hour of the day in a time zone, and the day of the week of weekly mails.
#[derive(Debug, Clone)]
pub struct Moments {
    hour: i8,
    weekday: Weekday,
    zone: TimeZone,
}

impl Moments {
    /// At this hour (0 to 23) in a zone of the IANA database; weekly on this day, 1 (Monday) to 7. `None` when a value is none of these.
    pub fn new(hour: u8, weekday: u8, zone: &str) -> Option<Self> {
        let hour = i8::try_from(hour).ok().filter(|hour| *hour < 24)?;
        let weekday = Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()?;
        Some(Self { hour, weekday, zone: TimeZone::get(zone).ok()? })
    }

    /// The first moment after `now`; `now` itself for mails at once. An hour that a clock skips or has twice is moved or the first.
    pub fn next(&self, frequency: Frequency, now: Timestamp) -> Timestamp {
        self.find(frequency, now).unwrap_or(now + Duration::from_hours(24))
    }

    fn find(&self, frequency: Frequency, now: Timestamp) -> Option<Timestamp> {
        let is_wanted = |day: Weekday| match frequency {
            Frequency::AtOnce => false,
            Frequency::Daily => true,
            Frequency::Weekly => day == self.weekday,
        };
        if frequency == Frequency::AtOnce {
            return Some(now);
        }
        let now_there = jiff::Timestamp::from_microsecond(now.as_micros()).ok()?.to_zoned_datetime(self.zone.clone());
        let mut date = now_there.date();
        for _ in 0..=8 {
            if is_wanted(date.weekday()) {
                let at = date.at(self.hour, 0, 0, 0).to_zoned_datetime(self.zone.clone()).ok()?;
                let at = Timestamp::from_micros(at.timestamp().as_microsecond());
                if at > now {
                    return Some(at);
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

impl Default for Moments {
    /// At 8 in Amsterdam; weekly on Monday.
    fn default() -> Self {
        Self::new(8, 1, "Europe/Amsterdam").unwrap_or(Self { hour: 8, weekday: Weekday::Monday, zone: TimeZone::UTC })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn mails_are_due_at_the_hour_of_the_zone_ch_101() {
        let moments = Moments::default();
        for (frequency, now, expected) in [
            (Frequency::AtOnce, "2026-12-02T16:00:00Z", "2026-12-02T16:00:00Z"),
            (Frequency::Daily, "2026-12-02T06:59:59Z", "2026-12-02T07:00:00Z"),
            (Frequency::Daily, "2026-12-02T07:00:00Z", "2026-12-03T07:00:00Z"),
            (Frequency::Weekly, "2026-12-02T16:00:00Z", "2026-12-07T07:00:00Z"),
            (Frequency::Weekly, "2026-12-07T06:00:00Z", "2026-12-07T07:00:00Z"),
            (Frequency::Weekly, "2026-12-07T07:00:00Z", "2026-12-14T07:00:00Z"),
            // Summer time begins and ends in the night.
            (Frequency::Daily, "2027-03-27T12:00:00Z", "2027-03-28T06:00:00Z"),
            (Frequency::Daily, "2027-10-30T12:00:00Z", "2027-10-31T07:00:00Z"),
        ] {
            assert_eq!(moments.next(frequency, at(now)), at(expected), "{frequency:?} {now}");
        }
        let night = Moments::new(2, 7, "Europe/Amsterdam").unwrap();
        assert_eq!(night.next(Frequency::Weekly, at("2027-03-27T12:00:00Z")), at("2027-03-28T01:00:00Z"));
        assert!(Moments::new(24, 1, "UTC").is_none());
        assert!(Moments::new(8, 0, "UTC").is_none() && Moments::new(8, 8, "UTC").is_none());
        assert!(Moments::new(8, 1, "Europe/Nergens").is_none());
    }
}
