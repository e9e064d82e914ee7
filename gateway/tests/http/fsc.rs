//! Deliveries through an FSC Outway: the grant of the subscription, and a transaction id for each attempt.

use std::collections::BTreeSet;

use http::Method;
use model::Role;
use serde_json::{Value, json};

use crate::{
    console::{Browser, CONSOLE, text},
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, PUBLISHER, Sink, eventually},
};

const HASH: &str = "$1$4$kN1sW-Zv_example";

async fn kanaal(gateway: &Gateway) {
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
}

/// The attempts of the one delivery of a subscription, once it has ended.
async fn attempts(client: &Client, id: &str) -> Vec<Value> {
    eventually("the delivery has ended", || async {
        let list = client.get(&format!("/v1/subscriptions/{id}/deliveries")).await.expect(200).json();
        let delivery = &list["results"][0];
        (delivery["outcome"] == "delivered").then(|| delivery["attempts"].as_array().cloned().unwrap_or_default())
    })
    .await
}

#[tokio::test]
async fn each_attempt_has_a_transaction_id_that_its_timeline_keeps() {
    let (gateway, sink) = (Gateway::with(CONSOLE).await, Sink::start().await);
    kanaal(&gateway).await;
    let client = gateway.client(CONSUMER);
    let config = json!({"kanalen": ["zaken"], "fsc": {"grantHash": HASH}, "retry": {"factor": 0}});
    let id = granted(
        &client,
        json!({"sink": sink.url("/outway"), "config": config,
        "protocolsettings": {"headers": {"Fsc-Grant-Hash": "other"}}}),
    )
    .await;
    let plain = granted(&client, json!({"sink": sink.url("/plain"), "config": {"kanalen": ["zaken"]}})).await;
    client.post(&format!("/v1/subscriptions/{plain}/pause"), json!({})).await.expect(200);
    sink.answers(&[500, 500, 204]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let made = attempts(&client, &id).await;
    let sent = sink.wait(Method::POST, 3).await;
    assert!(sent.iter().all(|request| request.header("fsc-grant-hash") == Some(HASH)));
    let sent: Vec<&str> = sent.iter().map(|request| request.header("fsc-transaction-id").expect("an id")).collect();
    let shown: Vec<&str> = made.iter().map(|attempt| attempt["fscTransactionId"].as_str().expect("an id")).collect();
    assert_eq!(sent, shown);
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), 3, "each attempt has its own");
    for id in &sent {
        assert_eq!(id.parse::<uuid::Uuid>().expect("a UUID").get_version_num(), 7);
    }
    let test = client.post(&format!("/v1/subscriptions/{id}/test"), json!({})).await.expect(200).json();
    assert_eq!(sink.seen(&Method::POST)[3].header("fsc-transaction-id"), test["fscTransactionId"].as_str());

    client.post(&format!("/v1/subscriptions/{plain}/resume"), json!({})).await.expect(200);
    let made = attempts(&client, &plain).await;
    assert!(made.iter().all(|attempt| attempt.get("fscTransactionId").is_none()));
    let last = sink.wait(Method::POST, 5).await.pop().expect("a delivery");
    assert_eq!((last.header("fsc-grant-hash"), last.header("fsc-transaction-id")), (None, None));

    let gateway = gateway.restart().await;
    let kept = attempts(&gateway.client(CONSUMER), &id).await;
    assert_eq!(kept.iter().map(|attempt| attempt["fscTransactionId"].as_str().unwrap()).collect::<Vec<_>>(), shown);
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let list = text(&browser.get(&format!("/beheer/abonnementen/{id}/bezorgingen")).await.expect(200));
    let (_, link) = list.split_once("href=\"/beheer/bezorgingen/").expect("a delivery");
    let link = format!("/beheer/bezorgingen/{}", link.split('"').next().unwrap_or_default());
    let page = text(&browser.get(&link).await.expect(200));
    assert!(shown.iter().all(|id| page.contains(id)), "{page}");
}

#[tokio::test]
async fn the_contract_is_checked_shown_changed_and_removed() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    let body = |fsc: Value| json!({"sink": "https://outway.example/", "protocol": "HTTP", "config": {"fsc": fsc}});
    for (fsc, member) in [
        (json!({}), "config.fsc.grantHash"),
        (json!({"grantHash": ""}), "config.fsc.grantHash"),
        (json!({"grantHash": "a b"}), "config.fsc.grantHash"),
        (json!({"grantHash": "x".repeat(257)}), "config.fsc.grantHash"),
        (json!({"grantHash": HASH, "outway": "x"}), "config.fsc.outway"),
        (json!(HASH), "config.fsc"),
    ] {
        assert_eq!(client.post("/v1/subscriptions", body(fsc)).await.problem(400).1.as_deref(), Some(member));
    }
    let made = client.post("/v1/subscriptions", body(json!({"grantHash": HASH}))).await.expect(201).json();
    assert_eq!(made["config"]["fsc"], json!({"grantHash": HASH}));
    let path = format!("/v1/subscriptions/{}", made["id"].as_str().expect("an id"));
    let changed = client.patch(&path, json!({"config": {"fsc": {"grantHash": "$1$4$b"}}})).await.expect(200).json();
    assert_eq!(changed["config"]["fsc"]["grantHash"], "$1$4$b");
    let removed = client.patch(&path, json!({"config": {"fsc": null}})).await.expect(200).json();
    assert!(removed["config"].get("fsc").is_none());
}

#[tokio::test]
async fn a_declared_subscription_has_a_contract_and_a_name() {
    let sink = Sink::start().await;
    let declared = format!(
        "[[subscription]]\nid = \"outway\"\nsink = \"{}\"\nname = \"Via FSC\"\ncontact = \"a@b.example\"\nfsc.grant_hash = \"{HASH}\"\n",
        sink.url("/outway")
    );
    let gateway = Gateway::with(&declared).await;
    let list = gateway.client(BEHEER).get("/v1/subscriptions?q=via%20fsc").await.expect(200).json();
    let config = &list["results"][0]["config"];
    assert_eq!((&config["fsc"]["grantHash"], &config["name"]), (&json!(HASH), &json!("Via FSC")));
    let gateway = gateway.restart_with(&declared.replace("Via FSC", "Via Outway")).await;
    let list = gateway.client(BEHEER).get("/v1/subscriptions?q=outway").await.expect(200).json();
    assert_eq!((&list["count"], &list["results"][0]["config"]["name"]), (&json!(1), &json!("Via Outway")));
}
