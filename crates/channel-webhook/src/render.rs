//! Renders an event in the formats that subscribers ask for, once per event and format (GW-06, MAP-20).

use std::sync::OnceLock;

use bytes::Bytes;
use delivery::DecodedEvent;
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use model::{
    Kanaal, profile,
    subscription::{Format, Rendering},
};
use translator::{
    cloudevents::{batch, binary, structured},
    notificatie::{self, Legacy, Untranslatable},
};

/// The bodies of one event, each rendered when it is first needed. An inner `None` or `Err` is also kept: the event has no
/// such form.
#[derive(Debug, Default)]
struct Rendered {
    structured: OnceLock<Bytes>,
    on116: OnceLock<Option<Bytes>>,
    legacy: OnceLock<Result<Bytes, Untranslatable>>,
    binary: OnceLock<Option<(HeaderMap, Bytes)>>,
}

/// The rendered bodies of an event. They are stored in its extensions, so that an event for many subscriptions is rendered
/// once in each format.
fn cached_renderings(event: &DecodedEvent) -> &Rendered {
    event.extensions.get_or_default()
}

/// A message without the headers that belong to the subscription.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The headers that depend on the message.
    pub headers: MessageHeaders,
    /// The body of the request.
    pub body: Bytes,
}

/// The headers of a message.
#[derive(Debug, Clone)]
pub(crate) enum MessageHeaders {
    /// The event is in the body; only this media type says how.
    ContentType(&'static str),
    /// Content type and attributes of an event in binary mode.
    Binary(HeaderMap),
}

/// The media type of messages in a format; `None` for the binary mode, where it is that of the payload.
pub(crate) fn content_type(format: Format) -> Option<&'static str> {
    match format {
        Format::Structured(_) => Some(structured::CONTENT_TYPE),
        Format::Legacy => Some(notificatie::CONTENT_TYPE),
        Format::Batch { .. } => Some(batch::CONTENT_TYPE),
        Format::Binary => None,
    }
}

/// As a structured CloudEvent. The rendering of Open Notificaties falls back to the canonical one where a kenmerk
/// clashes with it (MAP-17).
pub(crate) fn structured(event: &DecodedEvent, rendering: Rendering) -> Message {
    let rendered = cached_renderings(event);
    let on116 = match rendering {
        Rendering::Canonical => None,
        Rendering::On116 => rendered.on116.get_or_init(|| notificatie::on116(&event.accepted).ok()).clone(),
    };
    let canonical = || rendered.structured.get_or_init(|| structured::encode(&event.accepted.event)).clone();
    Message { headers: MessageHeaders::ContentType(structured::CONTENT_TYPE), body: on116.unwrap_or_else(canonical) }
}

/// As a binary CloudEvent. It is structured instead when binary mode cannot express the event (CE-WH-03, CE-WH-04, GW-10),
/// and when an attribute may hold a BSN (citizen service number) or an e-mail address, because proxies log headers
/// (NLG-SEC-02, CH-138).
pub(crate) fn binary(event: &DecodedEvent) -> Message {
    match cached_renderings(event).binary.get_or_init(|| encode_binary(event)) {
        Some((headers, body)) => Message { headers: MessageHeaders::Binary(headers.clone()), body: body.clone() },
        None => structured(event, Rendering::Canonical),
    }
}

fn encode_binary(event: &DecodedEvent) -> Option<(HeaderMap, Bytes)> {
    let event = &event.accepted.event;
    if profile::may_hold_personal_data(event) {
        return None;
    }
    let message = binary::encode(event).ok()?;
    let mut headers = HeaderMap::with_capacity(message.headers.len() + 8);
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(&message.content_type).ok()?);
    for (name, value) in message.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.insert(name, HeaderValue::from_maybe_shared(Bytes::from(value)).ok()?);
    }
    Some((headers, message.body))
}

/// As a notification of the Notificaties API.
pub(crate) fn legacy(event: &DecodedEvent, kanaal: Option<&Kanaal>, gateway: &str) -> Result<Message, Untranslatable> {
    let render = || {
        let filters = kanaal.map_or(&[][..], |kanaal| &kanaal.filters);
        notificatie::render(&event.accepted, &Legacy { kanaal: &event.kanaal, filters, gateway })
    };
    let body = cached_renderings(event).legacy.get_or_init(render).clone()?;
    Ok(Message { headers: MessageHeaders::ContentType(notificatie::CONTENT_TYPE), body })
}

/// As a batch of structured CloudEvents.
pub(crate) fn batch<'a>(events: impl Iterator<Item = &'a DecodedEvent>) -> Message {
    let body = batch::encode(events.map(|event| &event.accepted.event));
    Message { headers: MessageHeaders::ContentType(batch::CONTENT_TYPE), body }
}
