//! The OpenAPI document of the native API matches the gateway: its routes, and the shape of its answers.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use web::language::Language;

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, Sink, eventually},
};

#[tokio::test]
async fn every_native_route_is_described_and_nothing_else() {
    let gateway = Gateway::start().await;
    let answer = gateway.nobody().get("/v1/openapi.json").await.expect(200);
    let document = answer.json();
    let server = document["servers"][0]["url"].as_str().expect("an address");
    assert!(server.starts_with("http://127.0.0.1:") && server.ends_with("/v1"), "{server}");
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let base = if item.get("servers").is_some() { "" } else { "/v1" };
            let methods =
                item.as_object().into_iter().flatten().map(|(method, _)| method).filter(|name| *name != "servers");
            methods.map(move |method| (method.to_uppercase(), format!("{base}{path}")))
        })
        .collect();
    let served: BTreeSet<(String, String)> = gateway::router::table()
        .iter()
        .filter(|route| route.path.starts_with("/v1/") || route.path.starts_with("/consent/"))
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(described, served);
}

/// Checks an answer against a schema of the document, and that it has no member the schema does not know.
pub fn check(schema: &str, answer: &Value) {
    let mut root = api_native::openapi::document("", Language::Dutch);
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        for schema in schemas.values_mut().filter_map(Value::as_object_mut) {
            if schema.contains_key("properties") {
                schema.entry("additionalProperties").or_insert(json!(false));
            }
        }
    }
    root["$ref"] = json!(format!("#/components/schemas/{schema}"));
    let validator = jsonschema::validator_for(&root).expect("the schemas are right");
    let errors: Vec<_> = validator.iter_errors(answer).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{schema}: {errors:?} in {answer}");
}

#[tokio::test]
async fn answers_are_as_described() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    let kanaal =
        json!({"naam": "zaken", "filters": ["a", {"naam": "id", "attribute": "kenmerkid"}], "retentionDays": 1});
    check("Kanaal", &publisher.post("/v1/kanalen", kanaal).await.expect(201).json());
    check("List_Kanaal", &mine.get("/v1/kanalen").await.expect(200).json());
    let full = json!({
        "sink": sink.url("/x"), "source": "urn:test", "types": ["t"], "filters": [{"prefix": {"type": "t"}}],
        "protocol": "HTTP", "protocolsettings": {"method": "POST", "headers": {"X-A": "b"}},
        "sinkcredential": {"credentialtype": "PLAIN", "identifier": "i", "secret": "s"},
        "config": {
            "kanalen": ["zaken"], "born": "cloudevent", "kenmerken": {"n": "1"}, "format": "batch",
            "batch": {"maxEvents": 1, "lingerMs": 0}, "order": "key", "validation": "handshake", "rate": 60000,
            "maxInFlight": 2, "start": "now", "retry": {"maxRetries": 1, "factor": 0.5},
        },
    });
    check("SubscriptionInput", &full);
    let id = granted(&mine, full).await;
    check("Subscription", &mine.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json());
    let abonnement =
        json!({"callbackUrl": sink.url("/y"), "auth": "x", "kanalen": [{"naam": "zaken", "filters": {"a": "b"}}]});
    sink.answers(&[401, 204]);
    mine.post("/api/v1/abonnement", abonnement).await.expect(201);
    check("List_Subscription", &beheer.get("/v1/subscriptions").await.expect(200).json());

    sink.answers(&[422]);
    publisher.publish("zaken", "1", json!({"type": "t"})).await.expect(202);
    let letters = eventually("a dead letter", || async {
        let letters = mine.get("/v1/dead-letters").await.expect(200).json();
        (letters["count"] == 1).then_some(letters)
    })
    .await;
    check("List_DeadLetter", &letters);
    let path = format!("/v1/dead-letters/{}", letters["results"][0]["id"].as_str().expect("an id"));
    check("DeadLetter", &mine.get(&path).await.expect(200).json());
    let counted = json!({"filter": {}, "dryRun": true});
    check("Redrive", &counted);
    check("RedriveCount", &mine.post("/v1/dead-letters/redrive", counted).await.expect(200).json());
    let run = mine.post(&format!("{path}/redrive"), json!({})).await.expect(202).json();
    check("Run", &run);
    check("Run", &mine.get(&format!("/v1/runs/{}", run["id"].as_str().expect("an id"))).await.expect(200).json());

    let events = eventually("an indexed event", || async {
        let events = beheer.get("/v1/events").await.expect(200).json();
        (events["results"].as_array().map(Vec::len) == Some(1)).then_some(events)
    })
    .await;
    check("List_EventSummary", &events);
    let deliveries = eventually("a delivery", || async {
        let answer = mine.send(Method::GET, "/v1/events/1/deliveries", &[], "").await.json();
        answer["results"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(answer)
    })
    .await;
    check("List_Delivery", &deliveries);
    let receivers = mine.get("/v1/events/1/receivers").await.expect(200).json();
    check("List_EventReceiver", &receivers);
    check("List_Run", &mine.get("/v1/runs").await.expect(200).json());
    let replay = json!({"from": "2020-01-01T00:00:00Z", "dryRun": true});
    check("Replay", &replay);
    check("ReplayCount", &mine.post(&format!("/v1/subscriptions/{id}/replay"), replay).await.expect(200).json());
    let many = json!({"ids": ["1"], "onlyMissed": false, "dryRun": true});
    check("RedeliverEventsInput", &many);
    check("EventsRedelivered", &mine.post("/v1/events/redeliver", many).await.expect(200).json());
    let many = json!({"ids": ["1"], "onlyMissed": false});
    check("EventsRedelivered", &mine.post("/v1/events/redeliver", many).await.expect(202).json());
    check("Redelivered", &mine.post("/v1/events/1/redeliver", json!({})).await.expect(202).json());
    check("ProblemDocument", &mine.post("/v1/subscriptions", json!({"sink": 1})).await.expect(400).json());
}

#[tokio::test]
async fn both_descriptions_say_whom_to_ask_adr_21() {
    let contact = "[contact]\nname = \"Team Koppelingen\"\nurl = \"https://gemeente.example/koppelingen\"\nemail = \"koppelingen@gemeente.example\"";
    let (own, other) = (Gateway::with(contact).await, Gateway::start().await);
    for path in ["/v1/openapi.json", "/api/v1/openapi.json"] {
        let contact = own.nobody().get(path).await.expect(200).json()["info"]["contact"].clone();
        let expected = json!({"name": "Team Koppelingen", "url": "https://gemeente.example/koppelingen", "email": "koppelingen@gemeente.example"});
        assert_eq!(contact, expected, "{path}");
        let contact = other.nobody().get(path).await.expect(200).json()["info"]["contact"].clone();
        assert_eq!(contact, json!({"name": "NL GOV event gateway"}), "{path}");
    }
}
