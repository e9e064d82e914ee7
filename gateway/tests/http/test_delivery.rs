//! Test deliveries: one marked event to one sink, its answer shown, and no trace of it in what deliveries leave.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

async fn kanaal(gateway: &Gateway) {
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
}

async fn test(client: &Client, id: &str) -> Value {
    client.post(&format!("/v1/subscriptions/{id}/test"), json!({})).await.expect(200).json()
}

/// A subscription that an agreement replaces the handshake of.
async fn agreed(gateway: &Gateway, sink: &str) -> String {
    let config = json!({"validation": "manual", "agreement": "file 1"});
    let body = json!({"sink": sink, "protocol": "HTTP", "config": config});
    let made = gateway.client(BEHEER).post("/v1/subscriptions", body).await.expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn one_marked_event_goes_to_this_sink_only_and_onto_no_log() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway).await;
    let client = gateway.client(CONSUMER);
    let credential = json!({"credentialtype": "AUTHORIZATION", "authorization": "Token s3cret"});
    let id = granted(
        &client,
        json!({"sink": sink.url("/a"), "sinkcredential": credential,
        "protocolsettings": {"headers": {"X-Tenant": "t"}}}),
    )
    .await;
    granted(&client, json!({"sink": sink.url("/b")})).await;
    let answer = test(&client, &id).await;
    assert_eq!(
        (&answer["outcome"], &answer["status"], &answer["failure"]),
        (&json!("accepted"), &json!(204), &Value::Null)
    );
    assert!(answer["text"]["nl"].as_str().unwrap().contains("aangenomen") && answer["durationMs"].is_number());
    let sent = sink.seen(&Method::POST);
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].uri.path(), sent[0].header("authorization")), ("/a", Some("Token s3cret")));
    assert_eq!(sent[0].header("x-tenant"), Some("t"));
    assert_eq!(sent[0].header("webhook-request-origin"), Some("gateway.test.example"));
    let event = sent[0].json();
    assert_eq!((&event["gatewaytest"], &event["data"]), (&json!(true), &json!({"test": true})));
    assert_eq!((&event["id"], &event["type"]), (&answer["event"]["id"], &json!("nl.gov-event-gateway.test")));

    let typed = client.post(&format!("/v1/subscriptions/{id}/test"), json!({"type": "nl.mijn.type"})).await.expect(200);
    assert_eq!(typed.json()["event"]["type"], "nl.mijn.type");
    assert_eq!(sink.seen(&Method::POST)[1].json()["type"], "nl.mijn.type");
    let deliveries = client.get(&format!("/v1/subscriptions/{id}/deliveries")).await.expect(200).json();
    assert_eq!(deliveries["results"], json!([]));
    assert_eq!(gateway.client(BEHEER).get("/v1/events").await.expect(200).json()["results"], json!([]));
    let metrics = gateway.nobody().get("/metrics").await.expect(200);
    assert!(String::from_utf8_lossy(&metrics.body).contains("gateway_test_deliveries_total{class=\"delivered\"}"));
}

#[tokio::test]
async fn the_event_has_the_format_of_the_subscription() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanaal(&gateway).await;
    let client = gateway.client(CONSUMER);
    for (format, path) in [("binary", "/binary"), ("batch", "/batch"), ("legacy", "/legacy")] {
        let id = granted(&client, json!({"sink": sink.url(path), "config": {"format": format}})).await;
        assert_eq!(test(&client, &id).await["outcome"], "accepted", "{format}");
    }
    let sent = sink.seen(&Method::POST);
    assert_eq!((sent[0].header("ce-gatewaytest"), sent[0].json()), (Some("true"), json!({"test": true})));
    assert_eq!(sent[1].json()[0]["gatewaytest"], true);
    let notification = sent[2].json();
    assert_eq!((&notification["kanaal"], &notification["actie"]), (&json!("test"), &json!("create")));
}

#[tokio::test]
async fn each_answer_has_its_words_and_nothing_is_sent_again() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let id = granted(&client, json!({"sink": sink.url("/x")})).await;
    for (status, outcome) in
        [(200, "accepted"), (400, "refused"), (415, "format-refused"), (500, "failed"), (503, "failed")]
    {
        sink.answers(&[status]);
        let answer = test(&client, &id).await;
        assert_eq!((&answer["outcome"], &answer["status"]), (&json!(outcome), &json!(status)));
    }
    assert_eq!(sink.seen(&Method::POST).len(), 5);
    sink.answers(&[410]);
    assert_eq!(test(&client, &id).await["outcome"], "gone");
    let path = format!("/v1/subscriptions/{id}");
    eventually("the subscription is gone", || async {
        (client.get(&path).await.json()["status"]["state"] == "gone").then_some(())
    })
    .await;
    assert_eq!(client.post(&format!("{path}/test"), json!({})).await.problem(409).0, "subscription-gone");
    assert_eq!(sink.seen(&Method::POST).len(), 6);
}

