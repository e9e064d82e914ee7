//! The pattern of confirmation codes of a kanaal: `\d{6}`, `[A-HJ-NP-Z2-9]{8}`, `AB-\d{3}-\d{4}`.
//!
//! It is a small part of what regular expressions can describe: a sequence of literals (ASCII letters, digits, hyphen),
//! `\d` and classes of those characters, each with an optional count. It does not match texts; codes are compared by digest.

use std::{collections::BTreeSet, fmt};

use model::Random;

use super::draw;

/// The fewest codes that a pattern must have (CH-43): with five tries, a guess succeeds once in 200,000.
pub const MIN_OUTCOMES: u128 = 1_000_000;
/// The longest code, in characters.
const MAX_CODE: usize = 32;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 200;
/// How much of what somebody typed is looked at, in characters.
const MAX_TYPED: usize = 64;

/// A pattern of codes with at least [`MIN_OUTCOMES`] outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The alphabet of each character of a code.
    places: Vec<Vec<char>>,
    /// Whether no code has a lower-case letter, so that a typed one may.
    upper_case: bool,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Not a sequence of letters, digits, hyphens, `\d` and classes with counts; with the byte where it fails.
    #[error("the pattern cannot be read at byte {0}: use letters, digits, -, \\d, [A-Z2-9] and {{n}}")]
    Syntax(usize),
    /// More than 200 bytes, or codes of more than 32 characters.
    #[error("the pattern is longer than 200 bytes, or its codes are longer than 32 characters")]
    TooLong,
    /// Fewer codes than [`MIN_OUTCOMES`].
    #[error("the pattern has fewer than 1,000,000 codes")]
    TooFew,
}

/// A confirmation code. `Debug` does not write it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// The code in clear, for the message to the address that it proves; for nothing else (CH-44).
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Pattern {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN {
            return Err(PatternError::TooLong);
        }
        let mut places: Vec<Vec<char>> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = || PatternError::Syntax(text.len() - rest.len());
            let (alphabet, after) = alphabet(rest).ok_or_else(at)?;
            let (count, after) = count(after).ok_or_else(at)?;
            if places.len() + count > MAX_CODE {
                return Err(PatternError::TooLong);
            }
            places.extend(std::iter::repeat_n(alphabet, count));
            rest = after;
        }
        let outcomes = places.iter().fold(1_u128, |product, place| product.saturating_mul(place.len() as u128));
        if outcomes < MIN_OUTCOMES {
            return Err(PatternError::TooFew);
        }
        let upper_case = !places.iter().flatten().any(char::is_ascii_lowercase);
        Ok(Self { places, upper_case })
    }

    /// A new code, each as likely as the other. The source must be a secure one ([`model::clock::SystemRandom`]).
    pub fn generate(&self, random: &dyn Random) -> Code {
        let draw = |place: &Vec<char>| {
            place.get(draw::below(random, place.len() as u32) as usize).copied().unwrap_or_default()
        };
        Code(self.places.iter().map(draw).collect())
    }

    /// What a person typed, as a code: without white space, in upper case if no code of this pattern has lower case. Hyphens
    /// count only where the pattern has them.
    pub fn typed(&self, text: &str) -> Code {
        let hyphens = self.places.iter().any(|place| place.contains(&'-'));
        let typed = text.chars().filter(|c| !c.is_whitespace() && (hyphens || *c != '-')).take(MAX_TYPED);
        Code(typed.map(|c| if self.upper_case { c.to_ascii_uppercase() } else { c }).collect())
    }
}

/// The characters that may come first, and the rest of the pattern.
fn alphabet(pattern: &str) -> Option<(Vec<char>, &str)> {
    if let Some(after) = pattern.strip_prefix("\\d") {
        return Some((('0'..='9').collect(), after));
    }
    if let Some(after) = pattern.strip_prefix('[') {
        let (class, after) = after.split_once(']')?;
        return Some((characters(class)?, after));
    }
    let first = pattern.chars().next().filter(|c| c.is_ascii_alphanumeric() || *c == '-')?;
    Some((vec![first], &pattern[1..]))
}

/// The characters of a class such as `A-Z2-9`, each once.
fn characters(class: &str) -> Option<Vec<char>> {
    let class: Vec<char> = class.chars().collect();
    let mut found = BTreeSet::new();
    let mut rest = &class[..];
    while let [first, after @ ..] = rest {
        let (last, after) = match after {
            ['-', last, after @ ..] => (last, after),
            after => (first, after),
        };
        if !first.is_ascii_alphanumeric() || !last.is_ascii_alphanumeric() || first > last {
            return None;
        }
        found.extend((*first..=*last).filter(char::is_ascii_alphanumeric));
        rest = after;
    }
    (!found.is_empty()).then(|| found.into_iter().collect())
}

