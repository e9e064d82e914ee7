//! A kanaal: a named channel of events, with the attributes by which its notifications can be filtered.

use uuid::Uuid;

pub use crate::id::{KanaalName, MAX_NAME, OWN_KANAAL};
use crate::{AttributeName, Timestamp, clearance::Clearance, profile::Rules, schema::PayloadCheck};

/// A channel of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kanaal {
    /// The id in URLs of the Notificaties API.
    pub id: Uuid,
    /// The name; it never changes.
    pub naam: KanaalName,
    /// The URL of the publisher's documentation; empty if unknown.
    pub documentatie_link: String,
    /// The declared kenmerken of its notifications.
    pub filters: Vec<Filterkenmerk>,
    /// Prefixes of `type` by which CloudEvents are routed to this kanaal; the longest match over all kanalen wins.
    pub type_routes: Vec<String>,
    /// The default `source` of notifications; before the gateway's own default.
    pub source: Option<String>,
    /// The retention of events in seconds; `None` for the gateway's default.
    pub retention_seconds: Option<u64>,
    /// The `client_id` of the applicatie that is responsible for its events; `None` if only administrators are.
    pub owner: Option<String>,
    /// The profile that its events are checked by, and what it refuses; precedes the settings of route and gateway.
    pub rules: Rules,
    /// The handling of payloads that violate the schema registered for them.
    pub payloads: PayloadCheck,
    /// The classes of data that it may contain; `None` for no check.
    pub clearance: Option<Clearance>,
    /// Whether its owner must approve a subscription before it receives events; see [`crate::approval`].
    pub approval: bool,
    /// When it was created.
    pub created: Timestamp,
}

/// A declared kenmerk, and the extension attribute that contains its value (MAP-11, MAP-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filterkenmerk {
    /// The declared name.
    pub naam: String,
    /// The extension attribute; `None` if no valid name can be derived.
    pub attribute: Option<AttributeName>,
}

/// The extension attributes of every mapped notification, which no kenmerk may use.
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
    /// A kanaal with default settings.
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

    /// Assigns an extension attribute to every declared kenmerk (MAP-11). A name that collides with another one, with a
    /// core attribute or with one of the mapping gets `kenmerk<name>`; if that is taken too, the later kenmerk gets
    /// none and its value remains in the payload only.
    ///
    /// The Notificaties API cannot refuse such names, since existing publishers register them; the native API refuses
    /// them without an alias (MAP-12).
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
