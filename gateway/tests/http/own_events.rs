//! The gateway's own events: published on kanaal `gateway`, delivered like all others, and never about themselves.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use http::Method;
use model::{Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, ReceivedRequest, Sink, eventually},
};

/// Every outage is announced, and a sink is tried again soon.
const QUICK: &str = "[own_events]\ncheck_seconds = 1\noutage_after_seconds = 0\noutage_quiet_seconds = 0\n\
                     [delivery.retry]\nfactor = 0.05\nbase = 1.0";

const PREFIX: &str = "nl.gov.eventgateway.";

/// A subscriber to the kanaal `gateway`; the id of its subscription.
async fn alerted(gateway: &Gateway, sink: &Sink) -> String {
    let body = json!({"sink": sink.url("/alerts"), "config": {"kanalen": ["gateway"]}});
    granted(&gateway.client(BEHEER), body).await
}

async fn kanaal(gateway: &Gateway, body: Value) {
    gateway.client(PUBLISHER).post("/v1/kanalen", body).await.expect(201);
}

/// The events of a type about a subject that a sink got.
fn events(sink: &Sink, short: &str, subject: &str) -> Vec<ReceivedRequest> {
    let is_it = |request: &ReceivedRequest| {
        let event = request.json();
        event["type"] == format!("{PREFIX}{short}") && event["subject"] == subject
    };
    sink.seen(&Method::POST).into_iter().filter(is_it).collect()
}

/// Waits for an event of a type about a subject; its data.
async fn event(sink: &Sink, short: &str, subject: &str) -> Value {
    let first = || async { events(sink, short, subject).first().map(ReceivedRequest::json) };
    let event = eventually(&format!("{short} about {subject}"), first).await;
    assert_eq!(event["data"]["subscription"], subject);
    let name = format!("gateway-{}", short.replace('.', "-"));
    assert!(event["dataschema"].as_str().is_some_and(|uri| uri.ends_with(&format!("/v1/schemas/{name}"))), "{event}");
    event["data"].clone()
}

#[tokio::test]
async fn an_outage_a_recovery_and_an_end_reach_a_subscriber() {
    let gateway = Gateway::with(QUICK).await;
    let (alerts, sink) = (Sink::start().await, Sink::start().await);
    kanaal(&gateway, json!({"naam": "zaken"})).await;
    alerted(&gateway, &alerts).await;
    let config = json!({"kanalen": ["zaken"], "name": "Zaaksysteem Oost"});
    let body = json!({"sink": sink.url("/hook?key=geheim"), "config": config});
    let id = granted(&gateway.client(CONSUMER), body).await;

    sink.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let begun = event(&alerts, "subscription.outage-begun", &id).await;
    let expected = json!({"subscription": id, "name": "Zaaksysteem Oost", "owner": CONSUMER, "sinkHost": "127.0.0.1",
        "since": begun["since"], "reason": "sink"});
    assert_eq!(begun, expected, "and nothing else of the sink");

    // It is not announced again by a gateway that starts, which knows the log alone.
    let gateway = gateway.restart().await;
    sink.answers(&[204]);
    let ended = event(&alerts, "subscription.outage-ended", &id).await;
    assert_eq!(ended["since"], begun["since"]);
    let ids = |short| -> BTreeSet<String> {
        events(&alerts, short, &id).iter().map(|request| request.json()["id"].to_string()).collect()
    };
    assert_eq!(ids("subscription.outage-begun").len(), 1);

    sink.answers(&[410]);
    gateway.client(PUBLISHER).publish("zaken", "2", json!({})).await.expect(202);
    let suspended = event(&alerts, "subscription.suspended", &id).await;
    assert_eq!(suspended["reason"], "gone");
    assert_eq!((ids("subscription.outage-begun").len(), ids("subscription.suspended").len()), (1, 1));
}

