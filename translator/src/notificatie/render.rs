//! An event as a notification for a legacy subscriber.
//!
//! An event published as notificatie is passed on byte for byte if it has the standard shape, else normalised (MAP-27):
//! as by Open Notificaties, keys of kenmerken are in camel case and unknown members are left out (MAP-24).
//! An event published as CloudEvent gets the seven members from its attributes and data (MAP-18).

use std::borrow::Cow;

use bytes::Bytes;
use model::{
    Data, KanaalName,
    event::{AcceptedEvent, PublishedAs},
    facts::normalise_key,
    kanaal::Filterkenmerk,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    decode::{MAX_KENMERK, Notificatie, api_name, decode},
    keys::camel_case,
    rules::{is_longer, is_web_url},
};
use crate::{
    Limits,
    facts::{self, entries},
    json::Writer,
};

/// Everything but the unreserved characters of a path segment (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The context of a rendering.
#[derive(Debug, Clone, Copy)]
pub struct Legacy<'a> {
    /// The kanaal of the event.
    pub kanaal: &'a KanaalName,
    /// The kenmerken that the kanaal declares.
    pub filters: &'a [Filterkenmerk],
    /// The public base URL of the gateway, without a trailing slash.
    pub gateway: &'a str,
}

/// Why an event cannot be rendered as a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untranslatable {
    /// The payload of an event published as notificatie is not a notification.
    #[error("the payload is no notification")]
    Payload,
    /// There is no timestamp: neither `time` nor the time of receipt.
    #[error("the event has neither a time nor a moment of receipt")]
    NoMoment,
    /// Its URL would exceed 2,048 characters.
    #[error("no valid resourceUrl can be made")]
    NoUrl,
}

/// The event as a notification, to be sent as [`super::CONTENT_TYPE`].
pub fn render(accepted: &AcceptedEvent, legacy: &Legacy<'_>) -> Result<Bytes, Untranslatable> {
    match accepted.published_as {
        PublishedAs::Notificatie => {
            let notificatie = posted_notificatie(accepted).ok_or(Untranslatable::Payload)?;
            if notificatie.is_standard { Ok(notificatie.raw) } else { Ok(normalise(&notificatie)) }
        }
        PublishedAs::CloudEvent => from_cloudevent(accepted, legacy),
    }
}

/// The notification that is the payload of an event published as notificatie.
pub(super) fn posted_notificatie(accepted: &AcceptedEvent) -> Option<Notificatie> {
    match accepted.event.data() {
        Some(Data::Json(body)) => decode(body, &Limits::STORED).ok(),
        _ => None,
    }
}

/// The members of the API in their standard form and posted order.
fn normalise(notificatie: &Notificatie) -> Bytes {
    let mut out = Writer::with_capacity(notificatie.raw.len() + 64);
    out.raw("{");
    let mut has_kenmerken = false;
    for (key, _) in entries(&notificatie.raw) {
        let Some(name) = key.content().ok().and_then(|key| api_name(&key)) else { continue };
        out.name(name);
        has_kenmerken |= name == "kenmerken";
        write_member(&mut out, name, notificatie);
    }
    if !has_kenmerken {
        out.name("kenmerken").raw("{}");
    }
    out.raw("}");
    out.finish()
}

fn write_member(out: &mut Writer, name: &str, notificatie: &Notificatie) {
    match name {
        "kanaal" => drop(out.string(&notificatie.kanaal)),
        "source" => drop(out.string(notificatie.source.as_deref().unwrap_or_default())),
        "hoofdObject" => drop(out.string(&notificatie.hoofd_object)),
        "resource" => drop(out.string(&notificatie.resource)),
        "resourceUrl" => drop(out.string(&notificatie.resource_url)),
        "actie" => drop(out.string(&notificatie.actie)),
        "aanmaakdatum" => drop(out.string(&notificatie.aanmaakdatum.rfc3339())),
        _ => write_kenmerken(out, &notificatie.kenmerken),
    }
}

/// Appends kenmerken as a JSON object, with their keys in camel case; of keys that become equal the last one counts, as in
/// Open Notificaties.
fn write_kenmerken<K: AsRef<str>, V: AsRef<str>>(out: &mut Writer, kenmerken: &[(K, V)]) {
    let keys: Vec<_> = kenmerken.iter().map(|(key, _)| camel_case(key.as_ref())).collect();
    out.raw("{");
    for (at, (_, value)) in kenmerken.iter().enumerate() {
        if !keys[at + 1..].contains(&keys[at]) {
            out.name(&keys[at]).string(value.as_ref());
        }
    }
    out.raw("}");
}

fn from_cloudevent(accepted: &AcceptedEvent, legacy: &Legacy<'_>) -> Result<Bytes, Untranslatable> {
    let event = &accepted.event;
    let text = |name: &str| event.attribute(name).and_then(|value| value.as_text());
    let mut labels = event.kind().rsplit('.').map(cut).filter(|label| fits(label));
    let last = labels.next().unwrap_or("onbekend");
    let before = labels.next().unwrap_or(last);
    let members = facts::members(accepted);
    let member = |name: &str| {
        let wanted = normalise_key(name);
        members.iter().find(|(key, _)| *key == wanted).map(|(_, value)| value.as_str())
    };

    let resource_url = ["dataref", "subject", "source"]
        .iter()
        .find_map(|name| text(name).filter(|url| is_web_url(url)))
        .map_or_else(|| Cow::Owned(event_url(legacy.gateway, event.id())), Cow::Borrowed);
    if resource_url.len() > 2_048 {
        return Err(Untranslatable::NoUrl);
    }
    let hoofd_object = text("hoofdobject")
        .filter(|url| is_web_url(url))
        .or_else(|| member("hoofdObject").filter(|url| is_web_url(url)))
        .unwrap_or(&resource_url);
    let moment = match (text("time"), accepted.received) {
        (Some(time), _) => Cow::Borrowed(time),
        (None, Some(received)) => Cow::Owned(received.to_rfc3339()),
        (None, None) => return Err(Untranslatable::NoMoment),
    };
    let kenmerken: Vec<(&str, Cow<'_, str>)> = legacy
        .filters
        .iter()
        .filter_map(|filter| {
            let extension = filter.attribute.as_ref().and_then(|name| event.attribute(name.as_str()));
            let value = match extension {
                Some(value) => Cow::Owned(value.canonical().into()),
                None => Cow::Borrowed(member(&filter.naam)?),
            };
            (!is_longer(&value, MAX_KENMERK)).then_some((filter.naam.as_str(), value))
        })
        .collect();

    let mut out = Writer::with_capacity(512);
    out.raw("{").name("kanaal").string(legacy.kanaal.as_str());
    out.name("hoofdObject").string(hoofd_object);
    out.name("resource").string(text("resource").filter(|text| fits(text)).unwrap_or(before));
    out.name("resourceUrl").string(&resource_url);
    out.name("actie").string(text("actie").filter(|text| fits(text)).unwrap_or(last));
    out.name("aanmaakdatum").string(&moment);
    out.name("kenmerken");
    write_kenmerken(&mut out, &kenmerken);
    out.raw("}");
    Ok(out.finish())
}

/// Whether a text is valid as `resource` or `actie`.
fn fits(text: &str) -> bool {
    !text.trim().is_empty() && !is_longer(text, 100)
}

/// The first 100 characters.
fn cut(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

/// The URL of the event in the gateway's API.
fn event_url(gateway: &str, id: &str) -> String {
    let id = utf8_percent_encode(id, RESERVED);
    format!("{gateway}/v1/events/{id}")
}
