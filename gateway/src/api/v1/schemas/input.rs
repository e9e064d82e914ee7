//! A schema as it is asked for, by the API or by configuration: what it is for, and that it can be used.

use model::{AttributeName, KanaalName, SchemaName, Value, event::check_attribute, schema::MAX_NAME};
use serde_json::value::RawValue;

use crate::{
    api::v1::members::{Faults, Members},
    payload::schema::{MAX_EXAMPLE, compile},
    problem::Fault,
};

/// Most types that one schema is for.
pub const MAX_TYPES: usize = 20;
/// Longest text, in characters.
const MAX_TEXT: usize = 1_000;

/// What is asked for, the schema itself apart.
#[derive(Debug)]
pub struct Wanted {
    /// See [`model::PayloadSchema`].
    pub name: Option<SchemaName>,
    /// See [`model::PayloadSchema`]; `None` for its own address.
    pub uri: Option<String>,
    /// See [`model::PayloadSchema`].
    pub types: Vec<String>,
    /// See [`model::PayloadSchema`].
    pub kanaal: Option<KanaalName>,
    /// See [`model::PayloadSchema`].
    pub description: String,
}

/// Reads the members of a body other than `schema` and `example`.
pub fn members(top: &Members<'_>) -> Wanted {
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
    let uri = top.text("uri").inspect(|uri| {
        if !is_uri(uri) {
            top.fault("uri", "must be an absolute URI (RFC 3986), as dataschema is");
        }
    });
    let types = top.texts("types", MAX_TYPES);
    for (at, kind) in types.iter().enumerate() {
        if kind.chars().nth(MAX_TEXT).is_some() || types[..at].contains(kind) {
            top.item_fault("types", at, format!("must be there once, with at most {MAX_TEXT} characters"));
        }
    }
    let kanaal = top.text("kanaal").and_then(|naam| {
        let name = KanaalName::new(naam);
        if name.is_none() {
            top.fault("kanaal", "must be the name of a kanaal");
        }
        name
    });
    let description = top.free_text("description").unwrap_or_default();
    if description.chars().nth(MAX_TEXT).is_some() {
        top.fault("description", format!("must have at most {MAX_TEXT} characters"));
    }
    Wanted {
        name,
        uri: uri.map(str::to_owned),
        types: types.into_iter().map(str::to_owned).collect(),
        kanaal,
        description: description.to_owned(),
    }
}

/// Whether a text may be a `dataschema`.
pub fn is_uri(text: &str) -> bool {
    let name = AttributeName::new("dataschema");
    text.len() <= MAX_TEXT
        && name.is_ok_and(|name| Value::text(text).is_ok_and(|value| check_attribute(name.as_str(), &value).is_ok()))
}

/// Whether schema and example can be used: the schema compiles, the example fits it. Faults name `schema` or `example`
/// and the place in it.
pub fn check(schema: &str, example: Option<&str>) -> Result<(), Fault> {
    let validator = compile(schema).map_err(|fault| {
        let place = format!("/schema{}", fault.pointer.clone().unwrap_or_default());
        fault.at(place)
    })?;
    let Some(example) = example else { return Ok(()) };
    let fault = |rule: String, place: &str| Fault::new("example", rule).at(format!("/example{place}"));
    if example.len() > MAX_EXAMPLE {
        return Err(fault(format!("must have at most {MAX_EXAMPLE} bytes"), ""));
    }
    let example = serde_json::from_str(example).map_err(|error| fault(format!("must be JSON: {error}"), ""))?;
    validator.validate(&example).map_err(|error| {
        let keyword = error.kind().keyword();
        fault(format!("does not fit the schema (keyword {keyword})"), error.instance_path().as_str())
    })
}

/// The text of a member of a body, as it came.
pub fn raw(body: &[u8], name: &str) -> Option<String> {
    let members: std::collections::BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    members.get(name).map(|value| value.get().to_owned())
}

/// Reads `schema` and `example` of a body; faults are added.
pub fn texts(top: &Members<'_>, body: &[u8], faults: &Faults) -> Option<(String, Option<String>)> {
    let Some(schema) = raw(body, "schema") else {
        top.fault("schema", "is required");
        return None;
    };
    let example = raw(body, "example").filter(|_| top.names("example"));
    match check(&schema, example.as_deref()) {
        Ok(()) => Some((schema, example)),
        Err(fault) => {
            faults.add(fault);
            None
        }
    }
}
