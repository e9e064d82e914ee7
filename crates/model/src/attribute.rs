//! Context attributes: names, values and their rules (CloudEvents 1.0, "Context Attributes" and "Type System";
//! CE-CTX-24 to CE-CTX-34).
//!
//! A value is a Boolean, an Integer or text. The other CloudEvents types (Binary, URI, URI-reference, Timestamp) are
//! text with a rule, which is checked when the attribute is set; the text is never changed.

use std::fmt;

use compact_str::{CompactString, format_compact};

/// The name of a context attribute: one or more of `a`-`z` and `0`-`9`, and not `data`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeName(CompactString);

/// A text that is not an attribute name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No character at all (CE-CTX-26).
    #[error("an attribute name needs at least one character")]
    Empty,
    /// A character outside a-z and 0-9 (CE-CTX-24).
    #[error("an attribute name holds only a-z and 0-9")]
    Character,
    /// The name `data` is reserved (CE-CTX-27).
    #[error("\"data\" is no context attribute")]
    Data,
}

impl AttributeName {
    /// Checks `text` by the rules of the type.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        // As in `check_text`, without an early exit.
        if !text.bytes().fold(true, |legal, b| legal & (b.is_ascii_lowercase() | b.is_ascii_digit())) {
            return Err(NameError::Character);
        }
        if text == "data" {
            return Err(NameError::Data);
        }
        Ok(Self(CompactString::new(text)))
    }

    /// The nearest valid name: lower case, without other characters (MAP-11). `None` if nothing remains, or only
    /// `data`.
    pub fn from_free_text(text: &str) -> Option<Self> {
        let name: CompactString =
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        Self::new(&name).ok()
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for AttributeName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl std::borrow::Borrow<str> for AttributeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The value of a context attribute.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A 32-bit integer (CE-CTX-30).
    Integer(i32),
    /// Text of any of the textual types, unchanged; checked by [`Value::text`].
    Text(CompactString),
}

/// A text that is not an attribute value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// U+0000-U+001F or U+007F-U+009F (CE-CTX-31).
    #[error("control characters are not allowed in an attribute value")]
    Control,
    /// A Unicode noncharacter (CE-CTX-32).
    #[error("Unicode noncharacters are not allowed in an attribute value")]
    Noncharacter,
}

impl Value {
    /// A text value, if `text` has no control characters and no noncharacters.
    pub fn text(text: &str) -> Result<Self, ValueError> {
        check_text(text)?;
        Ok(Self::Text(CompactString::new(text)))
    }

    /// The canonical string encoding (CE-CTX-35).
    pub fn canonical(&self) -> CompactString {
        match self {
            Self::Boolean(true) => CompactString::const_new("true"),
            Self::Boolean(false) => CompactString::const_new("false"),
            Self::Integer(number) => format_compact!("{number}"),
            Self::Text(text) => text.clone(),
        }
    }

    /// The text, if the value is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Checks the rules for all textual values (CE-CTX-31, CE-CTX-32). A `str` cannot contain surrogates.
pub fn check_text(text: &str) -> Result<(), ValueError> {
    // Without an early exit, so that the compiler checks many bytes at a time.
    if text.bytes().fold(true, |plain, b| plain & (0x20..0x7F).contains(&b)) {
        return Ok(());
    }
    for c in text.chars() {
        let code = c as u32;
        if code < 0x20 || (0x7F..=0x9F).contains(&code) {
            return Err(ValueError::Control);
        }
        if (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE {
            return Err(ValueError::Noncharacter);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_ce_ctx_24_26_27() {
        for good in ["id", "ext1", "1abc", "vertrouwelijkheidaanduiding"] {
            assert!(AttributeName::new(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", NameError::Empty),
            ("subscriberReference", NameError::Character),
            ("my-ext", NameError::Character),
            ("my_ext", NameError::Character),
            ("ext.a", NameError::Character),
            ("ëxt", NameError::Character),
            ("data", NameError::Data),
        ] {
            assert_eq!(AttributeName::new(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn free_text_is_stripped_map_11() {
        assert_eq!(AttributeName::from_free_text("zaaktype.catalogus").unwrap().as_str(), "zaaktypecatalogus");
        assert_eq!(AttributeName::from_free_text("objectType").unwrap().as_str(), "objecttype");
        assert_eq!(AttributeName::from_free_text("._-"), None);
    }

    #[test]
    fn texts_follow_ce_ctx_31_32() {
        for bad in ["a\u{0}b", "a\nb", "a\u{85}b", "\u{7f}"] {
            assert_eq!(Value::text(bad), Err(ValueError::Control), "{bad:?}");
        }
        for bad in ["\u{FDD0}", "\u{FFFF}", "\u{1FFFE}"] {
            assert_eq!(Value::text(bad), Err(ValueError::Noncharacter), "{bad:?}");
        }
        assert!(Value::text("Euro € 😀").is_ok());
    }

    #[test]
    fn canonical_texts_ce_ctx_35() {
        assert_eq!(Value::Integer(-5).canonical(), "-5");
        assert_eq!(Value::Boolean(true).canonical(), "true");
    }
}
