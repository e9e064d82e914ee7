//! `/v1/dead-letters`: what could not be delivered, and trying it again.

use http::Method;
use serde_json::{Value, json};

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
