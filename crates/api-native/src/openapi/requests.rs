//! Schemas of request bodies, made from those of answers: what is read-only is left out, what has a default is optional.
//! So an object has one description in the code, whichever way it goes.

use serde_json::{Map, Value, json};

/// Objects that also go in, with the members they must have there.
const OBJECTS: [(&str, &[&str]); 10] = [
    ("Subscription", &["sink", "protocol"]),
    ("LightSubscription", &["sink", "protocol", "config"]),
    ("LightSubscriptionConfig", &["kanalen"]),
    ("SubscriptionConfig", &[]),
    ("ProtocolSettings", &[]),
    ("Retry", &[]),
    ("Batch", &[]),
    ("Fsc", &["grantHash"]),
    ("Kanaal", &["naam"]),
    ("Clearance", &[]),
];

const PREFIX: &str = "#/components/schemas/";

/// Adds `<Name>Input` for every object that also goes in and lets request bodies refer to it.
pub fn split(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, required) in OBJECTS {
        let Some(answer) = schemas.get(name) else { continue };
        let mut input = request(answer, required);
        if name == "Subscription" {
            input["properties"]["sinkcredential"] = json!({
                "oneOf": [{"type": "null"}, {"$ref": format!("{PREFIX}SinkCredential")}],
                "description": "Written and never shown. Absent in a change: it stays; null: none.",
                "writeOnly": true,
            });
        }
        if name == "SubscriptionConfig" {
            input["properties"]["start"] = json!({
                "type": "string",
                "description": "Where to start, on creation only: `now`, `beginning` or an RFC 3339 moment.",
                "default": "now",
                "writeOnly": true,
            });
        }
        schemas.insert(format!("{name}Input"), input);
    }
    if let Some(paths) = document["paths"].as_object_mut() {
        for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
            if let Some(body) = operation.get_mut("requestBody") {
                refer(body);
            }
        }
    }
    or_light(document);
}

/// Where a subscription may be a light one: the body of a request for one, and the answer that shows one.
fn or_light(document: &mut Value) {
    let body =
        &mut document["paths"]["/v1/subscriptions"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    *body = either("SubscriptionInput", "LightSubscriptionInput");
    let one =
        &mut document["paths"]["/v1/subscriptions/{id}"]["get"]["responses"]["200"]["content"]["application/json"];
    one["schema"] = either("Subscription", "LightSubscription");
    document["components"]["schemas"]["List_Subscription"]["properties"]["results"]["items"] =
        either("Subscription", "LightSubscription");
    let body = &mut document["paths"]["/v1/subscriptions/{id}"]["put"]["requestBody"]["content"]["application/json"];
    body["schema"] = either("SubscriptionInput", "LightSubscriptionInput");
}

/// One of two objects; their `protocol` distinguishes them.
fn either(one: &str, other: &str) -> Value {
    json!({"oneOf": [{"$ref": format!("{PREFIX}{one}")}, {"$ref": format!("{PREFIX}{other}")}]})
}

fn request(answer: &Value, required: &[&str]) -> Value {
    let mut input = answer.clone();
    if let Some(properties) = input["properties"].as_object_mut() {
        properties.retain(|_, property| property.get("readOnly").is_none());
    }
    refer(&mut input);
    if let Some(members) = input.as_object_mut() {
        members.remove("required");
        if !required.is_empty() {
            members.insert("required".to_owned(), json!(required));
        }
    }
    input
}

/// Turns references to those objects into references to their input form.
fn refer(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        let object = target.strip_prefix(PREFIX);
                        if OBJECTS.iter().any(|(name, _)| object == Some(name)) {
                            target.push_str("Input");
                        }
                    }
                    other => refer(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer),
        _ => {}
    }
}
