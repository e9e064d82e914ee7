//! Short functions for decoding and encoding in tests.

use std::sync::LazyLock;

use bytes::Bytes;
use model::{
    AttributeName, Data, Event, Kanaal, KanaalName, Timestamp, Value,
    event::{AcceptedEvent, PublishedAs},
};
use translator::{
    Limits, Rejection, Strictness,
    cloudevents::{binary, structured},
    notificatie::{self, GeneratedAttributes, Legacy, Notificatie},
    record,
};

/// A valid event with these members besides the four required ones; a member given replaces the required one.
pub fn with(members: &str) -> String {
    let required = [("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "nl.t.x")];
    let own = required.iter().filter(|(name, _)| !members.contains(&format!("\"{name}\":")));
    let mut all: Vec<_> = own.map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    all.extend((!members.is_empty()).then(|| members.to_owned()));
    format!("{{{}}}", all.join(","))
}

/// A valid event without the member `name`.
pub fn without(name: &str) -> String {
    let members = [("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "nl.t.x")];
    let kept: Vec<_> =
        members.iter().filter(|(own, _)| *own != name).map(|(own, value)| format!("\"{own}\":\"{value}\"")).collect();
    format!("{{{}}}", kept.join(","))
}

pub fn read(json: &str) -> Result<Event, Rejection> {
    structured::decode(&Bytes::copy_from_slice(json.as_bytes()), Strictness::Lenient, &Limits::default())
}

pub fn read_strict(json: &str) -> Result<Event, Rejection> {
    structured::decode(&Bytes::copy_from_slice(json.as_bytes()), Strictness::Strict, &Limits::default())
}

/// The event with these members, which must be valid in both modes.
pub fn event(members: &str) -> Event {
    let json = with(members);
    assert!(read_strict(&json).is_ok(), "{json}: {:?}", read_strict(&json));
    read(&json).expect("valid in strict mode, so valid in lenient mode")
}

/// The member at fault and the rule, of an event that is refused in both modes.
pub fn refused(json: &str) -> (String, &'static str) {
    let rejection = read(json).expect_err(json);
    assert_eq!(read_strict(json).as_ref(), Err(&rejection), "{json}");
    (rejection.member.to_string(), rejection.rule())
}

/// The four required headers, with these besides or instead.
pub fn headers<'a>(more: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    let required: [(&str, &[u8]); 4] =
        [("ce-specversion", b"1.0"), ("ce-id", b"1"), ("ce-source", b"/s"), ("ce-type", b"nl.t.x")];
    let replaced = |name: &str| more.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    required.into_iter().filter(|(name, _)| !replaced(name)).chain(more.iter().copied()).collect()
}

pub fn read_binary(more: &[(&str, &[u8])], body: &[u8]) -> Result<Event, Rejection> {
    read_headers(headers(more), body, Strictness::Lenient)
}

pub fn read_headers(headers: Vec<(&str, &[u8])>, body: &[u8], strictness: Strictness) -> Result<Event, Rejection> {
    binary::decode(headers, Bytes::copy_from_slice(body), strictness, &Limits::default())
}

/// The value of `ce-subject` read in binary mode.
pub fn subject_of(value: &[u8], strictness: Strictness) -> Result<String, Rejection> {
    read_headers(headers(&[("ce-subject", value)]), b"", strictness)
        .map(|event| event.subject().unwrap_or_default().to_owned())
}

/// The event as structured JSON text, held against the published schema.
pub fn write(event: &Event) -> String {
    let body = structured::encode(event);
    assert_matches_schema(&body);
    String::from_utf8(body.to_vec()).expect("structured events are UTF-8")
}

/// The event in binary mode: its headers with the content type in front, and the body.
pub fn write_binary(event: &Event) -> (Vec<(String, String)>, Bytes) {
    let message = binary::encode(event).expect("an event that can be binary");
    let content_type = ("content-type".to_owned(), message.content_type.to_string());
    let headers = message.headers.into_iter().map(|(name, value)| (name.to_string(), value));
    (std::iter::once(content_type).chain(headers).collect(), message.body)
}

/// Reads what [`write_binary`] made.
pub fn reread_binary(event: &Event) -> Event {
    let (headers, body) = write_binary(event);
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    read_headers(headers, &body, Strictness::Strict).expect("our own output is strictly valid")
}

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let text = include_str!("../../../schemas/nlgov-cloudevent.schema.json");
    let schema = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is valid")
});

/// Holds a structured event against the JSON Schema of delivered events (CE-JSON-26).
pub fn assert_matches_schema(body: &[u8]) {
    // Numbers beyond a double are legal JSON that this reader does not take; the schema says nothing of them.
    let Ok(value) = serde_json::from_slice(body) else { return };
    let errors: Vec<_> = SCHEMA.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {}", String::from_utf8_lossy(body));
}

pub fn accepted(event: Event) -> AcceptedEvent {
    AcceptedEvent {
        event,
        published_as: PublishedAs::CloudEvent,
        received: Some(Timestamp::from_seconds(1_700_000_000)),
        publisher: None,
    }
}

/// The event after a stay in the log.
pub fn through_log(event: &Event) -> Event {
    let parts = record::encode(&accepted(event.clone()));
    record::decode(&parts.headers, parts.value.as_ref()).expect("our own record").event
}

/// A header of a record, as text.
pub fn header<'a>(parts: &'a record::RecordParts, name: &str) -> Option<&'a str> {
    let (_, value) = parts.headers.iter().find(|(own, _)| own == name.as_bytes())?;
    Some(std::str::from_utf8(value).expect("headers are UTF-8"))
}

