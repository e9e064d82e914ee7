//! Approval of subscriptions by the owner of a kanaal, and which parts of its events the owner discloses.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

async fn closed(gateway: &Gateway) -> Client {
    let owner = gateway.client(PUBLISHER);
    let made = owner.post("/v1/kanalen", json!({"naam": "zaken", "approval": "required"})).await.expect(201).json();
    assert_eq!((&made["owner"], &made["approval"]), (&json!(PUBLISHER), &json!("required")));
    owner
}

async fn subscribe(client: &Client, sink: &Sink, config: Value) -> String {
    let body = json!({"protocol": "HTTP", "sink": sink.url("/x?token=geheim"), "config": config,
        "protocolsettings": {"headers": {"X-Key": "geheim"}}});
    let made = client.post("/v1/subscriptions", body).await.expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

async fn state(client: &Client, id: &str) -> String {
    let now = client.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
    now["status"]["state"].as_str().unwrap_or_default().to_owned()
}

fn decision_path(id: &str, what: &str) -> String {
    format!("/v1/kanalen/zaken/subscriptions/{id}/{what}")
}

#[tokio::test]
async fn nothing_is_asked_or_sent_before_the_owner_approves() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let owner = closed(&gateway).await;
    let client = gateway.client(CONSUMER);
    let id = subscribe(&client, &sink, json!({"kanalen": ["zaken"]})).await;
    let read = client.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!(read["status"]["state"], "awaiting-approval");
    assert_eq!(read["approvals"][0]["state"], "awaiting");
    assert_eq!(client.get("/v1/subscriptions?state=awaiting-approval").await.json()["count"], 1);
    owner.publish("zaken", "1", json!({})).await.expect(202);
    client.get("/v1/events/1").await.problem(404);

    // Which callers may decide, and on which subscriptions.
    client.post(&decision_path(&id, "approve"), json!({})).await.problem(403);
    client.get("/v1/kanalen/zaken/subscriptions").await.problem(403);
    owner.post("/v1/kanalen/none/subscriptions/x/approve", json!({})).await.problem(404);
    owner.post(&decision_path("9c5b94b1-35ad-49bb-b118-8e8fc24abf80", "approve"), json!({})).await.problem(404);
    owner.post(&decision_path(&id, "reject"), json!({})).await.problem(400);
    let old = [("if-match", "\"0\""), ("content-type", "application/json")];
    owner.send(Method::POST, &decision_path(&id, "approve"), &old, "{}").await.problem(412);
    let list = owner.get("/v1/kanalen/zaken/subscriptions?approval=awaiting").await.expect(200);
    assert_eq!(list.json()["results"][0]["id"], json!(id));
    assert!(!String::from_utf8_lossy(&list.body).contains("geheim"), "no secret of the subscriber");
    assert_eq!(owner.get("/v1/kanalen/zaken/subscriptions?approval=approved").await.json()["count"], 0);
    owner.get("/v1/kanalen/zaken/subscriptions?approval=odd").await.problem(400);
    assert!(sink.seen(&Method::OPTIONS).is_empty() && sink.seen(&Method::POST).is_empty());

    let reason = json!({"reason": "overeenkomst 12"});
    let approved = owner.post(&decision_path(&id, "approve"), reason).await.expect(200).json();
    assert_eq!(approved["approvals"][0]["state"], "approved");
    let delivered = sink.wait(Method::POST, 1).await;
    assert_eq!((delivered[0].json()["id"].clone(), delivered[0].header("x-key")), (json!("1"), Some("geheim")));
    let entry = client.get(&format!("/v1/subscriptions/{id}")).await.json()["approvals"][0].clone();
    assert_eq!((&entry["by"], &entry["reason"]), (&json!(PUBLISHER), &json!("overeenkomst 12")));
}

