//! A kanaal: a named channel of events, with the attributes its notifications can be filtered on.

use compact_str::CompactString;
use uuid::Uuid;

use crate::{AttributeName, Timestamp, clearance::Clearance, profile::Rules, schema::PayloadCheck};

/// The name of a kanaal: 1 to 50 characters, any character (legacy-compatible), compared exactly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KanaalName(CompactString);

/// The longest name of a kanaal, in characters.
pub const MAX_NAME: usize = 50;

impl KanaalName {
    /// Checks the length; `None` for an empty or over-long name.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty() && text.chars().nth(MAX_NAME).is_none()).then(|| Self(CompactString::new(text)))
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

/// A channel of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kanaal {
    /// Identity in the URLs of the Notificaties API.
    pub id: Uuid,
    /// Its name, fixed for life.
    pub naam: KanaalName,
    /// Where the publisher explains the kanaal; empty when unknown.
    pub documentatie_link: String,
    /// The kenmerken that its notifications carry, as registered.
    pub filters: Vec<Filterkenmerk>,
    /// Prefixes of `type` that route a CloudEvent here, longest match over all kanalen wins.
    pub type_routes: Vec<String>,
    /// `source` of notifications that bring none, before the gateway's own default.
    pub source: Option<String>,
    /// How long events are kept, in seconds; `None` for the gateway's default.
    pub retention_seconds: Option<u64>,
    /// The `client_id` of the applicatie that answers for its events; `None` when only an administrator does.
    pub owner: Option<String>,
    /// Against which profile its events are held, and what that refuses; before what the route and the gateway say.
    pub rules: Rules,
    /// What happens to payloads that do not fit the schema registered for them.
    pub payloads: PayloadCheck,
    /// Which classes of data it may carry; `None` when it does not look at them.
    pub clearance: Option<Clearance>,
    /// Whether its owner approves a subscription before it gets anything; see [`crate::approval`].
    pub approval: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// A kenmerk that a kanaal declares, and the extension attribute it becomes (MAP-11, MAP-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filterkenmerk {
    /// The name as registered.
    pub naam: String,
    /// The extension attribute its value is copied to; `None` when the name leaves nothing legal.
    pub attribute: Option<AttributeName>,
}

/// The extension attributes that a mapped notification always has, which no kenmerk may take.
pub const RESERVED_ATTRIBUTES: [&str; 13] = [
    "id",
    "source",
    "type",
    "specversion",
    "subject",
    "time",
    "datacontenttype",
    "dataschema",
    "kanaal",
    "resource",
    "actie",
    "hoofdobject",
    "dataref",
];

impl Kanaal {
    /// A kanaal with a name and nothing else.
    pub fn new(id: Uuid, naam: KanaalName, created: Timestamp) -> Self {
        Self {
            id,
            naam,
            documentatie_link: String::new(),
            filters: Vec::new(),
            type_routes: Vec::new(),
            source: None,
            retention_seconds: None,
            owner: None,
            rules: Rules::default(),
            payloads: PayloadCheck::default(),
            clearance: None,
            approval: false,
            created,
        }
    }

    /// Gives every registered kenmerk its extension attribute (MAP-11). A name that collides with
    /// another one, with a core attribute or with one the mapping sets gets `kenmerk<name>` instead;
    /// when that is taken as well, the later one gets none: its value stays in the payload only.
    ///
    /// The Notificaties API cannot refuse such names (existing publishers register them), so they
    /// are aliased there; the native API refuses them without an alias (MAP-12).
    pub fn filterkenmerken(names: impl IntoIterator<Item = String>) -> Vec<Filterkenmerk> {
        let mut taken: Vec<AttributeName> = Vec::new();
        names
            .into_iter()
            .map(|naam| {
                let free = |name: &AttributeName, taken: &[AttributeName]| {
                    !RESERVED_ATTRIBUTES.contains(&name.as_str())
                        && name.as_str() != "sequence"
                        && !taken.contains(name)
                };
                let attribute = AttributeName::from_free_text(&naam)
                    .into_iter()
                    .chain(AttributeName::from_free_text(&format!("kenmerk{naam}")))
                    .find(|name| free(name, &taken));
                taken.extend(attribute.clone());
                Filterkenmerk { naam, attribute }
            })
            .collect()
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

    #[test]
    fn kenmerken_get_attributes_map_11_12() {
        let names = ["zaaktype.catalogus", "a.b", "ab", "id", "..."].map(String::from);
        let attributes: Vec<_> = Kanaal::filterkenmerken(names)
            .into_iter()
            .map(|kenmerk| kenmerk.attribute.map(|name| name.as_str().to_owned()))
            .collect();
        let expected = [Some("zaaktypecatalogus"), Some("ab"), Some("kenmerkab"), Some("kenmerkid"), Some("kenmerk")];
        assert_eq!(attributes, expected.map(|name| name.map(String::from)));
    }
}
