//! The form in which Open Notificaties delivers keys of kenmerken: `object_type` as `objectType`.
//!
//! Open Notificaties reads every key in snake case and writes it in camel case, both by djangorestframework-camel-case
//! 1.4.2 with its defaults. So `UPPER` becomes `upper` and `zaaktypeUUID` becomes `zaaktypeUuid`. Keys are compared in
//! another form, [`model::facts::normalise_key`].

use std::borrow::Cow;

/// The key as Open Notificaties delivers it; borrowed if it is lower case or plain camel case already.
pub fn camel_case(key: &str) -> Cow<'_, str> {
    if is_camel_case(key) { Cow::Borrowed(key) } else { Cow::Owned(to_camel_case(&to_snake_case(key))) }
}

/// Whether the key stays as it is for certain: no underscore, and capitals only between small letters of ASCII.
pub(super) fn is_camel_case(key: &str) -> bool {
    let bytes = key.as_bytes();
    let small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    key.char_indices().all(|(at, c)| match c {
        '_' => false,
        'A'..='Z' => at > 0 && small(at - 1) && small(at + 1),
        _ => c.is_ascii() || c.to_lowercase().eq([c]),
    })
}

/// Underscores before words and numbers, all in lower case; `underscoreize` of the library.
fn to_snake_case(key: &str) -> String {
    let key: Vec<char> = key.chars().collect();
    let mut snake = String::with_capacity(key.len() + 8);
    let mut at = 0;
    while let Some(&c) = key.get(at) {
        let before_word =
            c.is_ascii_lowercase() || c.is_ascii_digit() || (c.is_ascii_uppercase() && ends_run(&key, at + 1));
        if before_word && starts_word(&key, at + 1) {
            snake.extend([c, '_', key[at + 1]]);
            at += 1;
        } else if ends_run(&key, at) && starts_word(&key, at) {
            snake.extend(['_', c]);
        } else {
            snake.push(c);
        }
        at += 1;
    }
    snake.to_lowercase()
}

/// Whether a capital is at `at`, or a digit after a letter that more digits follow, or the end, or a capital after a
/// small letter.
fn starts_word(key: &[char], at: usize) -> bool {
    let Some(c) = key.get(at) else { return false };
    let next = key.get(at + 1);
    let number = next.is_none_or(char::is_ascii_digit);
    match at.checked_sub(1).map(|before| key[before]) {
        _ if c.is_ascii_uppercase() => true,
        Some('a'..='z') => c.is_ascii_digit() && (number || next.is_some_and(char::is_ascii_uppercase)),
        Some('A'..='Z') => c.is_ascii_digit() && number,
        _ => false,
    }
}

/// Whether the capital or digit at `at` is the last of a run: a small letter or digit follows, or a digit is at the end.
fn ends_run(key: &[char], at: usize) -> bool {
    let Some(c) = key.get(at) else { return false };
    match key.get(at + 1) {
        Some(next) => {
            (c.is_ascii_uppercase() || c.is_ascii_digit()) && (next.is_ascii_lowercase() || next.is_ascii_digit())
        }
        None => c.is_ascii_digit(),
    }
}

/// Without each underscore before a small letter or digit, which becomes a capital; `camelize` of the library.
fn to_camel_case(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut characters = snake.chars().peekable();
    while let Some(c) = characters.next() {
        match characters.next_if(|next| c == '_' && (next.is_ascii_lowercase() || next.is_ascii_digit())) {
            Some(next) => camel.push(next.to_ascii_uppercase()),
            None => camel.push(c),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use model::facts::normalise_key;

    use super::*;

    /// The right column is what djangorestframework-camel-case 1.4.2 makes of the left one.
    #[test]
    fn g14_keys_become_what_open_notificaties_makes_of_them() {
        for (key, expected) in [
            ("object_type", "objectType"),
            ("objectType", "objectType"),
            ("OBJECT_TYPE", "objectType"),
            ("UPPER", "upper"),
            ("snake_key", "snakeKey"),
            ("a.b_c", "a.bC"),
            ("a_b_c", "aBC"),
            ("aBC", "aBc"),
            ("zaaktypeUUID", "zaaktypeUuid"),
            ("_a", "A"),
            ("a_", "a_"),
            ("__a", "_A"),
            ("a__b", "a_B"),
            ("v2", "v2"),
            ("v2Counter", "v2Counter"),
            ("v_2", "v2"),
            ("fooBar2", "fooBar2"),
            ("A1", "a1"),
            ("A1a", "A1a"),
            ("a1A", "a1a"),
            ("AA1", "aA1"),
            ("A1B2", "A1B2"),
            ("Type", "Type"),
            ("HTTPServer", "httpServer"),
            ("a.B", "a.b"),
            ("a.Bc", "a.Bc"),
            ("_", "_"),
            ("", ""),
            ("é_x", "éX"),
            ("xÉ", "xé"),
            ("Łódź", "łódź"),
            ("a_B", "aB"),
            ("zaaktype.catalogus", "zaaktype.catalogus"),
            ("1A", "1A"),
            ("lijst12Ab", "lijst12Ab"),
        ] {
            assert_eq!(camel_case(key), expected, "{key}");
            // Filters keep matching, whichever form they are written in.
            assert_eq!(normalise_key(expected), normalise_key(key), "{key}");
        }
    }

    #[test]
    fn g14_usual_keys_are_not_copied() {
        for key in ["zaaktype", "zaaktype.catalogus", "objectType", "informatieobjecttype2", "łódź", ""] {
            assert!(matches!(camel_case(key), Cow::Borrowed(own) if own == key), "{key}");
        }
    }
}
