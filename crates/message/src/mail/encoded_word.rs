//! Encoded words (RFC 2047) for texts that look as if they had some: `mail-builder` leaves `=?utf-8?Q?=0A?=` in an ASCII text as
//! it is, and readers would decode it, to a line break here. All other texts are encoded by `mail-builder`.

use base64::{Engine, prelude::BASE64_STANDARD};

/// The most bytes of a word, so that it has at most 75 characters (RFC 2047 2).
const MAX_WORD: usize = 45;

/// Whether a text must be encoded here.
pub(super) fn is_needed(text: &str) -> bool {
    text.contains("=?")
}

/// The text in words with a space between them, which readers leave out.
pub(super) fn encode(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(MAX_WORD));
        words.push(format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(word)));
        rest = after;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_19_what_looks_like_an_encoded_word_is_encoded() {
        assert!(is_needed("a =?utf-8?Q?=0A?=") && !is_needed("a = ? é"));
        assert_eq!(encode("=?x"), "=?utf-8?B?PT94?=");
        let words = encode(&"é=?".repeat(100));
        assert!(words.split(' ').all(|word| word.len() <= 75), "{words}");
        assert_eq!(words.split(' ').count(), 10);
    }
}
