//! How a subscription begins and ends: idempotency keys, `If-Match` where it is required, `expires`.

use std::{sync::Arc, time::Duration};

use http::Method;
use model::{Clock, Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn kanaal(gateway: &Gateway) {
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
}

async fn ends(client: &Client, path: &str, state: &str) -> Value {
    eventually(state, || async {
        let now = client.get(path).await.expect(200).json();
        (now["status"]["state"] == state).then_some(now)
    })
    .await
}

#[tokio::test]
async fn the_same_key_makes_one_subscription() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    let keyed = |key: &'static str| [JSON, ("idempotency-key", key)];
    let body = |kind: &str, secret: &str| {
        json!({"protocol": "HTTP", "sink": "https://s.example/", "types": [kind],
            "sinkcredential": {"credentialtype": "PLAIN", "identifier": "i", "secret": secret}})
        .to_string()
    };
    let post = |key, body| client.send(Method::POST, "/v1/subscriptions", key, body);
    let (one, two) = (keyed("k-1"), keyed("k-2"));
    let (first, second) = tokio::join!(post(&one, body("a", "x")), post(&one, body("a", "x")));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    assert_eq!(first.json()["id"], second.json()["id"]);
    let third = post(&one, body("a", "other secret")).await.expect(200);
    assert_eq!((third.json()["id"].clone(), third.header("etag")), (first.json()["id"].clone(), first.header("etag")));
    let (kind, member) = post(&one, body("b", "x")).await.problem(409);
    assert_eq!((kind.as_str(), member.as_deref()), ("key-reused", Some("Idempotency-Key")));
    post(&two, body("a", "x")).await.expect(201);
    post(&[JSON, ("idempotency-key", "a b")], body("a", "x")).await.problem(400);
    let other = gateway.client(OTHER);
    other.send(Method::POST, "/v1/subscriptions", &one, body("a", "x")).await.expect(201);
    assert_eq!(client.get("/v1/subscriptions").await.json()["count"], 2);
}

#[tokio::test]
async fn if_match_can_be_required() {
    let gateway = Gateway::with("[subscriptions]\nrequire_if_match = true").await;
    let client = gateway.client(CONSUMER);
    let body = json!({"protocol": "HTTP", "sink": "https://s.example/"});
    let made = client.post("/v1/subscriptions", body.clone()).await.expect(201);
    let path = format!("/v1/subscriptions/{}", made.json()["id"].as_str().expect("an id"));
    let (kind, member) = client.put(&path, body.clone()).await.problem(428);
    assert_eq!((kind.as_str(), member.as_deref()), ("precondition-required", Some("If-Match")));
    client.patch(&path, json!({})).await.problem(428);
    client.delete(&path).await.problem(428);
    let tag = made.header("etag").expect("a tag").to_owned();
    let tagged = [JSON, ("if-match", tag.as_str())];
    client.send(Method::PATCH, &path, &tagged, r#"{"types": ["a"]}"#).await.expect(200);
    client.send(Method::PATCH, &path, &tagged, r#"{"types": ["b"]}"#).await.problem(412);
    client.send(Method::DELETE, &path, &[("if-match", "*")], "").await.expect(204);
}

#[tokio::test]
async fn a_json_patch_is_not_taken_for_a_merge_patch() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    let made = client.post("/v1/subscriptions", json!({"protocol": "HTTP", "sink": "https://s.example/"})).await;
    let path = format!("/v1/subscriptions/{}", made.expect(201).json()["id"].as_str().expect("an id"));
    let patch = [("content-type", "application/json-patch+json")];
    let answer = client.send(Method::PATCH, &path, &patch, "{}").await;
    assert_eq!(answer.header("accept-patch"), Some("application/merge-patch+json"));
    assert_eq!(answer.problem(415).1.as_deref(), Some("Content-Type"));
    let merge = [("content-type", "application/merge-patch+json")];
    client.send(Method::PATCH, &path, &merge, r#"{"types": ["a"]}"#).await.expect(200);
}

#[tokio::test]
async fn moments_are_read_strictly_adr_08_09_10() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    for (expires, status) in [
        ("2999-01-01t00:00:00z", 400),
        ("2999-01-01T00:00:00-00:00", 400),
        ("2999-01-01 00:00:00Z", 400),
        ("2999-01-01T00:00:00", 400),
        ("2020-01-01T00:00:00Z", 400),
        ("2999-01-01T05:30:00+05:30", 201),
    ] {
        let body = json!({"protocol": "HTTP", "sink": "https://s.example/", "expires": expires});
        let answer = client.post("/v1/subscriptions", body).await;
        if status == 201 {
            assert_eq!(answer.expect(201).json()["expires"], "2999-01-01T00:00:00Z");
        } else {
            assert_eq!(answer.problem(status).1.as_deref(), Some("expires"), "{expires}");
        }
    }
}

#[tokio::test]
async fn a_subscription_ends_at_its_moment_and_a_later_one_revives_it() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let (gateway, sink) = (Gateway::with_clock("", &clock).await, Sink::start().await);
    kanaal(&gateway).await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let id = granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let path = format!("/v1/subscriptions/{id}");
    sink.answers(&[500]);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    client.patch(&path, json!({ "expires": clock.now().to_rfc3339() })).await.problem(400);
    let soon = (clock.now() + Duration::from_secs(2)).to_rfc3339();
    client.patch(&path, json!({ "expires": soon })).await.expect(200);
    clock.advance(Duration::from_secs(2));
    // The manual clock triggers no timers: any change makes the gateway check the time again.
    publisher.post("/v1/kanalen", json!({"naam": "other"})).await.expect(201);
    let ended = ends(&client, &path, "expired").await;
    assert!(ended["status"]["reason"].as_str().is_some_and(|reason| reason.contains(&soon)), "{ended}");
    let rows = eventually("an outcome", || async {
        let rows = client.get(&format!("{path}/deliveries?outcome=expired")).await.expect(200).json();
        rows["results"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(rows)
    })
    .await;
    assert_eq!(rows["results"][0]["outcome"], "expired");
    assert_eq!(client.post(&format!("{path}/resume"), json!({})).await.problem(409).0, "subscription-expired");
    client.patch(&path, json!({"types": []})).await.expect(200);
    assert_eq!(client.get(&path).await.json()["status"]["state"], "expired", "it was not put off");
    sink.answers(&[204]);
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    let revived = client.patch(&path, json!({ "expires": null })).await.expect(200).json();
    assert_eq!((&revived["status"]["state"], &revived["expires"]), (&json!("granted"), &Value::Null));
    publisher.publish("zaken", "3", json!({})).await.expect(202);
    let seen = sink.wait(Method::POST, 2).await;
    assert_eq!(seen[1].json()["id"], "3", "what came meanwhile was not for it");
}