pub fn text<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.attribute(name).and_then(Value::as_text)
}

pub fn json_data(event: &Event) -> &str {
    match event.data() {
        Some(Data::Json(json)) => std::str::from_utf8(json).expect("JSON data is UTF-8"),
        other => panic!("no JSON data: {other:?}"),
    }
}

pub fn kanaal(filters: &[&str]) -> Kanaal {
    Kanaal {
        filters: Kanaal::filterkenmerken(filters.iter().map(ToString::to_string)),
        ..Kanaal::new(uuid::Uuid::nil(), KanaalName::new("zaken").expect("a legal name"), Timestamp::default())
    }
}

/// A notification in the standard shape with these kenmerken (JSON text).
pub fn notification(kenmerken: &str) -> String {
    format!(
        concat!(
            r#"{{"kanaal":"zaken","hoofdObject":"https://zaken.nl/zrc/api/v1/zaken/d7a22","resource":"status","#,
            r#""resourceUrl":"https://zaken.nl/zrc/api/v1/statussen/d7a22/721c9","actie":"create","#,
            r#""aanmaakdatum":"2025-01-01T12:00:00.123456+01:00","kenmerken":{}}}"#
        ),
        kenmerken
    )
}

/// The standard notification with one member replaced by JSON text; absent when that is empty.
pub fn changed(member: &str, value: &str) -> String {
    let mut all: serde_json::Value = serde_json::from_str(&notification("{}")).expect("JSON");
    let members = all.as_object_mut().expect("an object");
    members.remove(member);
    if !value.is_empty() {
        members.insert(member.into(), serde_json::from_str(value).expect(value));
    }
    all.to_string()
}

pub fn read_notification(json: &str) -> Notificatie {
    notificatie::decode(&Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).expect(json)
}

pub const MINTED: GeneratedAttributes<'static> = GeneratedAttributes {
    id: "4f1c6fb0-6df5-4f5c-8b0c-7b9c9e1c2d3e",
    source: "urn:nld:oin:00000001823288444000:systeem:gateway",
    dataschema: "https://gateway.nl/v1/schemas/notificatie",
    dataref: true,
    kind: None,
};

/// The event of a notification on a kanaal with these filters.
pub fn mapped(json: &str, filters: &[&str]) -> Event {
    notificatie::to_event(&read_notification(json), &kanaal(filters), &MINTED).expect("a valid mapping").0
}

pub fn published_as_notificatie(event: Event) -> AcceptedEvent {
    AcceptedEvent { published_as: PublishedAs::Notificatie, ..accepted(event) }
}

/// What a legacy subscriber receives.
pub fn legacy(accepted: &AcceptedEvent, filters: &[&str]) -> String {
    let kanaal = kanaal(filters);
    let legacy = Legacy { kanaal: &kanaal.naam, filters: &kanaal.filters, gateway: "https://gateway.nl" };
    let body = notificatie::render(accepted, &legacy).expect("a translatable event");
    String::from_utf8(body.to_vec()).expect("a notification is UTF-8")
}

pub fn attribute(name: &str, value: Value) -> (AttributeName, Value) {
    (AttributeName::new(name).expect("a legal name"), value)
}
