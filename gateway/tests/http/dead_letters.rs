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
    let (gateway, sink) = (Box::pin(Gateway::start()).await, Sink::start().await);
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
        assert_eq!(counted.json()["count"], count, "{filter}");
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

/// How many letters the test of a stop redrives: their removal one by one took seconds.
const MANY: usize = 1_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h1_what_was_redriven_is_gone_after_a_stop_and_is_not_sent_again() {
    let (gateway, sink) = (Gateway::with("[limits]\nrequests_per_second = 0").await, Sink::start().await);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[422]);
    let event =
        |number: usize| json!({"specversion": "1.0", "id": number.to_string(), "source": "urn:test", "type": "t"});
    for first in (0..MANY).step_by(100) {
        let events: Vec<Value> = (first..first + 100).map(event).collect();
        let headers = [("content-type", "application/cloudevents-batch+json")];
        let batch = json!(events).to_string();
        publisher.send(Method::POST, "/v1/events?kanaal=zaken", &headers, batch).await.expect(202);
    }
    letters(&mine, "", MANY as u64).await;

    let before = sink.seen(&Method::POST).len();
    sink.answers(&[204]);
    let redrive = || json!({"filter": {}});
    let started = mine.post("/v1/dead-letters/redrive", redrive()).await.expect(202).json();
    assert_eq!((&started["count"], started["runs"].as_array().map(Vec::len)), (&json!(MANY), Some(1)));
    let again = mine.post("/v1/dead-letters/redrive", redrive()).await.expect(202).json();
    assert_eq!(again["runs"], json!([]), "an active run delivers them already");
    sink.wait(Method::POST, before + MANY).await;
    let gateway = gateway.restart().await;
    let mine = gateway.client(CONSUMER);
    letters(&mine, "", 0).await;
    let again = mine.post("/v1/dead-letters/redrive", redrive()).await.expect(202).json();
    assert_eq!(again, json!({"count": 0, "runs": []}));
    assert_eq!(sink.seen(&Method::POST).len(), before + MANY, "each was sent once");
}

#[tokio::test]
async fn h1_one_letter_is_redriven_by_one_run_at_a_time() {
    let (gateway, sink, id) = refusing().await;
    let mine = gateway.client(CONSUMER);
    let found = letters(&mine, "?type=t.2", 1).await;
    let path = format!("/v1/dead-letters/{}/redrive", found[0]["id"].as_str().unwrap());
    mine.post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await;
    let first = mine.post(&path, json!({})).await.expect(202).json();
    let second = mine.post(&path, json!({})).await.expect(202).json();
    assert_eq!(first["id"], second["id"]);
    let all = mine.post("/v1/dead-letters/redrive", json!({"filter": {}})).await.expect(202).json();
    assert_eq!((&all["count"], all["runs"].as_array().map(Vec::len)), (&json!(3), Some(1)));
    let before = sink.seen(&Method::POST).len();
    sink.answers(&[204]);
    mine.post(&format!("/v1/subscriptions/{id}/resume"), json!({})).await;
    sink.wait(Method::POST, before + 3).await;
    letters(&mine, "", 0).await;
    assert_eq!(sink.seen(&Method::POST).len(), before + 3);
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
            store.journal.store_dead_letters(vec![letter]).await.expect("buried");
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

#[tokio::test]
async fn d10_a_client_has_as_many_redrives_under_way_as_it_may() {
    let gateway = Gateway::with("[subscriptions]\nredrives_per_client = 2\n").await;
    let sink = Sink::start().await;
    let (publisher, mine, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let id = granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[422]);
    for id in ["1", "2", "3", "4"] {
        publisher.publish("zaken", id, json!({})).await.expect(202);
    }
    let found = letters(&mine, "", 4).await;
    // Nothing is sent meanwhile, so the redrives do not end.
    mine.post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await.expect(200);
    let path = |at: usize| format!("/v1/dead-letters/{}/redrive", found[at]["id"].as_str().expect("an id"));
    for at in 0..2 {
        mine.post(&path(at), json!({})).await.expect(202);
    }
    assert_eq!(mine.post(&path(2), json!({})).await.problem(409).0, "quota");
    mine.post(&path(0), json!({})).await.expect(202);
    assert_eq!(mine.post("/v1/dead-letters/redrive", json!({"filter": {}})).await.problem(409).0, "quota");
    let again = mine.post("/v1/events/3/redeliver", json!({})).await;
    assert_eq!(again.problem(409).0, "quota");
    beheer.post(&path(3), json!({})).await.expect(202);
}

/// A dead letter has the whole record; a list shows none of them.
#[tokio::test]
async fn c1_a_list_of_large_dead_letters_is_short() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[422]);
    for number in 0..12 {
        let data = json!({"vulling": "x".repeat(900_000)});
        publisher.publish("zaken", &number.to_string(), json!({"data": data})).await.expect(202);
    }
    let found = letters(&mine, "?pageSize=500", 12).await;
    assert_eq!(found.len(), 12, "more than a page of whole records may have");
    let list = mine.get("/v1/dead-letters?pageSize=500").await.expect(200);
    assert!(list.body.len() < 20_000, "{} bytes", list.body.len());
    let one = mine.get(&format!("/v1/dead-letters/{}", found[0]["id"].as_str().expect("an id"))).await.expect(200);
    assert!(one.body.len() > 900_000, "a single one has its event");
}
