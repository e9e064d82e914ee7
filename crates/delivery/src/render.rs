//! Bodies: an event in the formats that subscribers ask for, worked out once per event and format (GW-06, MAP-20).

use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use model::{Kanaal, profile, subscription::Rendering};
use translator::{
    cloudevents::{batch, binary, structured},
    notificatie::{self, Legacy, Untranslatable},
};

use crate::item::Item;

/// What was rendered of one event so far.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    structured: OnceLock<Bytes>,
    on116: OnceLock<Option<Bytes>>,
    legacy: OnceLock<Result<Bytes, Untranslatable>>,
    binary: OnceLock<Option<(HeaderMap, Bytes)>>,
}

/// A message without the headers that belong to the subscription.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Content type, and in binary mode the attributes.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// The headers of a message that says everything in its body.
fn with_type(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

/// As a structured CloudEvent. The rendering of Open Notificaties falls back to the canonical one where a kenmerk
/// clashes with it (MAP-17).
pub(crate) fn structured(item: &Item, rendering: Rendering) -> Message {
    let rendered = &item.rendered;
    let on116 = match rendering {
        Rendering::Canonical => None,
        Rendering::On116 => rendered.on116.get_or_init(|| notificatie::on116(&item.accepted).ok()).clone(),
    };
    let canonical = || rendered.structured.get_or_init(|| structured::encode(&item.accepted.event)).clone();
    Message { headers: with_type(structured::CONTENT_TYPE), body: on116.unwrap_or_else(canonical) }
}

/// As a binary CloudEvent; structured where a webhook cannot carry it in binary mode (CE-WH-03, CE-WH-04, GW-10), and
/// where an attribute may hold a BSN, which does not belong in headers that anybody between may log (NLG-SEC-02).
pub(crate) fn binary(item: &Item) -> Message {
    match item.rendered.binary.get_or_init(|| encode_binary(item)) {
        Some((headers, body)) => Message { headers: headers.clone(), body: body.clone() },
        None => structured(item, Rendering::Canonical),
    }
}

fn encode_binary(item: &Item) -> Option<(HeaderMap, Bytes)> {
    let event = &item.accepted.event;
    if profile::may_hold_bsn(event) {
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
pub(crate) fn legacy(item: &Item, kanaal: Option<&Kanaal>, gateway: &str) -> Result<Message, Untranslatable> {
    let render = || {
        let filters = kanaal.map_or(&[][..], |kanaal| &kanaal.filters);
        notificatie::render(&item.accepted, &Legacy { kanaal: &item.kanaal, filters, gateway })
    };
    let body = item.rendered.legacy.get_or_init(render).clone()?;
    Ok(Message { headers: with_type(notificatie::CONTENT_TYPE), body })
}

/// As a batch of structured CloudEvents.
pub(crate) fn batch<'a>(items: impl Iterator<Item = &'a Item>) -> Message {
    let body = batch::encode(items.map(|item| &item.accepted.event));
    Message { headers: with_type(batch::CONTENT_TYPE), body }
}
