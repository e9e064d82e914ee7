//! `/v1/schemas` and `/v1/types`, and payloads validated against registered schemas.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, BEHEER, CONSUMER, Client, Gateway, PUBLISHER};

/// Another applicatie that may publish.
const OTHER_PUBLISHER: &str = "andere-publisher";

fn person(name: &str) -> Value {
    json!({
        "name": name, "types": ["nl.overheid.personen.persoon-verhuisd"], "description": "Iemand is verhuisd",
        "schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["naam"],
            "properties": {"naam": {"type": "string"}, "adres": {"properties": {"nummer": {"type": "integer"}}}}},
        "example": {"naam": "Jan", "adres": {"nummer": 1.0}},
    })
}

async fn publish(client: &Client, kanaal: &str, members: Value) -> Answer {
    let mut event = json!({"specversion": "1.0", "id": "1", "source": "urn:nld:oin:00000001823288444000:systeem:x",
        "type": "nl.overheid.personen.persoon-verhuisd"});
    for (name, value) in members.as_object().expect("members") {
        event[name] = value.clone();
    }
    let headers = [("content-type", "application/cloudevents+json")];
    client.send(Method::POST, &format!("/v1/events?findings=true&kanaal={kanaal}"), &headers, event.to_string()).await
}

#[tokio::test]
async fn a_schema_is_registered_served_listed_and_withdrawn() {
    let gateway = Gateway::with(&format!(
        "[[applicatie]]\nclient_id = \"{OTHER_PUBLISHER}\"\nsecret = \"the long enough secret of {OTHER_PUBLISHER}\"\n\
         scopes = [\"notificaties.publiceren\"]"
    ))
    .await;
    let (publisher, consumer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    let made = publisher.post("/v1/schemas", person("persoon")).await.expect(201);
    let url = made.header("location").expect("a location").to_owned();
    assert_eq!(url, format!("{}/v1/schemas/persoon", gateway.base));
    let view = made.json();
    assert_eq!((&view["uri"], &view["url"], &view["owner"]), (&json!(url), &json!(url), &json!(PUBLISHER)));
    let served = gateway.nobody().get(&url).await.expect(200);
    assert_eq!(served.header("content-type"), Some("application/schema+json"));
    assert_eq!(served.json(), person("persoon")["schema"]);
    for (query, count) in
        [("", 1), ("?type=nl.overheid.personen.persoon-verhuisd", 1), ("?uri=urn:x", 0), ("?owner=x", 0)]
    {
        assert_eq!(consumer.get(&format!("/v1/schemas{query}")).await.expect(200).json()["count"], count, "{query}");
    }
    assert_eq!(publisher.post("/v1/schemas", person("persoon")).await.problem(409).0, "schema-exists");
    assert_eq!(publisher.post("/v1/schemas", person("ander")).await.problem(409).0, "schema-taken");
    assert_eq!(publisher.post("/v1/schemas", person("notificatie")).await.problem(409).0, "schema-exists");

    let gateway = gateway.restart().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    let path = "/v1/schemas/persoon";
    gateway.nobody().get(path).await.expect(200);
    gateway.client(OTHER_PUBLISHER).delete(path).await.problem(403);
    publisher.delete(path).await.expect(204);
    publisher.delete(path).await.problem(404);
    gateway.nobody().get(path).await.problem(404);
    publisher.post("/v1/schemas", person("persoon")).await.expect(201);
    beheer.delete(path).await.expect(204);
}

#[tokio::test]
async fn what_cannot_be_registered_is_said_with_its_place() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    for (change, member, pointer) in [
        (json!({"name": "Persoon"}), "name", "/name"),
        (json!({"uri": "/relative"}), "uri", "/uri"),
        (json!({"uri": format!("{}/v1/schemas/ander", gateway.base)}), "uri", "/uri"),
        (json!({"types": ["a", "a"]}), "types[1]", "/types/1"),
        (json!({"kanaal": "nope"}), "kanaal", "/kanaal"),
        (json!({"extra": 1}), "extra", "/extra"),
        (
            json!({"schema": {"properties": {"a": {"$ref": "https://elders.example/s"}}}}),
            "schema",
            "/schema/properties/a/$ref",
        ),
        (json!({"schema": {"type": "text"}}), "schema", "/schema/type"),
        (
            json!({"schema": {"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}}),
            "schema",
            "/schema/anyOf/1/items/$ref",
        ),
        (json!({"example": {"naam": 5}}), "example", "/example/naam"),
        (json!({"example": {"naam": "x".repeat(20_000)}}), "example", "/example"),
        (json!({"schema": {"description": "x".repeat(70_000)}}), "schema", "/schema"),
    ] {
        let mut body = person("persoon");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = publisher.post("/v1/schemas", body).await.expect(400).json();
        let error = &answer["errors"][0];
        assert_eq!((&error["member"], &error["pointer"]), (&json!(member), &json!(pointer)), "{answer}");
    }
    let mut without = person("persoon");
    without.as_object_mut().unwrap().remove("schema");
    assert_eq!(publisher.post("/v1/schemas", without).await.problem(400).1.as_deref(), Some("schema"));
}

#[tokio::test]
async fn a_kanaal_warns_or_rejects_and_the_value_is_not_repeated() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/schemas", person("persoon")).await.expect(201);
    publisher.post("/v1/schemas", json!({"name": "niets", "uri": "urn:x:niets", "schema": false})).await.expect(201);
    for check in ["off", "warn", "reject"] {
        publisher.post("/v1/kanalen", json!({"naam": check, "payloadSchemas": check})).await.expect(201);
    }
    let bad = json!({"data": {"naam": "Geheim", "adres": {"nummer": "geheim"}}});
    assert_eq!(publish(&publisher, "off", bad.clone()).await.expect(202).json()["events"][0]["schema"], Value::Null);
    let warned = publish(&publisher, "warn", bad.clone()).await.expect(202).json();
    let (first, finding) = (&warned["events"][0], &warned["events"][0]["findings"][0]);
    assert_eq!(first["schema"], "persoon");
    assert_eq!((&finding["rule"], &finding["member"]), (&json!("payload-schema"), &json!("data")));
    assert_eq!((&finding["pointer"], &finding["keyword"]), (&json!("/adres/nummer"), &json!("type")));
    let refused = publish(&publisher, "reject", bad).await.expect(400);
    let text = String::from_utf8_lossy(&refused.body).to_lowercase();
    assert!(!text.contains("geheim"), "{text}");
    let error = refused.json()["errors"][0].clone();
    assert_eq!(error, json!({"member": "data", "rule": "payload-schema: type", "pointer": "/adres/nummer"}));
    for (members, status) in [
        (json!({"data": {"naam": "Jan"}}), 202),
        (json!({"data": {}}), 400),
        (json!({}), 202),
        (json!({"type": "nl.overheid.personen.anders", "data": 1}), 202),
        (json!({"type": "nl.overheid.personen.anders", "dataschema": "urn:x:niets", "data": 1}), 400),
        (json!({"dataschema": "urn:x:niets", "data": {"naam": "Jan"}}), 400),
        (json!({"dataschema": "urn:x:onbekend", "data": {}}), 400),
        (json!({"datacontenttype": "text/xml", "data": "<a/>"}), 202),
    ] {
        let answer = publish(&publisher, "reject", members.clone()).await;
        assert_eq!(answer.status, status, "{members}: {}", String::from_utf8_lossy(&answer.body));
    }
    let xml = publish(&publisher, "reject", json!({"datacontenttype": "text/xml", "data": "<a/>"})).await.json();
    let rules: Vec<_> =
        xml["events"][0]["findings"].as_array().unwrap().iter().map(|one| one["rule"].clone()).collect();
    assert!(rules.contains(&json!("payload-unchecked")), "{rules:?}");
    publisher.delete("/v1/schemas/persoon").await.expect(204);
    publish(&publisher, "reject", json!({"data": {}})).await.expect(202);
}

#[tokio::test]
async fn types_are_a_catalogue_nlg_ctx_15() {
    let gateway = Gateway::start().await;
    let (publisher, consumer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    let kanaal = json!({"naam": "personen", "documentatieLink": "https://doc.example/personen"});
    publisher.post("/v1/kanalen", kanaal).await.expect(201);
    publisher.post("/v1/kanalen", json!({"naam": "elders"})).await.expect(201);
    publisher.post("/v1/schemas", person("persoon")).await.expect(201);
    let other = json!({"name": "los", "types": ["x.a", "x/b"], "kanaal": "elders", "schema": true});
    publisher.post("/v1/schemas", other).await.expect(201);
    let list = consumer.get("/v1/types").await.expect(200).json();
    let kinds: Vec<_> = list["results"].as_array().unwrap().iter().map(|row| row["type"].clone()).collect();
    assert_eq!(kinds, ["nl.overheid.personen.persoon-verhuisd", "x.a", "x/b"]);
    assert_eq!(consumer.get("/v1/types?kanaal=elders").await.json()["count"], 2);
    assert_eq!(consumer.get("/v1/types?publisher=x").await.json()["count"], 0);
    let url = format!("{}/v1/schemas/persoon", gateway.base);
    let expected = json!({
        "type": "nl.overheid.personen.persoon-verhuisd", "description": "Iemand is verhuisd", "kanaal": "personen",
        "documentatieLink": "https://doc.example/personen", "dataschema": url, "schema": url,
        "deprecated": false, "example": {"naam": "Jan", "adres": {"nummer": 1.0}}, "publisher": PUBLISHER,
    });
    assert_eq!(consumer.get("/v1/types/nl.overheid.personen.persoon-verhuisd").await.expect(200).json(), expected);
    assert_eq!(consumer.get("/v1/types/x%2Fb").await.expect(200).json()["kanaal"], "elders");
    consumer.get("/v1/types/onbekend").await.problem(404);
}

#[tokio::test]
async fn d5_schemas_of_a_kanaal_are_its_owners() {
    let applicatie = format!(
        "[[applicatie]]\nclient_id = \"{OTHER_PUBLISHER}\"\nsecret = \"the long enough secret of {OTHER_PUBLISHER}\"\n\
         scopes = [\"notificaties.publiceren\"]"
    );
    let gateway = Gateway::with(&applicatie).await;
    let (owner, other, beheer) = (gateway.client(PUBLISHER), gateway.client(OTHER_PUBLISHER), gateway.client(BEHEER));
    let kanaal = json!({"naam": "personen", "payloadSchemas": "reject", "typeRoutes": ["nl.personen."]});
    owner.post("/v1/kanalen", kanaal).await.expect(201);
    let schema = |name: &str, members: Value| {
        let mut body = json!({"name": name, "schema": false});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    for members in [
        json!({"types": ["nl.overheid.personen.persoon-verhuisd"]}),
        json!({"types": ["nl.personen.x"]}),
        json!({"types": ["anything"], "kanaal": "personen"}),
    ] {
        assert_eq!(other.post("/v1/schemas", schema("x", members)).await.problem(403).0, "forbidden");
    }
    // What names no kanaal of the owner is registered, and has no say on its kanaal.
    other.post("/v1/schemas", schema("x", json!({"uri": "urn:schema", "types": ["free"]}))).await.expect(201);
    publish(&owner, "personen", json!({"dataschema": "urn:schema", "data": {}})).await.expect(202);
    publish(&owner, "personen", json!({"type": "free", "data": {}})).await.expect(202);
    beheer.post("/v1/schemas", schema("y", json!({"types": ["nl.personen.y"]}))).await.expect(201);
    publish(&owner, "personen", json!({"type": "nl.personen.y", "data": {}})).await.problem(400);
    owner.post("/v1/schemas", schema("z", json!({"types": ["nl.personen.z"]}))).await.expect(201);
    publish(&owner, "personen", json!({"type": "nl.personen.z", "data": {}})).await.problem(400);
    beheer.post("/v1/kanalen", json!({"naam": "open", "payloadSchemas": "reject", "owner": null})).await.expect(201);
    publish(&owner, "open", json!({"type": "free", "data": {}})).await.problem(400);
}
