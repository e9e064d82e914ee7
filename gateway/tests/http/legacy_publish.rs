//! Publishing through the Notificaties API: `/api/v1/notificaties` and `/api/v1/cloudevents`.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Gateway, PUBLISHER};

fn notificatie() -> Value {
    json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://z.nl/statussen/1", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00Z",
        "kenmerken": {"zaaktype": "A"},
    })
}

async fn post(client: &Client, path: &str, kind: &str, body: impl ToString) -> Answer {
    client.send(Method::POST, path, &[("content-type", kind)], body.to_string()).await
}

async fn start() -> (Gateway, Client) {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/api/v1/kanaal", json!({"naam": "zaken", "filters": ["zaaktype", "b"]})).await.expect(201);
    (gateway, publisher)
}

#[tokio::test]
async fn the_answer_is_the_message_as_it_was_understood() {
    let (_gateway, publisher) = start().await;
    let path = "/api/v1/notificaties";
    let taken = post(&publisher, path, "application/json; charset=utf-8", notificatie()).await.expect(201);
    assert_eq!(taken.json(), notificatie());
    assert_eq!(taken.header("content-type"), Some("application/json"));
    let mut snake = notificatie();
    let url = snake["hoofdObject"].take();
    snake.as_object_mut().unwrap().remove("hoofdObject");
    snake["hoofd_object"] = url;
    assert_eq!(post(&publisher, path, "application/json", snake).await.expect(201).json(), notificatie());
    let mut bare = notificatie();
    bare.as_object_mut().unwrap().remove("kenmerken");
    assert_eq!(post(&publisher, path, "application/json", bare).await.expect(201).json()["kenmerken"], json!({}));
}

#[tokio::test]
async fn broken_rules_are_a_bare_map_by_field() {
    let (_gateway, publisher) = start().await;
    let path = "/api/v1/notificaties";
    let with = |name: &str, value: Value| {
        let mut body = notificatie();
        body[name] = value;
        body
    };
    for (body, expected) in [
        (with("kanaal", json!("nope")), json!({"kanaal": ["Kanaal met deze naam bestaat niet."]})),
        (
            with("kenmerken", json!({"zaaktype": "x", "c": "x"})),
            json!({"kenmerken": ["De kenmerken passen niet bij de filters van het kanaal."]}),
        ),
        (
            with("aanmaakdatum", json!("2999-01-01T00:00:00Z")),
            json!({"aanmaakdatum": ["Deze waarde mag niet in de toekomst liggen."]}),
        ),
        (
            with("kenmerken", json!({"zaaktype": null})),
            json!({"kenmerken": {"zaaktype": ["Dit veld mag niet leeg zijn."]}}),
        ),
        (with("actie", json!("")), json!({"actie": ["Dit veld mag niet leeg zijn."]})),
    ] {
        let answer = post(&publisher, path, "application/json", &body).await.expect(400);
        assert_eq!(answer.json(), expected, "{body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let list = post(&publisher, path, "application/json", "[]").await.expect(400).json();
    assert!(list.get("nonFieldErrors").is_some(), "{list}");
    let broken = post(&publisher, path, "application/json", "{").await.expect(400).json();
    assert_eq!(broken["code"], "parse_error");
    assert_eq!(broken["detail"].as_str().unwrap().matches("JSON parse error").count(), 1, "{broken}");
    post(&publisher, path, "text/plain", "{}").await.expect(415);
}

#[tokio::test]
async fn cloudevents_are_echoed_with_201() {
    let (_gateway, publisher) = start().await;
    let path = "/api/v1/cloudevents";
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "urn:test", "type": "nl.overheid.zaken.zaak-geopend",
        "time": "2025-01-01T12:00:00.123456Z", "dataref": "/zaken/1", "data": {"n": 1}, "subject": null,
    });
    let taken = post(&publisher, path, "application/cloudevents+json", &event).await.expect(201);
    assert_eq!(taken.header("content-type"), Some("application/cloudevents+json"));
    let mut expected = event.clone();
    expected.as_object_mut().unwrap().remove("subject");
    assert_eq!(taken.json(), expected);
    let batch = post(&publisher, path, "application/cloudevents-batch+json", json!([event])).await.expect(201);
    assert_eq!(batch.json(), json!([expected]));
    post(&publisher, path, "application/json", &event).await.expect(415);
    let bad = json!({"specversion": "1.0", "id": "", "source": "urn:test", "type": "x"});
    let refused = post(&publisher, path, "application/cloudevents+json", bad).await.expect(400);
    assert_eq!(refused.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(refused.json()["invalid_params"][0]["name"], "id");
}

#[tokio::test]
async fn nothing_that_is_posted_gives_a_500() {
    let (_gateway, publisher) = start().await;
    let strange = [
        "",
        "null",
        "0",
        "\"\"",
        "[[]]",
        "{\"kanaal\": {}}",
        "{\"kanaal\":\"\\ud800\"}",
        "{\"naam\":\"\\u0000\"}",
        "{\"naam\":\"a\",\"filters\":[null]}",
        "{\"kenmerken\":[1]}",
        "{\"callbackUrl\":{},\"auth\":[]}",
        "{\"callbackUrl\":\"http://[\",\"auth\":\"\"}",
        "{\"id\":1,\"id\":2}",
        "\u{feff}{}",
        "{\"a\":1e999}",
    ];
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for path in [
        "/api/v1/notificaties",
        "/api/v1/cloudevents",
        "/api/v1/kanaal",
        "/api/v1/abonnement",
        "/v1/events",
        "/v1/kanalen",
    ] {
        for body in strange.iter().copied().chain([deep.as_str()]) {
            for kind in ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json", ""] {
                let answer = post(&publisher, path, kind, body).await;
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                assert!(answer.status.as_u16() < 500, "{path} {kind} {body}: {} {text}", answer.status);
            }
        }
    }
}
