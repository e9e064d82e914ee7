//! `/v1/runs`: progress of replays, redrives and redeliveries; and counting before they start.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const UNKNOWN: &str = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";

async fn stage() -> (Gateway, Sink) {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    (gateway, sink)
}

/// A subscription to zaken that got these events.
async fn delivered(gateway: &Gateway, sink: &Sink, ids: &[&str]) -> String {
    let subscription =
        granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    for id in ids {
        gateway.client(PUBLISHER).publish("zaken", id, json!({})).await.expect(202);
    }
    sink.wait(Method::POST, ids.len()).await;
    subscription
}

async fn rows(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200).json()["results"].as_array().cloned().expect("rows")
}

/// Waits until a run is over and its deliveries are counted.
async fn over(client: &Client, run: &Value, delivered: u64) -> Value {
    let path = format!("/v1/runs/{}", run["id"].as_str().expect("an id"));
    eventually("the end of the run", || async {
        let now = client.get(&path).await.expect(200).json();
        (now["running"] == false && !now["ended"].is_null() && now["delivered"] == delivered).then_some(now)
    })
    .await
}

#[tokio::test]
async fn g5_a_run_shows_its_progress_and_is_remembered_over_a_restart() {
    let (gateway, sink) = stage().await;
    let id = delivered(&gateway, &sink, &["1", "2", "3"]).await;
    let mine = gateway.client(CONSUMER);
    let replay = format!("/v1/subscriptions/{id}/replay");
    let run = mine.post(&replay, json!({"from": "2020-01-01T00:00:00Z"})).await.expect(202).json();
    assert_eq!((&run["total"], &run["done"], &run["ended"]), (&json!(3), &json!(0), &Value::Null));
    let ended = over(&mine, &run, 3).await;
    assert_eq!((&ended["total"], &ended["done"], &ended["failed"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(ended["expectedEnd"], Value::Null);
    assert!(ended["eventsPerSecond"].as_f64().is_some() && run["eventsPerSecond"].is_null(), "{ended}");

    let gateway = gateway.restart().await;
    let (mine, other, beheer) = (gateway.client(CONSUMER), gateway.client(OTHER), gateway.client(BEHEER));
    assert_eq!(rows(&mine, "/v1/runs").await, std::slice::from_ref(&ended));
    assert_eq!(rows(&mine, &format!("/v1/runs?subscription={id}&running=false")).await, std::slice::from_ref(&ended));
    assert_eq!(rows(&mine, "/v1/runs?running=true").await, Vec::<Value>::new());
    assert_eq!(rows(&beheer, "/v1/runs").await, std::slice::from_ref(&ended));
    assert_eq!(rows(&other, "/v1/runs").await, Vec::<Value>::new());
    other.get(&format!("/v1/runs/{}", run["id"].as_str().unwrap())).await.problem(404);
    other.get(&format!("/v1/runs?subscription={id}")).await.problem(404);
    for (query, status) in [
        (format!("subscription={UNKNOWN}"), 404),
        ("subscription=x".to_owned(), 400),
        ("running=maybe".to_owned(), 400),
        ("state=x".to_owned(), 400),
    ] {
        mine.get(&format!("/v1/runs?{query}")).await.problem(status);
    }
    mine.get(&format!("/v1/runs/{UNKNOWN}")).await.problem(404);
    gateway.client(PUBLISHER).get("/v1/runs").await.problem(403);
}

#[tokio::test]
async fn a_run_that_is_stopped_shows_how_far_it_came() {
    let (gateway, sink) = stage().await;
    let id = delivered(&gateway, &sink, &["1", "2"]).await;
    let (mine, other) = (gateway.client(CONSUMER), gateway.client(OTHER));
    mine.post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await.expect(200);
    let replay = format!("/v1/subscriptions/{id}/replay");
    let run = mine.post(&replay, json!({"from": "2020-01-01T00:00:00Z"})).await.expect(202).json();
    let path = format!("/v1/runs/{}", run["id"].as_str().unwrap());
    let active = rows(&mine, "/v1/runs?running=true").await;
    assert_eq!((active.len(), &active[0]["id"], &active[0]["done"]), (1, &run["id"], &json!(0)));
    assert_eq!(rows(&mine, "/v1/runs?running=false").await, Vec::<Value>::new());
    other.delete(&path).await.problem(404);
    mine.delete(&path).await.expect(204);
    let ended = over(&mine, &run, 0).await;
    assert_eq!((&ended["total"], &ended["done"]), (&json!(2), &json!(0)));
    mine.delete(&path).await.expect(204);
    mine.post(&format!("/v1/subscriptions/{id}/resume"), json!({})).await.expect(200);
    gateway.client(PUBLISHER).publish("zaken", "3", json!({})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 3).await[2].json()["id"], "3", "nothing of the run is sent any more");
}

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages() {
    let (gateway, sink) = stage().await;
    delivered(&gateway, &sink, &["1"]).await;
    let mine = gateway.client(CONSUMER);
    let event = eventually("the event", || async {
        let answer = mine.get("/v1/events/1").await;
        (answer.status == 200).then_some(())
    });
    event.await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let runs = mine.post("/v1/events/1/redeliver", json!({})).await.expect(202).json();
        over(&mine, &runs["runs"][0], 1).await;
        ids.insert(0, runs["runs"][0]["id"].clone());
    }
    let first = mine.get("/v1/runs?pageSize=2").await.expect(200).json();
    let second = mine.get(first["next"].as_str().expect("a second page")).await.expect(200).json();
    assert_eq!((&second["next"], first["results"].as_array().map(Vec::len)), (&Value::Null, Some(2)));
    let listed = [&first, &second].map(|page| page["results"].as_array().cloned().unwrap_or_default());
    let listed: Vec<Value> = listed.concat().iter().map(|run| run["id"].clone()).collect();
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn g5_a_replay_is_counted_before_it_starts() {
    let (gateway, sink) = stage().await;
    sink.consents_with(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "6000")]);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    let config = json!({"kanalen": ["zaken"]});
    let id = granted(&mine, json!({"sink": sink.url("/x"), "types": ["wanted"], "config": config})).await;
    for (event, kind) in [("1", "wanted"), ("2", "other"), ("3", "wanted")] {
        publisher.publish("zaken", event, json!({"type": kind})).await.expect(202);
    }
    sink.wait(Method::POST, 2).await;
    let replay = format!("/v1/subscriptions/{id}/replay");
    let counted = mine.post(&replay, json!({"from": "2020-01-01T00:00:00Z", "dryRun": true})).await.expect(200).json();
    assert_eq!((&counted["events"], &counted["exact"]), (&json!(2), &json!(true)));
    assert!(counted["bytes"].as_u64().is_some_and(|bytes| bytes > 50), "{counted}");
    assert_eq!(counted["estimatedSeconds"], 1, "two at a hundred a second");
    assert!(counted["oldest"].as_str().is_some() && counted["until"].as_str().is_some(), "{counted}");
    let [position] = counted["positions"].as_array().expect("positions").as_slice() else { panic!("{counted}") };
    assert_eq!((&position["kanaal"], &position["partition"]), (&json!("zaken"), &json!(0)));
    let number = |member: &str| position[member].as_u64().expect("a position");
    assert_eq!(number("until") - number("from"), 3, "{position}");
    assert!((number("from")..=number("until")).contains(&number("next")), "{position}");
    assert_eq!(rows(&mine, "/v1/runs").await, Vec::<Value>::new(), "nothing was started");

    publisher.publish("zaken", "4", json!({"type": "wanted"})).await.expect(202);
    sink.wait(Method::POST, 3).await;
    let body = json!({"from": "2020-01-01T00:00:00Z", "until": counted["until"]});
    let run = mine.post(&replay, body).await.expect(202).json();
    over(&mine, &run, 2).await;
    let none = json!({"from": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z", "dryRun": true});
    let counted = mine.post(&replay, none).await.expect(200).json();
    assert_eq!((&counted["events"], &counted["oldest"]), (&json!(0), &Value::Null));
    let dry = json!({"from": "2020-01-01T00:00:00Z", "dryRun": true});
    gateway.client(OTHER).post(&replay, dry).await.problem(404);
    for (body, member) in [
        (json!({"dryRun": true}), "from"),
        (json!({"from": "2020-01-01T00:00:00Z", "dryRun": "yes"}), "dryRun"),
        (json!({"from": "2020-01-01T00:00:00Z", "dryRun": true, "kanalen": ["x"]}), "kanalen"),
    ] {
        assert_eq!(mine.post(&replay, body).await.problem(400).1.as_deref(), Some(member));
    }
}

#[tokio::test]
async fn a_redrive_is_counted_with_its_size() {
    let (gateway, sink) = stage().await;
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[422]);
    for id in ["1", "2"] {
        publisher.publish("zaken", id, json!({})).await.expect(202);
    }
    let dry = || json!({"filter": {"kanaal": "zaken"}, "dryRun": true});
    let counted = eventually("two dead letters", || async {
        let counted = mine.post("/v1/dead-letters/redrive", dry()).await.expect(200).json();
        (counted["count"] == 2).then_some(counted)
    })
    .await;
    assert!(counted["bytes"].as_u64().is_some_and(|bytes| bytes > 50), "{counted}");
    assert_eq!(counted["estimatedSeconds"], Value::Null, "no rate was granted");
    assert!(counted["oldest"].as_str().is_some(), "{counted}");
    let theirs = gateway.client(OTHER).post("/v1/dead-letters/redrive", dry()).await.expect(200).json();
    assert_eq!((&theirs["count"], &theirs["bytes"], &theirs["oldest"]), (&json!(0), &json!(0), &Value::Null));
}

#[tokio::test]
async fn a_run_is_listed_from_its_start_on_while_it_ends() {
    let (gateway, sink) = stage().await;
    let id = delivered(&gateway, &sink, &["1"]).await;
    let mine = gateway.client(CONSUMER);
    for number in 1..=20 {
        let from = json!({"from": "2020-01-01T00:00:00Z"});
        let run = mine.post(&format!("/v1/subscriptions/{id}/replay"), from).await.expect(202).json();
        loop {
            let listed = rows(&mine, "/v1/runs").await;
            assert_eq!(listed.len(), number, "{listed:?}");
            let row = listed.iter().find(|row| row["id"] == run["id"]).expect("the run");
            if !row["ended"].is_null() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn g5_a_replay_is_narrowed_by_type_source_and_subject() {
    let (gateway, sink) = stage().await;
    sink.consents_with(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "6000")]);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "besluiten"})).await.expect(201);
    let types = json!(["a", "b", "c"]);
    let id = granted(&mine, json!({"sink": sink.url("/x"), "types": types})).await;
    for (kanaal, event, members) in [
        ("zaken", "1", json!({"type": "a", "subject": "zaak-1"})),
        ("zaken", "2", json!({"type": "b", "subject": "zaak-1", "source": "/other"})),
        ("zaken", "3", json!({"type": "c", "subject": "zaak-2"})),
        ("zaken", "4", json!({"type": "unwanted", "subject": "zaak-1"})),
        ("besluiten", "5", json!({"type": "a", "subject": "zaak-1"})),
    ] {
        publisher.publish(kanaal, event, members).await.expect(202);
    }
    sink.wait(Method::POST, 4).await;
    let path = format!("/v1/subscriptions/{id}/replay");
    let body = |members: &Value, dry: bool| {
        let mut body = json!({"from": "2020-01-01T00:00:00Z", "dryRun": dry});
        body.as_object_mut().expect("an object").extend(members.as_object().cloned().expect("an object"));
        body
    };
    let mut seen = 4;
    for (members, expected) in [
        (json!({"subject": "zaak-1"}), vec!["1", "2", "5"]),
        (json!({"subject": "zaak-1", "kanalen": ["zaken"]}), vec!["1", "2"]),
        (json!({"types": ["b", "c", "b"]}), vec!["2", "3"]),
        (json!({"types": ["a", "b"], "source": "/other"}), vec!["2"]),
        (json!({"types": ["unwanted"]}), vec![]),
        (json!({"types": ["a"], "until": "2020-01-02T00:00:00Z"}), vec![]),
    ] {
        let counted = mine.post(&path, body(&members, true)).await.expect(200).json();
        let count = expected.len();
        assert_eq!((&counted["events"], &counted["exact"]), (&json!(count), &json!(true)), "{members}");
        assert_eq!((counted["bytes"] == 0, counted["oldest"].is_null()), (count == 0, count == 0), "{counted}");
        assert_eq!(counted["estimatedSeconds"], u64::from(count > 0), "at a hundred a second");
        let run = mine.post(&path, body(&members, false)).await.expect(202).json();
        assert_eq!((&run["kind"], &run["total"]), (&json!("records"), &json!(count)), "{members}");
        over(&mine, &run, count as u64).await;
        let requests = sink.wait(Method::POST, seen + count).await;
        let mut ids: Vec<_> = requests[seen..].iter().map(|request| request.json()["id"].clone()).collect();
        ids.sort_by_key(ToString::to_string);
        assert_eq!(ids, expected.iter().map(|id| json!(id)).collect::<Vec<_>>(), "{members}");
        seen += count;
    }
    for (members, member) in [
        (json!({"types": "a"}), "types"),
        (json!({"types": [""]}), "types"),
        (json!({"source": 1}), "source"),
        (json!({"subject": ["x"]}), "subject"),
        (json!({"subject": "x", "kanalen": ["x"]}), "kanalen"),
    ] {
        assert_eq!(mine.post(&path, body(&members, true)).await.problem(400).1.as_deref(), Some(member));
    }
    gateway.client(OTHER).post(&path, body(&json!({"types": ["a"]}), true)).await.problem(404);
}
