//! The handshake that the gateway drives, and its callback (CE-WHV).

use std::{sync::Arc, time::Duration};

use http::Method;
use model::{
    Clock,
    clock::{ManualClock, SystemClock},
};
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Client, Gateway, PUBLISHER, Sink, eventually},
};

const CALLBACKS: &str = r#"public_url = "https://gateway.test.example""#;

async fn made(client: &Client, mut body: Value) -> String {
    body["protocol"] = "HTTP".into();
    let made = client.post("/v1/subscriptions", body).await.expect(201).json();
    format!("/v1/subscriptions/{}", made["id"].as_str().expect("an id"))
}

async fn reaches(client: &Client, path: &str, state: &str) -> Value {
    eventually(state, || async {
        let now = client.get(path).await.json();
        (now["status"]["state"] == state).then_some(now)
    })
    .await
}

#[tokio::test]
async fn the_exact_url_is_asked_without_credential_ce_whv_03_05_06_11_26_nlg_wh_06() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let credential = json!({
        "credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": null, "accesstokentype": "bearer",
    });
    let body = json!({"sink": sink.url("/a/b?x=1&y=2"), "sinkcredential": credential, "config": {"rate": 120}});
    made(&client, body).await;
    let asked = sink.wait(Method::OPTIONS, 1).await.remove(0);
    assert_eq!(asked.uri, "/a/b?x=1&y=2");
    assert_eq!(asked.header("webhook-request-origin"), Some("gateway.test.example"));
    assert_eq!(asked.header("webhook-request-rate"), Some("120"));
    assert_eq!(asked.header("webhook-request-callback"), None, "no public URL is configured");
    assert_eq!((asked.header("authorization"), asked.body.len()), (None, 0));
}

#[tokio::test]
async fn answers_decide_ce_whv_13_14_15_16_17_19() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    let origin = ("webhook-allowed-origin", "Gateway.Test.Example ");
    for (status, headers, state, rate) in [
        (200, vec![origin, ("webhook-allowed-rate", "60")], "granted", json!(60)),
        (405, vec![("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*")], "granted", Value::Null),
        (200, vec![origin], "granted", json!(120)),
        (200, vec![], "refused", Value::Null),
        (302, vec![origin, ("location", "https://other.example/")], "refused", Value::Null),
        (200, vec![("webhook-allowed-origin", "*.test.example")], "refused", Value::Null),
        (200, vec![origin, origin], "refused", Value::Null),
        (200, vec![origin, ("webhook-allowed-rate", "0")], "refused", Value::Null),
        (503, vec![origin], "validating", Value::Null),
    ] {
        let sink = Sink::start().await;
        sink.consents_with(status, &headers);
        let path = made(&client, json!({"sink": sink.url("/x"), "config": {"rate": 120}})).await;
        sink.wait(Method::OPTIONS, 1).await;
        let now = eventually(state, || async {
            let now = client.get(&path).await.json();
            let decided = now["status"]["reason"].is_null() == (state == "granted");
            (now["status"]["state"] == state && decided).then_some(now)
        })
        .await;
        assert_eq!(now["status"]["consent"]["ratePerMinute"], rate, "{status} {headers:?}");
    }
}

