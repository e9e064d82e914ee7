//! Checks of a receiver through the API: verdicts on clauses, within bounds, with consent and credential of the subscription.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink},
};

async fn check(client: &Client, id: &str) -> Value {
    client.post(&format!("/v1/subscriptions/{id}/check"), json!({})).await.expect(200).json()
}

/// Ids of the clauses with this verdict.
fn with(report: &Value, verdict: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    let ids = findings.filter(|finding| finding["verdict"] == verdict);
    ids.map(|finding| finding["id"].as_str().expect("an id").to_owned()).collect()
}

async fn agreed(gateway: &Gateway, sink: &str) -> String {
    let config = json!({"validation": "manual", "agreement": "file 1"});
    let body = json!({"sink": sink, "protocol": "HTTP", "config": config});
    let made = gateway.client(BEHEER).post("/v1/subscriptions", body).await.expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_receiver_is_examined_clause_by_clause() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    let credential = json!({"credentialtype": "AUTHORIZATION", "authorization": "Token s3cret-text"});
    let id = granted(
        &client,
        json!({"sink": sink.url("/x?key=geheim-text"), "sinkcredential": credential,
        "protocolsettings": {"headers": {"X-Key": "own-s3cret"}}}),
    )
    .await;
    let before = client.get(&format!("/v1/subscriptions/{id}")).await.json();
    let answer = client.post(&format!("/v1/subscriptions/{id}/check"), json!({})).await.expect(200);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    for secret in ["s3cret-text", "geheim-text", "own-s3cret"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let report = answer.json();
    assert!(with(&report, "pass").iter().any(|id| id == "CE-WHV-13"), "{report:#}");
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "NLG-WH-01").unwrap();
    assert_eq!(found["verdict"], "warn", "http on a test machine");
    assert!(found["remedy"]["nl"].is_string() && found["rule"]["en"].is_string() && found["seen"]["en"].is_string());
    assert!(report["outcome"][0]["nl"].as_str().unwrap().contains("Toestemming"));
    let events = sink.seen(&Method::POST);
    assert!(events.len() > 10, "{}", events.len());
    assert!(events.iter().all(|event| event.uri.path() == "/x" && event.header("x-key") == Some("own-s3cret")));
    assert_eq!(events[0].header("authorization"), Some("Token s3cret-text"));
    let after = client.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!(after["status"]["consent"], before["status"]["consent"]);
    let deliveries = client.get(&format!("/v1/subscriptions/{id}/deliveries")).await.expect(200).json();
    assert_eq!(deliveries["results"], json!([]), "test events are no deliveries");
}

#[tokio::test]
async fn without_consent_the_receiver_is_asked_and_gets_no_event() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let client = gateway.client(CONSUMER);
    sink.consents_with(403, &[]);
    let body = json!({"sink": sink.url("/x"), "protocol": "HTTP"});
    let made = client.post("/v1/subscriptions", body).await.expect(201).json();
    let report = check(&client, made["id"].as_str().unwrap()).await;
    assert_eq!(report["passed"], false);
    assert!(with(&report, "fail").iter().any(|id| id == "CE-WHV-13"), "{report:#}");
    // It grants now, but the subscription has no consent yet.
    sink.wait(Method::OPTIONS, 1).await;
    assert!(sink.seen(&Method::POST).is_empty());

    let owner = gateway.client(PUBLISHER);
    owner.post("/v1/kanalen", json!({"naam": "besloten", "approval": "required"})).await.expect(201);
    let body = json!({"sink": sink.url("/x"), "protocol": "HTTP", "config": {"kanalen": ["besloten"]}});
    let held = client.post("/v1/subscriptions", body).await.expect(201).json()["id"].clone();
    let path = format!("/v1/subscriptions/{}/check", held.as_str().unwrap());
    assert_eq!(client.post(&path, json!({})).await.problem(409).0, "cannot-send");
    let body = json!({"sink": sink.url("/y"), "protocol": "HTTP", "config": {"format": "legacy"}});
    let legacy = client.post("/v1/subscriptions", body).await.expect(201).json()["id"].clone();
    let path = format!("/v1/subscriptions/{}/check", legacy.as_str().unwrap());
    assert_eq!(client.post(&path, json!({})).await.problem(409).0, "cannot-send");
}

