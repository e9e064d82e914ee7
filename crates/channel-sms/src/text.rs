//! One finished text message: number, text and reference, checked for what a provider cannot send.

use std::fmt;

use message::{address::PhoneNumber, segments::Count};

/// The longest reference in bytes.
const MAX_REFERENCE: usize = 100;

/// A text message to one number. `Debug` shows neither number nor text (I10).
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    to: PhoneNumber,
    text: String,
    reference: String,
}

/// Why this is no text message. No variant has a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// A control character other than a line feed.
    #[error("the text has a control character")]
    Control,
    /// More segments than allowed (CH-39).
    #[error("the text has {segments} segments, and {most} are allowed")]
    Segments {
        /// How many it has.
        segments: usize,
        /// How many are allowed.
        most: usize,
    },
    /// The reference is empty, longer than 100 bytes, or has other characters than letters, digits, `-`, `_` and `.`.
    #[error("the reference must have 1 to 100 letters, digits, hyphens, underscores or dots")]
    Reference,
}

impl TextMessage {
    /// A text of at most `most` segments. `reference` identifies it at the provider, and has nothing of the person.
    ///
    /// # Errors
    /// When no provider can send it, or it costs more than is allowed.
    pub fn new(to: PhoneNumber, text: &str, reference: &str, most: usize) -> Result<Self, TextError> {
        let text = text.trim_end();
        if text.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(TextError::Control);
        }
        let count = Count::new(text);
        if !count.is_within(most) {
            return Err(TextError::Segments { segments: count.segments, most });
        }
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if reference.is_empty() || reference.len() > MAX_REFERENCE || !reference.bytes().all(valid) {
            return Err(TextError::Reference);
        }
        Ok(Self { to, text: text.to_owned(), reference: reference.to_owned() })
    }

    /// The number.
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The reference.
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextMessage({})", self.reference)
    }
}

#[cfg(test)]
mod tests {
    use message::address::Region;

    use super::*;

    #[test]
    fn ch_39_a_text_is_bounded_in_segments() {
        let to = || PhoneNumber::parse("+31612345678", Region::International).unwrap();
        let long = "a".repeat(161);
        for (text, reference, most, expected) in [
            ("Uw code is 123456.", "r-1", 1, None),
            (&long, "r", 2, None),
            (&long, "r", 1, Some(TextError::Segments { segments: 2, most: 1 })),
            (&"\u{1f600}".repeat(36), "r", 1, Some(TextError::Segments { segments: 2, most: 1 })),
            ("a\nb", "r", 1, None),
            (" \n", "r", 1, Some(TextError::Empty)),
            ("a\u{1b}b", "r", 1, Some(TextError::Control)),
            ("a", "", 1, Some(TextError::Reference)),
            ("a", "an@example.nl", 1, Some(TextError::Reference)),
            ("a", "+31612345678", 1, Some(TextError::Reference)),
        ] {
            assert_eq!(TextMessage::new(to(), text, reference, most).err(), expected, "{text:?} {reference}");
        }
        let shown = format!("{:?}", TextMessage::new(to(), "Uw code is 123456.", "r-1", 1).unwrap());
        assert_eq!(shown, "TextMessage(r-1)");
    }
}
