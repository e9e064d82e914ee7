//! The dates of feeds: RFC 3339 in Atom and Dublin Core, RFC 822 in RSS.

use model::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// The longest text that is tried, in bytes.
const LONGEST: usize = 64;

/// Reads a date; `None` when it is none. A date without a time is midnight UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    if let Some(moment) = Timestamp::parse_rfc3339(text) {
        return Some(moment);
    }
    if text.len() == 10 {
        return Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"));
    }
    let moment = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(Timestamp::from_seconds(moment.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_rss_and_atom_are_read_ch_106() {
        for (text, expected) in [
            ("2026-12-01T10:00:00+01:00", Some("2026-12-01T09:00:00Z")),
            (" 2026-12-01 ", Some("2026-12-01T00:00:00Z")),
            ("Tue, 01 Dec 2026 10:00:00 +0100", Some("2026-12-01T09:00:00Z")),
            ("Tue, 01 Dec 2026 10:00:00 GMT", Some("2026-12-01T10:00:00Z")),
            ("1 Dec 2026 10:00:00 GMT", Some("2026-12-01T10:00:00Z")),
            ("Tue, 01 Dec 26 10:00 EST", Some("2026-12-01T15:00:00Z")),
            ("gisteren", None),
            ("2026-13-01", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected.and_then(Timestamp::parse_rfc3339), "{text}");
        }
    }
}