/// The count in braces, 1 without one, and the rest of the pattern.
fn count(pattern: &str) -> Option<(usize, &str)> {
    let Some(after) = pattern.strip_prefix('{') else { return Some((1, pattern)) };
    let (digits, after) = after.split_once('}')?;
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|count| *count > 0).map(|count| (count, after))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::clock::{SeededRandom, SystemRandom};

    use super::*;

    #[test]
    fn ch_43_a_pattern_with_fewer_than_a_million_codes_is_refused() {
        for pattern in
            ["\\d{6}", "[A-Z]{5}", "[A-HJ-NP-Z2-9]{8}", "AB-\\d{3}-\\d{4}", "\\d\\d\\d\\d\\d\\d", "[0-9a-f]{32}"]
        {
            assert!(Pattern::parse(pattern).is_ok(), "{pattern}");
        }
        for (pattern, error) in [
            ("\\d{5}", PatternError::TooFew),
            ("", PatternError::TooFew),
            ("ABCDEF", PatternError::TooFew),
            ("[00000]{9}", PatternError::TooFew),
            ("[01]{19}", PatternError::TooFew),
            ("\\d{33}", PatternError::TooLong),
            ("\\d{999}", PatternError::TooLong),
            (&"a".repeat(201), PatternError::TooLong),
            ("\\w{6}", PatternError::Syntax(0)),
            ("\\d{6", PatternError::Syntax(0)),
            ("\\d{0}", PatternError::Syntax(0)),
            ("\\d{+6}", PatternError::Syntax(0)),
            ("\\d{1000}", PatternError::Syntax(0)),
            ("\\d{6}[", PatternError::Syntax(5)),
            ("\\d{6}[]", PatternError::Syntax(5)),
            ("\\d{6}[Z-A]", PatternError::Syntax(5)),
            ("\\d{6}[A-]", PatternError::Syntax(5)),
            ("\\d{6}.*", PatternError::Syntax(5)),
            ("é{6}", PatternError::Syntax(0)),
        ] {
            assert_eq!(Pattern::parse(pattern), Err(error), "{pattern}");
        }
    }

    #[test]
    fn ch_43_each_code_is_as_likely_as_the_other() {
        // Ten digits, six places, 10,000 codes: chi-square with 9 degrees of freedom exceeds 40 once in 100,000 times.
        let pattern = Pattern::parse("\\d{6}").unwrap();
        let random = SeededRandom::new(43);
        let mut counts: BTreeMap<(usize, char), u32> = BTreeMap::new();
        for _ in 0..10_000 {
            let code = pattern.generate(&random);
            for place in code.expose().char_indices() {
                *counts.entry(place).or_default() += 1;
            }
        }
        assert_eq!(counts.len(), 60);
        for place in 0..6 {
            let square = |digit| (f64::from(counts[&(place, digit)]) - 1_000.0).powi(2) / 1_000.0;
            let chi_square: f64 = ('0'..='9').map(square).sum();
            assert!(chi_square < 40.0, "place {place}: {chi_square}");
        }
    }

    #[test]
    fn ch_43_codes_follow_the_pattern() {
        let pattern = Pattern::parse("AB-\\d{3}[X-Z]{9}").unwrap();
        for _ in 0..100 {
            let code = pattern.generate(&SystemRandom);
            let (start, rest) = code.expose().split_at(3);
            let (digits, letters) = rest.split_at(3);
            assert_eq!(start, "AB-");
            assert!(digits.chars().all(|c| c.is_ascii_digit()), "{digits}");
            assert!(letters.len() == 9 && letters.chars().all(|c| ('X'..='Z').contains(&c)), "{letters}");
        }
    }

    #[test]
    fn ch_43_what_people_type_becomes_the_code() {
        let digits = Pattern::parse("\\d{6}").unwrap();
        assert_eq!(digits.typed(" 123 456\r\n").expose(), "123456");
        assert_eq!(digits.typed("123-456").expose(), "123456");
        let letters = Pattern::parse("AB-[A-Z]{5}").unwrap();
        assert_eq!(letters.typed("ab-cdefg").expose(), "AB-CDEFG");
        let mixed = Pattern::parse("[a-zA-Z]{5}").unwrap();
        assert_eq!(mixed.typed("aBcDe").expose(), "aBcDe");
        assert_eq!(digits.typed(&"1".repeat(1_000_000)).expose().len(), MAX_TYPED);
    }

    #[test]
    fn ch_44_debug_shows_no_code() {
        let code = Pattern::parse("\\d{6}").unwrap().typed("123456");
        assert_eq!(format!("{code:?}"), "Code(…)");
    }
}
