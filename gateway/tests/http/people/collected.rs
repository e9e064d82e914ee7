//! One mail with all events of a week, from the request to the one click that ends it, through a real relay (aiosmtpd).

use std::{sync::Arc, time::Duration};

use http::Method;
use model::{Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use super::{
    FORM,
    mail::{configuration, path, relay},
    press, request, state, text,
};
use crate::{
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, eventually},
};

fn wanted(frequency: &str) -> Value {
    let mut body = request("an@burger.example", "weg");
    body["config"]["frequency"] = json!(frequency);
    body
}

#[tokio::test]
async fn five_events_and_weekly_are_one_mail_that_one_click_ends_ch_20_ch_101() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let mut relay = relay(0).await;
    let gateway = Gateway::with_clock(&configuration(relay.port()), &clock).await;
    let (consumer, publisher, nobody) = (gateway.client(CONSUMER), gateway.client(PUBLISHER), gateway.nobody());
    publisher.post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let refused = consumer.post("/v1/subscriptions", wanted("hourly")).await.problem(400);
    assert_eq!(refused.1.as_deref(), Some("config.frequency"));
    let answer = consumer.post("/v1/subscriptions", wanted("weekly")).await.expect(202).json();
    assert_eq!(answer["config"]["frequency"], "weekly");
    let id: model::addressee::AddresseeId =
        model::addressee::AddresseeId(answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
    let confirmation = relay.line().await.expect("a mail");
    press(&nobody, &path(&confirmation), "bevestigen").await.expect(303);
    clock.advance(Duration::from_secs(1));
    for number in 1..=5 {
        let more = json!({ "type": "nl.weg.gewijzigd", "subject": format!("Straat {number}") });
        publisher.publish("weg", &format!("e{number}"), more).await.expect(202);
    }
    let found = eventually("five wait", || async {
        let waiting = gateway.audience().collected(id, 100).await.expect("read");
        (waiting.len() == 5).then_some(waiting)
    });
    let mailing = found.await[0].mailing.0;
    eventually("the mailing has ended", || async {
        let body = json!({ "outcomes": ["permanent-failure"], "dryRun": true });
        let path = format!("/v1/people/mailings/{mailing}/resends");
        let (kind, detail) = (gateway.client(BEHEER).post(&path, body).await, "in one mail with others");
        String::from_utf8_lossy(&kind.body).contains(detail).then_some(())
    })
    .await;

    clock.advance(Duration::from_hours(7 * 24));
    let mail = relay.line().await.expect("a mail");
    assert_eq!(mail["to"], "an@burger.example");
    assert_eq!(mail["fields"]["subject"], "Uw berichten over weg");
    let body = mail["text"].as_str().expect("a text");
    for number in 1..=5 {
        assert_eq!(body.matches(&format!("Straat {number}")).count(), 1, "{body}");
    }
    assert_eq!(body.matches("https://berichten.example.nl/a/").count(), 1, "{body}");
    eventually("evidence of each", || async {
        // The token of before is a week old.
        let export = gateway.client(CONSUMER).get(&format!("/v1/subscriptions/{id}/export")).await.expect(200).json();
        check("PersonExport", &export);
        assert_eq!(export["subscriptions"][0]["frequency"], "weekly");
        let all = export["notifications"].as_array().expect("a list").clone();
        (all.len() == 5 && all.iter().all(|one| one["outcome"] == "sent")).then_some(())
    })
    .await;
    let field = mail["fields"]["list-unsubscribe"].as_str().expect("the field");
    let url = field.trim_start_matches('<').trim_end_matches('>');
    let click = super::path(url);
    nobody.send(Method::POST, &click, &[FORM], "List-Unsubscribe=One-Click").await.expect(200);
    assert_eq!(state(&gateway, id).await, "ended");
    gateway.stop().await;
}

#[tokio::test]
async fn the_choice_is_changed_by_the_owner_and_on_the_page_ch_101() {
    let gateway = super::gateway().await;
    let (consumer, nobody) = (gateway.client(CONSUMER), gateway.nobody());
    let id = super::confirmed(&gateway, CONSUMER, "an@burger.example", "weg").await;
    let url = format!("/v1/subscriptions/{id}");
    let frequency = async || consumer.get(&url).await.expect(200).json()["config"]["frequency"].clone();
    assert_eq!(frequency().await, "at-once");
    let changed = consumer.patch(&url, json!({ "config": { "frequency": "daily" } })).await.expect(200).json();
    assert_eq!((&changed["config"]["frequency"], frequency().await), (&json!("daily"), json!("daily")));
    for (body, member) in [
        (json!({ "config": { "frequency": "often" } }), "config.frequency"),
        (json!({ "config": {} }), "config.frequency"),
        (json!({ "config": { "frequency": "daily", "language": "en" } }), "config.language"),
        (json!({ "config": { "frequency": "daily" }, "sink": "mailto:b@x.nl" }), "sink"),
    ] {
        assert_eq!(consumer.patch(&url, body.clone()).await.problem(400).1.as_deref(), Some(member), "{body}");
    }
    let other = gateway.client(OTHER).patch(&url, json!({ "config": { "frequency": "weekly" } })).await;
    other.problem(404);

    let found = gateway.audience().get(id).await.expect("read").expect("there").addressee;
    let link = gateway.people().links().data(id, found.generation, gateway.now() + people::DATA_LINK_VALID);
    let page = super::path(&link);
    let shown = text(&nobody.get(&page).await.expect(200));
    assert!(shown.contains("<option value=\"daily\" selected>Elke dag"), "{shown}");
    let asked = nobody.send(Method::POST, &page, &[FORM], "hoevaak=weekly&wat=hoevaak").await.expect(303);
    let after = text(&nobody.get(asked.header("location").expect("a page")).await.expect(200));
    assert!(after.contains("Uw keuze is bewaard") && after.contains("value=\"weekly\" selected"), "{after}");
    assert!(text(&nobody.get(&format!("{page}?taal=en")).await.expect(200)).contains("How often you get an e-mail"));
    nobody.send(Method::POST, &page, &[FORM], "hoevaak=soms&wat=hoevaak").await.expect(400);
    assert_eq!(frequency().await, "weekly");
    let trail = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={id}")).await.expect(200);
    assert!(!text(&trail).contains("burger.example"));
    gateway.stop().await;
}
