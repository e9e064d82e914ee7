//! Credentials towards sinks that make or get tokens: what arrives, when a token is asked for, and what an owner sees
//! when there is none.

use std::sync::Arc;

use http::Method;
use model::{Clock, Timestamp, clock::ManualClock};
use serde_json::{Value, json};
use web::auth::jwt::{self, Validity};

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Client, Gateway, Issuer, PUBLISHER, ReceivedRequest, Sink, eventually},
};

const RETRY: &str = "[delivery.retry]\nfactor = 0.05\nbase = 1.0";
const PAST: &str = "2020-01-01T00:00:00Z";
const FUTURE: &str = "2999-01-01T00:00:00Z";

async fn stage(more: &str) -> (Gateway, Client, Client) {
    let gateway = Gateway::with(more).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let (publisher, owner) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    (gateway, publisher, owner)
}

async fn subscribe(owner: &Client, sink: &str, credential: Value) -> String {
    let body =
        json!({"sink": sink, "protocol": "HTTP", "sinkcredential": credential, "config": {"kanalen": ["zaken"]}});
    let made = owner.post("/v1/subscriptions", body).await.expect(201);
    for secret in ["geheim", "refresh-", "access-"] {
        assert!(!String::from_utf8_lossy(&made.body).contains(secret), "{made:?}");
    }
    format!("/v1/subscriptions/{}", made.json()["id"].as_str().expect("an id"))
}

/// Waits until the subscription reports a failure with these words.
async fn wait_for_failure(owner: &Client, path: &str, words: &str) {
    eventually(words, || async {
        let status = owner.get(path).await.expect(200).json()["status"].clone();
        let error = status["lastError"].as_str().unwrap_or_default().to_owned();
        (status["state"] == "outage" && error.contains(words)).then_some(())
    })
    .await;
}

fn oauth2(base: &str) -> Value {
    json!({
        "credentialtype": "OAUTH2", "tokenendpoint": format!("{base}/token"), "clientid": "gateway",
        "clientsecret": "zeer geheim", "scope": "berichten.schrijven", "audience": "urn:x",
    })
}

fn refresh(base: &str, expires: &str) -> Value {
    json!({
        "credentialtype": "REFRESHTOKEN", "accesstoken": "access-old", "accesstokenexpiresutc": expires,
        "accesstokentype": "bearer", "refreshtoken": "refresh-old", "refreshtokenendpoint": format!("{base}/token"),
    })
}

#[tokio::test]
async fn a_zgw_token_is_made_for_each_delivery_and_never_too_old() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
    let gateway = Gateway::with_clock("", &clock).await;
    let sink = Sink::start().await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let credential = json!({"credentialtype": "ZGW", "clientid": "nrc", "clientsecret": "geheim"});
    subscribe(&gateway.client(CONSUMER), &sink.url("/"), credential).await;
    for number in 0..3 {
        clock.advance(std::time::Duration::from_hours(2));
        gateway.client(PUBLISHER).publish("zaken", &number.to_string(), json!({})).await.expect(202);
        let arrived = sink.wait(Method::POST, number + 1).await.remove(number);
        let token = arrived.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a token");
        let read = jwt::read(token).expect("a ZGW token");
        assert_eq!(read.client_id(), "nrc");
        let validity = Validity { leeway: 0, max_age: 3_600 };
        read.verify(&[b"geheim".to_vec()], clock.now(), validity).expect("a fresh one");
    }
}

#[tokio::test]
async fn an_access_token_that_lapsed_is_not_sent_and_the_owner_sees_why_ce_sub_20() {
    let (_gateway, publisher, owner) = stage(RETRY).await;
    let sink = Sink::start().await;
    let token = |expires: &str, token: &str| {
        json!({
            "credentialtype": "ACCESSTOKEN", "accesstoken": token, "accesstokenexpiresutc": expires,
            "accesstokentype": "bearer",
        })
    };
    let path = subscribe(&owner, &sink.url("/"), token(PAST, "old")).await;
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    wait_for_failure(&owner, &path, "the access token expired at 2020-01-01").await;
    assert!(sink.seen(&Method::POST).is_empty(), "nothing was sent with it");
    owner.patch(&path, json!({"sinkcredential": token(FUTURE, "new")})).await.expect(200);
    let arrived = sink.wait(Method::POST, 1).await;
    assert_eq!(arrived[0].header("authorization"), Some("Bearer new"));
}

