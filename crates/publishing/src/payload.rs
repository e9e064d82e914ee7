//! Checks payloads against the JSON Schemas registered for them. Each schema is compiled once, when it is first needed,
//! and kept for as long as it is registered.
//!
//! Only JSON payloads are checked, and nothing is ever fetched. The consequence of a violation depends on
//! the kanaal ([`crate::examine`]); which schemas may be registered is decided in [`schema`].

mod cost;
pub mod schema;

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use model::{
    Data, Event, PayloadSchema, SchemaName,
    profile::{Finding, Place},
};

/// The rule of findings about a payload that does not fit its schema.
pub const PAYLOAD_SCHEMA_RULE: &str = "payload-schema";

/// The rule of the finding about a payload that has a schema but is no JSON that can be checked.
const PAYLOAD_UNCHECKED_RULE: &str = "payload-unchecked";

/// The maximum number of violations that are reported of one payload.
const MAX_VIOLATIONS: usize = 20;

/// A cache of compiled schemas, by name.
#[derive(Debug, Default)]
pub struct Payloads(RwLock<HashMap<SchemaName, Compiled>>);

#[derive(Debug, Clone)]
struct Compiled {
    of: Arc<PayloadSchema>,
    /// `None` when the registered schema could not be compiled, which is logged.
    validator: Option<Arc<Validator>>,
}

impl Payloads {
    /// The violations of a schema by the payload of an event; none for an event without payload.
    pub fn check(&self, schema: &Arc<PayloadSchema>, event: &Event) -> Vec<Finding> {
        let json = match event.data() {
            None => return Vec::new(),
            Some(Data::Json(json)) => json,
            Some(Data::Text(_) | Data::Binary(_)) => return vec![unchecked_finding()],
        };
        let Some(validator) = self.validator(schema) else { return vec![unchecked_finding()] };
        match serde_json::from_slice(json) {
            Ok(payload) if validator.is_valid(&payload) => Vec::new(),
            Ok(payload) => {
                validator.iter_errors(&payload).take(MAX_VIOLATIONS).map(|error| violation(schema, &error)).collect()
            }
            // Nested deeper than the JSON reader allows.
            Err(_) => vec![unchecked_finding()],
        }
    }

    fn validator(&self, schema: &Arc<PayloadSchema>) -> Option<Arc<Validator>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&schema.name).cloned();
        if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.of, schema)) {
            return known.validator;
        }
        let validator = match schema::compile(&schema.text) {
            Ok(validator) => Some(Arc::new(validator)),
            Err(fault) => {
                tracing::error!(schema = %schema.name, rule = %fault.rule, "a registered schema cannot be used");
                None
            }
        };
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A schema that only this table refers to is no longer registered.
        all.retain(|_, compiled| Arc::strong_count(&compiled.of) > 1);
        all.insert(schema.name.clone(), Compiled { of: Arc::clone(schema), validator: validator.clone() });
        validator
    }
}

fn unchecked_finding() -> Finding {
    Finding::new(
        PAYLOAD_UNCHECKED_RULE,
        "data",
        "has a schema, but is no JSON that can be held against it",
        "heeft een schema, maar is geen JSON die daarmee vergeleken kan worden",
    )
}

