//! The schemas that every gateway serves, of the formats it receives and sends.

/// The name and text of each built-in schema.
const BUILT_IN: [(&str, &str); 2] = [
    ("notificatie", include_str!("../../../../schemas/notificatie.schema.json")),
    ("nlgov-cloudevent", include_str!("../../../../schemas/nlgov-cloudevent.schema.json")),
];

/// The text of the built-in schema with this name, which no registered schema may take.
pub(crate) fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
}
