//! Identities that other types name: of subscriptions, runs and kanalen. They know nothing of what they identify, so that
//! modules that name each other's things do not depend on each other.

use compact_str::CompactString;
use uuid::Uuid;

/// Identity of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub Uuid);

impl std::fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Identity of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub Uuid);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of a kanaal: 1 to 50 characters, any character (legacy-compatible), compared exactly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KanaalName(CompactString);

/// The longest name of a kanaal, in characters.
pub const MAX_NAME: usize = 50;

/// The name of the kanaal of the gateway's own events. Only selections that name it cover it.
pub const OWN_KANAAL: &str = "gateway";

impl KanaalName {
    /// Checks the length; `None` for an empty or over-long name.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty() && text.chars().nth(MAX_NAME).is_none()).then(|| Self(CompactString::new(text)))
    }

    /// The name of the kanaal of the gateway's own events.
    pub fn own() -> Self {
        Self(CompactString::const_new(OWN_KANAAL))
    }

    /// Whether this is the kanaal of the gateway's own events.
    pub fn is_own(&self) -> bool {
        self.as_str() == OWN_KANAAL
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for KanaalName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for KanaalName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.as_str())
    }
}

impl std::borrow::Borrow<str> for KanaalName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded() {
        assert!(KanaalName::new("").is_none());
        assert!(KanaalName::new(&"é".repeat(50)).is_some());
        assert!(KanaalName::new(&"x".repeat(51)).is_none());
    }
}
