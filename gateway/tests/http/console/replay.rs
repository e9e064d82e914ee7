//! Events delivered again to a subscription: the form, the count and the start.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{OTHER, PUBLISHER};

/// The value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\"")).expect("a hidden field");
    rest.split('"').next().unwrap_or_default()
}

#[tokio::test]
async fn a_replay_is_counted_and_confirmed_before_it_starts() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    for event in ["1", "2"] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({})).await.expect(202);
    }
    sink.wait(Method::POST, 2).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("/beheer/abonnementen/{id}/herhalen");
    let form = text(&browser.get(&path).await.expect(200));
    assert!(form.contains("name=\"van\"") && form.contains("value=\"zaken\""), "{form}");
    let page = text(&browser.get(&format!("{path}?stap=tellen&van=2000-01-01&kanaal=zaken")).await.expect(200));
    for part in ["Controleer en bevestig", ">2</dd>", "nog een keer", "Posities voor en na de start"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let (from, until) = (field(&page, "van").to_owned(), field(&page, "tot").to_owned());
    let address = format!("{}/v1/subscriptions/{id}/replay", gateway.base);
    for part in ["Deze acties met curl", "&#34;kanalen&#34;:[&#34;zaken&#34;]", &address, &format!("&#34;{until}&#34;")]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(sink.seen(&Method::POST).len(), 2, "the count delivers nothing");
    // What is accepted after the count is not part of the replay, but is delivered as usual.
    gateway.client(PUBLISHER).publish("zaken", "3", json!({})).await.expect(202);
    sink.wait(Method::POST, 3).await;
    let answer = browser.post(&path, &format!("van={from}&tot={until}&kanaal=zaken")).await.expect(303);
    assert_eq!(answer.header("location"), Some(format!("/beheer/abonnementen/{id}?gedaan=run-gestart").as_str()));
    let seen = sink.wait(Method::POST, 5).await;
    let mut again: Vec<_> = seen[3..].iter().map(|request| request.json()["id"].clone()).collect();
    again.sort_by_key(ToString::to_string);
    assert_eq!(again, [json!("1"), json!("2")]);
}

#[tokio::test]
async fn a_wrong_period_or_kanaal_shows_the_faults_and_keeps_the_values() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("/beheer/abonnementen/{id}/herhalen");
    for (fields, part) in [
        ("van=", "href=\"#van\""),
        ("van=gisteren", "value=\"gisteren\""),
        ("van=2020-01-01&tot=morgen", "href=\"#tot\""),
        ("van=2020-01-02&tot=2020-01-01", "Het einde moet na het begin liggen"),
        ("van=2020-01-01&kanaal=anders", "Kies een kanaal van dit abonnement"),
    ] {
        for answer in [browser.get(&format!("{path}?stap=tellen&{fields}")).await, browser.post(&path, fields).await] {
            let page = text(&answer.expect(422));
            assert!(page.contains(part) && page.contains("Fout:"), "{fields}: {page}");
        }
    }
    let page = text(&browser.get(&format!("{path}?stap=tellen&van=2000-01-01&tot=2000-01-02")).await.expect(200));
    assert!(page.contains("geen bewaarde events"), "{page}");
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, other).await;
    other.get(&path).await.expect(404);
    other.post(&path, "van=2000-01-01").await.expect(404);
}

#[tokio::test]
async fn g5_a_replay_of_a_form_is_narrowed() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    for (event, kind) in [("1", "nl.a"), ("2", "nl.b"), ("3", "nl.a")] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({"type": kind, "subject": event})).await.expect(202);
    }
    sink.wait(Method::POST, 3).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("/beheer/abonnementen/{id}/herhalen");
    let query = "stap=tellen&van=2000-01-01&kanaal=zaken&type=nl.a&bron=&onderwerp=3";
    let page = text(&browser.get(&format!("{path}?{query}")).await.expect(200));
    assert!(page.contains(">1</dd>"), "{page}");
    let fields: Vec<String> = ["van", "tot", "kanaal", "type", "onderwerp"]
        .iter()
        .map(|name| format!("{name}={}", field(&page, name)))
        .collect();
    assert!(!page.contains("name=\"bron\""), "what is empty is not sent: {page}");
    browser.post(&path, &fields.join("&")).await.expect(303);
    let seen = sink.wait(Method::POST, 4).await;
    assert_eq!(seen[3].json()["id"], "3");
}
