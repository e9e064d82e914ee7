//! From when on people get an event.

use crate::{Event, Timestamp};

/// The context attribute of an event before whose moment people get nothing of it (CH-97).
pub const DELIVER_AFTER: &str = "deliverafter";

/// The moment of `deliverafter`; `None` when the event has none, or one that is no moment of RFC 3339.
pub fn due(event: &Event) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&event.attribute(DELIVER_AFTER)?.canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttributeName, Value};

    #[test]
    fn ch_97_the_moment_of_an_event() {
        for (text, expected) in [
            (None, None),
            (Some("2027-01-15T08:00:00Z"), Some(1_800_000_000)),
            (Some("2027-01-15T09:00:00+01:00"), Some(1_800_000_000)),
            (Some("morgen"), None),
        ] {
            let attributes = [("id", "1"), ("source", "urn:a"), ("type", "t")];
            let attributes = attributes.into_iter().chain(text.map(|text| (DELIVER_AFTER, text)));
            let attributes =
                attributes.map(|(name, value)| (AttributeName::new(name).unwrap(), Value::text(value).unwrap()));
            let event = Event::new(attributes.collect(), None).unwrap();
            assert_eq!(due(&event), expected.map(Timestamp::from_seconds), "{text:?}");
        }
    }
}