/// A finding that names place and keyword, never the value.
fn violation(schema: &PayloadSchema, error: &ValidationError<'_>) -> Finding {
    let keyword = error.kind().keyword();
    let mut pointer = error.instance_path().as_str().to_owned();
    if let ValidationErrorKind::Required { property } = error.kind()
        && let Some(name) = property.as_str()
    {
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    }
    let name = &schema.name;
    let (at_en, at_nl) =
        if pointer.is_empty() { ("as a whole", "als geheel") } else { (pointer.as_str(), pointer.as_str()) };
    Finding {
        text_en: Cow::Owned(format!("does not fit the schema {name}: {at_en}, keyword {keyword}")),
        text_nl: Cow::Owned(format!("past niet bij het schema {name}: {at_nl}, keyword {keyword}")),
        place: Some(Place { keyword: keyword.to_owned(), pointer }),
        ..Finding::new(PAYLOAD_SCHEMA_RULE, "data", "", "").strict()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use model::{AttributeName, Timestamp, Value};

    use super::*;

    fn schema(text: &str) -> Arc<PayloadSchema> {
        Arc::new(PayloadSchema {
            name: SchemaName::new("zaak").unwrap(),
            uri: "urn:x".into(),
            types: vec![],
            kanaal: None,
            description: String::new(),
            example: None,
            text: text.into(),
            owner: None,
            created: Timestamp::default(),
        })
    }

    fn event(data: Option<Data>) -> Event {
        let attributes = ["id", "source", "type"]
            .map(|name| (AttributeName::new(name).unwrap(), Value::text("x").unwrap()))
            .to_vec();
        Event::new(attributes, data).unwrap()
    }

    fn json(text: &'static str) -> Data {
        Data::Json(Bytes::from_static(text.as_bytes()))
    }

    const PERSON: &str = r#"{"type": "object", "required": ["naam"], "properties": {
        "naam": {"type": "string", "maxLength": 5}, "a/b": {"required": ["c~d"]}, "n": {"anyOf": [{"minimum": 5}, {"type": "null"}]}},
        "additionalProperties": false}"#;

    #[test]
    fn violations_name_place_and_keyword_but_no_value() {
        let (payloads, schema) = (Payloads::default(), schema(PERSON));
        for (data, expected) in [
            (r#"{"naam": "Jan"}"#, &[][..]),
            (r#"{"naam": "Geheimschrijver"}"#, &[("/naam", "maxLength")]),
            (r#"{"a/b": {}}"#, &[("/a~1b/c~0d", "required"), ("/naam", "required")]),
            (r#"{"naam": "x", "n": 1}"#, &[("/n", "anyOf")]),
            (r#"{"naam": "x", "geheim": 1}"#, &[("", "additionalProperties")]),
            (r#""geheim""#, &[("", "type")]),
        ] {
            let findings = payloads.check(&schema, &event(Some(json(data))));
            let mut found: Vec<_> = findings
                .iter()
                .map(|finding| finding.place.as_ref().map(|place| (place.pointer.as_str(), place.keyword.as_str())))
                .map(Option::unwrap)
                .collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{data}");
            assert!(findings.iter().all(|finding| finding.rule == PAYLOAD_SCHEMA_RULE && finding.strict));
            let said = format!("{findings:?}").to_lowercase();
            assert!(!said.contains("geheim"), "{said}");
        }
    }

    #[test]
    fn what_is_no_json_is_not_checked() {
        let (payloads, schema) = (Payloads::default(), schema("false"));
        assert_eq!(payloads.check(&schema, &event(None)), []);
        let other = Data::Binary(Bytes::from_static(b"\0"));
        let findings = payloads.check(&schema, &event(Some(other)));
        assert_eq!((findings[0].rule, findings[0].strict), (PAYLOAD_UNCHECKED_RULE, false));
        let deep: &'static str = Box::leak(format!("{}{}", "[".repeat(200), "]".repeat(200)).into_boxed_str());
        assert_eq!(payloads.check(&schema, &event(Some(json(deep))))[0].rule, PAYLOAD_UNCHECKED_RULE);
    }

    #[test]
    fn violations_are_bounded() {
        let many: &'static str = Box::leak(format!("[{}]", vec!["1"; 1_000].join(",")).into_boxed_str());
        let schema = schema(r#"{"items": {"type": "string"}}"#);
        assert_eq!(Payloads::default().check(&schema, &event(Some(json(many)))).len(), MAX_VIOLATIONS);
    }

    #[test]
    fn a_schema_is_compiled_once_and_forgotten_when_it_is_withdrawn() {
        let payloads = Payloads::default();
        let first = schema("true");
        let compiled = payloads.validator(&first).unwrap();
        assert!(Arc::ptr_eq(&compiled, &payloads.validator(&first).unwrap()));
        drop(first);
        let mut other = PayloadSchema::clone(&schema("false"));
        other.name = SchemaName::new("other").unwrap();
        let (second, other) = (schema("false"), Arc::new(other));
        assert_eq!(payloads.check(&second, &event(Some(json("1")))).len(), 1, "the new one of the same name counts");
        drop(second);
        assert!(payloads.validator(&other).is_some());
        assert_eq!(payloads.0.read().unwrap().len(), 1);
    }
}
