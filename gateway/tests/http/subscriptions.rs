//! Creating, changing, reading and deleting subscriptions at `/v1/subscriptions` (CE-SUB).

use http::Method;
use serde_json::{Value, json};

use crate::support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually};

/// Makes a subscription and waits until its sink has consented.
pub async fn granted(client: &Client, mut body: Value) -> String {
    body["protocol"] = "HTTP".into();
    let made = client.post("/v1/subscriptions", body).await.expect(201).json();
    let id = made["id"].as_str().expect("an id").to_owned();
    eventually("consent", || async {
        let now = client.get(&format!("/v1/subscriptions/{id}")).await.json();
        (now["status"]["state"] == "granted").then_some(())
    })
    .await;
    id
}

async fn kanaal(gateway: &Gateway, naam: &str) {
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
}

#[tokio::test]
async fn creation_answers_the_realized_object_ce_sub_01_02_06_07_14() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let body = json!({
        "id": "mine", "sink": sink.url("/x"), "protocol": "HTTP",
        "sinkCredential": {
            "credentialtype": "ACCESSTOKEN", "accesstoken": "hush", "accesstokenexpiresutc": null, "accesstokentype": "bearer",
        },
    });
    let made = client.post("/v1/subscriptions", body).await.expect(201);
    let object = made.json();
    let id = object["id"].as_str().unwrap();
    assert_ne!(id, "mine");
    assert_eq!(made.header("location"), Some(format!("{}/v1/subscriptions/{id}", gateway.base).as_str()));
    assert_eq!(object["protocolsettings"], json!({"method": "POST", "headers": {}}));
    assert_eq!(object["config"]["format"], "structured");
    assert_eq!(object["config"]["retry"]["maxRetries"], 5);
    assert_eq!((&object["owner"], &object["status"]["state"]), (&json!(CONSUMER), &json!("validating")));
    assert!(!String::from_utf8_lossy(&made.body).contains("hush"));

    let read = client.get(&format!("/v1/subscriptions/{id}")).await.expect(200);
    assert!(!String::from_utf8_lossy(&read.body).contains("hush"));
    assert_eq!(read.header("etag"), made.header("etag"));
    client.delete(&format!("/v1/subscriptions/{id}")).await.expect(204);
    client.delete(&format!("/v1/subscriptions/{id}")).await.problem(404);
    client.get("/v1/subscriptions/no-uuid").await.problem(404);
}

#[tokio::test]
async fn faults_are_named_and_nothing_is_stored_ce_sub_12_13_21() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    for (body, member) in [
        (json!({"protocol": "HTTP"}), Some("sink")),
        (json!({"sink": "https://s.example/"}), Some("protocol")),
        (json!({"protocol": "HTTP", "sink": "https://10.0.0.1/"}), Some("sink")),
        (
            json!({"protocol": "HTTP", "sink": "https://s.example/", "filters": [{"jsonpath": "$.x"}]}),
            Some("filters[0].jsonpath"),
        ),
        (
            json!({"protocol": "HTTP", "sink": "https://s.example/", "config": {"kanalen": ["none"]}}),
            Some("config.kanalen"),
        ),
        (json!({"protocol": "HTTP", "sink": "https://s.example/", "expire": 1}), Some("expire")),
        (json!([]), Some("body")),
    ] {
        let (_, named) = client.post("/v1/subscriptions", body.clone()).await.problem(400);
        assert_eq!(named.as_deref(), member, "{body}");
    }
    let headers = [("content-type", "application/json")];
    client.send(Method::POST, "/v1/subscriptions", &headers, "{").await.problem(400);
    assert_eq!(client.get("/v1/subscriptions").await.json()["count"], 0);
}

