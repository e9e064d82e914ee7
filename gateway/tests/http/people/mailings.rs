//! From an event to the mail of a person and back: confirmed by the link in one mail, left by one click of another, over a
//! restart, through a real relay (aiosmtpd).

use http::Method;
use serde_json::{Value, json};

use super::{
    FORM,
    mail::{configuration, path, relay, subscribe},
    press, state,
};
use crate::support::{Gateway, PUBLISHER, eventually};

async fn publish(gateway: &Gateway, id: &str) {
    let more = json!({ "type": "nl.weg.gewijzigd", "subject": "Dorpsstraat", "data": { "geheim": "niet-in-de-mail" } });
    gateway.client(PUBLISHER).publish("weg", id, more).await.expect(202);
}

/// The path of the link that `List-Unsubscribe` has.
fn unsubscribe(mail: &Value) -> String {
    let field = mail["fields"]["list-unsubscribe"].as_str().expect("the field");
    let url = field.trim_start_matches('<').trim_end_matches('>');
    url.strip_prefix("https://berichten.example.nl").expect("a link of ours").to_owned()
}

#[tokio::test]
async fn a_confirmed_person_gets_events_until_one_click_ends_that_ch_20_ch_56_ch_64_ch_86_ch_90() {
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&configuration(relay.port())).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    publish(&gateway, "before").await;
    let id = subscribe(&gateway, "an@burger.example").await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);

    publish(&gateway, "e1").await;
    let mail = relay.line().await.expect("a mail");
    assert_eq!(mail["to"], "an@burger.example");
    assert_eq!(mail["fields"]["subject"], "Nieuw bericht over weg");
    assert_eq!(mail["fields"]["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains("nl.weg.gewijzigd") && text.contains("Dorpsstraat"), "{text}");
    assert!(!text.contains("niet-in-de-mail"), "{text}");
    assert!(text.contains(&unsubscribe(&mail)), "the link is in the text as well");

    // Over a restart, an event has its mail once.
    let gateway = gateway.restart().await;
    publish(&gateway, "e2").await;
    let second = relay.line().await.expect("a mail");
    assert_ne!(second["fields"]["message-id"], mail["fields"]["message-id"]);

    let body = "List-Unsubscribe=One-Click";
    gateway.nobody().send(Method::POST, &unsubscribe(&second), &[FORM], body).await.expect(200);
    assert_eq!(state(&gateway, id).await, "ended");
    publish(&gateway, "e3").await;
    let metrics = eventually("both mailings are counted", || async {
        let body = gateway.nobody().get("/metrics").await.expect(200).body;
        let metrics = String::from_utf8(body.to_vec()).expect("text");
        metrics.contains("gateway_people_mailing_ends_total{kanaal=\"weg\",end=\"sent\"}").then_some(metrics)
    });
    assert!(!metrics.await.contains("burger.example"));
    gateway.stop().await;
    let rest = relay.accepted().await.expect("mails");
    assert!(rest.iter().all(|mail| mail["fields"].get("list-id").is_none()), "only the acknowledgement: {rest:?}");
}