#[tokio::test]
async fn approval_consent_and_dead_letters_reach_a_subscriber() {
    let gateway = Gateway::with(QUICK).await;
    let (alerts, sink, unwilling) = (Sink::start().await, Sink::start().await, Sink::start().await);
    alerted(&gateway, &alerts).await;
    kanaal(&gateway, json!({"naam": "zaken"})).await;
    kanaal(&gateway, json!({"naam": "besloten", "approval": "required"})).await;
    let client = gateway.client(CONSUMER);
    let subscribe = async |sink: &Sink, kanaal: &str| -> String {
        let body = json!({"protocol": "HTTP", "sink": sink.url("/hook"), "config": {"kanalen": [kanaal]}});
        let made = client.post("/v1/subscriptions", body).await.expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let waiting = subscribe(&sink, "besloten").await;
    assert_eq!(event(&alerts, "subscription.approval-asked", &waiting).await["kanaal"], "besloten");

    unwilling.consents_with(200, &[]);
    let refused = subscribe(&unwilling, "zaken").await;
    event(&alerts, "subscription.consent-refused", &refused).await;

    let id = granted(&client, json!({"sink": sink.url("/hook"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[400]);
    for number in ["1", "2", "3"] {
        gateway.client(PUBLISHER).publish("zaken", number, json!({})).await.expect(202);
    }
    let first = event(&alerts, "subscription.dead-letters", &id).await;
    assert!(first["count"].as_u64().is_some_and(|count| (1..=3).contains(&count)), "{first}");
    assert_eq!(events(&alerts, "subscription.dead-letters", &id).len(), 1, "the others are counted with the next one");
}

#[tokio::test]
async fn a_subscriber_gets_an_event_before_a_suspension() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
    let settings =
        "[own_events]\ncheck_seconds = 1\nsuspension_percent = [50, 70]\n[delivery]\noutage_limit_hours = 1\n";
    let gateway = Gateway::with_clock(settings, &clock).await;
    let (alerts, sink) = (Sink::start().await, Sink::start().await);
    kanaal(&gateway, json!({"naam": "zaken"})).await;
    alerted(&gateway, &alerts).await;
    let body = json!({"sink": sink.url("/hook"), "config": {"kanalen": ["zaken"]}});
    let id = granted(&gateway.client(CONSUMER), body).await;
    sink.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let path = format!("/v1/subscriptions/{id}");
    eventually("the outage", || async {
        let shown = gateway.client(CONSUMER).get(&path).await.json();
        (shown["status"]["state"] == "outage").then_some(())
    })
    .await;
    let short = "subscription.suspension-near";
    clock.advance(Duration::from_mins(31));
    let first = event(&alerts, short, &id).await;
    assert_eq!((&first["percent"], &first["suspendedFrom"]), (&json!(50), &json!("2027-01-15T09:00:00Z")), "{first}");
    clock.advance(Duration::from_mins(12));
    let both = eventually("the next part", || async {
        let found = events(&alerts, short, &id);
        (found.len() >= 2).then_some(found)
    })
    .await;
    let percents: Vec<Value> = both.iter().map(|request| request.json()["data"]["percent"].clone()).collect();
    assert_eq!(percents, [json!(50), json!(70)]);
}

#[tokio::test]
async fn an_outage_of_an_alert_receiver_makes_no_event() {
    let gateway = Gateway::with(QUICK).await;
    let (watching, failing, sink) = (Sink::start().await, Sink::start().await, Sink::start().await);
    kanaal(&gateway, json!({"naam": "zaken"})).await;
    alerted(&gateway, &watching).await;
    let receiver = alerted(&gateway, &failing).await;
    let body = |sink: &Sink| json!({"sink": sink.url("/hook"), "config": {"kanalen": ["zaken"]}});
    let client = gateway.client(CONSUMER);
    let first = granted(&client, body(&sink)).await;
    failing.answers(&[503]);
    sink.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    event(&watching, "subscription.outage-begun", &first).await;
    let path = format!("/v1/subscriptions/{receiver}");
    eventually("the outage of the receiver", || async {
        (gateway.client(BEHEER).get(&path).await.json()["status"]["state"] == "outage").then_some(())
    })
    .await;
    // A later outage is announced by a comparison that also saw the one of the receiver.
    let other = Sink::start().await;
    let second = granted(&client, body(&other)).await;
    other.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "2", json!({})).await.expect(202);
    event(&watching, "subscription.outage-begun", &second).await;
    let about_receiver =
        watching.seen(&Method::POST).into_iter().filter(|request| request.json()["subject"] == *receiver);
    assert_eq!(about_receiver.count(), 0);
}

#[tokio::test]
async fn the_kanaal_belongs_to_the_gateway() {
    let gateway = Gateway::with("[own_events]").await;
    let (publisher, consumer, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    for client in [&publisher, &beheer] {
        let refused = client.publish("gateway", "1", json!({})).await.expect(403).json();
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("the gateway itself")), "{refused}");
    }
    let notification = json!({"kanaal": "gateway", "hoofdObject": "https://z.example/1", "resource": "zaak",
        "resourceUrl": "https://z.example/1", "actie": "create", "aanmaakdatum": "2026-01-01T00:00:00Z", "kenmerken": {}});
    publisher.post("/api/v1/notificaties", notification).await.expect(403);

    let shown = consumer.get("/v1/kanalen/gateway").await.expect(200).json();
    assert_eq!((&shown["ownEvents"], &shown["owner"]), (&json!(true), &Value::Null));
    assert_eq!(beheer.delete("/v1/kanalen/gateway").await.problem(403).0, "forbidden");
    publisher.put("/v1/kanalen/gateway", json!({"naam": "gateway"})).await.problem(403);
    let owned = json!({"naam": "gateway", "owner": PUBLISHER});
    assert_eq!(beheer.put("/v1/kanalen/gateway", owned).await.problem(400).1.as_deref(), Some("owner"));

    let sink = Sink::start().await;
    let body = json!({"protocol": "HTTP", "sink": sink.url("/x"), "config": {"kanalen": ["gateway"]}});
    consumer.post("/v1/subscriptions", body.clone()).await.problem(403);
    let id = granted(&consumer, json!({"sink": sink.url("/x")})).await;
    let change = json!({"config": {"kanalen": ["gateway"]}});
    consumer.patch(&format!("/v1/subscriptions/{id}"), change).await.problem(403);
    beheer.post("/v1/subscriptions", body).await.expect(201);
    let preview = json!({"selection": {"config": {"kanalen": ["gateway"]}}});
    let preview = consumer.post("/v1/subscriptions/preview", preview).await.expect(200).json();
    assert_eq!(preview["kanalen"][0]["withheld"], true, "{preview}");

    for short in ["subscription-outage-begun", "certificate-near-end"] {
        consumer.get(&format!("/v1/schemas/gateway-{short}")).await.expect(200);
    }
    let types = consumer.get("/v1/types").await.expect(200);
    assert!(String::from_utf8_lossy(&types.body).contains("nl.gov.eventgateway.subscription.outage-begun"));
}

#[tokio::test]
async fn without_the_section_the_name_stays_free_for_it() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.get("/v1/kanalen/gateway").await.problem(404);
    let refused = publisher.post("/v1/kanalen", json!({"naam": "gateway"})).await.problem(400);
    assert_eq!(refused.1.as_deref(), Some("naam"));
    publisher
        .post("/api/v1/kanaal", json!({"naam": "gateway", "documentatieLink": "https://a.example/"}))
        .await
        .expect(400);
}