#[tokio::test]
async fn everybody_sees_only_their_own_ce_sub_04_05() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (mine, theirs, all) = (gateway.client(CONSUMER), gateway.client(OTHER), gateway.client(BEHEER));
    let mut ids = vec![];
    for (client, count) in [(&mine, 3), (&theirs, 2)] {
        for _ in 0..count {
            ids.push(granted(client, json!({"sink": sink.url("/x")})).await);
        }
    }
    for (client, count) in [(&mine, 3), (&theirs, 2), (&all, 5)] {
        let list = client.get("/v1/subscriptions").await.expect(200).json();
        assert_eq!(
            (list["count"].as_u64(), list["results"].as_array().map(Vec::len)),
            (Some(count), Some(count as usize))
        );
    }
    let foreign = format!("/v1/subscriptions/{}", ids[0]);
    theirs.get(&foreign).await.problem(404);
    theirs.delete(&foreign).await.problem(404);
    theirs.post(&format!("{foreign}/pause"), json!({})).await.problem(404);
    all.get(&foreign).await.expect(200);

    let page = mine.get("/v1/subscriptions?pageSize=2").await.expect(200).json();
    assert_eq!(page["results"].as_array().map(Vec::len), Some(2));
    let next = mine.get(page["next"].as_str().unwrap()).await.expect(200).json();
    assert_eq!((next["results"].as_array().map(Vec::len), next["next"].is_null()), (Some(1), true));
    assert_eq!(mine.get("/v1/subscriptions?state=granted").await.json()["count"], 3);
    assert_eq!(mine.get("/v1/subscriptions?state=paused").await.json()["count"], 0);
    mine.get("/v1/subscriptions?state=odd").await.problem(400);
    mine.get("/v1/subscriptions?staat=granted").await.problem(400);
}

#[tokio::test]
async fn changes_are_guarded_and_merge_ce_sub_03_06() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let client = gateway.client(CONSUMER);
    let id = granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"], "rate": 60}})).await;
    let path = format!("/v1/subscriptions/{id}");
    let before = client.get(&path).await;

    let patched =
        client.patch(&path, json!({"types": ["a"], "config": {"format": "binary", "rate": null}})).await.expect(200);
    let object = patched.json();
    assert_eq!((&object["types"], &object["config"]["format"]), (&json!(["a"]), &json!("binary")));
    assert!(object["config"].get("rate").is_none());
    assert_eq!(object["config"]["kanalen"], json!(["zaken"]));
    assert_eq!(object["status"]["state"], "granted", "the sink did not change");
    assert_ne!(patched.header("etag"), before.header("etag"));

    let old = [("if-match", before.header("etag").unwrap()), ("content-type", "application/json")];
    let body = json!({"sink": sink.url("/x"), "protocol": "HTTP"}).to_string();
    client.send(Method::PUT, &path, &old, body.clone()).await.problem(412);
    client.send(Method::DELETE, &path, &old[..1], "").await.problem(412);
    let new = [("if-match", patched.header("etag").unwrap()), ("content-type", "application/json")];
    let put = client.send(Method::PUT, &path, &new, body).await.expect(200).json();
    assert_eq!((&put["types"], &put["config"]["format"]), (&json!([]), &json!("structured")));

    let (_, member) = client.patch(&path, json!({"id": "other"})).await.problem(400);
    assert_eq!(member.as_deref(), Some("id"));
    let (_, member) = client.patch(&path, json!({"config": {"start": "now"}})).await.problem(400);
    assert_eq!(member.as_deref(), Some("config.start"));

    let same = client.get(&path).await.json();
    let put = client.put(&path, same.clone()).await.expect(200).json();
    for member in ["sink", "types", "filters", "protocolsettings", "config", "expires"] {
        assert_eq!(put[member], same[member], "what is read can be written: {member}");
    }
}

#[tokio::test]
async fn another_sink_is_asked_before_anything_is_sent_ce_whv_27() {
    let (gateway, first, second) = (Gateway::start().await, Sink::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let id = granted(&client, json!({"sink": first.url("/a"), "config": {"kanalen": ["zaken"]}})).await;
    second.consents_with(503, &[]);
    let patched = client.patch(&format!("/v1/subscriptions/{id}"), json!({"sink": second.url("/b")})).await.expect(200);
    assert_eq!(patched.json()["status"]["state"], "validating");
    second.wait(Method::OPTIONS, 1).await;
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    second.consents_with(200, &[("webhook-allowed-origin", "gateway.test.example"), ("webhook-allowed-rate", "*")]);
    client.post(&format!("/v1/subscriptions/{id}/revalidate"), json!({})).await.expect(200);
    let delivered = second.wait(Method::POST, 1).await;
    assert_eq!(delivered[0].json()["id"], "1");
    assert_eq!(delivered[0].header("webhook-request-origin"), Some("gateway.test.example"));
    assert!(first.seen(&Method::POST).is_empty());
}

#[tokio::test]
async fn pause_keeps_the_place_and_resume_goes_on() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let id = granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let path = format!("/v1/subscriptions/{id}");
    let paused = client.post(&format!("{path}/pause"), json!({})).await.expect(200).json();
    assert_eq!(paused["status"]["state"], "paused");
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    let resumed = client.post(&format!("{path}/resume"), json!({})).await.expect(200).json();
    assert_ne!(resumed["status"]["state"], "paused");
    assert_eq!(sink.wait(Method::POST, 1).await[0].json()["id"], "1");
}

