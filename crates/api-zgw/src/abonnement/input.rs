//! Reads an abonnement from a body and checks everything except the probes.

use http::HeaderMap;
use management::{ascii_url, subscriptions::is_consistent};
use model::{
    KanaalName, Registry,
    consent::Validation,
    facts::is_reserved,
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken},
    subscription::{Format, Rendering},
};
use serde_json::{Map, Value};
use web::problem::Problem;

use super::{
    super::{
        fields::Fields,
        problem::{InvalidParam, invalid},
    },
    credential,
};
use crate::Api;

const MAX_URL: usize = 200;
const MAX_AUTH: usize = 1_000;
const MAX_TYPE: usize = 255;
const MAX_KEY: usize = 100;
const MAX_VALUE: usize = 1_000;
const MAX_ENTRIES: usize = 1_000;

/// The members of an abonnement in a body; `None` for those that are absent.
#[derive(Debug, Default)]
pub struct Input {
    /// `callbackUrl`.
    pub callback_url: Option<String>,
    /// `auth`; may be empty.
    pub auth: Option<String>,
    /// `authType` and what goes with it, `tlsProfiel`.
    pub secured: credential::CredentialInput,
    /// `kanalen`.
    pub kanalen: Option<Vec<KanaalEntry>>,
    /// `sendCloudevents`.
    pub send_cloudevents: Option<bool>,
    /// `cloudeventFilters`.
    pub cloudevents: Option<Vec<CloudEventEntry>>,
    /// `rendering`, ours: how a notificatie looks as CloudEvent.
    pub rendering: Option<Rendering>,
    /// `validation`, ours: how the receiver is asked for consent.
    pub validation: Option<Validation>,
}

impl Input {
    /// Reads a body; `whole` when `callbackUrl` and `auth` must be there.
    pub fn read(api: &Api, headers: &HeaderMap, body: &bytes::Bytes, whole: bool) -> Result<Self, Problem> {
        let mut fields = Fields::read(headers, body)?;
        if whole {
            for name in ["callbackUrl", "auth"] {
                let replaced = name == "auth" && credential::replaces_auth(&fields);
                if !fields.has(name) && !replaced {
                    fields.required(name);
                }
            }
        }
        let callback_url = fields.text("callbackUrl", MAX_URL, false).map(|url| ascii_url(&url).into_owned());
        let check_url = |url: &str| api.management.receivers.check_url(url);
        if let Some(Err(rule)) = callback_url.as_deref().map(check_url) {
            fields.fail::<()>(
                "callbackUrl",
                "invalid",
                format!("Deze URL kan niet gebruikt worden. De reden, in het Engels: the URL {rule}."),
            );
        }
        let auth = fields.text("auth", MAX_AUTH, true);
        if auth.as_ref().is_some_and(|auth| http::HeaderValue::from_str(auth).is_err()) {
            fields.fail::<()>("auth", "invalid", "Dit kan geen waarde van de header Authorization zijn.");
        }
        let secured = credential::read(&mut fields, &check_url);
        let send_cloudevents = fields.boolean("sendCloudevents");
        let kanalen = fields.list("kanalen").map(|items| entries(&mut fields, "kanalen", items, kanaal_entry));
        let cloudevents = fields
            .list("cloudeventFilters")
            .map(|items| entries(&mut fields, "cloudeventFilters", items, cloudevent_entry));
        let rendering = fields.word("rendering", &[("on116", Rendering::On116), ("canonical", Rendering::Canonical)]);
        let validation =
            fields.word("validation", &[("probe", Validation::Probe), ("handshake", Validation::Handshake)]);
        fields.finish()?;
        let input = Self { callback_url, auth, secured, kanalen, send_cloudevents, cloudevents, rendering, validation };
        check_kanalen(&api.management.registry.read(), input.kanalen.as_deref().unwrap_or_default())?;
        Ok(input)
    }

    /// The format that follows from the body and, for what it does not mention, from `before`.
    pub fn format(&self, before: Format, send_cloudevents: bool) -> Result<Format, Problem> {
        match (send_cloudevents, self.rendering, before) {
            (false, Some(_), _) => {
                let reason = "Dit veld heeft alleen betekenis als sendCloudevents waar is.";
                Err(invalid(&[InvalidParam::new("rendering", "invalid", reason)]))
            }
            (false, None, _) => Ok(Format::Legacy),
            (true, Some(rendering), _) => Ok(Format::Structured(rendering)),
            (true, None, Format::Legacy) => Ok(Format::Structured(Rendering::On116)),
            (true, None, present) => Ok(present),
        }
    }

    /// The selection that follows from the body and, for what it does not mention, from `before`.
    pub fn selection(self, before: AbonnementSelection, send_cloudevents: bool) -> AbonnementSelection {
        AbonnementSelection {
            kanalen: self.kanalen.unwrap_or(before.kanalen),
            cloudevents: self.cloudevents.unwrap_or(before.cloudevents),
            send_cloudevents,
        }
    }
}

