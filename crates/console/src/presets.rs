//! Links to usual periods beside the filter of a list: the page with the same filter and another first and last moment.
//!
//! Not here: reading a period ([`crate::days`], [`crate::moment`]).

use jiff::{Span, Timestamp as Instant, ZonedDateTime, civil::Date, tz::TimeZone};
use model::Timestamp;

use crate::{View, text::common::Texts};

/// The parameter with the first moment.
const FROM: &str = "van";

/// The parameter with the last moment.
const UNTIL: &str = "tot";

/// A period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub text: &'static str,
    /// The link.
    pub href: String,
    /// Whether the page shows it.
    pub is_current: bool,
}

/// Periods of a list that is filtered by moments.
pub fn moments(view: &View) -> Vec<Preset> {
    links(view, of_moments(view.now, view.time_zone(), &view.text.common))
}

/// Periods of a list that is filtered by whole days; the last day belongs to the period.
pub fn days(view: &View) -> Vec<Preset> {
    links(view, of_days(view.now, view.time_zone(), &view.text.common))
}

/// A name, with the values of the two parameters.
type Period = (&'static str, String, String);

fn of_moments(now: Timestamp, zone: &TimeZone, text: &Texts) -> Vec<Period> {
    let now = local(now, zone);
    let hour = now.checked_sub(Span::new().hours(1)).unwrap_or_else(|_| now.clone());
    let (today, open) = (now.date(), String::new);
    vec![
        (text.last_hour, format!("{} {:02}:{:02}", hour.date(), hour.hour(), hour.minute()), open()),
        (text.today, today.to_string(), open()),
        (text.yesterday, before(today, 1).to_string(), today.to_string()),
        (text.last_week, before(today, 6).to_string(), open()),
    ]
}

fn of_days(now: Timestamp, zone: &TimeZone, text: &Texts) -> Vec<Period> {
    let today = local(now, zone).date();
    let yesterday = before(today, 1).to_string();
    vec![
        (text.today, today.to_string(), today.to_string()),
        (text.yesterday, yesterday.clone(), yesterday),
        (text.last_week, before(today, 6).to_string(), today.to_string()),
        (text.last_month, before(today, 29).to_string(), today.to_string()),
    ]
}

/// The day before today, as the filters by time read it.
pub fn yesterday(view: &View) -> String {
    before(local(view.now, view.time_zone()).date(), 1).to_string()
}

fn local(at: Timestamp, zone: &TimeZone) -> ZonedDateTime {
    Instant::from_microsecond(at.as_micros()).unwrap_or(Instant::UNIX_EPOCH).to_zoned_datetime(zone.clone())
}

/// The day so many days before.
fn before(day: Date, days: i64) -> Date {
    day.checked_sub(Span::new().days(days)).unwrap_or(day)
}

fn links(view: &View, periods: Vec<Period>) -> Vec<Preset> {
    let value = |name| view.parameter(name).unwrap_or_default();
    let present = (value(FROM), value(UNTIL));
    let link = |(text, from, until): Period| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in web::query::pairs(&view.head.uri) {
            if ![FROM, UNTIL, "pagina", "gedaan", "verder"].contains(&name.as_str()) && !value.is_empty() {
                query.append_pair(&name, &value);
            }
        }
        let filled = [(FROM, &from), (UNTIL, &until)].into_iter().filter(|(_, value)| !value.is_empty());
        query.extend_pairs(filled);
        let href = format!("{}?{}", view.to(view.path()), query.finish());
        Preset { text, href, is_current: present == (from, until) }
    };
    periods.into_iter().map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn periods_are_days_and_hours_of_the_time_zone() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let now = Timestamp::parse_rfc3339("2026-11-30T23:30:00Z").unwrap();
        let text = &text::NL.common;
        let pairs = |periods: Vec<Period>| {
            periods.into_iter().map(|(_, from, until)| format!("{from}/{until}")).collect::<Vec<_>>()
        };
        assert_eq!(
            pairs(of_moments(now, &zone, text)),
            ["2026-11-30 23:30/", "2026-12-01/", "2026-11-30/2026-12-01", "2026-11-25/"]
        );
        assert_eq!(
            pairs(of_days(now, &zone, text)),
            ["2026-12-01/2026-12-01", "2026-11-30/2026-11-30", "2026-11-25/2026-12-01", "2026-11-02/2026-12-01"]
        );
        // Every value is one that the filters read.
        for (_, from, until) in of_moments(now, &zone, text) {
            assert!(crate::moment::read(&from, &zone).is_some(), "{from}");
            assert!(until.is_empty() || crate::moment::read(&until, &zone).is_some(), "{until}");
        }
    }
}
