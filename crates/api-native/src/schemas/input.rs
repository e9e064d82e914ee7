//! Reads a schema to register from a body, with every fault of it: names and types of members here, the rules of their
//! values by [`management::schemas::rules`].

use management::schemas::{MAX_TYPES, RegisterSchema, rules};
use model::{KanaalName, SchemaName, schema::MAX_NAME};
use serde_json::value::RawValue;
use web::problem::Problem;

use crate::members::{self, Faults, Members};

/// Reads a body. `served_below` is the URL below which this gateway serves schemas, `is_kanaal` whether there is a kanaal
/// of a name.
pub fn read(
    body: &[u8],
    served_below: String,
    is_kanaal: impl FnOnce(&KanaalName) -> bool,
) -> Result<RegisterSchema, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["name", "uri", "types", "kanaal", "description", "example", "schema", "owner", "url", "created"]);
    let name = top.required("name").and_then(|text| {
        let name = SchemaName::new(text);
        if name.is_none() {
            let rule = format!(
                "must have 1 to {MAX_NAME} of a-z, 0-9, hyphen, underscore and dot, and begin with a letter or a digit"
            );
            top.fault("name", rule);
        }
        name
    });
    let uri = top.text("uri").map(str::to_owned);
    note(&top, "uri", uri.as_deref().map(rules::check_uri));
    let types = top.texts("types", MAX_TYPES);
    for (at, kind) in types.iter().enumerate() {
        if let Err(rule) = rules::check_type(kind, &types[..at]) {
            top.item_fault("types", at, rule);
        }
    }
    let kanaal = top.text("kanaal").and_then(|naam| {
        let name = KanaalName::new(naam);
        if name.is_none() {
            top.fault("kanaal", "must be the name of a kanaal");
        }
        name
    });
    let description = top.free_text("description").unwrap_or_default().to_owned();
    note(&top, "description", Some(rules::check_description(&description)));
    let example = raw(body, "example").filter(|_| top.names("example"));
    let text = raw(body, "schema");
    match &text {
        Some(text) => {
            if let Err(fault) = rules::check_text(text, example.as_deref()) {
                faults.add(fault.into());
            }
        }
        None => top.fault("schema", "is required"),
    }
    if kanaal.as_ref().is_some_and(|naam| !is_kanaal(naam)) {
        top.fault("kanaal", "must be the name of a kanaal that exists");
    }
    let types = types.into_iter().map(str::to_owned).collect();
    let (Some(name), Some(text)) = faults.check((name, text))? else { return Err(Problem::internal()) };
    Ok(RegisterSchema { name, uri, types, kanaal, description, example, text, served_below })
}

/// Adds the rule that a member breaks.
fn note(top: &Members<'_>, name: &str, checked: Option<Result<(), String>>) {
    if let Some(Err(rule)) = checked {
        top.fault(name, rule);
    }
}

/// The text of a member of a body, as it came.
fn raw(body: &[u8], name: &str) -> Option<String> {
    let members: std::collections::BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    members.get(name).map(|value| value.get().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn members(body: &Value) -> Vec<String> {
        let problem = read(body.to_string().as_bytes(), String::new(), |_| false).unwrap_err();
        problem.errors.iter().map(|fault| fault.member.clone()).collect()
    }

    #[test]
    fn one_answer_names_every_fault_ce_sub_21() {
        let body = json!({
            "name": "Zaak", "uri": "x", "types": ["a", "a"], "kanaal": "nope", "description": "x".repeat(1_001),
            "schema": {"type": "text"}, "extra": 1,
        });
        assert_eq!(members(&body), ["extra", "name", "uri", "types[1]", "description", "schema", "kanaal"]);
        let body = json!({"uri": 1, "types": "a", "kanaal": "", "description": 1, "schema": false, "example": 1});
        assert_eq!(members(&body), ["name", "uri", "types", "kanaal", "description", "example"]);
        assert_eq!(members(&json!({"name": "zaak", "uri": "x"})), ["uri", "schema"]);
    }
}