#[tokio::test]
async fn a_rejected_subscription_does_nothing_until_it_asks_for_something_else() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let owner = closed(&gateway).await;
    let client = gateway.client(CONSUMER);
    let id = subscribe(&client, &sink, json!({"kanalen": ["zaken"]})).await;
    owner.post(&decision_path(&id, "reject"), json!({"reason": "geen grondslag"})).await.expect(200);
    let read = client.get(&format!("/v1/subscriptions/{id}")).await.json();
    assert_eq!(read["status"]["state"], "rejected");
    assert!(read["status"]["reason"].as_str().is_some_and(|reason| reason.contains("geen grondslag")));
    owner.publish("zaken", "1", json!({})).await.expect(202);
    client.post(&format!("/v1/subscriptions/{id}/revalidate"), json!({})).await.expect(200);
    client.post(&format!("/v1/subscriptions/{id}/resume"), json!({})).await.expect(200);
    assert_eq!(state(&client, &id).await, "rejected");
    assert!(sink.seen(&Method::OPTIONS).is_empty() && sink.seen(&Method::POST).is_empty());

    let path = format!("/v1/subscriptions/{id}");
    client.patch(&path, json!({"config": {"maxInFlight": 2}})).await.expect(200);
    assert_eq!(state(&client, &id).await, "rejected", "it asks for the same");
    client.patch(&path, json!({"types": ["a"]})).await.expect(200);
    assert_eq!(state(&client, &id).await, "awaiting-approval");
    gateway.client(BEHEER).post(&decision_path(&id, "approve"), json!({})).await.expect(200);
    eventually("granted", || async { (state(&client, &id).await == "granted").then_some(()) }).await;
}

#[tokio::test]
async fn only_what_the_owner_lets_out_leaves() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let owner = closed(&gateway).await;
    let client = gateway.client(CONSUMER);
    let id = subscribe(&client, &sink, json!({"kanalen": ["zaken"], "retry": {"maxRetries": 0}})).await;
    let disclose = json!({"disclose": {"attributes": ["zaaktype"], "data": false}});
    let approved = owner.post(&decision_path(&id, "approve"), disclose.clone()).await.expect(200).json();
    assert_eq!(approved["approvals"][0]["disclose"], disclose["disclose"]);
    let event = json!({"subject": "verborgen", "zaaktype": "z", "data": {"bsn": "verborgen"}});
    sink.answers(&[422, 204]);
    owner.publish("zaken", "1", event.clone()).await.expect(202);
    let letters = eventually("a dead letter", || async {
        let letters = client.get("/v1/dead-letters").await.expect(200).json();
        (letters["count"] == 1).then_some(letters)
    })
    .await;
    let expected = json!({
        "specversion": "1.0", "id": "1", "source": "urn:test", "type": "nl.overheid.zaken.iets", "zaaktype": "z",
    });
    assert_eq!(sink.wait(Method::POST, 1).await[0].json(), expected);

    // Neither in a dead letter, nor by redrive, replay, format, or looking it up.
    let letter = format!("/v1/dead-letters/{}", letters["results"][0]["id"].as_str().expect("an id"));
    assert_eq!(client.get(&letter).await.expect(200).json()["cloudevent"], expected);
    let all = gateway.client(BEHEER).get(&letter).await.expect(200).json();
    assert_eq!(all["cloudevent"]["subject"], "verborgen");
    client.post(&format!("{letter}/redrive"), json!({})).await.expect(202);
    sink.wait(Method::POST, 2).await;
    let path = format!("/v1/subscriptions/{id}");
    client.post(&format!("{path}/replay"), json!({"from": "2020-01-01T00:00:00Z"})).await.expect(202);
    sink.wait(Method::POST, 3).await;
    for (format, count) in [("binary", 4), ("batch", 5)] {
        client.patch(&path, json!({"config": {"format": format}})).await.expect(200);
        owner.publish("zaken", &count.to_string(), event.clone()).await.expect(202);
        sink.wait(Method::POST, count).await;
    }
    for seen in sink.seen(&Method::POST) {
        let text = format!("{:?} {}", seen.headers, String::from_utf8_lossy(&seen.body));
        assert!(!text.contains("verborgen"), "{text}");
    }
    eventually("an indexed event", || async {
        let answer = client.get("/v1/events/1").await;
        (answer.status == 200).then(|| assert_eq!(answer.json(), expected))
    })
    .await;
    let listed = client.get("/v1/events").await.expect(200).json();
    assert!(listed["results"].as_array().is_some_and(|rows| rows.iter().all(|row| row["subject"].is_null())));
    let guessed = client.get("/v1/events?subject=verborgen").await.expect(200).json();
    assert_eq!(guessed["results"], json!([]));

    // Everything again.
    owner.post(&decision_path(&id, "approve"), json!({"disclose": null})).await.expect(200);
    client.patch(&path, json!({"config": {"format": "structured"}})).await.expect(200);
    owner.publish("zaken", "6", event).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 6).await[5].json()["subject"], "verborgen");
}

