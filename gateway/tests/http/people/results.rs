//! When mailings are sent, what came of them, and stopping one: by the answer to the publisher, the API, and an event to a webhook.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{mail, press};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, ReceivedRequest, Sink, eventually},
};

const QUICK: &str = "[own_events]\ncheck_seconds = 1\n[delivery.retry]\nfactor = 0.05\nbase = 1.0\n";

/// A gateway with one confirmed person on kanaal `weg`.
pub async fn gateway_with_a_person(relay: &mut test_relay::Relay, more: &str) -> Gateway {
    let gateway = Gateway::with(&format!("{}{more}", mail::configuration(relay.port()))).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    mail::subscribe(&gateway, "an@burger.example").await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &mail::path(&confirmation), "bevestigen").await.expect(303);
    gateway
}

pub async fn publish(gateway: &Gateway, id: &str, prefer: &str, more: Value) -> crate::support::Answer {
    let mut event = json!({ "specversion": "1.0", "id": id, "source": "urn:test", "type": "nl.weg.gewijzigd" });
    if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
        event.extend(more.clone());
    }
    let headers = [("content-type", "application/cloudevents+json"), ("prefer", prefer)];
    gateway.client(PUBLISHER).send(Method::POST, "/v1/events?kanaal=weg", &headers, event.to_string()).await
}

pub async fn mailing(gateway: &Gateway, event: &str, state: &str) -> Value {
    eventually(&format!("{event} is {state}"), || async {
        let list = gateway.client(BEHEER).get("/v1/people/mailings?kanaal=weg").await.expect(200).json();
        let all = list["results"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["event"] == event && one["state"] == state)
    })
    .await
}

#[tokio::test]
async fn the_publisher_waits_for_the_result_and_a_webhook_gets_it_after_failures_ch_86_ch_87_ch_88_defect_15() {
    let mut relay = mail::relay(0).await;
    let gateway = gateway_with_a_person(&mut relay, QUICK).await;
    let callback = Sink::start().await;
    let config = json!({ "kanalen": ["gateway"] });
    granted(&gateway.client(BEHEER), json!({ "sink": callback.url("/results"), "config": config })).await;
    callback.answers(&[500, 500, 200]);

    let answer = publish(&gateway, "e1", "wait=60", json!({})).await.expect(200);
    assert_eq!(answer.header("preference-applied"), Some("wait"));
    let found = answer.json();
    let found = found["results"].as_array().expect("mailings");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["state"], &found[0]["counts"]["sent"]), (&json!("ended"), &json!(1)));

    // The third try is accepted; each has the same event, with counts and nobody.
    let subject = format!("mailing:{}", found[0]["id"]);
    let tries = eventually("three tries", || async {
        let seen = callback.seen(&Method::POST);
        let tries: Vec<Value> =
            seen.iter().map(ReceivedRequest::json).filter(|one| one["subject"] == *subject).collect();
        (tries.len() >= 3).then_some(tries)
    })
    .await;
    assert!(tries.iter().all(|one| *one == tries[0]), "{tries:?}");
    let data = &tries[0]["data"];
    assert_eq!(tries[0]["type"], "nl.gov.eventgateway.mailing.ended");
    assert_eq!(
        (&data["event"], &data["counts"]["sent"], &data["counts"]["candidates"]),
        (&json!("e1"), &json!(1), &json!(1))
    );
    let text = tries[0].to_string();
    assert!(!text.contains("burger") && !text.contains(PUBLISHER), "{text}");

    // A wait that is too short, and one where nobody is subscribed, leave the answer as it was.
    publish(&gateway, "e2", "wait=0", json!({})).await.expect(202);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "raad" })).await.expect(201);
    let headers = [("content-type", "application/cloudevents+json"), ("prefer", "wait=60")];
    let event = json!({ "specversion": "1.0", "id": "e3", "source": "urn:test", "type": "nl.raad" }).to_string();
    gateway.client(PUBLISHER).send(Method::POST, "/v1/events?kanaal=raad", &headers, event).await.expect(202);
    gateway.stop().await;
}

