//! Forms that are sent twice: what they ask for is done once, on whichever node they arrive.

use ::console::{Needs, Repeats};
use http::Method;
use model::{ExtraRight, Grants, Random, Role, clock::SystemRandom};
use serde_json::json;

use super::{Browser, CONSOLE, OWN_FORM, subscriptions::gateway_with_subscription, text};
use crate::support::{Answer, BEHEER, CONSUMER, Gateway, PUBLISHER, eventually};

const LIST: &str = "/beheer/abonnementen";

/// The body of a form with a key of its own.
fn form(browser: &Browser, fields: &str) -> String {
    format!("token={}&sleutel={}&{fields}", browser.token, SystemRandom.uuid())
}

async fn send(browser: &Browser, path: &str, body: &str) -> Answer {
    browser.post_raw(path, &OWN_FORM, body).await
}

/// Sends a form twice; both answers are the same redirect.
async fn twice(browser: &Browser, path: &str, fields: &str) {
    let body = form(browser, fields);
    let first = send(browser, path, &body).await.expect(303);
    let second = send(browser, path, &body).await.expect(303);
    assert!(first.header("location").is_some(), "{path}");
    assert_eq!(first.header("location"), second.header("location"), "{path}");
}

async fn count(gateway: &Gateway, path: &str) -> usize {
    let list = gateway.client(BEHEER).get(path).await.expect(200).json();
    list["results"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_form_without_a_key_is_refused() {
    let gateway = Gateway::with(CONSOLE).await;
    let extra = vec![ExtraRight::Inhoud, ExtraRight::Publiceren];
    let browser = Browser::log_in(&gateway, Grants { roles: Role::ALL.into(), extra, ..Grants::default() }).await;
    let mut seen = 0;
    for route in ::console::routes() {
        if route.method != Method::POST || route.repeats == Repeats::Again || route.needs == Needs::Provider {
            continue;
        }
        let path = super::routes::example(route.path);
        for key in ["", "&sleutel=", "&sleutel=x"] {
            let answer = send(&browser, &path, &format!("token={}{key}", browser.token)).await.expect(403);
            assert!(text(&answer).contains("Dit formulier is niet geaccepteerd"), "{path}");
        }
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[tokio::test]
async fn every_page_gives_each_form_another_key() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(&format!("{LIST}/nieuw")).await.expect(200));
    let keys: Vec<_> = page.split("name=\"sleutel\" value=\"").skip(1).map(|rest| rest.split('"').next()).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}

#[tokio::test]
async fn creating_a_subscription_twice_makes_one() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let fields =
        "ontvanger=http://127.0.0.1:9/a&soort=geen&vorm=structured&volgorde=none&toestemming=handshake&begin=nu";
    twice(&browser, &format!("{LIST}/nieuw"), fields).await;
    assert_eq!(count(&gateway, "/v1/subscriptions").await, 1);
    // Also when both arrive at the same time.
    let (path, body) = (format!("{LIST}/nieuw"), form(&browser, fields));
    let (one, other) = tokio::join!(send(&browser, &path, &body), send(&browser, &path, &body));
    assert_eq!(one.expect(303).header("location"), other.expect(303).header("location"));
    assert_eq!(count(&gateway, "/v1/subscriptions").await, 2);
    // Another form with the same fields is another wish.
    browser.post(&format!("{LIST}/nieuw"), fields).await.expect(303);
    assert_eq!(count(&gateway, "/v1/subscriptions").await, 3);
}

#[tokio::test]
async fn a_replay_and_an_event_again_are_started_once() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    twice(&browser, &format!("{LIST}/{id}/herhalen"), "van=2000-01-01&kanaal=zaken").await;
    assert_eq!(count(&gateway, "/v1/runs").await, 1);
    eventually("the event is indexed", || async {
        let list = gateway.client(BEHEER).get("/v1/events").await.expect(200).json();
        list["results"].as_array().is_some_and(|rows| rows.len() == 1).then_some(())
    })
    .await;
    let until = gateway.now().to_rfc3339();
    twice(&browser, "/beheer/events/urn%3Atest/1/opnieuw", &format!("aan=iedereen&tot={until}")).await;
    assert_eq!(count(&gateway, "/v1/runs").await, 2);
}

#[tokio::test]
async fn dead_letters_are_delivered_again_once() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    eventually("a dead letter", || async {
        let list = gateway.client(CONSUMER).get("/v1/dead-letters").await.expect(200).json();
        (list["count"] == 1).then_some(())
    })
    .await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    twice(&browser, "/beheer/dead-letters/opnieuw", "geteld=1").await;
    assert_eq!(count(&gateway, "/v1/runs").await, 1);
}

#[tokio::test]
async fn a_test_event_is_sent_once_and_its_page_shown_twice() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let body = form(&browser, "");
    let path = format!("{LIST}/{id}/testen");
    let first = text(&send(&browser, &path, &body).await.expect(200));
    assert_eq!(text(&send(&browser, &path, &body).await.expect(200)), first);
    assert_eq!(sink.seen(&Method::POST).len(), 1);
}

#[tokio::test]
async fn a_form_that_another_process_handled_is_not_handled_again() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("{LIST}/{id}/herhalen");
    let body = form(&browser, "van=2000-01-01&kanaal=zaken");
    send(&browser, &path, &body).await.expect(303);
    // The process that starts on the same store has no answers in memory, as another node has none.
    let gateway = gateway.restart().await;
    let browser = browser.at(&gateway);
    let answer = send(&browser, &path, &body).await.expect(409);
    assert!(text(&answer).contains("Dit formulier is al verstuurd"), "{}", text(&answer));
    let audit = gateway.client(BEHEER).get("/v1/audit?pageSize=500&action=run.start").await.expect(200).json();
    assert_eq!(audit["results"].as_array().map(Vec::len), Some(1), "{audit}");
    // The same fields in another form, and the same form in another session, are other wishes.
    browser.post(&path, "van=2000-01-01&kanaal=zaken").await.expect(303);
}

#[tokio::test]
async fn a_refused_form_may_be_sent_again() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("{LIST}/{id}/herhalen");
    let body = form(&browser, "van=gisteren");
    for _ in 0..2 {
        assert!(text(&send(&browser, &path, &body).await.expect(422)).contains("value=\"gisteren\""));
    }
    let other = Browser::with_role(&gateway, Role::Beheerder).await;
    let own = form(&browser, "");
    let pause = format!("{LIST}/{id}/pauzeren");
    send(&browser, &pause, &own).await.expect(303);
    let key = own.split_once("sleutel=").map(|(_, key)| key).expect("a key");
    let body = format!("token={}&sleutel={key}", other.token);
    send(&other, &pause, &body).await.expect(303);
    let audit = gateway.client(BEHEER).get("/v1/audit?pageSize=500&action=subscription.pause").await.expect(200).json();
    assert_eq!(audit["results"].as_array().map(Vec::len), Some(2), "the keys of a session are its own: {audit}");
}
