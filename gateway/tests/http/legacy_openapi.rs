//! The OpenAPI document of the Notificaties API matches the gateway: its routes, its statuses, the shape of answers.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, CONSUMER, Gateway, PUBLISHER, Sink};

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let gateway = Gateway::start().await;
    let answer = gateway.nobody().get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let document = answer.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    assert_eq!(document["servers"][0]["url"], gateway.base);
    let methods = |operations: &Value| operations.as_object().cloned().unwrap_or_default().into_iter();
    let described: BTreeSet<(String, String)> = methods(&document["paths"])
        .flat_map(|(path, operations)| {
            methods(&operations).map(move |(method, _)| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect();
    let served: BTreeSet<(String, String)> = gateway::router::table()
        .iter()
        .filter(|route| route.path.starts_with("/api/"))
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(described, served);
    let ids: Vec<Value> = methods(&document["paths"])
        .flat_map(|(_, operations)| methods(&operations).map(|(_, one)| one["operationId"].clone()).collect::<Vec<_>>())
        .collect();
    assert_eq!(ids.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(), ids.len());
}

#[tokio::test]
async fn descriptions_and_pages_are_public() {
    let gateway = Gateway::start().await;
    let nobody = gateway.nobody();
    let browser = [("accept", "text/html")];
    for (path, kind, part) in [
        ("/api/v1/openapi.yaml", "application/yaml", "openapi: \"3.1.0\""),
        ("/api/v1/openapi.json", "application/json", "\"openapi\": \"3.1.0\""),
        ("/api/v1/schema/", "text/html; charset=utf-8", "/api/v1/abonnement/{uuid}"),
        ("/ref/scopes/", "text/html; charset=utf-8", "notificaties.publiceren"),
        ("/ref/fouten/ValidationError/", "text/html; charset=utf-8", "invalidParams"),
    ] {
        let answer = nobody.send(Method::GET, path, &browser, "").await.expect(200);
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert!(String::from_utf8_lossy(&answer.body).contains(part), "{path}");
    }
    for name in ["openapi.json", "openapi.yaml"] {
        let moved = nobody.get(&format!("/api/v1/schema/{name}")).await.expect(302);
        assert_eq!(moved.header("location"), Some(format!("{}/api/v1/{name}", gateway.base).as_str()));
    }
    nobody.get("/ref/fouten/Onbekend/").await.expect(404);
    let refused = nobody.get("/api/v1/kanaal").await.expect(403).json();
    nobody.get(refused["type"].as_str().expect("a link")).await.expect(200);
}

/// Checks an answer against the description of its operation: the status, the content type, and the body, which has no
/// member that is not described.
#[track_caller]
fn check(method: &str, path: &str, answer: &Answer) {
    let mut root = api_zgw::openapi::document("/");
    let operation = root["paths"][path][method].clone();
    let status = answer.status.as_u16().to_string();
    let response = &operation["responses"][&status];
    assert!(response.is_object(), "{method} {path} describes {status}");
    let kind = answer.header("content-type").unwrap_or_default();
    if answer.body.is_empty() {
        assert!(response.get("content").is_none(), "{method} {path} {status}");
        return;
    }
    let content = response["content"][kind]["schema"].clone();
    assert!(content.is_object(), "{method} {path} {status} describes {kind}");
    if let Some(schemas) = root["components"]["schemas"].as_object_mut() {
        for schema in schemas.values_mut().filter_map(Value::as_object_mut) {
            if schema.contains_key("properties") {
                schema.entry("additionalProperties").or_insert(json!(false));
            }
        }
    }
    for (member, value) in content.as_object().expect("a schema") {
        root[member] = value.clone();
    }
    let validator = jsonschema::validator_for(&root).expect("the schemas are right");
    let body = answer.json();
    let errors: Vec<_> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{method} {path} {status}: {errors:?} in {body}");
}

#[tokio::test]
async fn answers_are_as_described() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, consumer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    let (one, list) = ("/api/v1/kanaal/{uuid}", "/api/v1/kanaal");
    let made = publisher.post(list, json!({"naam": "zaken", "filters": ["a"]})).await.expect(201);
    let url = made.json()["url"].as_str().expect("a URL").to_owned();
    check("post", list, &made);
    check("post", list, &publisher.post(list, json!({"naam": "zaken"})).await.expect(400));
    check("get", list, &publisher.get(list).await.expect(200));
    check("get", list, &gateway.nobody().get(list).await.expect(403));
    check("get", list, &publisher.send(Method::GET, list, &[("accept", "text/html")], "").await.expect(406));
    check("get", one, &publisher.get(&url).await.expect(200));
    let named = [("accept", "application/problem+json")];
    check("get", one, &publisher.send(Method::GET, &format!("{list}/x"), &named, "").await.expect(404));
    check("put", one, &publisher.put(&url, json!({"naam": "zaken"})).await.expect(200));
    check("patch", one, &publisher.patch(&url, json!({"naam": "x"})).await.expect(400));
    check("options", list, &publisher.send(Method::OPTIONS, list, &[], "").await.expect(403));
    let (one, list) = ("/api/v1/abonnement/{uuid}", "/api/v1/abonnement");
    sink.answers(&[401, 204]);
    let body = json!({
        "callbackUrl": sink.url("/"), "auth": "x", "sendCloudevents": true, "rendering": "canonical",
        "kanalen": [{"naam": "zaken", "filters": {"a": "b", "#actie": "create"}}], "cloudeventFilters": [{"typeSubstring": "z"}],
    });
    let made = consumer.post(list, body.clone()).await.expect(201);
    let url = made.json()["url"].as_str().expect("a URL").to_owned();
    check("post", list, &made);
    check("post", list, &consumer.post(list, json!({})).await.expect(400));
    check("get", list, &consumer.get(list).await.expect(200));
    check("patch", one, &consumer.patch(&url, json!({"validation": "handshake"})).await.expect(200));
    check("get", one, &consumer.get(&url).await.expect(200));
    check("put", one, &consumer.put(&url, body).await.expect(200));
    check("delete", one, &consumer.delete(&url).await.expect(204));
    check("delete", one, &consumer.delete(&url).await.expect(404));
    let path = "/api/v1/notificaties";
    let document = api_zgw::openapi::document("/");
    let mut notificatie = document["components"]["schemas"]["Notificatie"]["examples"][0].clone();
    check("post", path, &publisher.post(path, notificatie.clone()).await.expect(400));
    notificatie["kenmerken"] = json!({"a": "1"});
    check("post", path, &publisher.post(path, notificatie.clone()).await.expect(201));
    check("post", path, &publisher.post(path, json!([])).await.expect(400));
    check("options", path, &publisher.send(Method::OPTIONS, path, &[], "").await.expect(200));
    let path = "/api/v1/callbacks";
    check("post", path, &publisher.post(path, notificatie).await.expect(204));
    check("post", path, &publisher.post(path, json!({})).await.expect(400));
    let path = "/api/v1/cloudevents";
    let event = document["components"]["schemas"]["CloudEvent"]["examples"][0].to_string();
    for (kind, body, status) in [
        ("application/cloudevents+json", event.clone(), 201),
        ("application/cloudevents-batch+json", format!("[{event}]"), 201),
        ("application/cloudevents+json", "{}".to_owned(), 400),
        ("text/plain", event, 415),
    ] {
        let answer = publisher.send(Method::POST, path, &[("content-type", kind)], body).await.expect(status);
        check("post", path, &answer);
    }
}