/// 400: the body names a kanaal that does not exist.
pub(super) fn unknown_kanaal() -> Problem {
    invalid(&[InvalidParam::new("naam", "kanaal_naam", "Kanaal met deze naam bestaat niet.")])
}

type ReadEntry<T> = fn(&mut Fields) -> Option<T>;

fn entries<T>(fields: &mut Fields, name: &str, items: Vec<Value>, read: ReadEntry<T>) -> Vec<T> {
    if items.len() > MAX_ENTRIES {
        let reason = format!("Zorg ervoor dat dit veld niet meer dan {MAX_ENTRIES} elementen bevat.");
        fields.fail::<()>(name, "max_length", reason);
        return Vec::new();
    }
    let mut entries = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let Value::Object(members) = item else {
            fields.fail::<()>(&format!("{name}.{at}"), "invalid", "Ongeldige data. Er werd een object verwacht.");
            continue;
        };
        let mut nested = Fields::nested(members);
        entries.extend(read(&mut nested));
        let errors = nested.errors.into_iter();
        fields.errors.extend(errors.map(|error| InvalidParam { name: format!("{name}.{at}.{}", error.name), ..error }));
    }
    entries
}

fn kanaal_entry(fields: &mut Fields) -> Option<KanaalEntry> {
    if !fields.has("naam") {
        fields.required("naam");
    }
    let naam = fields.text("naam", model::kanaal::MAX_NAME, false);
    let filters = filters(fields);
    for pair in filters.0.iter().filter(|pair| pair.key.starts_with('#') && !is_reserved(&pair.normalised)) {
        let reason = "Een sleutel die met # begint is #actie, #resource of #hoofdObject.";
        fields.fail::<()>(&format!("filters.{}", pair.key), "invalid", reason);
    }
    Some(KanaalEntry { naam: KanaalName::new(&naam?)?, filters })
}

fn cloudevent_entry(fields: &mut Fields) -> Option<CloudEventEntry> {
    if !fields.has("typeSubstring") {
        fields.required("typeSubstring");
    }
    let type_substring = fields.text("typeSubstring", MAX_TYPE, false);
    let filters = filters(fields);
    Some(CloudEventEntry { type_substring: type_substring?, filters })
}

fn filters(fields: &mut Fields) -> Kenmerken {
    match fields.take("filters") {
        None => Kenmerken::default(),
        Some(Value::Object(members)) => pairs(fields, members),
        Some(Value::Null) => {
            fields.fail::<()>("filters", "null", "Dit veld mag niet leeg zijn.");
            Kenmerken::default()
        }
        Some(_) => {
            fields.fail::<()>("filters", "not_a_dict", "Er werd een object met teksten verwacht.");
            Kenmerken::default()
        }
    }
}

fn pairs(fields: &mut Fields, members: Map<String, Value>) -> Kenmerken {
    let mut pairs = Vec::with_capacity(members.len());
    for (key, value) in members {
        let name = format!("filters.{key}");
        let value = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Null => {
                fields.fail::<()>(&name, "null", "Dit veld mag niet leeg zijn.");
                continue;
            }
            _ => {
                fields.fail::<()>(&name, "invalid", "Dit is geen geldige tekst.");
                continue;
            }
        };
        if key.contains('\0') || value.contains('\0') {
            fields.fail::<()>(&name, "null_characters_not_allowed", "Null-karakters zijn niet toegestaan.");
        } else if key.chars().nth(MAX_KEY).is_some() || value.chars().nth(MAX_VALUE).is_some() {
            let reason = format!("Een sleutel heeft hoogstens {MAX_KEY} karakters, een waarde {MAX_VALUE}.");
            fields.fail::<()>(&name, "max_length", reason);
        } else {
            pairs.push((key, value));
        }
    }
    Kenmerken::new(pairs)
}

/// Every kanaal exists, and the keys of a filter are a part of the kanaal's filters or hold all of them.
fn check_kanalen(registry: &Registry, entries: &[KanaalEntry]) -> Result<(), Problem> {
    for entry in entries {
        let kanaal = registry.kanaal(entry.naam.as_str()).ok_or_else(unknown_kanaal)?;
        if !is_consistent(kanaal, &entry.filters) {
            let reason = "De filters komen niet overeen met de filters van het kanaal.";
            return Err(invalid(&[InvalidParam::new("filters", "inconsistent-abonnement-filters", reason)]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_errors_are_named_by_their_place() {
        let mut fields = Fields::default();
        let items = json!([{"filters": {"a": null, "b": [], "c": 5}}, 7, {"naam": "x", "filters": {"#acties": "y"}}]);
        let Value::Array(items) = items else { panic!() };
        let entries = entries(&mut fields, "kanalen", items, kanaal_entry);
        assert_eq!(entries.len(), 1);
        let errors: Vec<_> = fields.errors.iter().map(|error| (error.name.as_str(), error.code)).collect();
        assert_eq!(
            errors,
            [
                ("kanalen.0.naam", "required"),
                ("kanalen.0.filters.a", "null"),
                ("kanalen.0.filters.b", "invalid"),
                ("kanalen.1", "invalid"),
                ("kanalen.2.filters.#acties", "invalid"),
            ]
        );
    }
}
