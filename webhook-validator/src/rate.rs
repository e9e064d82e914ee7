//! A rate in requests per minute, as granted or requested in a header. This module parses and prints; the sender keeps
//! to the rate.

use std::fmt;
use std::num::NonZeroU32;

/// A granted rate (CE-WHV-12, CE-WHV-19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rate {
    /// No limit, written `*`.
    Unlimited,
    /// At most this many requests per minute.
    PerMinute(NonZeroU32),
}

impl Rate {
    /// Parses `WebHook-Allowed-Rate`: `*` or a positive integer. A number beyond 32 bits becomes the largest value.
    pub fn parse_allowed(text: &str) -> Option<Self> {
        match text.trim() {
            "*" => Some(Self::Unlimited),
            digits => parse_requested(digits).map(Self::PerMinute),
        }
    }

    /// The smaller of two rates.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unlimited, rate) | (rate, Self::Unlimited) => rate,
            (Self::PerMinute(one), Self::PerMinute(another)) => Self::PerMinute(one.min(another)),
        }
    }
}

/// Parses `WebHook-Request-Rate`: a positive integer, digits only.
pub fn parse_requested(text: &str) -> Option<NonZeroU32> {
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    NonZeroU32::new(digits.parse().unwrap_or(u32::MAX))
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("*"),
            Self::PerMinute(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn per_minute(number: u32) -> Rate {
        Rate::PerMinute(NonZeroU32::new(number).unwrap())
    }

    #[test]
    fn a_rate_is_an_asterisk_or_a_positive_integer_ce_whv_12_ce_whv_19() {
        for (text, rate) in [
            ("*", Some(Rate::Unlimited)),
            (" * ", Some(Rate::Unlimited)),
            ("100", Some(per_minute(100))),
            (" 1 ", Some(per_minute(1))),
            ("99999999999999999999", Some(per_minute(u32::MAX))),
            ("0", None),
            ("00", None),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("abc", None),
            ("100/min", None),
            ("100, 200", None),
            ("**", None),
            ("", None),
        ] {
            assert_eq!(Rate::parse_allowed(text), rate, "{text:?}");
        }
        assert_eq!(parse_requested("*"), None, "one cannot ask for no limit");
    }

    #[test]
    fn prints_what_it_reads_and_finds_the_smaller() {
        for rate in [Rate::Unlimited, per_minute(120)] {
            assert_eq!(Rate::parse_allowed(&rate.to_string()), Some(rate));
        }
        assert_eq!(Rate::Unlimited.min(per_minute(5)), per_minute(5));
        assert_eq!(per_minute(9).min(per_minute(5)), per_minute(5));
        assert_eq!(Rate::Unlimited.min(Rate::Unlimited), Rate::Unlimited);
    }
}
