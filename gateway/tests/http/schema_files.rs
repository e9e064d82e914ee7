//! The schemas: they are valid JSON Schemas, accept what the gateway accepts, refuse what it refuses.

use figment::{
    Figment,
    providers::{Format, Toml},
};
use serde_json::{Value, json};

fn schema(text: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(text).expect("a JSON document");
    jsonschema::draft202012::meta::validate(&schema).expect("a valid schema");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema that compiles")
}

fn without(mut value: Value, member: &str) -> Value {
    value.as_object_mut().expect("an object").remove(member);
    value
}

fn with(mut value: Value, member: &str, to: Value) -> Value {
    value[member] = to;
    value
}

#[test]
fn the_notificatie_schema_knows_a_notificatie() {
    let schema = schema(include_str!("../../../schemas/notificatie.schema.json"));
    let good = json!({
        "kanaal": "zaken", "hoofdObject": "https://zaken.example.nl/api/v1/zaken/1", "resource": "status",
        "resourceUrl": "https://zaken.example.nl/api/v1/statussen/2", "actie": "create",
        "aanmaakdatum": "2025-01-01T12:00:00.123456Z", "kenmerken": {"zaaktype": "https://catalogi.example.nl/1", "n": 1}
    });
    assert!(schema.is_valid(&good));
    assert!(schema.is_valid(&without(good.clone(), "kenmerken")));
    for required in ["kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum"] {
        assert!(!schema.is_valid(&without(good.clone(), required)), "{required}");
    }
    assert!(!schema.is_valid(&with(good.clone(), "kanaal", json!("x".repeat(51)))));
    assert!(!schema.is_valid(&with(good, "kenmerken", json!({"a": null}))));
}

#[test]
fn the_schema_of_the_configuration_knows_the_sample_with_all_its_settings() {
    let schema = schema(include_str!("../../../schemas/config.json"));
    let sample = include_str!("../../../deploy/gateway.toml");
    let setting = |line: &str| line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '));
    let all: Vec<&str> = sample.lines().map(|line| &line[usize::from(setting(line))..]).collect();
    let read = |text: &str| -> Value { Figment::from(Toml::string(text)).extract().expect("TOML") };
    for text in [sample, &all.join("\n")] {
        let errors: Vec<String> = schema.iter_errors(&read(text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    for wrong in ["lisen = \"x\"", "[[subscription]]\nsinc = \"x\"", "[[subscription]]\ncredential = { kind = \"x\" }"]
    {
        assert!(!schema.is_valid(&read(wrong)), "{wrong}");
    }
}

#[test]
fn the_event_schema_knows_an_event() {
    let schema = schema(include_str!("../../../schemas/nlgov-cloudevent.schema.json"));
    let good = json!({
        "specversion": "1.0", "id": "f3dce042", "source": "urn:nld:oin:00000001823288444000:systeem:BRP-component",
        "type": "nl.brp.persoon-verhuisd", "time": "2021-12-10T17:31:00Z", "geheimnummer": null, "sequence": "1234",
        "sequencetype": "integer", "n": 5, "b": true, "data": {"a": [1, 2]}
    });
    assert!(schema.is_valid(&good));
    assert!(schema.is_valid(&with(good.clone(), "data_base64", Value::Null)));
    assert!(schema.is_valid(&with(without(good.clone(), "data"), "data_base64", json!("YWFwIG5vb3QgbWllcw=="))));
    for (member, value) in [
        ("specversion", json!("0.3")),
        ("id", json!("")),
        ("id", json!(5)),
        ("source", json!("a b")),
        ("dataschema", json!("/relative")),
        ("time", json!("2018-04-05")),
        ("myExt", json!("x")),
        ("n", json!(2_147_483_648_i64)),
        ("n", json!(1.5)),
        ("n", json!({"a": 1})),
        ("data_base64", json!("YWFwIG5vb3QgbWllcw==")),
    ] {
        assert!(!schema.is_valid(&with(good.clone(), member, value.clone())), "{member}: {value}");
    }
}
