//! Time to validate a payload of 1 KiB against its schema, and to compile that schema.

use std::{hint::black_box, sync::Arc};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use model::{AttributeName, Data, Event, PayloadSchema, SchemaName, Timestamp, Value};
use publishing::payload::{Payloads, schema::compile};

const SCHEMA: &str = r##"{
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["identificatie", "zaaktype", "status", "rollen"],
    "properties": {
        "identificatie": {"type": "string", "pattern": "^ZAAK-[0-9]{4}-[0-9]{10}$"},
        "zaaktype": {"type": "string", "maxLength": 200}, "omschrijving": {"type": "string", "maxLength": 1000},
        "status": {"enum": ["geopend", "in behandeling", "gesloten"]}, "bedrag": {"type": "number", "minimum": 0},
        "rollen": {"type": "array", "maxItems": 20, "items": {"$ref": "#/$defs/rol"}}
    },
    "additionalProperties": false,
    "$defs": {"rol": {"type": "object", "required": ["soort", "naam"], "properties": {
        "soort": {"enum": ["initiator", "behandelaar", "belanghebbende"]}, "naam": {"type": "string"},
        "adres": {"type": "object", "properties": {"straat": {"type": "string"}, "huisnummer": {"type": "integer"}}}}}}
}"##;

fn event() -> Event {
    let role = r#"{"soort":"initiator","naam":"Jan Jansen","adres":{"straat":"Dorpsstraat","huisnummer":3}}"#;
    let start = format!(
        r#"{{"identificatie":"ZAAK-2025-0000000001","zaaktype":"melding","status":"geopend","bedrag":12.50,"rollen":[{}],"omschrijving":""#,
        [role; 5].join(",")
    );
    let payload = format!("{start}{}\"}}", "x".repeat(1_024 - start.len() - 2));
    let attributes = ["id", "source", "type"]
        .map(|name| (AttributeName::new(name).expect("a name"), Value::text("nl.overheid.x").expect("a value")));
    Event::new(attributes.to_vec(), Some(Data::Json(Bytes::from(payload)))).expect("a valid event")
}

fn checking(c: &mut Criterion) {
    let schema = Arc::new(PayloadSchema {
        name: SchemaName::new("zaak").expect("a name"),
        uri: "urn:x".into(),
        types: vec![],
        kanaal: None,
        description: String::new(),
        example: None,
        text: SCHEMA.into(),
        owner: None,
        created: Timestamp::default(),
    });
    let (payloads, event) = (Payloads::default(), event());
    assert_eq!(payloads.check(&schema, &event), [], "the payload fits");
    c.bench_function("payload of 1 KiB against its schema", |b| {
        b.iter(|| payloads.check(black_box(&schema), black_box(&event)));
    });
    c.bench_function("schema compile", |b| b.iter(|| compile(black_box(SCHEMA))));
}

criterion_group!(benches, checking);
criterion_main!(benches);
