//! An event as a notification for a legacy subscriber.
//!
//! One born as notificatie is passed on byte for byte when it has the standard shape, and normalised where it has
//! not (MAP-27). One born as CloudEvent gets the seven members from its attributes and data (MAP-18).

use std::borrow::Cow;

use bytes::Bytes;
use model::{
    Data, KanaalName,
    event::{AcceptedEvent, Born},
    facts::normalise_key,
    kanaal::Filterkenmerk,
};

use super::{
    decode::{MAX_KENMERK, Notificatie, api_name, decode},
    echo::write_kenmerken,
    rules::{is_longer, is_web_url},
};
use crate::{
    Limits,
    facts::{self, entries},
    json::{Raw, Writer},
    percent,
};

/// What a rendering needs besides the event.
#[derive(Debug, Clone, Copy)]
pub struct Legacy<'a> {
    /// The kanaal the event is on.
    pub kanaal: &'a KanaalName,
    /// The kenmerken that kanaal declares.
    pub filters: &'a [Filterkenmerk],
    /// The public base URL of the gateway, without a slash at its end.
    pub gateway: &'a str,
}

/// Why an event cannot be rendered as notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untranslatable {
    /// The payload of an event born as notificatie is no notification.
    #[error("the payload is no notification")]
    Payload,
    /// No moment is known: neither `time` nor when the event was received.
    #[error("the event has neither a time nor a moment of receipt")]
    NoMoment,
    /// No URL of at most 2,048 characters leads to it.
    #[error("no valid resourceUrl can be made")]
    NoUrl,
}

/// The event as notification, to be sent as [`super::CONTENT_TYPE`].
pub fn render(accepted: &AcceptedEvent, legacy: &Legacy<'_>) -> Result<Bytes, Untranslatable> {
    match accepted.born {
        Born::Notificatie => {
            let notificatie = stored(accepted).ok_or(Untranslatable::Payload)?;
            if notificatie.is_standard { Ok(notificatie.raw) } else { Ok(normalised(&notificatie)) }
        }
        Born::CloudEvent => from_cloudevent(accepted, legacy),
    }
}

/// The notification that is the payload of an event born so.
pub(super) fn stored(accepted: &AcceptedEvent) -> Option<Notificatie> {
    match accepted.event.data() {
        Some(Data::Json(body)) => decode(body, &Limits::STORED).ok(),
        _ => None,
    }
}

/// The body with the members of the API in their standard form; unknown members stay as they are.
fn normalised(notificatie: &Notificatie) -> Bytes {
    let mut out = Writer::with_capacity(notificatie.raw.len() + 64);
    out.raw("{");
    let mut has_kenmerken = false;
    for (key, value) in entries(&notificatie.raw) {
        match key.content().ok().and_then(|key| api_name(&key)) {
            Some(name) => {
                out.name(name);
                has_kenmerken |= name == "kenmerken";
                write_member(&mut out, name, notificatie);
            }
            None => write_unknown(&mut out, key, value),
        }
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

fn write_unknown(out: &mut Writer, key: Raw<'_>, value: Raw<'_>) {
    out.separate().raw(key.text).raw(":").raw(value.text);
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

/// Whether a text can be `resource` or `actie`.
fn fits(text: &str) -> bool {
    !text.trim().is_empty() && !is_longer(text, 100)
}

/// The first 100 characters.
fn cut(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

/// Where the gateway shows the event.
fn event_url(gateway: &str, id: &str) -> String {
    let id = percent::encode(id, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    format!("{gateway}/v1/events/{id}")
}