#[tokio::test]
async fn consent_may_come_later_ce_whv_07_08_09_10_21() {
    let (gateway, sink) = (Gateway::with(CALLBACKS).await, Sink::start().await);
    let (client, sinks_owner) = (gateway.client(CONSUMER), gateway.nobody());
    sink.consents_with(200, &[]);
    let path = made(&client, json!({"sink": sink.url("/x"), "config": {"rate": 120}})).await;
    let asked = sink.wait(Method::OPTIONS, 1).await.remove(0);
    let callback = asked.header("webhook-request-callback").expect("a callback URL");
    let local = callback.strip_prefix("https://gateway.test.example").expect("under the public URL").to_owned();
    let secret = local.rsplit('/').next().unwrap();
    assert!(secret.len() >= 32, "at least 128 bits in hexadecimal");
    let pending = reaches(&client, &path, "pending-callback").await;
    assert!(pending["status"]["callbackUntil"].is_string());

    for (method, target, status) in [
        (Method::GET, format!("{}{}", &local[..local.len() - 1], if local.ends_with('0') { '1' } else { '0' }), 404),
        (Method::GET, format!("/consent/00000000-0000-4000-8000-000000000000/{secret}"), 404),
        (Method::PUT, local.clone(), 405),
        (Method::HEAD, local.clone(), 405),
        (Method::OPTIONS, local.clone(), 405),
    ] {
        sinks_owner.send(method.clone(), &target, &[], "").await.expect(status);
        assert_eq!(client.get(&path).await.json()["status"]["state"], "pending-callback", "{method}");
    }
    let bad = sinks_owner.send(Method::POST, &local, &[("webhook-allowed-rate", "soon")], "").await.problem(400);
    assert_eq!(bad.1.as_deref(), Some("WebHook-Allowed-Rate"));

    sinks_owner.send(Method::POST, &local, &[("webhook-allowed-rate", "30")], "").await.expect(200);
    assert_eq!(reaches(&client, &path, "granted").await["status"]["consent"]["ratePerMinute"], 30);
    sinks_owner.get(&local).await.expect(200);
    assert_eq!(
        client.get(&path).await.json()["status"]["consent"]["ratePerMinute"],
        30,
        "a second call keeps the rate"
    );

    client.delete(&path).await.expect(204);
    sinks_owner.get(&local).await.problem(404);
}

