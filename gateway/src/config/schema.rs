//! The JSON Schema of the configuration, generated from its types.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::Config;

/// The schema as a JSON document (draft 2020-12), for editors and checks.
pub fn document() -> Value {
    let mut parts = Vec::new();
    Config::schemas(&mut parts);
    let definitions: Map<String, Value> = parts
        .into_iter()
        .map(|(name, schema)| (name, rewrite(serde_json::to_value(schema).unwrap_or_default())))
        .collect();
    let mut document = rewrite(serde_json::to_value(Config::schema()).unwrap_or_default());
    if let Value::Object(members) = &mut document {
        members.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".into(), json!("Configuration of the NL GOV event gateway"));
        members.insert("$defs".into(), Value::Object(definitions));
        members.remove("required");
    }
    document
}

/// References of OpenAPI become those of a free-standing schema.
fn rewrite(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| match value {
                    Value::String(target) if name == "$ref" => {
                        (name, target.replace("#/components/schemas/", "#/$defs/").into())
                    }
                    other => (name, rewrite(other)),
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(rewrite).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn every_reference_has_its_definition() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("#/$defs/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["$defs"].get(name).is_some(), "{name}");
        }
        assert_eq!(document["additionalProperties"], false);
        assert!(document["properties"]["limits"].to_string().contains("Limits"));
    }
}
