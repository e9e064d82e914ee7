//! The query of a page with a list: the number of the page, and the days of a period in the configured time zone.
//!
//! Not here: the meaning of other fields, which each page reads itself.

use jiff::{civil::Date, tz::TimeZone};
use management::journal::Page;
use model::Timestamp;

use crate::View;

/// Rows of a page.
pub const ROWS: u32 = 50;

/// The parameter with the number of the page.
const PAGE: &str = "pagina";

/// The highest number of a page.
const MAX_PAGE: u64 = 10_000;

/// The number of the page in the query, from 1; 1 when it is absent or no such number.
pub fn page_number(view: &View) -> u64 {
    let number = view.parameter(PAGE).and_then(|text| text.parse().ok());
    number.filter(|number| (1..=MAX_PAGE).contains(number)).unwrap_or(1)
}

/// The rows of a page, and one more: it shows whether there is a next page.
pub fn rows(number: u64) -> Page {
    Page { offset: (number - 1) * u64::from(ROWS), limit: ROWS + 1 }
}

/// The links to the previous and the next page, empty when there is none. `found` is what was read by [`rows`], and is cut to
/// the rows of the page.
pub fn links<T>(view: &View, number: u64, found: &mut Vec<T>) -> (String, String) {
    let has_next = found.len() > ROWS as usize && number < MAX_PAGE;
    found.truncate(ROWS as usize);
    let previous = if number > 1 { link(view, number - 1) } else { String::new() };
    let next = if has_next { link(view, number + 1) } else { String::new() };
    (previous, next)
}

/// This page with another number and the same filter.
fn link(view: &View, number: u64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let own = form_urlencoded::parse(view.head.uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(own.filter(|(name, value)| name != PAGE && name != "gedaan" && !value.is_empty()));
    query.append_pair(PAGE, &number.to_string());
    format!("{}?{}", view.to(view.path()), query.finish())
}

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
