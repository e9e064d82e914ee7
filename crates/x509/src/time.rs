//! Moments in certificates (RFC 5280 section 4.1.2.5), as seconds since 1970.

use crate::der::{GENERALIZED_TIME, UTC_TIME, element};

/// A UTCTime or GeneralizedTime, `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`, and what follows it.
pub fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (text, rest) = element(bytes, UTC_TIME).or_else(|| element(bytes, GENERALIZED_TIME))?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, text) = match text.len() {
        12 => {
            let year = text.get(..2)?.parse::<i64>().ok()?;
            (if year < 50 { 2_000 + year } else { 1_900 + year }, text.get(2..)?)
        }
        14 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| text.get(at..at + 2)?.parse::<i64>().ok();
    let seconds = (part(4)? * 60 + part(6)?) * 60 + part(8)?;
    Some((days(year, part(0)?, part(2)?) * 86_400 + seconds, rest))
}

/// Days since 1970 of a date in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}
