//! A payload schema: a JSON Schema registered for a `dataschema` and for types of events, with a description for the
//! catalogue.
//!
//! The schema is only text here; it is compiled and applied elsewhere.

use compact_str::CompactString;

use crate::{Timestamp, id::KanaalName};

/// Most registered schemas, which bounds the memory of their compiled forms.
pub const MAX_SCHEMAS: usize = 500;

/// The longest name of a schema, in bytes.
pub const MAX_NAME: usize = 100;

/// The handling of payloads that violate the schema registered for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayloadCheck {
    /// Payloads are not checked.
    #[default]
    Off,
    /// The event gets findings.
    Warn,
    /// The event is refused.
    Reject,
}

impl PayloadCheck {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Reject];

    /// The name in configuration, responses and stored forms.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }
}

/// The name of a schema, the last part of its URL: 1 to 100 of `a-z`, `0-9`, `-`, `_` and `.`, starting with a letter
/// or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaName(CompactString);

impl SchemaName {
    /// `None` if the text is not a valid name.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let legal = text.len() <= MAX_NAME
            && text.bytes().next().is_some_and(plain)
            && text.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'_' | b'.'));
        legal.then(|| Self(CompactString::new(text)))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SchemaName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for SchemaName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A registered schema. It never changes: another schema gets another `dataschema` (CE-CTX-49).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadSchema {
    /// The name.
    pub name: SchemaName,
    /// The `dataschema` of its events.
    pub uri: String,
    /// The types of its events, if these name no registered `dataschema`.
    pub types: Vec<String>,
    /// The kanaal of its events, if the publisher specified one.
    pub kanaal: Option<KanaalName>,
    /// A description of the events, for people.
    pub description: String,
    /// A valid payload, as JSON text.
    pub example: Option<String>,
    /// The JSON Schema, as text.
    pub text: String,
    /// The `client_id` that registered it; `None` if configuration declares it.
    pub owner: Option<String>,
    /// When it was registered.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_of_addresses() {
        for good in ["a", "zaak-geopend.v1", "0_x"] {
            assert_eq!(SchemaName::new(good).map(|name| name.to_string()).as_deref(), Some(good));
        }
        for bad in ["", ".a", "-a", "A", "a b", "é", "a/b", &"x".repeat(101)] {
            assert_eq!(SchemaName::new(bad), None, "{bad}");
        }
    }
}
