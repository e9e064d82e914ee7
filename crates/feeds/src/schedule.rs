//! When a feed is polled: in an interval, or at the times of a cron expression with seconds (CH-103). Pure.

use std::time::Duration;

use jiff::{Timestamp as Instant, ToSpan, civil::Date, tz::TimeZone};
use model::Timestamp;

/// How many days ahead a time is searched: the longest gap between two days 29 February.
const MAX_DAYS: usize = 8 * 366;

/// When a feed is polled.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// So long after the poll before; the first one at the start.
    Every(Duration),
    /// At the times of an expression in a time zone.
    Cron(Box<Cron>, TimeZone),
}

impl Schedule {
    /// How long to wait before the first poll.
    pub(crate) fn first(&self, now: Timestamp) -> Duration {
        match self {
            Self::Every(_) => Duration::ZERO,
            Self::Cron(..) => self.next(now),
        }
    }

    /// How long to wait after a poll.
    pub(crate) fn next(&self, now: Timestamp) -> Duration {
        match self {
            Self::Every(interval) => *interval,
            Self::Cron(cron, zone) => cron.next(now, zone).map_or(Duration::from_hours(24), |next| next.since(now)),
        }
    }
}

/// A cron expression of six fields: second, minute, hour, day of the month, month, and day of the week (0 to 7, 0 and 7 are Sunday).
/// Each is `*`, a number, a range `a-b`, steps `*/n` or `a-b/n`, or a list of these with commas. When both kinds of day are
/// limited, either is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    any_day: bool,
    any_weekday: bool,
}

/// Why a text is no cron expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It does not have six fields.
    #[error("must have six fields: second, minute, hour, day of the month, month, day of the week")]
    Fields,
    /// A field, counted from 1, is none.
    #[error("field {0} is no number, range, step or list of these within its bounds")]
    Field(usize),
    /// No day has this day and month.
    #[error("never comes")]
    Never,
}

/// The lowest and highest number of each field.
const BOUNDS: [(u8, u8); 6] = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// It is none, or its times never come.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let fields: [&str; 6] = fields.try_into().map_err(|_| CronError::Fields)?;
        let mut sets = [0_u64; 6];
        for (number, ((field, bounds), set)) in fields.iter().zip(BOUNDS).zip(&mut sets).enumerate() {
            *set = field_set(field, bounds).ok_or(CronError::Field(number + 1))?;
        }
        let [seconds, minutes, hours, days, months, mut weekdays] = sets;
        if weekdays & (1 << 7) != 0 {
            weekdays |= 1;
        }
        let (any_day, any_weekday) = (fields[3] == "*", fields[5] == "*");
        let cron = Self { seconds, minutes, hours, days, months, weekdays, any_day, any_weekday };
        let zone = TimeZone::UTC;
        cron.next(Timestamp::from_seconds(0), &zone).ok_or(CronError::Never)?;
        Ok(cron)
    }

    /// The next time after `now`. A local time that a change of the clock skips comes as much later; one that comes twice counts the
    /// first time.
    pub(crate) fn next(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let now = Instant::from_microsecond(now.as_micros()).ok()?;
        let mut date = zone.to_datetime(now).date();
        for _ in 0..MAX_DAYS {
            if self.has_day(date) {
                for hour in numbers(self.hours) {
                    for minute in numbers(self.minutes) {
                        // The last second of a minute that is over saves a look at the others.
                        for second in numbers(self.seconds) {
                            let local = date.at(hour, minute, second, 0);
                            let moment = zone.to_ambiguous_timestamp(local).compatible().ok()?;
                            if moment > now {
                                return Some(Timestamp::from_micros(moment.as_microsecond()));
                            }
                            if moment.as_second() + 60 <= now.as_second() {
                                break;
                            }
                        }
                    }
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn has_day(&self, date: Date) -> bool {
        let has = |set: u64, number: i8| set & (1 << number) != 0;
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        let is_day = match (self.any_day, self.any_weekday) {
            (true, _) => weekday,
            (false, true) => day,
            (false, false) => day || weekday,
        };
        has(self.months, date.month()) && is_day
    }
}

fn numbers(set: u64) -> impl Iterator<Item = i8> {
    (0..60).filter(move |number| set & (1 << number) != 0)
}

fn field_set(text: &str, (least, most): (u8, u8)) -> Option<u64> {
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, number(step).filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None if part.contains('/') => return None,
            None => (number(range)?, number(range)?),
        };
        if from < least || to > most || from > to {
            return None;
        }
        for number in (from..=to).step_by(step.into()) {
            set |= 1_u64 << number;
        }
    }
    Some(set)
}

fn number(text: &str) -> Option<u8> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_follows_from_the_expression_ch_103() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        for (cron, now, next) in [
            ("* * * * * *", "2026-12-01T10:00:00.5Z", "2026-12-01T10:00:01Z"),
            ("*/15 * * * * *", "2026-12-01T10:00:15Z", "2026-12-01T10:00:30Z"),
            ("0 */10 * * * *", "2026-12-01T10:59:59Z", "2026-12-01T11:00:00Z"),
            ("0 0 8 * * *", "2026-12-01T06:59:59Z", "2026-12-01T07:00:00Z"),
            ("0 0 8 * * *", "2026-12-01T07:00:00Z", "2026-12-02T07:00:00Z"),
            ("30 5,35 9-17/4 * * 1-5", "2026-12-04T16:40:00Z", "2026-12-07T08:05:30Z"),
            ("0 0 0 29 2 *", "2026-12-01T10:00:00Z", "2028-02-28T23:00:00Z"),
            ("0 0 0 13 * 5", "2026-12-05T10:00:00Z", "2026-12-10T23:00:00Z"),
            ("0 0 12 * * 7", "2026-12-01T10:00:00Z", "2026-12-06T11:00:00Z"),
            // 02:30 does not exist on that day; it is 03:30.
            ("0 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
            // 02:30 comes twice on that day.
            ("0 30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ] {
            let read = |text| Timestamp::parse_rfc3339(text).unwrap();
            assert_eq!(Cron::parse(cron).unwrap().next(read(now), &zone), Some(read(next)), "{cron} {now}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_ch_103() {
        for (text, error) in [
            ("", CronError::Fields),
            ("* * * * *", CronError::Fields),
            ("* * * * * * *", CronError::Fields),
            ("60 * * * * *", CronError::Field(1)),
            ("* 5-1 * * * *", CronError::Field(2)),
            ("* * */0 * * *", CronError::Field(3)),
            ("* * * 0 * *", CronError::Field(4)),
            ("* * * * jan *", CronError::Field(5)),
            ("* * * * * 8", CronError::Field(6)),
            ("5/10 * * * * *", CronError::Field(1)),
            ("1, * * * * *", CronError::Field(1)),
            ("+1 * * * * *", CronError::Field(1)),
            ("999999999999 * * * * *", CronError::Field(1)),
            ("0 0 0 31 2 *", CronError::Never),
        ] {
            assert_eq!(Cron::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn an_interval_begins_at_once_and_an_expression_at_its_time() {
        let now = Timestamp::from_seconds(90);
        let minute = Duration::from_mins(1);
        let every = Schedule::Every(minute);
        assert_eq!((every.first(now), every.next(now)), (Duration::ZERO, minute));
        let cron = Schedule::Cron(Box::new(Cron::parse("0 * * * * *").unwrap()), TimeZone::UTC);
        assert_eq!((cron.first(now), cron.next(now)), (minute / 2, minute / 2));
    }
}