#[tokio::test]
async fn an_agreement_is_not_asked_and_an_abonnement_is_probed() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let id = agreed(&gateway, &sink.url("/agreed")).await;
    let report = check(&gateway.client(BEHEER), &id).await;
    assert!(sink.seen(&Method::OPTIONS).is_empty(), "http has no check of TLS, which would send one");
    assert!(with(&report, "not-observed").iter().any(|id| id == "CE-WHV-13"), "{report:#}");
    assert!(with(&report, "pass").iter().any(|id| id == "NLG-WH-02"), "{report:#}");

    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    sink.answers(&[401, 204]);
    let client = gateway.client(CONSUMER);
    let abonnement = json!({"callbackUrl": sink.url("/a"), "auth": "Token a", "kanalen": [{"naam": "zaken"}]});
    let url = client.post("/api/v1/abonnement", abonnement).await.expect(201).json()["url"].clone();
    let id = url.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    sink.answers(&[401, 204]);
    let report = check(&client, &id).await;
    assert_eq!(with(&report, "pass").iter().filter(|id| *id == "MAP-26").count(), 2, "{report:#}");
}

#[tokio::test]
async fn a_receiver_that_hangs_or_may_not_be_reached_gives_a_reason_in_time() {
    let gateway = Gateway::with("[consent]\ntimeout_seconds = 1").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let id = agreed(&gateway, &format!("http://{}/", listener.local_addr().expect("an address"))).await;
    let report = check(&gateway.client(BEHEER), &id).await;
    assert_eq!(report["passed"], false, "{report:#}");

    let (sink, gateway) = (Sink::start().await, Gateway::start().await);
    let id = granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    let asked = sink.seen(&Method::OPTIONS).len();
    let gateway = gateway.restart_with("egress.allow = []\negress.allow_http = []").await;
    let report = check(&gateway.client(CONSUMER), &id).await;
    assert_eq!((&report["passed"], &report["findings"]), (&json!(false), &json!([])));
    assert!(report["outcome"][0]["en"].as_str().unwrap().contains("egress.allow"), "{report}");
    assert_eq!((sink.seen(&Method::OPTIONS).len(), sink.seen(&Method::POST).len()), (asked, 0));
}

#[tokio::test]
async fn one_check_of_a_receiver_runs_at_a_time() {
    let gateway = Gateway::with("[consent]\ntimeout_seconds = 3600").await;
    let client = gateway.client(BEHEER);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let id = agreed(&gateway, &format!("http://{}/", listener.local_addr().expect("an address"))).await;
    let path = format!("/v1/subscriptions/{id}/check");
    let second = async {
        // The first check is under way from its connection until that is closed; later connections are closed too.
        let connection = listener.accept().await.expect("a connection");
        let refused = client.post(&path, json!({})).await.problem(409).0;
        tokio::spawn(async move {
            drop(connection);
            while let Ok(connection) = listener.accept().await {
                drop(connection);
            }
        });
        refused
    };
    let (first, refused) = tokio::join!(client.post(&path, json!({})), second);
    assert_eq!(refused, "sink-busy");
    assert_eq!(first.expect(200).json()["passed"], false);
}

#[tokio::test]
async fn unknown_and_foreign_subscriptions_are_404() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let id = granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x")})).await;
    let path = format!("/v1/subscriptions/{id}/check");
    gateway.client(OTHER).post(&path, json!({})).await.problem(404);
    gateway.client(PUBLISHER).post(&path, json!({})).await.problem(403);
    let unknown = "/v1/subscriptions/9c5b94b1-35ad-49bb-b118-8e8fc24abf80/check";
    gateway.client(CONSUMER).post(unknown, json!({})).await.problem(404);
    assert!(sink.seen(&Method::POST).is_empty());
}
