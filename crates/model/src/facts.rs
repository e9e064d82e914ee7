//! The values that a selection may compare for one event on one kanaal.
//!
//! `translator` computes them once per event, and reads the payload only if a selection needs it; this module does not
//! read payloads.

use compact_str::CompactString;

use crate::{
    KanaalName, Value,
    event::{Event, PublishedAs},
};

/// The event and the values of its payload that filters need.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The kanaal of the event.
    pub kanaal: &'a KanaalName,
    /// The event.
    pub event: &'a Event,
    /// The form in which it was published.
    pub published_as: PublishedAs,
    /// The members of the payload that legacy filters compare, with normalised keys: the kenmerken of an event
    /// published as notificatie, or the top-level members of `data` that are text, numbers or booleans of an event
    /// published as CloudEvent. See [`normalise_key`].
    pub members: &'a [(CompactString, CompactString)],
}

/// Keys for members of the notification itself, with the attribute that contains the value. They are normalised; a
/// kenmerk with such a name is ignored.
const RESERVED: [(&str, &str); 3] = [("#actie", "actie"), ("#resource", "resource"), ("#hoofdobject", "hoofdobject")];

/// Whether a normalised key is one of `#actie`, `#resource` and `#hoofdObject`.
pub fn is_reserved(key: &str) -> bool {
    RESERVED.iter().any(|(reserved, _)| *reserved == key)
}

impl Facts<'_> {
    /// The value that a filter with this normalised key compares: a member of the payload, or that of a reserved key.
    pub fn member(&self, key: &str) -> Option<&str> {
        if self.published_as == PublishedAs::Notificatie
            && let Some((_, attribute)) = RESERVED.iter().find(|(reserved, _)| *reserved == key)
        {
            return self.event.attribute(attribute).and_then(Value::as_text);
        }
        self.members.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }
}

/// The form in which keys of kenmerken and filters are compared: `object_type`, `objectType` and `OBJECT_TYPE` are
/// equal; dots are kept (MAP-24).
pub fn normalise_key(key: &str) -> CompactString {
    key.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::normalise_key;

    #[test]
    fn keys_map_24() {
        for same in ["object_type", "objectType", "ObjectType", "OBJECT_TYPE"] {
            assert_eq!(normalise_key(same), "objecttype");
        }
        assert_eq!(normalise_key("zaaktype.catalogus"), "zaaktype.catalogus");
    }
}
