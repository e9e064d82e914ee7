//! One phone number in the form of E.164, from what people write: spaces and hyphens, `00`, national numbers (CH-31).
//!
//! It knows the number plan of the Netherlands alone; of other countries it checks the length. It does not know whether a
//! number is in use, or can receive a text message.

use std::fmt;

/// The most digits of a number after the plus sign (E.164 6).
const MAX_DIGITS: usize = 15;
/// The fewest digits after the plus sign: shorter ones are numbers of services, not of people.
const MIN_DIGITS: usize = 8;

/// A phone number: `+` and 8 to 15 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Where numbers without a country belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Region {
    /// `0` before a national number, country code 31.
    #[default]
    Netherlands,
    /// National numbers are refused.
    International,
}

/// The rule that a text breaks. No variant has a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// No digit at all.
    #[error("the number is empty")]
    Empty,
    /// Other characters than digits, a plus sign at the start, spaces, hyphens, dots and parentheses.
    #[error("the number has a character that is not allowed")]
    Character,
    /// Fewer than 8 or more than 15 digits with the country code (E.164).
    #[error("the number must have 8 to 15 digits with its country code")]
    Length,
    /// A country code that begins with 0.
    #[error("no country code begins with 0")]
    Country,
    /// A national number where no region is configured.
    #[error("the number must begin with + and the country code")]
    National,
    /// 0800, 0900, 0906, 0909, 14xx, or a short number that begins with 1.
    #[error("numbers of services (0800, 0900, 14xx) are not accepted")]
    Service,
    /// A Dutch number that has not 9 digits after 0 or +31 (11 for 097).
    #[error("a Dutch number has 9 digits after 0 or +31")]
    DutchLength,
}

impl PhoneNumber {
    /// Parses an international number (`+` or `00`), or a national one of `region`.
    pub fn parse(text: &str, region: Region) -> Result<Self, PhoneError> {
        let (plus, digits) = digits(text)?;
        let international = match digits.strip_prefix("00") {
            _ if plus => digits,
            Some(rest) => rest.to_owned(),
            None => national(&digits, region)?,
        };
        if international.starts_with('0') {
            return Err(PhoneError::Country);
        }
        if let Some(subscriber) = international.strip_prefix("31") {
            check_dutch(subscriber)?;
        }
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&international.len()) {
            return Err(PhoneError::Length);
        }
        Ok(Self(format!("+{international}")))
    }

    /// The number in clear (`+31612345678`), to send to or to seal. It does not belong in logs, metrics or errors (CH-134).
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `+31…78`: the start of the country code and the last two digits (CH-141).
    pub fn masked(&self) -> String {
        let (start, end) = (self.0.get(..3).unwrap_or_default(), self.0.len().saturating_sub(2));
        format!("{start}…{}", self.0.get(end..).unwrap_or_default())
    }
}

/// Whether there is a plus sign, and the digits without what separates them.
fn digits(text: &str) -> Result<(bool, String), PhoneError> {
    let text = text.trim_matches(' ');
    let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    // (0) after the country code is a habit of writing; it is not dialled.
    let rest = if plus || rest.starts_with("00") { rest.replacen("(0)", "", 1) } else { rest.to_owned() };
    let mut digits = String::new();
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' => {}
            _ => return Err(PhoneError::Character),
        }
    }
    if digits.is_empty() { Err(PhoneError::Empty) } else { Ok((plus, digits)) }
}

/// A number without a country, with the country code of the region.
fn national(digits: &str, region: Region) -> Result<String, PhoneError> {
    match region {
        Region::International => Err(PhoneError::National),
        Region::Netherlands => match digits.strip_prefix('0') {
            Some(subscriber) => Ok(format!("31{subscriber}")),
            // Dialled without 0: 112, 116xxx, 14xx, 18xx.
            None if digits.starts_with('1') => Err(PhoneError::Service),
            None => Err(PhoneError::National),
        },
    }
}

/// `subscriber` is what comes after +31 (Nummerplan telefoon- en ISDN-diensten).
fn check_dutch(subscriber: &str) -> Result<(), PhoneError> {
    if ["800", "900", "906", "909", "14"].iter().any(|service| subscriber.starts_with(service)) {
        return Err(PhoneError::Service);
    }
    let expected = if subscriber.starts_with("97") { 11 } else { 9 };
    if subscriber.len() == expected && !subscriber.starts_with('0') { Ok(()) } else { Err(PhoneError::DutchLength) }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_31_forms_of_one_number() {
        for text in [
            "0612345678",
            "06 12345678",
            "06-1234 5678",
            "06.12.34.56.78",
            " 06 1234 5678 ",
            "(06) 12345678",
            "0031612345678",
            "0031 (0)6 12345678",
            "+31612345678",
            "+31 6 1234 5678",
            "+31 (0)6 1234 5678",
        ] {
            assert_eq!(PhoneNumber::parse(text, Region::Netherlands).unwrap().expose(), "+31612345678", "{text}");
        }
        for (text, expected) in [
            ("020 624 1111", "+31206241111"),
            ("0182 345 678", "+31182345678"),
            ("088 123 45 67", "+31881234567"),
            ("097 012 345 678", "+3197012345678"),
            ("+32 470 12 34 56", "+32470123456"),
            ("+49 1512 3456789", "+4915123456789"),
            ("+1 202-555-0143", "+12025550143"),
        ] {
            assert_eq!(PhoneNumber::parse(text, Region::Netherlands).unwrap().expose(), expected, "{text}");
        }
    }

    #[test]
    fn ch_31_refused_numbers_name_the_rule() {
        for (text, error) in [
            ("", PhoneError::Empty),
            ("+", PhoneError::Empty),
            ("()", PhoneError::Empty),
            ("0800 1234", PhoneError::Service),
            ("0800-0221122", PhoneError::Service),
            ("0900 1234567", PhoneError::Service),
            ("0906-1234", PhoneError::Service),
            ("0909 1234", PhoneError::Service),
            ("+31 900 1234567", PhoneError::Service),
            ("0031 800 1234", PhoneError::Service),
            ("14 020", PhoneError::Service),
            ("14020", PhoneError::Service),
            ("+31 14 020", PhoneError::Service),
            ("112", PhoneError::Service),
            ("116123", PhoneError::Service),
            ("06 1234567", PhoneError::DutchLength),
            ("06 123456789", PhoneError::DutchLength),
            ("+31 06 12345678", PhoneError::DutchLength),
            ("612345678", PhoneError::National),
            ("+0612345678", PhoneError::Country),
            ("000612345678", PhoneError::Country),
            ("+32 12", PhoneError::Length),
            ("+1234567890123456", PhoneError::Length),
            ("06 12345678 x", PhoneError::Character),
            ("06/12345678", PhoneError::Character),
            ("+31+612345678", PhoneError::Character),
            ("06 12345678\r\n", PhoneError::Character),
            ("٠٦١٢٣٤٥٦٧٨", PhoneError::Character),
        ] {
            assert_eq!(PhoneNumber::parse(text, Region::Netherlands), Err(error), "{text}");
        }
        assert_eq!(PhoneNumber::parse("0612345678", Region::International), Err(PhoneError::National));
        assert!(PhoneNumber::parse("+31612345678", Region::International).is_ok());
    }

    #[test]
    fn ch_141_masked_shows_five_characters() {
        assert_eq!(PhoneNumber::parse("0612345678", Region::Netherlands).unwrap().masked(), "+31…78");
    }
}
