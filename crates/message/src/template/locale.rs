//! Dates and numbers as people write them in a language (CH-82). Integers are not grouped: they may be years or numbers of
//! cases.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;

/// The language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// `1 december 2026 om 14:30 uur`, `12,5`.
    #[default]
    Dutch,
    /// `1 December 2026 at 14:30`, `12.5`.
    English,
}

/// How values are shown.
#[derive(Debug, Clone)]
pub struct Locale {
    /// The language of the template.
    pub language: Language,
    /// The zone in which moments with an offset are shown.
    pub zone: TimeZone,
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

impl Locale {
    /// A scalar as it is shown; `None` for null, a list or an object.
    pub(super) fn shown(&self, value: &Value) -> Option<String> {
        match value {
            Value::Number(number) if self.language == Language::Dutch => Some(number.to_string().replace('.', ",")),
            Value::String(text) => Some(self.shown_text(text)),
            other => plain(other),
        }
    }

    /// A text as it is shown: a date or a moment (RFC 3339) in words, other texts as they are.
    pub(super) fn shown_text(&self, text: &str) -> String {
        let is_candidate = (10..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || b"-T:.Z+".contains(&b))
            && text.as_bytes().get(4) == Some(&b'-')
            && text.as_bytes().get(7) == Some(&b'-');
        let words = match text.as_bytes().get(10) {
            _ if !is_candidate => None,
            None => text.parse::<civil::Date>().ok().map(|date| self.date(date)),
            Some(b'T') => self.moment(text),
            Some(_) => None,
        };
        words.unwrap_or_else(|| text.to_owned())
    }

    /// A moment with an offset in the zone, one without as it is.
    fn moment(&self, text: &str) -> Option<String> {
        let local = match text.parse::<Timestamp>() {
            Ok(moment) => moment.to_zoned_datetime(self.zone.clone()).datetime(),
            Err(_) => text.parse::<civil::DateTime>().ok()?,
        };
        let (hour, minute) = (local.hour(), local.minute());
        let date = self.date(local.date());
        Some(match self.language {
            Language::Dutch => format!("{date} om {hour:02}:{minute:02} uur"),
            Language::English => format!("{date} at {hour:02}:{minute:02}"),
        })
    }

    fn date(&self, date: civil::Date) -> String {
        let months = match self.language {
            Language::Dutch => MONTHS_NL,
            Language::English => MONTHS_EN,
        };
        let month = usize::try_from(date.month() - 1).ok().and_then(|at| months.get(at)).copied().unwrap_or_default();
        format!("{} {month} {}", date.day(), date.year())
    }
}

/// A scalar as JSON writes it, text without quotes; `None` for null, a list or an object.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn locale(language: Language) -> Locale {
        Locale { language, zone: TimeZone::get("Europe/Amsterdam").unwrap() }
    }

    #[test]
    fn ch_82_dates_and_numbers_in_the_form_of_the_language() {
        for (value, dutch, english) in [
            (json!("2026-12-01"), "1 december 2026", "1 December 2026"),
            (json!("2026-03-29"), "29 maart 2026", "29 March 2026"),
            (json!("2026-12-01T13:30:00Z"), "1 december 2026 om 14:30 uur", "1 December 2026 at 14:30"),
            (json!("2026-06-01T12:05:59.123Z"), "1 juni 2026 om 14:05 uur", "1 June 2026 at 14:05"),
            (json!("2026-06-01T12:05:00+02:00"), "1 juni 2026 om 12:05 uur", "1 June 2026 at 12:05"),
            (json!("2026-12-31T23:30:00Z"), "1 januari 2027 om 00:30 uur", "1 January 2027 at 00:30"),
            (json!("2026-06-01T12:05:00"), "1 juni 2026 om 12:05 uur", "1 June 2026 at 12:05"),
            (json!(12.5), "12,5", "12.5"),
            (json!(-0.25), "-0,25", "-0.25"),
            (json!(2026), "2026", "2026"),
            (json!(1_234_567), "1234567", "1234567"),
            (json!(0), "0", "0"),
            (json!(false), "false", "false"),
            (json!(""), "", ""),
        ] {
            assert_eq!(locale(Language::Dutch).shown(&value).as_deref(), Some(dutch), "{value}");
            assert_eq!(locale(Language::English).shown(&value).as_deref(), Some(english), "{value}");
        }
    }

    #[test]
    fn ch_82_what_only_looks_like_a_date_stays() {
        for text in [
            "2026-13-01",
            "2026-02-30",
            "2026-12-01T",
            "2026-12-01T99:00:00Z",
            "01-12-2026",
            "2026-12-01x",
            "20261201",
            "2026-12-01 is een dinsdag",
            "1234-56-7890",
            "12.5",
            "0612345678",
            "2026-12-01-",
            "2026-12-01T10:00:00[Europe]",
        ] {
            assert_eq!(locale(Language::Dutch).shown_text(text), text);
        }
    }

    #[test]
    fn ch_79_null_lists_and_objects_have_no_form() {
        for value in [json!(null), json!([]), json!({}), json!([1])] {
            assert_eq!(locale(Language::Dutch).shown(&value), None);
            assert_eq!(plain(&value), None);
        }
    }
}
