//! Moments as people read them: in the configured time zone, with how long ago beside them.

use jiff::{Timestamp as Instant, civil::Date, tz::TimeZone};
use model::Timestamp;
use web::language::Language;

use crate::text::Texts;

/// A moment on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// For the attribute `datetime`: RFC 3339 in UTC, to the second.
    pub datetime: String,
    /// Date and time in the time zone, to the second.
    pub text: String,
    /// How long ago, or how long from now.
    pub relative: String,
}

const MONTHS_NL: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Moment {
    /// The moment `at`, seen at `now`.
    pub fn new(at: Timestamp, now: Timestamp, zone: &TimeZone, language: Language, texts: &Texts) -> Self {
        let instant = Instant::from_microsecond(at.as_micros()).unwrap_or(Instant::UNIX_EPOCH);
        let local = instant.to_zoned_datetime(zone.clone());
        let day = day_text(local.date(), language);
        let text = format!("{day} {:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
        let seconds = (now.as_micros() - at.as_micros()) / 1_000_000;
        Self { datetime: iso(instant), text, relative: (texts.common.relative)(seconds) }
    }
}

/// The day of a moment in the time zone.
pub fn day(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let instant = Instant::from_microsecond(at.as_micros()).unwrap_or(Instant::UNIX_EPOCH);
    day_text(instant.to_zoned_datetime(zone.clone()).date(), language)
}

fn day_text(day: Date, language: Language) -> String {
    let months = match language {
        Language::Dutch => MONTHS_NL,
        Language::English => MONTHS_EN,
    };
    let month = months[usize::try_from(day.month() - 1).unwrap_or(0) % 12];
    format!("{} {month} {}", day.day(), day.year())
}

/// The moment that a person typed, such as `2026-11-30 14:00` in the time zone, or RFC 3339 with an offset.
pub fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(at) = Timestamp::parse_rfc3339(text) {
        return Some(at);
    }
    let local: jiff::civil::DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    let instant = zone.to_timestamp(local).ok()?;
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

fn iso(instant: Instant) -> String {
    Instant::from_second(instant.as_second()).unwrap_or(instant).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn a_moment_is_shown_in_the_time_zone_with_its_distance() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let at = Timestamp::parse_rfc3339("2026-11-30T13:03:12.5Z").unwrap();
        for (language, offset, text, relative) in [
            (Language::Dutch, 180, "30 november 2026 14:03:12", "3 minuten geleden"),
            (Language::Dutch, 1, "30 november 2026 14:03:12", "1 seconde geleden"),
            (Language::English, 3 * 86_400, "30 November 2026 14:03:12", "3 days ago"),
            (Language::English, -7_200, "30 November 2026 14:03:12", "in 2 hours"),
        ] {
            let now = Timestamp::from_micros(at.as_micros() + offset * 1_000_000);
            let moment = Moment::new(at, now, &zone, language, text::of(language));
            assert_eq!((moment.text.as_str(), moment.relative.as_str()), (text, relative));
            assert_eq!(moment.datetime, "2026-11-30T13:03:12Z");
        }
    }

    #[test]
    fn a_day_is_that_of_the_time_zone() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let at = Timestamp::parse_rfc3339("2026-11-30T23:00:00Z").unwrap();
        assert_eq!(day(at, &zone, Language::Dutch), "1 december 2026");
        assert_eq!(day(at, &zone, Language::English), "1 December 2026");
    }

    #[test]
    fn a_typed_moment_is_in_the_time_zone_unless_it_has_an_offset() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        for (text, expected) in [
            ("2026-11-30 14:00", Some("2026-11-30T13:00:00Z")),
            (" 2026-07-01T14:00:05 ", Some("2026-07-01T12:00:05Z")),
            ("2026-11-30", Some("2026-11-29T23:00:00Z")),
            ("2026-11-30T14:00:00+02:00", Some("2026-11-30T12:00:00Z")),
            ("gisteren", None),
            ("", None),
        ] {
            let expected = expected.map(|text| Timestamp::parse_rfc3339(text).unwrap());
            assert_eq!(read(text, &zone), expected, "{text}");
        }
    }
}
