//! A notification as an event in the canonical form: the payload is the posted body, the attributes contain what
//! routing and filters need (MAP-02 to MAP-15).

use compact_str::CompactString;
use model::{
    AttributeName, Data, Event, Kanaal, Value,
    event::{EventError, Fault, check_attribute},
    facts::normalise_key,
    profile::Finding,
};

use super::Notificatie;

/// The attributes that the gateway generates for a notification.
#[derive(Debug, Clone, Copy)]
pub struct GeneratedAttributes<'a> {
    /// `id`, unique per accepted POST (MAP-03).
    pub id: &'a str,
    /// `source` if the notification has no valid one: that of the applicatie, the kanaal or the gateway.
    pub source: &'a str,
    /// `dataschema`: the absolute URI of the description of the mapping (MAP-15).
    pub dataschema: &'a str,
    /// Whether `dataref` is set to `resourceUrl` (MAP-09).
    pub dataref: bool,
    /// `type` instead of the default `nl.overheid.<kanaal>.<resource>.<actie>` (MAP-05).
    pub kind: Option<&'a str>,
}

/// Maps a notification. The findings name values that could not become attributes; the payload still contains them.
///
/// # Errors
/// When an id, source, dataschema or type in `generated` is not a valid attribute value.
pub fn to_event(
    notificatie: &Notificatie,
    kanaal: &Kanaal,
    generated: &GeneratedAttributes<'_>,
) -> Result<(Event, Vec<Finding>), EventError> {
    let mut draft = Draft { attributes: Vec::with_capacity(16), findings: Vec::new() };
    draft.set("id", generated.id)?;
    match notificatie.source.as_deref() {
        Some(source) if attribute("source", source).is_ok() => draft.set("source", source)?,
        given => {
            draft.set("source", generated.source)?;
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
    match generated.kind {
        Some(kind) => draft.set("type", kind)?,
        None => draft.set("type", &kind(notificatie))?,
    }
    draft.set("time", &notificatie.aanmaakdatum.rfc3339())?;
    if let Some(subject) = last_segment(&notificatie.resource_url) {
        draft.copy("subject", subject);
    }
    draft.set("datacontenttype", super::CONTENT_TYPE)?;
    draft.set("dataschema", generated.dataschema)?;
    if generated.dataref {
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

    /// Sets an attribute to a value of the notification, or omits it with a finding (MAP-13).
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

/// Appends `part` as one label: letters, digits and `_` are kept, each run of other characters becomes one `-`, with
/// none at the ends.
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