#[tokio::test]
async fn a_gone_sink_needs_a_new_handshake_ce_wh_15() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let id = granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let path = format!("/v1/subscriptions/{id}");
    sink.answers(&[410]);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    eventually("gone", || async {
        let now = client.get(&path).await.json();
        (now["status"]["state"] == "gone").then_some(())
    })
    .await;
    let (kind, _) = client.post(&format!("{path}/resume"), json!({})).await.problem(409);
    assert_eq!(kind, "subscription-gone");
    client.post(&format!("{path}/revalidate"), json!({})).await.expect(200);
    sink.wait(Method::OPTIONS, 2).await;
    eventually("granted again", || async {
        let now = client.get(&path).await.json();
        (now["status"]["state"] == "granted").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_replay_delivers_the_past_again_and_can_be_followed() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    for id in ["1", "2"] {
        publisher.publish("zaken", id, json!({})).await.expect(202);
    }
    let late = granted(&client, json!({"sink": sink.url("/late"), "config": {"kanalen": ["zaken"]}})).await;
    let early =
        granted(&client, json!({"sink": sink.url("/early"), "config": {"kanalen": ["zaken"], "start": "beginning"}}))
            .await;
    assert_eq!(sink.wait(Method::POST, 2).await.iter().filter(|seen| seen.uri.path() == "/early").count(), 2);

    let replay = format!("/v1/subscriptions/{late}/replay");
    let run = client.post(&replay, json!({"from": "2020-01-01T00:00:00Z"})).await.expect(202).json();
    assert_eq!((&run["kind"], &run["askedBy"], &run["running"]), (&json!("replay"), &json!(CONSUMER), &json!(true)));
    let seen = sink.wait(Method::POST, 4).await;
    assert_eq!(seen.iter().filter(|seen| seen.uri.path() == "/late").count(), 2);
    let path = format!("/v1/runs/{}", run["id"].as_str().unwrap());
    eventually("the run is over", || async {
        (client.get(&path).await.expect(200).json()["running"] == false).then_some(())
    })
    .await;
    gateway.client(OTHER).get(&path).await.problem(404);
    client.delete(&path).await.expect(204);
    for (body, member) in [
        (json!({}), "from"),
        (json!({"from": "yesterday"}), "from"),
        (json!({"from": "2020-01-02T00:00:00Z", "until": "2020-01-01T00:00:00Z"}), "until"),
        (json!({"from": "2020-01-01T00:00:00Z", "kanalen": ["x"]}), "kanalen"),
    ] {
        assert_eq!(client.post(&replay, body).await.problem(400).1.as_deref(), Some(member));
    }
    let empty = json!({"from": "2999-01-01T00:00:00Z"});
    client.post(&format!("/v1/subscriptions/{early}/replay"), empty).await.expect(202);
}

#[tokio::test]
async fn one_more_kanaal_does_not_bring_its_past() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    kanaal(&gateway, "besluiten").await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let id = granted(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    publisher.publish("besluiten", "old", json!({})).await.expect(202);
    let more = json!({"config": {"kanalen": ["zaken", "besluiten"]}});
    client.patch(&format!("/v1/subscriptions/{id}"), more).await.expect(200);
    publisher.publish("besluiten", "new", json!({})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 1).await[0].json()["id"], "new");
}

