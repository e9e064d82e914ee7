//! What a body says of an abonnement, checked but for the probes.

use http::HeaderMap;
use model::{
    Kanaal, KanaalName, Registry,
    consent::Validation,
    decide::Rejection,
    facts::{is_reserved, normalise_key},
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken},
    subscription::{Format, Rendering},
};
use serde_json::{Map, Value};

use super::{
    super::{
        fields::Fields,
        problem::{InvalidParam, invalid, not_found},
    },
    credential,
};
use crate::{app::App, problem::Problem};

const MAX_URL: usize = 200;
const MAX_AUTH: usize = 1_000;
const MAX_TYPE: usize = 255;
const MAX_KEY: usize = 100;
const MAX_VALUE: usize = 1_000;
const MAX_ENTRIES: usize = 1_000;

/// What a body mentions; `None` for what it does not.
#[derive(Debug, Default)]
pub struct Input {
    /// `callbackUrl`.
    pub callback_url: Option<String>,
    /// `auth`; may be empty.
    pub auth: Option<String>,
    /// `authType` and what goes with it, `tlsProfiel`.
    pub secured: credential::Wanted,
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
    pub fn read(app: &App, headers: &HeaderMap, body: &bytes::Bytes, whole: bool) -> Result<Self, Problem> {
        let mut fields = Fields::read(headers, body)?;
        if whole {
            for name in ["callbackUrl", "auth"] {
                let replaced = name == "auth" && credential::replaces_auth(&fields);
                if !fields.has(name) && !replaced {
                    fields.required(name);
                }
            }
        }
        let callback_url = fields.text("callbackUrl", MAX_URL, false);
        if let Some(url) = &callback_url
            && let Err(error) = app.egress.policy().check_url(url)
        {
            fields.fail::<()>("callbackUrl", "invalid", format!("Deze URL kan niet gebruikt worden: {error}."));
        }
        let auth = fields.text("auth", MAX_AUTH, true);
        if auth.as_ref().is_some_and(|auth| http::HeaderValue::from_str(auth).is_err()) {
            fields.fail::<()>("auth", "invalid", "Dit kan geen waarde van de header Authorization zijn.");
        }
        let secured = credential::read(&mut fields, app.egress.policy());
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
        check_kanalen(&app.registry.read(), input.kanalen.as_deref().unwrap_or_default())?;
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

/// What a rejection means for an abonnement.
pub fn explain(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::UnknownKanaal(_) => unknown_kanaal(),
        Rejection::UnknownSubscription(_) => not_found(),
        Rejection::Conflict(_) => {
            Problem::conflict("out-of-date", "Het abonnement is intussen gewijzigd; lees het opnieuw.")
        }
        other => other.into(),
    }
}

fn unknown_kanaal() -> Problem {
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

/// Whether the keys of a filter are a part of the kanaal's filters or hold all of them; reserved keys always fit.
pub fn is_consistent(kanaal: &Kanaal, filters: &Kenmerken) -> bool {
    let own: Vec<_> = kanaal.filters.iter().map(|filter| normalise_key(&filter.naam)).collect();
    let part = filters.0.iter().all(|pair| own.contains(&pair.normalised) || is_reserved(&pair.normalised));
    let whole = own.iter().all(|key| filters.0.iter().any(|pair| pair.normalised == *key));
    part || whole
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

    #[test]
    fn keys_are_a_part_or_the_whole_in_either_spelling() {
        let kanaal = |filters: &[&str]| Kanaal {
            filters: Kanaal::filterkenmerken(filters.iter().map(|name| (*name).to_owned())),
            ..Kanaal::new(uuid::Uuid::nil(), KanaalName::new("k").unwrap(), model::Timestamp::default())
        };
        for (own, keys, consistent) in [
            (&["object_type"][..], &["objectType"][..], true),
            (&["objectType"], &["object_type"], true),
            (&["a", "b"], &["a"], true),
            (&["a"], &["a", "b"], true),
            (&["a", "b"], &["a", "c"], false),
            (&["a"], &["b"], false),
            (&[], &["anything"], true),
            (&["a"], &[], true),
            (&["a"], &["#actie", "#hoofdObject", "a"], true),
            (&["a", "b"], &["#actie", "c"], false),
        ] {
            let filters = Kenmerken::new(keys.iter().map(|key| (*key, "x")));
            assert_eq!(is_consistent(&kanaal(own), &filters), consistent, "{own:?} {keys:?}");
        }
    }
}
