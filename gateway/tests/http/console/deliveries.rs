//! The deliveries of a subscription, and one with its attempts.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{CONSUMER, Gateway, OTHER, PUBLISHER, eventually};

/// Waits until the list of a subscription has a delivery with this outcome; returns the list.
async fn listed(browser: &Browser, list: &str, outcome: &str) -> String {
    let path = format!("{list}?uitkomst={outcome}");
    eventually("a delivery", || async {
        let page = text(&browser.get(&path).await.expect(200));
        page.contains("/beheer/bezorgingen/").then_some(page)
    })
    .await
}

/// The first link to a delivery on a page.
fn link(page: &str) -> String {
    let (_, rest) = page.split_once("href=\"/beheer/bezorgingen/").expect("a link");
    format!("/beheer/bezorgingen/{}", rest.split('"').next().unwrap_or_default())
}

async fn publish(gateway: &Gateway, id: &str) {
    gateway.client(PUBLISHER).publish("zaken", id, json!({})).await.expect(202);
}

#[tokio::test]
async fn deliveries_are_listed_with_filters_and_explained_by_attempt() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let list = format!("/beheer/abonnementen/{id}/bezorgingen");
    assert!(text(&browser.get(&list).await.expect(200)).contains("Er is nog niets bezorgd"));
    sink.answers(&[422]);
    publish(&gateway, "<b>1</b>").await;
    let page = listed(&browser, &list, "refused").await;
    assert!(page.contains("Geweigerd") && page.contains("422") && !page.contains("<b>"), "{page}");
    for (query, found) in [
        ("uitkomst=delivered", false),
        ("event=%3Cb%3E1%3C%2Fb%3E", true),
        ("event=2", false),
        ("van=2000-01-01", true),
        ("tot=2000-01-01+10:00", false),
        ("run=9c5b94b1-35ad-49bb-b118-8e8fc24abf80", false),
    ] {
        let page = text(&browser.get(&format!("{list}?{query}")).await.expect(200));
        assert_eq!(page.contains("/beheer/bezorgingen/"), found, "{query}");
    }
    let refused = text(&browser.get(&format!("{list}?van=gisteren&run=x")).await.expect(422));
    for part in ["Fout:", "href=\"#van\"", "href=\"#run\"", "value=\"gisteren\""] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
    let one = text(&browser.get(&link(&page)).await.expect(200));
    for part in
        ["Poging 1", "De ontvanger antwoordde 422", "De ontvanger weigert dit event.", "bewaard als dead letter"]
    {
        assert!(one.contains(part), "{part} in {one}");
    }
    assert!(!one.contains("Bezorg dit event opnieuw"), "a reader does not deliver again");
    assert!(text(&browser.get(&format!("{}?taal=en", link(&page))).await.expect(200)).contains("Attempt 1"));
}

#[tokio::test]
async fn a_delivery_that_continues_shows_what_it_waits_for() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[503]);
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    publish(&gateway, "1").await;
    let list = format!("/beheer/abonnementen/{id}/bezorgingen");
    let page = listed(&browser, &list, "").await;
    assert!(page.contains("Bezig") && page.contains("503"), "{page}");
    let one = text(&browser.get(&link(&page)).await.expect(200));
    for part in ["De ontvanger antwoordde 503", "Wacht op", "probeert het opnieuw"] {
        assert!(one.contains(part), "{part} in {one}");
    }
}

#[tokio::test]
async fn an_attempt_shows_how_long_the_receiver_asked_to_wait() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.asks_to_wait(429, 3_600);
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    publish(&gateway, "1").await;
    let list = format!("/beheer/abonnementen/{id}/bezorgingen");
    let path = link(&listed(&browser, &list, "").await);
    let one = text(&browser.get(&path).await.expect(200));
    let asked = "De ontvanger vroeg om 3.600 seconden te wachten (Retry-After), dus tot ";
    assert!(one.contains(asked) && one.contains("Volgende poging, op zijn vroegst"), "{one}");
    let english = text(&browser.get(&format!("{path}?taal=en")).await.expect(200));
    assert!(english.contains("The receiver asked to wait 3,600 seconds (Retry-After), so until "), "{english}");

    let shown = gateway.client(CONSUMER).get(&format!("/v1/subscriptions/{id}/deliveries")).await.expect(200).json();

    assert_eq!(shown["results"][0]["attempts"][0]["retryAfterSeconds"], 3_600);

    sink.answers(&[204]);
    let gateway = gateway.restart().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(text(&browser.get(&path).await.expect(200)).contains(asked), "it is kept");
}

#[tokio::test]
async fn an_event_is_delivered_again_by_who_may_and_hidden_from_others() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    publish(&gateway, "1").await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let list = format!("/beheer/abonnementen/{id}/bezorgingen");
    let path = link(&listed(&browser, &list, "refused").await);
    assert!(text(&browser.get(&path).await.expect(200)).contains("Bezorg dit event opnieuw"));
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, other).await;
    other.get(&list).await.expect(404);
    other.get(&path).await.expect(404);
    other.post(&path, "").await.expect(404);
    for unknown in [format!("{path}9"), path.replace(&id, "x"), format!("{path}?run=x")] {
        browser.get(&unknown).await.expect(404);
        browser.post(&unknown, "").await.expect(404);
    }
    let before = sink.seen(&Method::POST).len();
    assert_eq!(before, 1, "only one request until now");
    sink.answers(&[204]);
    let own = Grants { client_ids: vec![CONSUMER.to_owned()], ..Grants::of(Role::Afnemer) };
    let own = Browser::log_in(&gateway, own).await;
    let answer = own.post(&path, "").await.expect(303);
    assert_eq!(answer.header("location"), Some(format!("{path}?gedaan=opnieuw-bezorgd").as_str()));
    assert_eq!(sink.wait(Method::POST, 2).await[1].json()["id"], "1");
    let page = listed(&browser, &list, "delivered").await;
    let one = text(&browser.get(&link(&page)).await.expect(200));
    assert!(one.contains("Bezorgd</span>") && one.contains("class=\"utrecht-code\""), "{one}");
}