#[tokio::test]
async fn an_agreement_is_for_administrators_nlg_wh_05() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let body = json!({
        "sink": sink.url("/x"), "protocol": "HTTP",
        "config": {"kanalen": ["zaken"], "validation": "manual", "agreement": "file 2026-1"},
    });
    gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.problem(403);
    let made = gateway.client(BEHEER).post("/v1/subscriptions", body).await.expect(201).json();
    assert_eq!((&made["status"]["state"], &made["config"]["agreement"]), (&json!("granted"), &json!("file 2026-1")));
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    assert!(sink.seen(&Method::OPTIONS).is_empty());
}

#[tokio::test]
async fn d7_another_origin_gets_no_stored_credential() {
    let (gateway, first, second) = (Gateway::start().await, Sink::start().await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let (client, publisher, beheer) = (gateway.client(CONSUMER), gateway.client(PUBLISHER), gateway.client(BEHEER));
    let credential = json!({
        "credentialtype": "ACCESSTOKEN", "accesstoken": "s3cret", "accesstokenexpiresutc": "2099-01-01T00:00:00Z",
        "accesstokentype": "bearer",
    });
    let body = json!({"sink": first.url("/a"), "sinkcredential": credential, "config": {"kanalen": ["zaken"]}});
    let id = granted(&client, body).await;
    let path = format!("/v1/subscriptions/{id}");
    client.patch(&path, json!({"sink": first.url("/b")})).await.expect(200);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    assert_eq!(first.wait(Method::POST, 1).await[0].header("authorization"), Some("Bearer s3cret"), "the same origin");
    client.patch(&path, json!({"sink": second.url("/b")})).await.expect(200);
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    assert_eq!(second.wait(Method::POST, 1).await[0].header("authorization"), None);
    client.patch(&path, json!({"sink": first.url("/b")})).await.expect(200);
    publisher.publish("zaken", "3", json!({})).await.expect(202);
    assert_eq!(first.wait(Method::POST, 2).await[1].header("authorization"), None, "it is gone for good");

    // Nor does an agreement go along: it is about the sink that it was made for.
    beheer.patch(&path, json!({"config": {"validation": "manual", "agreement": "x"}})).await.expect(200);
    assert_eq!(client.patch(&path, json!({"sink": second.url("/c")})).await.problem(403).0, "forbidden");
    client.patch(&path, json!({"sink": first.url("/c")})).await.expect(200);
}

#[tokio::test]
async fn d10_a_client_has_as_many_subscriptions_and_replays_as_it_may() {
    let config = "[subscriptions]\nper_client = 3\nreplays_per_client = 2\n";
    let (gateway, sink) = (Gateway::with(config).await, Sink::start().await);
    kanaal(&gateway, "zaken").await;
    let (client, other, beheer) = (gateway.client(CONSUMER), gateway.client(OTHER), gateway.client(BEHEER));
    let body = || json!({"sink": sink.url("/x"), "protocol": "HTTP"});
    let id = granted(&client, body()).await;
    client.post("/v1/subscriptions", body()).await.expect(201);
    sink.answers(&[401, 204]);
    let abonnement = json!({"callbackUrl": sink.url("/a"), "auth": "Token a", "kanalen": [{"naam": "zaken"}]});
    client.post("/api/v1/abonnement", abonnement.clone()).await.expect(201);
    assert_eq!(client.post("/v1/subscriptions", body()).await.problem(409).0, "quota");
    client.post("/api/v1/abonnement", abonnement).await.expect(409);
    other.post("/v1/subscriptions", body()).await.expect(201);
    for _ in 0..5 {
        beheer.post("/v1/subscriptions", body()).await.expect(201);
    }
    let gateway = gateway.restart().await;
    let client = gateway.client(CONSUMER);
    assert_eq!(client.post("/v1/subscriptions", body()).await.problem(409).0, "quota", "also after a restart");

    // A replay of what is never delivered does not end.
    let path = format!("/v1/subscriptions/{id}");
    client.post(&format!("{path}/pause"), json!({})).await.expect(200);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let replay = json!({"from": "2020-01-01T00:00:00Z"});
    for status in [202, 202, 409] {
        client.post(&format!("{path}/replay"), replay.clone()).await.expect(status);
    }
    client.delete(&path).await.expect(204);
    client.post("/v1/subscriptions", body()).await.expect(201);
}
