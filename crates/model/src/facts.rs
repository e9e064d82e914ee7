//! What a selection may ask about one event on one kanaal.
//!
//! `translator` fills it once per event (the payload is read only when a selection needs it); nothing
//! here reads a payload.

use compact_str::CompactString;

use crate::{
    KanaalName, Value,
    event::{Born, Event},
};

/// The event and what was read from its payload for filters.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The kanaal it is on.
    pub kanaal: &'a KanaalName,
    /// The event.
    pub event: &'a Event,
    /// What the publisher posted.
    pub born: Born,
    /// Members of the payload that legacy filters compare, with normalised keys: of an event born as
    /// notificatie its kenmerken, of one born as CloudEvent the top-level members of `data` that are
    /// text, numbers or booleans. See [`normalise_key`].
    pub members: &'a [(CompactString, CompactString)],
}

/// Keys that ask for a member of the notification itself instead of a kenmerk, with the attribute that holds it. They
/// are normalised; no kenmerk of a notification is looked at under these names.
const RESERVED: [(&str, &str); 3] = [("#actie", "actie"), ("#resource", "resource"), ("#hoofdobject", "hoofdobject")];

/// Whether a normalised key is one of `#actie`, `#resource` and `#hoofdObject`.
pub fn is_reserved(key: &str) -> bool {
    RESERVED.iter().any(|(reserved, _)| *reserved == key)
}

impl Facts<'_> {
    /// The value that a filter with this normalised key compares: a member of the payload or, of a notification, what a
    /// reserved key stands for.
    pub fn member(&self, key: &str) -> Option<&str> {
        if self.born == Born::Notificatie
            && let Some((_, attribute)) = RESERVED.iter().find(|(reserved, _)| *reserved == key)
        {
            return self.event.attribute(attribute).and_then(Value::as_text);
        }
        self.members.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }
}

/// The form in which keys of kenmerken and filters are compared: `object_type`, `objectType` and
/// `OBJECT_TYPE` are one key; dots survive (MAP-24).
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