#[tokio::test]
async fn nothing_is_sent_without_consent_or_approval_nor_above_the_rate() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let owner = gateway.client(PUBLISHER);
    owner.post("/v1/kanalen", json!({"naam": "besloten", "approval": "required"})).await.expect(201);
    let client = gateway.client(CONSUMER);
    sink.consents_with(200, &[("webhook-allowed-origin", "gateway.test.example"), ("webhook-allowed-rate", "1")]);
    let slow = granted(&client, json!({"sink": sink.url("/slow")})).await;
    assert_eq!(test(&client, &slow).await["outcome"], "accepted");
    assert_eq!(client.post(&format!("/v1/subscriptions/{slow}/test"), json!({})).await.problem(409).0, "cannot-send");
    for (config, status) in [(json!({"kanalen": ["besloten"]}), 200), (json!({}), 403)] {
        sink.consents_with(status, &[]);
        let body = json!({"sink": sink.url("/x"), "protocol": "HTTP", "config": config});
        let id = client.post("/v1/subscriptions", body).await.expect(201).json()["id"].clone();
        let path = format!("/v1/subscriptions/{}/test", id.as_str().unwrap());
        assert_eq!(client.post(&path, json!({})).await.problem(409).0, "cannot-send", "{config}");
    }
    assert_eq!(sink.seen(&Method::POST).len(), 1);
}

#[tokio::test]
async fn a_paused_subscription_can_be_tested_and_stays_paused() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let id = granted(&client, json!({"sink": sink.url("/x")})).await;
    let path = format!("/v1/subscriptions/{id}");
    client.post(&format!("{path}/pause"), json!({})).await.expect(200);
    assert_eq!(test(&client, &id).await["outcome"], "accepted");
    assert_eq!(client.get(&path).await.json()["status"]["state"], "paused");
}

#[tokio::test]
async fn unknown_foreign_and_wrong_requests_are_refused() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let id = granted(&client, json!({"sink": sink.url("/x")})).await;
    let path = format!("/v1/subscriptions/{id}/test");
    gateway.client(OTHER).post(&path, json!({})).await.problem(404);
    gateway.client(PUBLISHER).post(&path, json!({})).await.problem(403);
    client.post("/v1/subscriptions/9c5b94b1-35ad-49bb-b118-8e8fc24abf80/test", json!({})).await.problem(404);
    client.post("/v1/subscriptions/no-uuid/test", json!({})).await.problem(404);
    for (body, member) in [
        (json!({"type": ""}), "type"),
        (json!({"type": "x".repeat(257)}), "type"),
        (json!({"type": "a\u{1}"}), "type"),
        (json!({"kind": "x"}), "kind"),
    ] {
        assert_eq!(client.post(&path, body).await.problem(400).1.as_deref(), Some(member));
    }
    assert!(sink.seen(&Method::POST).is_empty());
    gateway.client(BEHEER).post(&path, json!({})).await.expect(200);
}

#[tokio::test]
async fn one_test_of_a_sink_runs_at_a_time() {
    let gateway = Gateway::with("egress.timeout_seconds = 3600").await;
    let client = gateway.client(BEHEER);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let hanging = format!("http://{}/", listener.local_addr().expect("an address"));
    let id = agreed(&gateway, &hanging).await;
    let path = format!("/v1/subscriptions/{id}/test");
    let second = async {
        // The first test is under way from its connection until that is closed.
        let connection = listener.accept().await.expect("a connection");
        let refused = client.post(&path, json!({})).await.problem(409).0;
        drop(connection);
        refused
    };
    let (first, refused) = tokio::join!(client.post(&path, json!({})), second);
    assert_eq!(refused, "sink-busy");
    assert_eq!(first.expect(200).json()["outcome"], "no-answer");
}

#[tokio::test]
async fn a_sink_that_hangs_or_is_not_there_is_no_answer() {
    let gateway = Gateway::with("egress.timeout_seconds = 2").await;
    let client = gateway.client(BEHEER);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let hanging = format!("http://{}/", listener.local_addr().expect("an address"));
    let id = agreed(&gateway, &hanging).await;
    let answer = test(&client, &id).await;
    assert_eq!((&answer["outcome"], &answer["status"]), (&json!("no-answer"), &Value::Null));
    assert!(answer["failure"].as_str().is_some_and(|text| !text.is_empty()));

    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nobody = format!("http://{}/", gone.local_addr().expect("an address"));
    drop(gone);
    let id = agreed(&gateway, &nobody).await;
    assert_eq!(test(&client, &id).await["outcome"], "no-answer");
}

#[tokio::test]
async fn egress_rules_of_today_hold() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let id = granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    let gateway = gateway.restart_with("egress.allow = []\negress.allow_http = []").await;
    let answer = test(&gateway.client(CONSUMER), &id).await;
    assert_eq!(answer["outcome"], "no-answer");
    assert!(answer["text"]["en"].as_str().unwrap().contains("egress.allow"), "{answer}");
    assert!(sink.seen(&Method::POST).is_empty());
}
