//! Hides numbers in a payload that may be a burgerservicenummer.

use model::profile::has_bsn;

/// What replaces a digit.
const DOT: char = '•';

/// The text with every number that may be a BSN replaced by dots, and how many there were.
pub fn masked(text: &str) -> (String, usize) {
    let (mut shown, mut count) = (String::with_capacity(text.len()), 0);
    for part in text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if word.len() == 9 && has_bsn(word.as_bytes()) {
            shown.extend([DOT; 9]);
            shown.push_str(&part[word.len()..]);
            count += 1;
        } else {
            shown.push_str(part);
        }
    }
    (shown, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_pass_the_eleven_test_are_hidden() {
        for (text, shown, count) in [
            (r#"{"a":"111222333"}"#, r#"{"a":"•••••••••"}"#, 1),
            ("111222333, é 111222333", "•••••••••, é •••••••••", 2),
            ("111222334 1112223330 x111222333", "111222334 1112223330 x111222333", 0),
            ("", "", 0),
        ] {
            assert_eq!(masked(text), (shown.to_owned(), count), "{text}");
        }
    }
}
