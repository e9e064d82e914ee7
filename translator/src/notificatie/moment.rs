//! `aanmaakdatum`: the date and time formats of the Notificaties API.

use model::Timestamp;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// A date and time as posted, with the timestamp it represents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The text as posted.
    pub text: String,
    /// The timestamp.
    pub at: Timestamp,
    /// Whether the text is RFC 3339 with an offset and can be passed on unchanged.
    pub is_rfc3339: bool,
}

impl Moment {
    /// Parses RFC 3339; also without offset (as UTC), without seconds, with a space for `T`, or a date alone (midnight
    /// UTC).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if matches!(bytes.get(10), Some(b'T' | b't'))
            && let Some(at) = Timestamp::parse_rfc3339(text)
        {
            return Some(Self { text: text.to_owned(), at, is_rfc3339: true });
        }
        let (date, rest) = text.split_at_checked(10)?;
        let date = date_of(date)?;
        let moment = if rest.is_empty() {
            PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc()
        } else {
            let rest = rest.strip_prefix(['T', 't', ' '])?;
            let (clock, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
            PrimitiveDateTime::new(date, time_of(clock.trim_end())?).assume_offset(offset_of(offset)?)
        };
        let micros = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000)).ok()?;
        Some(Self { text: text.to_owned(), at: Timestamp::from_micros(micros), is_rfc3339: false })
    }

    /// The text if it is RFC 3339, else the timestamp as RFC 3339 in UTC.
    pub(crate) fn rfc3339(&self) -> std::borrow::Cow<'_, str> {
        if self.is_rfc3339 { self.text.as_str().into() } else { self.at.to_rfc3339().into() }
    }
}

fn number(digits: &str) -> Option<u8> {
    (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn date_of(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.strip_prefix('-')?.split_once('-')?;
    let year = year.bytes().all(|byte| byte.is_ascii_digit()).then(|| year.parse().ok())??;
    Date::from_calendar_date(year, Month::try_from(number(month)?).ok()?, number(day)?).ok()
}

fn time_of(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once(['.', ',']).map_or((text, None), |(whole, f)| (whole, Some(f)));
    let mut parts = whole.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() || (second.is_none() && fraction.is_some()) {
        return None;
    }
    let micros = match fraction {
        None => 0,
        Some(digits) => {
            let digits = digits.get(..digits.len().min(6)).filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
            format!("{digits:0<6}").parse().ok().filter(|_| !digits.is_empty())?
        }
    };
    Time::from_hms_micro(number(hour)?, number(minute)?, second.map_or(Some(0), number)?, micros).ok()
}

fn offset_of(text: &str) -> Option<UtcOffset> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let (sign, rest) = text.split_at(1);
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let (hours, minutes) = (number(hours)?, if minutes.is_empty() { 0 } else { number(minutes)? });
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    UtcOffset::from_whole_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_aanmaakdatum() {
        let utc = |text: &str| Moment::parse(text).map(|moment| (moment.at.to_rfc3339(), moment.is_rfc3339));
        for (text, expected, rfc) in [
            ("2025-01-01T12:00:00Z", "2025-01-01T12:00:00Z", true),
            ("2025-01-01T12:00:00.123456+01:00", "2025-01-01T11:00:00.123456Z", true),
            ("2025-01-01T12:00:00", "2025-01-01T12:00:00Z", false),
            ("2025-01-01 12:00:00.5", "2025-01-01T12:00:00.5Z", false),
            ("2025-01-01T12:00", "2025-01-01T12:00:00Z", false),
            ("2025-01-01T12:00+0100", "2025-01-01T11:00:00Z", false),
            ("2025-01-01T12:00:00-01", "2025-01-01T13:00:00Z", false),
            ("2025-01-01", "2025-01-01T00:00:00Z", false),
        ] {
            assert_eq!(utc(text), Some((expected.into(), rfc)), "{text}");
        }
        for bad in [
            "",
            "2025",
            "gisteren",
            "2025-13-01",
            "2025-02-30T00:00:00Z",
            "2025-01-01T",
            "2025-01-01T25:00",
            "2025-01-01T12:00:00+1",
            "2025-01-01T12.5",
            "2025-01-01T12:00:00.",
            "+025-01-01",
            "2025-01-01T12:00:00+24:00",
            "2025-01-0é",
            "20250101T120000",
        ] {
            assert_eq!(utc(bad), None, "{bad}");
        }
    }
}
