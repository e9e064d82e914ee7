//! Reading events: `/v1/events`, and the deliveries of an event.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{Answer, BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

/// Asks until the list is there (the index follows the log) and has `count` rows.
async fn listed(client: &Client, path: &str, count: usize) -> Vec<Value> {
    eventually(path, || async {
        let list = client.get(path).await.json();
        let rows = list["results"].as_array().cloned()?;
        (rows.len() == count).then_some(rows)
    })
    .await
}

async fn indexed(client: &Client, path: &str) -> Answer {
    eventually(path, || async {
        let answer = client.get(path).await;
        (answer.status == 200).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn events_are_found_by_what_they_say() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    publisher.publish("zaken", "a/1", json!({"subject": "s 1"})).await.expect(202);
    publisher.publish("zaken", "2", json!({"source": "urn:other", "type": "x.y.z"})).await.expect(202);
    for (query, count) in [
        ("", 2),
        ("?kanaal=zaken", 2),
        ("?kanaal=besluiten", 0),
        ("?id=2", 1),
        ("?source=urn:other", 1),
        ("?subject=s%201", 1),
        ("?type=x.y.z", 1),
        ("?type=x.y.z&source=urn:test", 0),
        ("?from=2020-01-01T00:00:00Z&until=2999-01-01T00:00:00Z", 2),
        ("?from=2999-01-01T00:00:00Z", 0),
    ] {
        listed(&beheer, &format!("/v1/events{query}"), count).await;
    }
    let rows = listed(&beheer, "/v1/events?id=a/1", 1).await;
    assert_eq!((&rows[0]["kanaal"], &rows[0]["subject"]), (&json!("zaken"), &json!("s 1")));
    let event = indexed(&beheer, "/v1/events/a%2F1").await;
    assert_eq!(event.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!((event.json()["id"].clone(), event.json()["data"].clone()), (json!("a/1"), json!({"n": 1})));
    beheer.get("/v1/events?from=yesterday").await.problem(400);
    beheer.get("/v1/events?name=x").await.problem(400);
    beheer.get("/v1/events/none").await.problem(404);
}

#[tokio::test]
async fn equal_ids_of_several_sources_are_told_apart() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    for source in ["urn:a", "urn:b"] {
        publisher.publish("zaken", "1", json!({ "source": source })).await.expect(202);
    }
    listed(&beheer, "/v1/events?id=1", 2).await;
    assert_eq!(beheer.get("/v1/events/1").await.problem(400).1.as_deref(), Some("source"));
    assert_eq!(beheer.get("/v1/events/1?source=urn:a").await.expect(200).json()["source"], "urn:a");
}

#[tokio::test]
async fn subscribers_see_what_they_subscribed_to() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine, theirs) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(OTHER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let body = json!({"sink": sink.url("/x"), "types": ["wanted"], "config": {"kanalen": ["zaken"]}});
    granted(&mine, body).await;
    publisher.publish("zaken", "1", json!({"type": "wanted"})).await.expect(202);
    publisher.publish("zaken", "2", json!({"type": "unwanted"})).await.expect(202);
    listed(&gateway.client(BEHEER), "/v1/events", 2).await;
    let rows = listed(&mine, "/v1/events", 1).await;
    assert_eq!(rows[0]["id"], "1");
    mine.get("/v1/events/1").await.expect(200);
    mine.get("/v1/events/2").await.problem(404);
    theirs.get("/v1/events/1").await.problem(404);
    assert_eq!(theirs.get("/v1/events").await.expect(200).json()["results"], json!([]));
    publisher.get("/v1/events").await.problem(403);
}

#[tokio::test]
async fn what_became_of_an_event_is_told_and_it_can_be_sent_again() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine, theirs) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(OTHER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let quick = json!({"factor": 0, "maxRetries": 3});
    let id = granted(&mine, json!({"sink": sink.url("/mine"), "config": {"kanalen": ["zaken"], "retry": quick}})).await;
    granted(&theirs, json!({"sink": sink.url("/theirs"), "config": {"kanalen": ["zaken"]}})).await;
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 2).await;

    let rows = listed(&mine, &format!("/v1/subscriptions/{id}/deliveries?outcome=delivered"), 1).await;
    assert_eq!((&rows[0]["attemptsMade"], &rows[0]["event"]["kanaal"]), (&json!(1), &json!("zaken")));
    listed(&mine, "/v1/events/1/deliveries", 1).await;
    listed(&gateway.client(BEHEER), "/v1/events/1/deliveries", 2).await;
    mine.get(&format!("/v1/subscriptions/{id}/deliveries?outcome=odd")).await.problem(400);

    let all = mine.post("/v1/events/1/redeliver", json!({})).await.expect(202).json();
    assert_eq!(all["runs"].as_array().map(Vec::len), Some(1), "only one's own subscriptions");
    sink.wait(Method::POST, 3).await;
    mine.post("/v1/events/1/redeliver", json!({ "subscription": id })).await.expect(202);
    let seen = sink.wait(Method::POST, 4).await;
    assert_eq!(seen.iter().filter(|seen| seen.uri.path() == "/mine").count(), 3);
    let bodies: Vec<_> = seen.iter().map(|seen| &seen.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same event for everybody and every time (GW-06)");
    theirs.post("/v1/events/1/redeliver", json!({ "subscription": id })).await.problem(404);
}