#[tokio::test]
async fn a_token_of_ours_is_got_once_and_again_when_the_sink_refuses_it() {
    let (_gateway, publisher, owner) = stage(RETRY).await;
    let issuer = Issuer::default();
    let base = issuer.serve().await;
    issuer.refuses(&[503, 401]);
    let path = subscribe(&owner, &format!("{base}/sink"), oauth2(&base)).await;
    publisher.publish("zaken", "0", json!({})).await.expect(202);
    issuer.taken(1).await;
    for number in 1..6 {
        publisher.publish("zaken", &number.to_string(), json!({})).await.expect(202);
    }
    issuer.taken(6).await;
    let asked = issuer.asked();
    assert_eq!(asked.len(), 3, "two refusals and one token for all");
    let (headers, form) = &asked[2];
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    // gateway:zeer+geheim
    assert_eq!(headers["authorization"], "Basic Z2F0ZXdheTp6ZWVyK2dlaGVpbQ==");
    assert_eq!(form, "grant_type=client_credentials&scope=berichten.schrijven&audience=urn%3Ax");
    assert_eq!(issuer.refused(), 0, "nothing was sent without a token");
    issuer.revoke();
    publisher.publish("zaken", "6", json!({})).await.expect(202);
    let taken = issuer.taken(7).await;
    assert_eq!(taken[6].0["authorization"], "Bearer access-3");
    assert_eq!((issuer.refused(), issuer.asked().len()), (1, 4));

    issuer.revoke();
    issuer.refuses(&[500; 1_000]);
    publisher.publish("zaken", "7", json!({})).await.expect(202);
    wait_for_failure(&owner, &path, "answered 500: temporarily_unavailable").await;
    issuer.refuses(&[]);
    issuer.taken(8).await;
}

#[tokio::test]
async fn a_refresh_token_renews_first_and_what_it_renews_survives_a_restart_ce_sub_20() {
    let (gateway, publisher, owner) = stage(RETRY).await;
    let issuer = Issuer::default();
    let base = issuer.serve().await;
    let path = subscribe(&owner, &format!("{base}/sink"), refresh(&base, PAST)).await;
    publisher.publish("zaken", "0", json!({})).await.expect(202);
    let taken = issuer.taken(1).await;
    assert_eq!(taken[0].0["authorization"], "Bearer access-0");
    assert_eq!(issuer.refused(), 0, "the old token was not used");
    assert_eq!(issuer.asked()[0].1, "grant_type=refresh_token&refresh_token=refresh-old");

    let gateway = gateway.restart().await;
    let (publisher, owner) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    issuer.taken(2).await;
    assert_eq!(issuer.asked().len(), 1, "the token was kept");
    issuer.revoke();
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    let taken = issuer.taken(3).await;
    assert_eq!(taken[2].0["authorization"], "Bearer access-1");
    assert_eq!(issuer.asked()[1].1, "grant_type=refresh_token&refresh_token=refresh-0", "the newest one");

    issuer.refuses(&[400; 1_000]);
    issuer.revoke();
    publisher.publish("zaken", "3", json!({})).await.expect(202);
    wait_for_failure(&owner, &path, "answered 400").await;
    owner.patch(&path, json!({"sinkcredential": oauth2(&base)})).await.expect(200);
    issuer.refuses(&[]);
    issuer.taken(4).await;
}

