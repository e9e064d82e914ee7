//! The CloudEvent that Open Notificaties 1.16 makes of a notification, for subscribers built for it (MAP-16, MAP-17).

use bytes::Bytes;
use model::{
    Value,
    event::{AcceptedEvent, PublishedAs, SPECVERSION},
};

use super::render::posted_notificatie;
use crate::{cloudevents::structured, json::Writer};

/// Why an event has no such form; it is then sent in the canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoOn116Form {
    /// A kenmerk is named `hoofdObject`, which this form cannot represent.
    #[error("a kenmerk is named hoofdObject")]
    HoofdObject,
    /// The payload is not a notification.
    #[error("the payload is no notification")]
    Payload,
}

/// The event with exactly the members `id`, `source`, `specversion`, `type`, `datacontenttype`, `subject`, `time`
/// (whole seconds, UTC) and `data` (kenmerken and `hoofdObject`); an empty `subject` is omitted. An event published as
/// CloudEvent has its canonical form. To be sent as [`structured::CONTENT_TYPE`].
pub fn on116(accepted: &AcceptedEvent) -> Result<Bytes, NoOn116Form> {
    let event = &accepted.event;
    if accepted.published_as == PublishedAs::CloudEvent {
        return Ok(structured::encode(event));
    }
    let notificatie = posted_notificatie(accepted).ok_or(NoOn116Form::Payload)?;
    if notificatie.kenmerken.iter().any(|(key, _)| key == "hoofdObject") {
        return Err(NoOn116Form::HoofdObject);
    }
    let kind = format!("nl.overheid.{}.{}.{}", notificatie.kanaal, notificatie.resource, notificatie.actie);
    let kind = if Value::text(&kind).is_ok() { kind.as_str() } else { event.kind() };
    let seconds = notificatie.aanmaakdatum.at.as_micros().div_euclid(1_000_000);
    let time = model::Timestamp::from_seconds(seconds).to_rfc3339();

    let mut out = Writer::with_capacity(notificatie.raw.len() + 128);
    out.raw("{").name("id").string(event.id());
    out.name("source").string(event.source());
    out.name("specversion").string(SPECVERSION);
    out.name("type").string(kind);
    out.name("datacontenttype").string(super::CONTENT_TYPE);
    if let Some(subject) = event.subject() {
        out.name("subject").string(subject);
    }
    out.name("time").string(&time);
    out.name("data").raw("{");
    for (key, value) in &notificatie.kenmerken {
        out.name(key).string(value);
    }
    out.name("hoofdObject").string(&notificatie.hoofd_object).raw("}}");
    Ok(out.finish())
}