#[tokio::test]
async fn a_subscription_to_all_kanalen_goes_without_one_that_is_not_approved() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let owner = closed(&gateway).await;
    owner.post("/v1/kanalen", json!({"naam": "open"})).await.expect(201);
    let client = gateway.client(CONSUMER);
    let id = granted(&client, json!({"sink": sink.url("/x")})).await;
    owner.publish("zaken", "1", json!({})).await.expect(202);
    owner.publish("open", "2", json!({})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 1).await[0].json()["id"], "2");
    owner.post(&decision_path(&id, "approve"), json!({})).await.expect(200);
    owner.publish("zaken", "3", json!({})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 2).await[1].json()["id"], "3");
    owner.post(&decision_path(&id, "reject"), json!({"reason": "voorbij"})).await.expect(200);
    assert_eq!(state(&client, &id).await, "granted", "the other kanalen go on");
    owner.publish("zaken", "4", json!({})).await.expect(202);
    owner.publish("open", "5", json!({})).await.expect(202);
    assert_eq!(sink.wait(Method::POST, 3).await[2].json()["id"], "5");
}

#[tokio::test]
async fn an_abonnement_waits_for_the_owner_as_well() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let owner = closed(&gateway).await;
    let client = gateway.client(CONSUMER);
    sink.answers(&[401, 204]);
    let body = json!({"callbackUrl": sink.url("/y"), "auth": "x", "kanalen": [{"naam": "zaken", "filters": {}}]});
    let made = client.post("/api/v1/abonnement", body).await.expect(201).json();
    let id = made["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("an id").to_owned();
    let notification = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.example/1", "resource": "zaak",
        "resourceUrl": "https://z.example/1", "actie": "create", "aanmaakdatum": "2026-01-01T00:00:00Z", "kenmerken": {},
    });
    owner.post("/api/v1/notificaties", notification).await.expect(201);
    assert_eq!(state(&client, &id).await, "awaiting-approval");
    let probes = sink.seen(&Method::POST).len();
    owner.post(&decision_path(&id, "approve"), json!({})).await.expect(200);
    let seen = sink.wait(Method::POST, probes + 1).await;
    assert_eq!(seen[probes].json()["kanaal"], "zaken");
}

#[tokio::test]
async fn only_the_owner_changes_who_owns_and_approves() {
    let gateway = Gateway::with(
        "[[applicatie]]\nclient_id = \"second\"\nsecret = \"the long enough secret of second\"\n\
         scopes = [\"notificaties.publiceren\"]\n\
         [[kanaal]]\nnaam = \"declared\"\nowner = \"second\"\napproval = true",
    )
    .await;
    let owner = closed(&gateway).await;
    let (second, beheer) = (gateway.client("second"), gateway.client(BEHEER));
    let declared = second.get("/v1/kanalen/declared").await.expect(200).json();
    assert_eq!((&declared["owner"], &declared["approval"]), (&json!("second"), &json!("required")));
    for body in [json!({"approval": "none"}), json!({"owner": "second"}), json!({"owner": null})] {
        second.put("/v1/kanalen/zaken", body).await.problem(403);
    }
    let kept = second.put("/v1/kanalen/zaken", json!({"filters": ["a"]})).await.expect(200).json();
    assert_eq!((&kept["owner"], &kept["approval"]), (&json!(PUBLISHER), &json!("required")), "what is not said stays");
    second.post("/v1/kanalen", json!({"naam": "x", "owner": PUBLISHER})).await.problem(403);
    owner.put("/v1/kanalen/zaken", json!({"owner": "second"})).await.expect(200);
    owner.put("/v1/kanalen/zaken", json!({"approval": "none"})).await.problem(403);
    let open = beheer.put("/v1/kanalen/zaken", json!({"approval": "none"})).await.expect(200).json();
    assert_eq!((&open["owner"], &open["approval"]), (&json!("second"), &json!("none")));
    gateway.client(OTHER).get("/v1/kanalen/zaken/subscriptions").await.problem(403);
    let legacy = json!({"naam": "klassiek"});
    owner.post("/api/v1/kanaal", legacy).await.expect(201);
    assert_eq!(owner.get("/v1/kanalen/klassiek").await.json()["owner"], PUBLISHER);
}