#[tokio::test]
async fn a_scheduled_mailing_is_shown_and_stopped_and_an_ended_one_is_not_ch_94_ch_97_ch_98() {
    let mut relay = mail::relay(0).await;
    let gateway = gateway_with_a_person(&mut relay, "").await;
    let due = (gateway.now() + Duration::from_hours(1)).to_rfc3339();
    publish(&gateway, "later", "", json!({ "deliverafter": due })).await.expect(202);
    let later = mailing(&gateway, "later", "scheduled").await;
    assert_eq!(later["due"], due);
    let path = |mailing: &Value| format!("/v1/people/mailings/{}", mailing["id"]);
    gateway.client(PUBLISHER).delete(&path(&later)).await.expect(403);
    gateway.client(BEHEER).delete(&path(&later)).await.expect(204);
    assert_eq!(mailing(&gateway, "later", "ended").await["counts"]["candidates"], 0);
    assert_eq!(gateway.client(BEHEER).delete(&path(&later)).await.problem(409).0, "mailing-ended");
    for unknown in ["4711", "x"] {
        gateway.client(BEHEER).delete(&format!("/v1/people/mailings/{unknown}")).await.expect(404);
    }
    publish(&gateway, "now", "", json!({ "deliverafter": "2020-01-01T00:00:00Z" })).await.expect(202);
    assert_eq!(mailing(&gateway, "now", "ended").await["counts"]["sent"], 1);
    for wrong in ["morgen", "2999-01-01T00:00:00Z"] {
        let answer = publish(&gateway, wrong, "", json!({ "deliverafter": wrong })).await;
        assert_eq!(answer.problem(400).1.as_deref(), Some("deliverafter"), "{wrong}");
    }
    gateway.stop().await;
    let mails = relay.accepted().await.expect("mails");
    assert_eq!(mails.iter().filter(|mail| mail["fields"].get("list-id").is_some()).count(), 1);
}

#[tokio::test]
async fn the_publisher_cancels_what_waits_and_no_other_client_does_ch_98() {
    const NEIGHBOUR: &str = "[[applicatie]]\nclient_id = \"buur\"\nsecret = \"the long enough secret of buur\"\n\
                             scopes = [\"notificaties.publiceren\"]\n";
    let mut relay = mail::relay(0).await;
    let gateway = gateway_with_a_person(&mut relay, NEIGHBOUR).await;
    let due = (gateway.now() + Duration::from_hours(1)).to_rfc3339();
    for id in ["first", "second"] {
        publish(&gateway, id, "", json!({ "deliverafter": due })).await.expect(202);
        mailing(&gateway, id, "scheduled").await;
    }
    let path = |id: &str| format!("/v1/events/{id}/mailings?source=urn:test&kanaal=weg");
    let publisher = gateway.client(PUBLISHER);
    let no_name = format!("?source=urn:test&kanaal={}", "x".repeat(60));
    for (query, member) in [("", "source"), ("?source=urn:test", "kanaal"), (&*no_name, "kanaal")] {
        let answer = publisher.delete(&format!("/v1/events/first/mailings{query}")).await;
        assert_eq!(answer.problem(400).1.as_deref(), Some(member), "{query}");
    }
    gateway.client(CONSUMER).delete(&path("first")).await.expect(403);
    gateway.client("buur").delete(&path("first")).await.problem(404);
    for unknown in
        [path("unknown"), path("first").replace("urn:test", "urn:else"), path("first").replace("weg", "raad")]
    {
        publisher.delete(&unknown).await.problem(404);
    }
    assert_eq!(mailing(&gateway, "first", "scheduled").await["counts"]["candidates"], 0);
    publisher.delete(&path("first")).await.expect(204);
    assert_eq!(publisher.delete(&path("first")).await.problem(409).0, "mailing-started");
    gateway.client(BEHEER).delete(&path("second")).await.expect(204);

    // It stays so over a restart, and what has started is not cancelled.
    let gateway = gateway.restart().await;
    for id in ["first", "second"] {
        assert_eq!(mailing(&gateway, id, "ended").await["counts"]["candidates"], 0);
    }
    publish(&gateway, "now", "", json!({ "deliverafter": "2020-01-01T00:00:00Z" })).await.expect(202);
    assert_eq!(mailing(&gateway, "now", "ended").await["counts"]["sent"], 1);
    let publisher = gateway.client(PUBLISHER);
    assert_eq!(publisher.delete(&path("now")).await.problem(409).0, "mailing-started");
    let trail = gateway.client(BEHEER).get("/v1/audit?action=mailing.stop").await.expect(200).json();
    let accepted = trail["results"].as_array().expect("entries").iter().filter(|one| one["result"] == "accepted");
    assert_eq!(accepted.count(), 2, "{trail}");
    gateway.stop().await;
    let mails = relay.accepted().await.expect("mails");
    assert_eq!(mails.iter().filter(|mail| mail["fields"].get("list-id").is_some()).count(), 1);
}