#[tokio::test]
async fn every_attempt_is_kept_with_its_answer() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let quick = json!({"factor": 0, "maxRetries": 3});
    let id = granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"], "retry": quick}})).await;
    sink.answers(&[500, 500, 204]);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    let rows = listed(&mine, &format!("/v1/subscriptions/{id}/deliveries?event=1&outcome=delivered"), 1).await;
    assert_eq!(rows[0]["attemptsMade"], 3);
    let statuses: Vec<_> =
        rows[0]["attempts"].as_array().unwrap().iter().map(|attempt| attempt["status"].clone()).collect();
    assert_eq!(statuses, [json!(500), json!(500), json!(204)]);
}

#[tokio::test]
async fn e3_purged_events_are_neither_listed_nor_in_a_file() {
    const MARKER: &str = "burger-999990019";
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    for naam in ["zaken", "besluiten"] {
        publisher.post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let more = json!({"subject": MARKER, "data": {"naam": MARKER}});
    publisher.publish("zaken", MARKER, more).await.expect(202);
    publisher.publish("besluiten", "blijft", json!({})).await.expect(202);
    listed(&beheer, "/v1/events", 2).await;
    beheer.delete("/v1/kanalen/zaken?purge=true").await.expect(204);
    let left = beheer.get("/v1/events").await.json();
    assert_eq!((left["results"].as_array().unwrap().len(), &left["results"][0]["id"]), (1, &json!("blijft")));
    // Repeating it is how a purge that failed is completed; without purge the kanaal is simply gone.
    beheer.delete("/v1/kanalen/zaken?purge=true").await.expect(204);
    beheer.delete("/v1/kanalen/zaken").await.problem(404);
    beheer.delete("/v1/kanalen/never?purge=true").await.problem(404);
    let directory = gateway.into_directory().await;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let is_there = bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes());
        assert!(!is_there, "{}", path.display());
    }
}

#[tokio::test]
async fn c1_a_page_of_events_with_long_attributes_is_bounded() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    for number in 0..120 {
        let subject = format!("{number}-{}", "x".repeat(60_000));
        publisher.publish("zaken", &number.to_string(), json!({"subject": subject})).await.expect(202);
    }
    let page = async |page: usize| beheer.get(&format!("/v1/events?pageSize=20&page={page}")).await.expect(200).json();
    let last = || async { page(6).await["results"].as_array().is_some_and(|rows| rows.len() == 20).then_some(()) };
    eventually("all events in the list", last).await;
    let (kind, _) = beheer.get("/v1/events?pageSize=500").await.problem(400);
    assert_eq!(kind, "too-broad");
    let mut found = std::collections::BTreeSet::new();
    for number in 1..=6 {
        let list = page(number).await;
        let rows = list["results"].as_array().cloned().unwrap_or_default();
        found.extend(rows.iter().filter_map(|row| row["id"].as_str()?.parse::<usize>().ok()));
    }
    assert!(found.into_iter().eq(0..120), "smaller pages show all");
}
