//! Mails to people through a real relay (aiosmtpd): what is due is sent, also after a restart, and an outage is visible without an
//! address.

use serde_json::{Value, json};
use test_relay::{Protection, Relay};

use super::{PEOPLE, press, request, state};
use crate::support::{CONSUMER, Gateway, PUBLISHER, eventually};

/// The configuration of a gateway that sends to a relay.
pub fn configuration(port: u16) -> String {
    format!(
        "{PEOPLE}[email]\nhost = \"localhost\"\nport = {port}\nsecurity = \"plain\"\nfrom = \"noreply@gemeente.example\"\n\
         name = \"Gemeente Voorbeeld\"\n"
    )
}

pub async fn relay(port: u16) -> Relay {
    Relay::start_at(port, Protection::None, json!({ "contents": true })).await.expect("a relay")
}

/// The path of the link in a mail.
pub fn path(mail: &Value) -> String {
    let text = mail["text"].as_str().expect("a text");
    let (_, rest) = text.split_once("https://berichten.example.nl").expect("a link of ours");
    rest.split_whitespace().next().expect("a path").to_owned()
}

pub async fn subscribe(gateway: &Gateway, address: &str) -> model::addressee::AddresseeId {
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", request(address, "weg")).await.expect(202);
    model::addressee::AddresseeId(answer.json()["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"))
}

async fn people(gateway: &Gateway) -> Value {
    gateway.nobody().get("/readyz").await.expect(200).json()["people"].clone()
}

#[tokio::test]
async fn a_person_confirms_by_the_link_in_a_mail_and_leaves_by_another_ch_48_ch_57_ch_61() {
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&configuration(relay.port())).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    assert_eq!(people(&gateway).await["relay"]["state"], "unknown");
    let id = subscribe(&gateway, "an@burger.example").await;
    let confirmation = relay.line().await.expect("a mail");
    assert_eq!(
        (&confirmation["to"], &confirmation["sender"]),
        (&json!("an@burger.example"), &json!("noreply@gemeente.example"))
    );
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    assert_eq!(state(&gateway, id).await, "confirmed");
    let leave = super::path(&gateway.people().links().leave(id));
    press(&gateway.nobody(), &leave, "afmelden").await.expect(303);
    let acknowledgement = relay.line().await.expect("a mail");
    assert_eq!(acknowledgement["fields"]["subject"], "U bent afgemeld");
    eventually("nothing waits", || async {
        let people = people(&gateway).await;
        (people["outbox"] == json!({ "waiting": 0, "given_up": 0 })).then_some(people)
    })
    .await;
    assert_eq!(people(&gateway).await["relay"]["state"], "working");
    let metrics = eventually("they are looked up", || async {
        let metrics =
            String::from_utf8(gateway.nobody().get("/metrics").await.expect(200).body.to_vec()).expect("text");
        metrics.contains("gateway_people_outbox_messages{state=\"waiting\"} 0").then_some(metrics)
    });
    let metrics = metrics.await;
    assert!(metrics.contains("gateway_people_relay_failing 0"), "{metrics}");
    assert!(!metrics.contains("burger.example"), "{metrics}");
    gateway.stop().await;
}

/// The relay is away when the request comes, and the gateway restarts before it is back.
#[tokio::test]
async fn what_is_due_waits_for_the_relay_and_survives_a_restart_ch_133() {
    let port = free_port::free_port();
    let gateway = Gateway::with(&configuration(port)).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    subscribe(&gateway, "an@burger.example").await;
    let failing = eventually("the outage is visible", || async {
        let people = people(&gateway).await;
        (people["relay"]["state"] == "failing").then_some(people)
    });
    let failing = failing.await;
    assert_eq!(failing["outbox"]["waiting"], 1, "{failing}");
    assert!(failing["outbox"]["oldest_seconds"].is_u64() && failing["relay"]["since"].is_string(), "{failing}");
    assert!(!failing.to_string().contains('@'), "{failing}");
    let gateway = gateway.restart().await;
    let mut relay = relay(port).await;
    assert_eq!(relay.line().await.expect("a mail")["to"], "an@burger.example");
    gateway.stop().await;
}
