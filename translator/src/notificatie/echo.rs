//! The response to a posted notification: the notification as it was read.

use bytes::Bytes;

use super::Notificatie;
use crate::json::Writer;

/// The body of the 201, with the members in the order of the Notificaties API. Unlike Open Notificaties it keeps the
/// keys of kenmerken as posted; `aanmaakdatum` is in UTC.
pub fn echo(notificatie: &Notificatie) -> Bytes {
    let mut out = Writer::with_capacity(notificatie.raw.len() + 64);
    out.raw("{").name("kanaal").string(&notificatie.kanaal);
    if let Some(source) = &notificatie.source {
        out.name("source").string(source);
    }
    out.name("hoofdObject").string(&notificatie.hoofd_object);
    out.name("resource").string(&notificatie.resource);
    out.name("resourceUrl").string(&notificatie.resource_url);
    out.name("actie").string(&notificatie.actie);
    let moment = &notificatie.aanmaakdatum;
    if moment.is_rfc3339 && moment.text.ends_with('Z') {
        out.name("aanmaakdatum").string(&moment.text);
    } else {
        out.name("aanmaakdatum").string(&moment.at.to_rfc3339());
    }
    out.name("kenmerken").raw("{");
    for (key, value) in &notificatie.kenmerken {
        out.name(key).string(value);
    }
    out.raw("}}");
    out.finish()
}
