//! The schemas that may be registered: JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12 without references to the outside,
//! bounded in size and in the cost of checking a payload.

use jsonschema::{Draft, PatternOptions, ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

/// Most bytes of a schema.
pub const MAX_SCHEMA: usize = 64 * 1024;
/// Most bytes of an example.
pub const MAX_EXAMPLE: usize = 16 * 1024;

/// Why a text cannot be registered as a schema, or as the example of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct SchemaFault {
    /// The rule that the text breaks.
    pub rule: String,
    /// Where in the text, as a JSON pointer (RFC 6901); `None` for the whole of it.
    pub pointer: Option<String>,
}

impl SchemaFault {
    /// A rule that the whole text breaks.
    pub(super) fn new(rule: impl Into<String>) -> Self {
        Self { rule: rule.into(), pointer: None }
    }

    /// The same with the place in the text.
    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

/// Keywords whose value refers to a schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// Compiles the text of a schema, of at most [`MAX_SCHEMA`] bytes. Fetches nothing.
pub fn compile(text: &str) -> Result<Validator, SchemaFault> {
    let fault = |rule: String| SchemaFault::new(rule);
    if text.len() > MAX_SCHEMA {
        return Err(fault(format!("must have at most {MAX_SCHEMA} bytes")));
    }
    let schema: Value = serde_json::from_str(text).map_err(|error| fault(format!("must be JSON: {error}")))?;
    if Draft::default().detect(&schema) == Draft::Unknown {
        return Err(fault("must be of a draft that is known: 4, 6, 7, 2019-09 or 2020-12".to_owned()).at("/$schema"));
    }
    super::cost::check(&schema)?;
    // A regular expression engine without look-around runs in time linear in the text.
    let patterns = PatternOptions::regex().size_limit(1 << 20).dfa_size_limit(1 << 20);
    let options = jsonschema::options().offline().with_pattern_options(patterns);
    options.build(&schema).map_err(|error| unusable(&schema, &error))
}

/// Checks that `example` is JSON of at most [`MAX_EXAMPLE`] bytes that fits a compiled schema.
///
/// # Errors
/// The first rule that it breaks, with the place in the example.
pub fn check_example(validator: &Validator, example: &str) -> Result<(), SchemaFault> {
    if example.len() > MAX_EXAMPLE {
        return Err(SchemaFault::new(format!("must have at most {MAX_EXAMPLE} bytes")));
    }
    let example = serde_json::from_str(example).map_err(|error| SchemaFault::new(format!("must be JSON: {error}")))?;
    validator.validate(&example).map_err(|error| {
        let keyword = error.kind().keyword();
        SchemaFault::new(format!("does not fit the schema (keyword {keyword})")).at(error.instance_path().as_str())
    })
}

fn unusable(schema: &Value, error: &ValidationError<'_>) -> SchemaFault {
    if let ValidationErrorKind::Referencing(referencing) = error.kind() {
        let place = reference_in(schema, &referencing.to_string());
        let rule = "refers outside the schema, or to what is not there; nothing is fetched: put it into the schema";
        return SchemaFault::new(rule).at(place.unwrap_or_default());
    }
    let rule = match error.kind().keyword() {
        keyword @ ("pattern" | "format") => {
            format!("holds a pattern that cannot be used ({keyword}); look-around is not supported")
        }
        keyword => format!("is no JSON Schema of its draft (keyword {keyword})"),
    };
    SchemaFault::new(rule).at(error.instance_path().as_str())
}

/// The place of the reference that an error is about: the first whose target, without its fragment, the error names.
fn reference_in(schema: &Value, error: &str) -> Option<String> {
    let mut found = Vec::new();
    references(schema, String::new(), &mut found);
    let named = |target: &str| {
        let (document, fragment) = target.split_once('#').unwrap_or((target, ""));
        if document.is_empty() {
            !fragment.is_empty() && error.contains(fragment)
        } else {
            error.contains(document.trim_start_matches(['.', '/']))
        }
    };
    found.into_iter().find(|(_, target)| named(target)).map(|(place, _)| place)
}

fn references<'a>(value: &'a Value, place: String, found: &mut Vec<(String, &'a str)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                match member {
                    Value::String(target) if REFERENCES.contains(&name.as_str()) => found.push((place, target)),
                    other => references(other, place, found),
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                references(item, format!("{place}/{at}"), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_draft_is_read_by_its_own_rules() {
        for (draft, below, above) in [
            ("http://json-schema.org/draft-04/schema#", json!({"maximum": 5, "exclusiveMaximum": true}), 5),
            ("http://json-schema.org/draft-06/schema#", json!({"exclusiveMaximum": 5}), 5),
            ("http://json-schema.org/draft-07/schema#", json!({"if": true, "then": {"maximum": 4}}), 5),
            (
                "https://json-schema.org/draft/2019-09/schema",
                json!({"$defs": {"a": {"maximum": 4}}, "$ref": "#/$defs/a"}),
                5,
            ),
            (
                "https://json-schema.org/draft/2020-12/schema",
                json!({"$defs": {"a": {"$anchor": "x", "maximum": 4}}, "$ref": "#x"}),
                5,
            ),
        ] {
            let mut schema = below;
            schema["$schema"] = json!(draft);
            let validator = compile(&schema.to_string()).expect(draft);
            assert!(validator.is_valid(&json!(4)), "{draft}");
            assert!(!validator.is_valid(&json!(above)), "{draft}");
        }
        assert!(compile("true").unwrap().is_valid(&json!(1)));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_place() {
        let outside = "refers outside";
        for (schema, place, rule) in [
            (
                json!({"properties": {"a/b": {"$ref": "https://elders.example/s.json"}}}),
                "/properties/a~1b/$ref",
                outside,
            ),
            (json!({"items": {"$ref": "other.json#/x"}}), "/items/$ref", outside),
            (json!({"$id": "https://a.example/b", "items": {"$ref": "c"}}), "/items/$ref", outside),
            (json!({"allOf": [{"$ref": "file:///etc/passwd"}]}), "/allOf/0/$ref", outside),
            (json!({"items": {"$ref": "#/$defs/none"}}), "/items/$ref", outside),
            (json!({"properties": {"a": {"type": "text"}}}), "/properties/a/type", "is no JSON Schema"),
            (json!({"$schema": "https://elders.example/draft"}), "/$schema", "draft"),
            (json!({"properties": {"a": {"pattern": "(?=x)"}}}), "/properties/a/pattern", "pattern"),
        ] {
            let fault = compile(&schema.to_string()).expect_err(&schema.to_string());
            assert_eq!(fault.pointer.as_deref(), Some(place), "{schema}: {fault:?}");
            assert!(fault.rule.contains(rule), "{schema}: {fault:?}");
        }
        assert!(compile("{").unwrap_err().rule.starts_with("must be JSON"));
        assert!(compile(&format!("\"{}\"", "x".repeat(MAX_SCHEMA))).unwrap_err().rule.contains("65536"));
    }

    #[test]
    fn what_is_inside_may_be_referred_to() {
        for schema in [
            json!({"$defs": {"a": {"$id": "https://x.example/a", "type": "string"}}, "items": {"$ref": "https://x.example/a"}}),
            json!({"properties": {"kind": {"$ref": "#"}}}),
        ] {
            assert!(compile(&schema.to_string()).is_ok(), "{schema}");
        }
    }
}