#[tokio::test]
async fn a_tls_profile_must_be_there_and_be_for_the_client() {
    let profiles = "[egress.tls.free]\n[egress.tls.theirs]\napplicaties = [\"somebody else\"]";
    let (_gateway, _, owner) = stage(profiles).await;
    let body = |profile: &str| json!({"sink": "https://s.example/", "protocol": "HTTP", "config": {"tls": profile}});
    for profile in ["theirs", "none"] {
        let (_, member) = owner.post("/v1/subscriptions", body(profile)).await.problem(400);
        assert_eq!(member.as_deref(), Some("config.tls"), "{profile}");
    }
    let made = owner.post("/v1/subscriptions", body("free")).await.expect(201).json();
    assert_eq!(made["config"]["tls"], "free");
    let path = format!("/v1/subscriptions/{}", made["id"].as_str().expect("an id"));
    let mut credential = oauth2("https://token.example");
    credential["tls"] = "theirs".into();
    let (_, member) = owner.patch(&path, json!({"sinkcredential": credential})).await.problem(400);
    assert_eq!(member.as_deref(), Some("sinkcredential.tls"));
    let (_, member) = owner.patch(&path, json!({"config": {"tls": "theirs"}})).await.problem(400);
    assert_eq!(member.as_deref(), Some("config.tls"));
}

#[tokio::test]
async fn e2_headers_are_sealed_and_write_only() {
    let (first, second) = (Sink::start().await, Sink::start().await);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("header");
    std::fs::write(&file, "from-a-file-s3cret\n").unwrap();
    let gateway = Gateway::with(&format!(
        "[[kanaal]]\nnaam = \"zaken\"\n[[subscription]]\nid = \"declared\"\nowner = \"{CONSUMER}\"\nkanalen = [\"zaken\"]\n\
         sink = \"{}\"\nvalidation = \"manual\"\nagreement = \"x\"\nheaders = {{ X-Key = {{ file = {file:?} }} }}\n",
        second.url("/declared")
    ))
    .await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let body = json!({
        "sink": first.url("/a"), "config": {"kanalen": ["zaken"]},
        "protocolsettings": {"headers": {"X-Key": "api-s3cret", "X-Other": "one"}},
    });
    let id = granted(&client, body).await;
    let path = format!("/v1/subscriptions/{id}");
    let hidden = json!({"X-Key": "***", "X-Other": "***"});
    let shown = client.get(&path).await.expect(200).json();
    assert_eq!(shown["protocolsettings"]["headers"], hidden);
    let listed = client.get("/v1/subscriptions").await.expect(200).json();
    assert!(!listed.to_string().contains("s3cret") && listed["count"] == 2, "{listed}");
    let key = |seen: &ReceivedRequest| seen.header("x-key").map(str::to_owned);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    assert_eq!(key(&first.wait(Method::POST, 1).await[0]).as_deref(), Some("api-s3cret"));
    assert_eq!(key(&second.wait(Method::POST, 1).await[0]).as_deref(), Some("from-a-file-s3cret"));

    // What is read is written back, also after a restart, and one value is changed or taken away.
    let gateway = gateway.restart().await;
    let (client, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    client.put(&path, shown).await.expect(200);
    let patch = json!({"protocolsettings": {"headers": {"X-Other": null, "X-New": "two"}}});
    let patched = client.patch(&path, patch).await.expect(200).json();
    assert_eq!(patched["protocolsettings"]["headers"], json!({"X-Key": "***", "X-New": "***"}));
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    let seen = &first.wait(Method::POST, 2).await[1];
    assert_eq!(
        (key(seen).as_deref(), seen.header("x-new"), seen.header("x-other")),
        (Some("api-s3cret"), Some("two"), None)
    );
    let unknown = json!({"protocolsettings": {"headers": {"X-Unknown": "***"}}});
    let (_, member) = client.patch(&path, unknown).await.problem(400);
    assert_eq!(member.as_deref(), Some("protocolsettings.headers.X-Unknown"));

    // Another origin gets none of them.
    client.patch(&path, json!({"sink": second.url("/b")})).await.expect(200);
    publisher.publish("zaken", "3", json!({})).await.expect(202);
    let seen = second.wait(Method::POST, 4).await;
    let moved: Vec<_> = seen.iter().filter(|seen| seen.uri.path() == "/b").map(key).collect();
    assert_eq!(moved, [None]);
    let files = gateway.files();
    let holds = |text: &[u8]| files.iter().any(|file| file.windows(text.len()).any(|part| part == text));
    assert!(holds(b"X-Key") && !holds(b"s3cret"));
}
