//! `/v1/dead-letters`: what could not be delivered, and trying it again.

use std::{path::Path, sync::Arc};

use http::Method;
use model::{Clock, KanaalName, Partition, Position, Timestamp, clock::SystemClock};
use serde_json::{Value, json};
use storage::{
    Journal,
    journal::DeadLetter,
    log::{Record, Stored},
    sqlite::{Embedded, Options},
};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

async fn letters(client: &Client, query: &str, count: u64) -> Vec<Value> {
    eventually(&format!("{count} dead letters"), || async {
        let list = client.get(&format!("/v1/dead-letters{query}")).await.expect(200).json();
        (list["count"] == count).then(|| list["results"].as_array().cloned().unwrap_or_default())
    })
    .await
}

async fn refusing() -> (Gateway, Sink, String) {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let id = granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[422]);
    for id in ["1", "2", "3"] {
        publisher.publish("zaken", id, json!({"type": format!("t.{id}")})).await.expect(202);
    }
    letters(&mine, "", 3).await;
    (gateway, sink, id)
}

#[tokio::test]
async fn a_refused_event_is_a_dead_letter_and_can_be_redriven() {
    let (gateway, sink, id) = refusing().await;
    let mine = gateway.client(CONSUMER);
    let found = letters(&mine, "?type=t.2", 1).await;
    let letter = &found[0];
    assert_eq!(
        (&letter["outcome"], &letter["lastStatus"], &letter["attempts"]),
        (&json!("refused"), &json!(422), &json!(1))
    );
    assert_eq!((&letter["subscription"], &letter["event"]["id"]), (&json!(id), &json!("2")));
    let path = format!("/v1/dead-letters/{}", letter["id"].as_str().unwrap());
    let whole = mine.get(&path).await.expect(200).json();
    assert_eq!((&whole["cloudevent"]["id"], &whole["cloudevent"]["data"]), (&json!("2"), &json!({"n": 1})));
    gateway.client(OTHER).get(&path).await.problem(404);
    gateway.client(OTHER).post(&format!("{path}/redrive"), json!({})).await.problem(404);

    let before = sink.seen(&Method::POST).len();
    sink.answers(&[204]);
    let run = mine.post(&format!("{path}/redrive"), json!({})).await.expect(202).json();
    assert_eq!(run["kind"], "records");
    let seen = sink.wait(Method::POST, before + 1).await;
    assert_eq!(seen[before].json()["id"], "2");
}

#[tokio::test]
async fn a_filtered_set_is_counted_then_redriven() {
    let (gateway, sink, id) = refusing().await;
    let (mine, theirs, beheer) = (gateway.client(CONSUMER), gateway.client(OTHER), gateway.client(BEHEER));
    for (filter, count) in [
        (json!({}), 3),
        (json!({"kanaal": "zaken", "status": 422}), 3),
        (json!({"type": "t.1"}), 1),
        (json!({"status": 500}), 0),
        (json!({ "subscription": id }), 3),
    ] {
        let counted =
            mine.post("/v1/dead-letters/redrive", json!({"filter": filter, "dryRun": true})).await.expect(200);
        assert_eq!(counted.json(), json!({ "count": count }), "{filter}");
    }
    let dry = json!({"filter": {}, "dryRun": true});
    assert_eq!(theirs.post("/v1/dead-letters/redrive", dry.clone()).await.expect(200).json()["count"], 0);
    assert_eq!(beheer.post("/v1/dead-letters/redrive", dry).await.expect(200).json()["count"], 3);
    for (body, member) in [
        (json!({}), "filter"),
        (json!({"filter": {"subject": "x"}}), "filter.subject"),
        (json!({"filter": {"subscription": "x"}}), "filter.subscription"),
        (json!({"filter": {"ids": []}}), "filter.ids"),
    ] {
        assert_eq!(mine.post("/v1/dead-letters/redrive", body).await.problem(400).1.as_deref(), Some(member));
    }
    let before = sink.seen(&Method::POST).len();
    sink.answers(&[204]);
    let started = mine.post("/v1/dead-letters/redrive", json!({"filter": {}})).await.expect(202).json();
    assert_eq!((&started["count"], started["runs"].as_array().map(Vec::len)), (&json!(3), Some(1)));
    sink.wait(Method::POST, before + 3).await;
    letters(&mine, "", 0).await;
}

#[tokio::test]
async fn a_dead_letter_can_be_thrown_away() {
    let (gateway, _sink, id) = refusing().await;
    let mine = gateway.client(CONSUMER);
    let found = letters(&mine, &format!("?subscription={id}"), 3).await;
    let path = format!("/v1/dead-letters/{}", found[0]["id"].as_str().unwrap());
    gateway.client(OTHER).delete(&path).await.problem(404);
    mine.delete(&path).await.expect(204);
    mine.get(&path).await.problem(404);
    letters(&mine, "", 2).await;
    let of_one = mine.get(&format!("/v1/subscriptions/{id}/dead-letters")).await.expect(200).json();
    assert_eq!(of_one["count"], 2);
}

#[tokio::test]
async fn a_record_that_nobody_can_read_is_shown_to_beheer_ce_kafka_16() {
    let (gateway, _sink, _) = refusing().await;
    let gateway = gateway
        .restart_after(async |data: &Path| {
            let clock = Arc::new(SystemClock::default());
            let now = clock.now();
            let store = Embedded::open(data, Options::new(clock)).expect("the store");
            let record = Record {
                key: "k".into(),
                headers: vec![("ce_id".into(), "7".into()), ("x".into(), vec![0xff].into())],
                value: Some("?".into()),
            };
            let stored = Stored { position: Position(9), appended: Timestamp::default(), record };
            let place = (KanaalName::new("zaken").expect("a name"), Partition(2));
            let letter = DeadLetter::unreadable(place, stored, "the record is no CloudEvent", now);
            store.journal.bury(vec![letter]).await.expect("buried");
        })
        .await;
    let (mine, beheer) = (gateway.client(CONSUMER), gateway.client(BEHEER));
    letters(&mine, "", 3).await;
    letters(&mine, "?unreadable=true", 0).await;
    letters(&beheer, "", 4).await;
    let found = letters(&beheer, "?unreadable=true", 1).await.remove(0);
    let path = format!("/v1/dead-letters/{}", found["id"].as_str().unwrap());
    mine.get(&path).await.problem(404);
    let whole = beheer.get(&path).await.expect(200).json();
    assert_eq!((&whole["subscription"], &whole["outcome"]), (&Value::Null, &json!("unreadable")));
    assert_eq!(whole["event"]["position"], 9);
    let headers = json!([{"name": "ce_id", "value": "Nw=="}, {"name": "x", "value": "/w=="}]);
    assert_eq!(whole["record"], json!({"key": "aw==", "headers": headers, "value": "Pw=="}));
    assert_eq!(beheer.post(&format!("{path}/redrive"), json!({})).await.problem(409).0, "unreadable");
    let both = format!("/v1/dead-letters?unreadable=true&subscription={}", found["id"].as_str().unwrap());
    for query in [both.as_str(), "/v1/dead-letters?unreadable=false"] {
        assert_eq!(beheer.get(query).await.problem(400).1.as_deref(), Some("unreadable"), "{query}");
    }
    beheer.delete(&path).await.expect(204);
    letters(&beheer, "?unreadable=true", 0).await;
}
