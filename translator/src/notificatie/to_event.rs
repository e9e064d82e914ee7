//! A notification as an event, in the canonical form: the payload is the posted body, the attributes name what
//! routing and filters need (requirements MAP-02..15).

use compact_str::CompactString;
use model::{
    AttributeName, Data, Event, Kanaal, Value,
    event::{EventError, Fault, check_attribute},
    facts::normalise_key,
    profile::Finding,
};

use super::Notificatie;

/// What the gateway adds to a notification.
#[derive(Debug, Clone, Copy)]
pub struct Minted<'a> {
    /// `id`: one per accepted POST (MAP-03).
    pub id: &'a str,
    /// `source` when the notification has none that is valid: of the applicatie, the kanaal or the gateway.
    pub source: &'a str,
    /// `dataschema`: where the mapping is described; an absolute URI (MAP-15).
    pub dataschema: &'a str,
    /// Whether `dataref` is set to `resourceUrl` (MAP-09).
    pub dataref: bool,
    /// `type` instead of the default `nl.overheid.<kanaal>.<resource>.<actie>` (MAP-05).
    pub kind: Option<&'a str>,
}

/// Maps a notification; the findings name what could not be copied to an attribute (it is still in the payload).
///
/// Fails only on what `minted` brings: an id, source, dataschema or type that is no valid attribute.
pub fn to_event(
    notificatie: &Notificatie,
    kanaal: &Kanaal,
    minted: &Minted<'_>,
) -> Result<(Event, Vec<Finding>), EventError> {
    let mut draft = Draft { attributes: Vec::with_capacity(16), findings: Vec::new() };
    draft.set("id", minted.id)?;
    match notificatie.source.as_deref() {
        Some(source) if attribute("source", source).is_ok() => draft.set("source", source)?,
        given => {
            draft.set("source", minted.source)?;
            if given.is_some() {
                draft.findings.push(Finding::new(
                    "notificatie-source",
                    "source",
                    "source is no URI-reference; the configured source was used",
                    "source is geen URI-verwijzing; de ingestelde source is gebruikt",
                ));
            }
        }
    }
    match minted.kind {
        Some(kind) => draft.set("type", kind)?,
        None => draft.set("type", &kind(notificatie))?,
    }
    draft.set("time", &notificatie.aanmaakdatum.rfc3339())?;
    if let Some(subject) = last_segment(&notificatie.resource_url) {
        draft.copy("subject", subject);
    }
    draft.set("datacontenttype", super::CONTENT_TYPE)?;
    draft.set("dataschema", minted.dataschema)?;
    if minted.dataref {
        draft.copy("dataref", &notificatie.resource_url);
    }
    draft.copy("kanaal", &notificatie.kanaal);
    draft.copy("resource", &notificatie.resource);
    draft.copy("actie", &notificatie.actie);
    draft.copy("hoofdobject", &notificatie.hoofd_object);
    for filter in &kanaal.filters {
        let Some(attribute) = &filter.attribute else { continue };
        let wanted = normalise_key(&filter.naam);
        if let Some((_, value)) = notificatie.kenmerken.iter().find(|(key, _)| normalise_key(key) == wanted) {
            draft.copy(attribute.as_str(), value);
        }
    }
    let event = Event::new(draft.attributes, Some(Data::Json(notificatie.raw.clone())))?;
    Ok((event, draft.findings))
}

struct Draft {
    attributes: Vec<(AttributeName, Value)>,
    findings: Vec<Finding>,
}

impl Draft {
    fn set(&mut self, name: &str, text: &str) -> Result<(), EventError> {
        let attribute = attribute(name, text)?;
        self.attributes.push(attribute);
        Ok(())
    }

    /// Sets an attribute to a value from the notification, or leaves it out with a finding (MAP-13).
    fn copy(&mut self, name: &str, text: &str) {
        match attribute(name, text) {
            Ok(attribute) => self.attributes.push(attribute),
            Err(_) => self.findings.push(Finding::new(
                "not-an-attribute",
                name,
                "the value is no legal attribute value; it is only in the payload",
                "de waarde mag niet als attribuut; zij staat alleen in de inhoud",
            )),
        }
    }
}

fn attribute(name: &str, text: &str) -> Result<(AttributeName, Value), EventError> {
    let checked = || {
        let attribute = AttributeName::new(name).map_err(Fault::Name)?;
        let value = Value::text(text).map_err(Fault::Value)?;
        check_attribute(name, &value)?;
        Ok((attribute, value))
    };
    checked().map_err(|fault| EventError::new(name, fault))
}

/// The default `type` (MAP-05, MAP-06).
fn kind(notificatie: &Notificatie) -> CompactString {
    let mut kind = CompactString::const_new("nl.overheid");
    for part in [&notificatie.kanaal, &notificatie.resource, &notificatie.actie] {
        kind.push('.');
        push_label(&mut kind, part);
    }
    kind
}

/// Appends `part` as one label: letters, digits and `_` stay, each run of anything else becomes one `-`, none at
/// the ends.
fn push_label(kind: &mut CompactString, part: &str) {
    let start = kind.len();
    for character in part.chars() {
        if character.is_ascii_alphanumeric() || character == '_' {
            kind.push(character);
        } else if kind.len() > start && !kind.ends_with('-') {
            kind.push('-');
        }
    }
    if kind.len() > start && kind.ends_with('-') {
        kind.pop();
    }
    if kind.len() == start {
        kind.push_str("onbekend");
    }
}

/// The last non-empty segment of the path of a URL (MAP-07).
fn last_segment(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (_, path) = rest.split_once('/')?;
    path.rsplit('/').find(|segment| !segment.is_empty())
}
