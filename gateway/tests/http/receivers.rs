//! Who got an event, who did not and why, what a delivery waits for, and sending many events to those that missed them.

use std::collections::HashMap;

use http::Method;
use model::{Clock, clock::SystemClock};
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const UNKNOWN: &str = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";

async fn stage() -> (Gateway, Client, Client) {
    let gateway = Gateway::start().await;
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    for naam in ["zaken", "besluiten"] {
        publisher.post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    (gateway, publisher, mine)
}

async fn subscribe(client: &Client, sink: &Sink, more: Value) -> String {
    let mut body = json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    granted(client, body).await
}

/// The receivers of an event by subscription, once `ready` holds of them.
async fn receivers(
    client: &Client,
    event: &str,
    ready: impl Fn(&HashMap<String, Value>) -> bool,
) -> HashMap<String, Value> {
    eventually("the receivers", || async {
        let answer = client.get(&format!("/v1/events/{event}/receivers")).await;
        let rows = answer.json()["results"].as_array().cloned()?;
        let id = |row: &Value| row["subscription"].as_str().unwrap_or_default().to_owned();
        let found: HashMap<String, Value> = rows.into_iter().map(|row| (id(&row), row)).collect();
        ready(&found).then_some(found)
    })
    .await
}

#[tokio::test]
async fn g6_each_subscription_shows_its_outcome_or_why_there_is_none() {
    let (gateway, publisher, mine) = stage().await;
    let (good, refusing) = (Sink::start().await, Sink::start().await);
    refusing.answers(&[422]);
    let delivered = subscribe(&mine, &good, json!({})).await;
    let refused = subscribe(&mine, &refusing, json!({})).await;
    let filtered = subscribe(&mine, &good, json!({"types": ["other"]})).await;
    let elsewhere = subscribe(&mine, &good, json!({"config": {"kanalen": ["besluiten"]}})).await;
    let paused = subscribe(&mine, &good, json!({})).await;
    mine.post(&format!("/v1/subscriptions/{paused}/pause"), json!({})).await.expect(200);
    let theirs = subscribe(&gateway.client(OTHER), &good, json!({"types": ["other"]})).await;
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    good.wait(Method::POST, 1).await;
    let late = subscribe(&mine, &good, json!({})).await;

    let ended = |found: &HashMap<String, Value>| {
        found.get(&delivered).is_some_and(|row| row["result"] == "delivered")
            && found.get(&refused).is_some_and(|row| row["result"] == "failed")
    };
    let found = receivers(&mine, "1", ended).await;
    assert_eq!(found.len(), 6, "only the client's own: {found:?}");
    for (id, result, outcome, reason) in [
        (&delivered, "delivered", json!("delivered"), Value::Null),
        (&refused, "failed", json!("refused"), Value::Null),
        (&filtered, "none", Value::Null, json!("filter")),
        (&elsewhere, "none", Value::Null, json!("kanaal")),
        (&paused, "open", Value::Null, json!("paused")),
        (&late, "none", Value::Null, json!("start")),
    ] {
        let row = &found[id];
        assert_eq!((&row["result"], &row["outcome"], &row["reason"]), (&json!(result), &outcome, &reason), "{row}");
        assert_eq!(row["byPresentSettings"], json!(!reason.is_null()), "{row}");
    }
    assert_eq!((&found[&delivered]["attemptsMade"], found[&delivered]["at"].is_string()), (&json!(1), true));
    let all = receivers(&gateway.client(BEHEER), "1", |found| found.len() == 7).await;
    assert_eq!(all[&theirs]["reason"], "filter");
    gateway.client(OTHER).get("/v1/events/1/receivers").await.problem(404);
    mine.get("/v1/events/none/receivers").await.problem(404);
    mine.get("/v1/events/1/receivers?state=x").await.problem(400);
    let page = mine.get("/v1/events/1/receivers?pageSize=4").await.expect(200).json();
    assert_eq!(page["results"].as_array().map(Vec::len), Some(4));
    let rest = mine.get(page["next"].as_str().expect("a next page")).await.expect(200).json();
    assert_eq!((rest["results"].as_array().map(Vec::len), &rest["next"]), (Some(2), &Value::Null));
}

#[tokio::test]
async fn g6_a_delivery_shows_what_it_waits_for_and_until_when() {
    let (_gateway, publisher, mine) = stage().await;
    let sink = Sink::start().await;
    sink.answers(&[500]);
    let slow = json!({"maxRetries": 3, "factor": 40});
    let id = subscribe(&mine, &sink, json!({"config": {"kanalen": ["zaken"], "retry": slow}})).await;
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    let waits = async |path: &str, reason: &str| {
        eventually(reason, || async {
            let row = mine.get(path).await.json()["results"][0].clone();
            (row["waitingFor"] == reason).then_some(row)
        })
        .await
    };
    let path = format!("/v1/subscriptions/{id}/deliveries");
    let row = waits(&path, "retry").await;
    assert_eq!((&row["outcome"], row.get("otherNode")), (&Value::Null, None));
    let now = SystemClock::default().now().to_rfc3339();
    assert!(row["nextAttempt"].as_str().is_some_and(|next| *next > *now), "{row}");
    assert!(waits("/v1/events/1/deliveries", "retry").await["nextAttempt"].is_string());
    let found = receivers(&mine, "1", |found| found.len() == 1).await;
    assert_eq!((&found[&id]["result"], &found[&id]["waitingFor"]), (&json!("open"), &json!("retry")));
    mine.post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await.expect(200);
    let row = waits(&path, "paused").await;
    assert_eq!(row.get("nextAttempt"), None);
    mine.post(&format!("/v1/subscriptions/{id}/resume"), json!({})).await.expect(200);
    sink.answers(&[204]);
    mine.delete(&format!("/v1/subscriptions/{id}")).await.expect(204);
}

#[tokio::test]
async fn g6_during_an_outage_the_events_that_were_not_sent_are_shown_as_waiting_for_its_end() {
    let (_gateway, publisher, mine) = stage().await;
    let sink = Sink::start().await;
    sink.answers(&[503]);
    let id = subscribe(&mine, &sink, json!({"config": {"kanalen": ["zaken"], "retry": {"factor": 600}}})).await;
    for event in ["1", "2", "3"] {
        publisher.publish("zaken", event, json!({})).await.expect(202);
    }
    let waits = |found: &HashMap<String, Value>| found.get(&id).is_some_and(|row| row["waitingFor"] == "outage");
    for event in ["1", "2", "3"] {
        let found = receivers(&mine, event, waits).await;
        assert_eq!((&found[&id]["result"], &found[&id]["outcome"]), (&json!("open"), &Value::Null), "{event}");
    }
    sink.answers(&[204]);
    mine.delete(&format!("/v1/subscriptions/{id}")).await.expect(204);
}

#[tokio::test]
async fn g5_events_of_a_filter_are_counted_and_sent_again_to_the_subscriptions_that_missed_them() {
    let (gateway, publisher, mine) = stage().await;
    let (good, refusing) = (Sink::start().await, Sink::start().await);
    refusing.answers(&[422]);
    subscribe(&mine, &good, json!({})).await;
    let refused = subscribe(&mine, &refusing, json!({})).await;
    let paused = subscribe(&mine, &good, json!({})).await;
    mine.post(&format!("/v1/subscriptions/{paused}/pause"), json!({})).await.expect(200);
    for id in ["1", "2", "3"] {
        publisher.publish("zaken", id, json!({})).await.expect(202);
    }
    good.wait(Method::POST, 3).await;
    let late = subscribe(&mine, &good, json!({})).await;
    eventually("three dead letters", || async {
        (mine.get("/v1/dead-letters").await.expect(200).json()["count"] == 3).then_some(())
    })
    .await;
    let until = SystemClock::default().now().to_rfc3339();
    publisher.publish("zaken", "4", json!({})).await.expect(202);

    let path = "/v1/events/redeliver";
    let counted = async |client: &Client, body: Value| {
        let answer = client.post(path, body).await.expect(200).json();
        assert_eq!(answer.get("runs"), None);
        (answer["events"].as_u64().unwrap_or(99), answer["count"].as_u64().unwrap_or(99))
    };
    let filter = json!({"kanaal": "zaken", "until": until});
    // The outcomes of the first three are recorded moments after they are known.
    eventually("three missed deliveries", || async {
        (counted(&mine, json!({"filter": filter, "dryRun": true})).await == (3, 3)).then_some(())
    })
    .await;
    for (body, expected) in [
        (json!({"filter": filter, "subscription": refused}), (3, 3)),
        (json!({"filter": filter, "subscription": late}), (3, 0)),
        (json!({"filter": filter, "subscription": late, "onlyMissed": false}), (3, 3)),
        (json!({"filter": filter, "onlyMissed": false}), (3, 12)),
        (json!({"ids": ["1", "2", "2", "none"]}), (2, 2)),
        (json!({"filter": {"type": "none", "until": until}}), (0, 0)),
    ] {
        let mut body = body;
        body["dryRun"] = json!(true);
        assert_eq!(counted(&mine, body.clone()).await, expected, "{body}");
    }
    let theirs = json!({"filter": filter, "dryRun": true});
    assert_eq!(counted(&gateway.client(OTHER), theirs).await, (0, 0), "events of others do not exist");

    let rows = mine.get("/v1/events?id=1").await.expect(200).json();
    let place =
        |row: &Value| json!({"kanaal": row["kanaal"], "partition": row["partition"], "position": row["position"]});
    let here = place(&rows["results"][0]);
    let elsewhere = json!({"kanaal": "zaken", "partition": 0, "position": 999});
    let places = json!({"places": [here, here, elsewhere], "dryRun": true});
    assert_eq!(counted(&mine, places.clone()).await, (1, 1), "{places}");
    assert_eq!(counted(&gateway.client(OTHER), places).await, (0, 0), "places of others have no events");
    let other = mine.post(path, json!({"filter": filter, "counted": 2})).await.expect(202).json();
    assert_eq!((&other["count"], &other["runs"]), (&json!(3), &json!([])), "another number starts nothing");

    refusing.answers(&[204]);
    let before = refusing.seen(&Method::POST).len();
    let started = mine.post(path, json!({"filter": filter, "counted": 3})).await.expect(202).json();
    assert_eq!((&started["events"], &started["count"]), (&json!(3), &json!(3)));
    let runs = started["runs"].as_array().cloned().expect("runs");
    assert_eq!((runs.len(), &runs[0]["subscription"], &runs[0]["total"]), (1, &json!(refused), &json!(3)));
    refusing.wait(Method::POST, before + 3).await;
    eventually("nobody missed them", || async {
        (counted(&mine, json!({"filter": filter, "dryRun": true})).await == (3, 0)).then_some(())
    })
    .await;
    let again = mine.post(path, json!({ "filter": filter })).await.expect(202).json();
    assert_eq!((&again["count"], &again["runs"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn a_redelivery_of_many_names_what_is_wrong_with_it() {
    let (gateway, _publisher, mine) = stage().await;
    let sink = Sink::start().await;
    let theirs = subscribe(&gateway.client(OTHER), &sink, json!({})).await;
    let many: Vec<String> = (0..=1_000).map(|number| number.to_string()).collect();
    let past = "2026-01-01T00:00:00Z";
    for (body, member) in [
        (json!({}), "filter"),
        (json!({"filter": {}}), "filter.until"),
        (json!({"filter": {"until": "2999-01-01T00:00:00Z"}}), "filter.until"),
        (json!({"filter": {"until": "yesterday"}}), "filter.until"),
        (json!({"filter": {"until": past, "status": 500}}), "filter.status"),
        (json!({"filter": {"until": past, "kanaal": ""}}), "filter.kanaal"),
        (json!({"filter": {"until": past}, "ids": ["1"]}), "ids"),
        (json!({"ids": []}), "ids"),
        (json!({ "ids": many }), "ids"),
        (json!({"ids": ["1"], "subscription": "x"}), "subscription"),
        (json!({"ids": ["1"], "onlyMissed": 1}), "onlyMissed"),
        (json!({"ids": ["1"], "counted": -1}), "counted"),
        (json!({"ids": ["1"], "places": [{"kanaal": "zaken", "partition": 0, "position": 0}]}), "places"),
        (json!({"places": []}), "places"),
        (json!({"places": ["1"]}), "places[0]"),
        (json!({"places": [{"kanaal": "zaken", "partition": 0}]}), "places[0].position"),
        (json!({"places": [{"kanaal": "zaken", "partition": -1, "position": 0}]}), "places[0].partition"),
        (json!({"places": [{"kanaal": "", "partition": 0, "position": 0}]}), "places[0].kanaal"),
        (json!({"places": [{"kanaal": "zaken", "partition": 0, "position": 0, "id": "1"}]}), "places[0].id"),
    ] {
        assert_eq!(
            mine.post("/v1/events/redeliver", body.clone()).await.problem(400).1.as_deref(),
            Some(member),
            "{body}"
        );
    }
    for subscription in [UNKNOWN, theirs.as_str()] {
        let body = json!({"ids": ["1"], "subscription": subscription});
        mine.post("/v1/events/redeliver", body).await.problem(404);
    }
    gateway.client(PUBLISHER).post("/v1/events/redeliver", json!({"ids": ["1"]})).await.problem(403);
}
