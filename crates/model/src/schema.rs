//! A payload schema: a JSON Schema registered for a `dataschema` and for types of events, with what a reader of the
//! catalogue wants to know of them.
//!
//! The schema is text here: whether it is one, and what payloads fit it, is judged by the gateway.

use compact_str::CompactString;

use crate::{KanaalName, Timestamp};

/// Most schemas a gateway keeps, so that their compiled forms have a bound.
pub const MAX_SCHEMAS: usize = 500;

/// The longest name of a schema, in bytes.
pub const MAX_NAME: usize = 100;

/// What happens to payloads that do not fit the schema registered for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayloadCheck {
    /// They are not looked at.
    #[default]
    Off,
    /// There are findings on the event.
    Warn,
    /// The event is refused.
    Reject,
}

impl PayloadCheck {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Reject];

    /// The name in configuration, answers and stored forms.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }
}

/// The name of a schema: 1 to 100 of `a-z`, `0-9`, `-`, `_` and `.`, a letter or digit first; the last part of its
/// address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaName(CompactString);

impl SchemaName {
    /// `None` when the text breaks the rule above.
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

/// A registered schema. It does not change: another shape gets another `dataschema` (CE-CTX-49).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadSchema {
    /// Its name.
    pub name: SchemaName,
    /// The `dataschema` of the events it is for.
    pub uri: String,
    /// The types it is for, when their events name no registered `dataschema`.
    pub types: Vec<String>,
    /// The kanaal its events go to, when its publisher says so.
    pub kanaal: Option<KanaalName>,
    /// What the events say, for people.
    pub description: String,
    /// A payload that fits, as JSON text.
    pub example: Option<String>,
    /// The JSON Schema, as text.
    pub text: String,
    /// The `client_id` of who registered it; `None` when configuration declares it.
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