#[tokio::test]
async fn a_callback_without_a_rate_grants_what_was_asked_ce_whv_10() {
    let (gateway, sink) = (Gateway::with(CALLBACKS).await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    sink.consents_with(200, &[]);
    let path = made(&client, json!({"sink": sink.url("/x"), "config": {"rate": 120}})).await;
    let asked = sink.wait(Method::OPTIONS, 1).await.remove(0);
    let callback = asked.header("webhook-request-callback").expect("a callback URL");
    reaches(&client, &path, "pending-callback").await;
    gateway.nobody().get(callback.strip_prefix("https://gateway.test.example").unwrap()).await.expect(200);
    assert_eq!(reaches(&client, &path, "granted").await["status"]["consent"]["ratePerMinute"], 120);
}

#[tokio::test]
async fn nothing_is_sent_before_consent_and_nothing_is_missed_after_ce_whv_21() {
    let (gateway, sink) = (Gateway::with(CALLBACKS).await, Sink::start().await);
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    sink.consents_with(200, &[]);
    let path = made(&client, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    for id in ["1", "2", "3"] {
        publisher.publish("zaken", id, json!({})).await.expect(202);
    }
    let asked = sink.wait(Method::OPTIONS, 1).await.remove(0);
    let callback = asked.header("webhook-request-callback").expect("a callback URL").to_owned();
    reaches(&client, &path, "pending-callback").await;
    assert!(sink.seen(&Method::POST).is_empty());
    gateway.nobody().get(callback.strip_prefix("https://gateway.test.example").unwrap()).await.expect(200);
    let mut ids: Vec<Value> = sink.wait(Method::POST, 3).await.iter().map(|seen| seen.json()["id"].clone()).collect();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_handshake_goes_on_after_a_restart() {
    let (gateway, sink) = (Gateway::with("[consent]\nretry_seconds = 1").await, Sink::start().await);
    sink.consents_with(503, &[]);
    let path = made(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    sink.wait(Method::OPTIONS, 1).await;
    let gateway = gateway.restart().await;
    sink.consents_with(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*")]);
    reaches(&gateway.client(CONSUMER), &path, "granted").await;
}

#[tokio::test]
async fn another_origin_of_ours_asks_again_ce_whv_27_ce_wh_06() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let id = granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    let gateway = gateway.restart_as("other.test.example").await;
    let asked = sink.wait(Method::OPTIONS, 2).await.remove(1);
    assert_eq!(asked.header("webhook-request-origin"), Some("other.test.example"));
    let now = reaches(&gateway.client(CONSUMER), &format!("/v1/subscriptions/{id}"), "granted").await;
    assert_eq!(now["status"]["consent"]["origin"], "other.test.example");
}

#[tokio::test]
async fn the_probes_of_the_notificaties_api_can_be_asked_for_map_26() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    for (first, second, state) in
        [(401, 204, "granted"), (403, 200, "granted"), (204, 204, "refused"), (401, 500, "refused")]
    {
        let sink = Sink::start().await;
        sink.answers(&[first, second]);
        let credential = json!({"credentialtype": "AUTHORIZATION", "authorization": "Token abc"});
        let body = json!({"sink": sink.url("/x"), "sinkcredential": credential, "config": {"validation": "probe"}});
        let path = made(&client, body).await;
        reaches(&client, &path, state).await;
        let probes = sink.seen(&Method::POST);
        assert_eq!(probes[0].header("authorization"), None);
        if first != 204 {
            assert_eq!(probes[1].header("authorization"), Some("Token abc"));
        }
        assert!(sink.seen(&Method::OPTIONS).is_empty());
    }
}

const DAY: Duration = Duration::from_hours(24);

/// Something changes, which makes the gateway look at the clock.
async fn trigger_timers(gateway: &Gateway, naam: &str) {
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
}

#[tokio::test]
async fn old_consent_is_asked_for_again_nlg_wh_07() {
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let gateway = Gateway::with_clock("[consent]\nmax_age_days = 2", &clock).await;
    let sink = Sink::start().await;
    let id = granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    clock.advance(DAY);
    trigger_timers(&gateway, "a").await;
    assert_eq!(sink.seen(&Method::OPTIONS).len(), 1);
    sink.consents_with(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "60")]);
    clock.advance(DAY);
    trigger_timers(&gateway, "b").await;
    sink.wait(Method::OPTIONS, 2).await;
    let path = format!("/v1/subscriptions/{id}");
    eventually("the new rate", || async {
        let now = gateway.client(CONSUMER).get(&path).await.json();
        (now["status"]["consent"]["ratePerMinute"] == 60).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_offer_lapses_ce_whv_09() {
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let gateway = Gateway::with_clock(CALLBACKS, &clock).await;
    let sink = Sink::start().await;
    sink.consents_with(200, &[]);
    let path = made(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    let asked = sink.wait(Method::OPTIONS, 1).await.remove(0);
    let callback = asked.header("webhook-request-callback").expect("a callback URL").to_owned();
    let local = callback.strip_prefix("https://gateway.test.example").expect("under the public URL");
    reaches(&gateway.client(CONSUMER), &path, "pending-callback").await;
    clock.advance(DAY * 8);
    assert_eq!(gateway.nobody().get(local).await.problem(410).0, "gone");
    reaches(&gateway.client(CONSUMER), &path, "refused").await;
}

#[tokio::test]
async fn d10_handshakes_with_one_host_wait_for_their_turn_and_none_is_lost() {
    let (gateway, sink) = (Gateway::with("[consent]\nrequests_per_host = 2\n").await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let mut ids = Vec::new();
    for number in 0..6 {
        let body = json!({"sink": sink.url(&format!("/{number}")), "protocol": "HTTP"});
        ids.push(client.post("/v1/subscriptions", body).await.expect(201).json()["id"].as_str().unwrap().to_owned());
    }
    for id in ids {
        eventually("consent", || async {
            let shown = client.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
            (shown["status"]["state"] == "granted").then_some(())
        })
        .await;
    }
    assert_eq!(sink.seen(&Method::OPTIONS).len(), 6, "each was asked once");
}
