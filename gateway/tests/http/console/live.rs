//! The live view: its page without JavaScript, and its stream.

use http::Method;
use model::{Actor, Role, revocation::Revoked};
use serde_json::json;

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::{
    stream::Viewer,
    support::{BEHEER, Gateway, PUBLISHER, eventually},
};

const PAGE: &str = "/beheer/live";
const STREAM: &str = "/beheer/live/stroom";

async fn open(gateway: &Gateway, browser: &Browser, query: &str) -> Viewer {
    Viewer::open_at(gateway, &format!("{STREAM}{query}"), &format!("Cookie: {}\r\n", browser.cookie)).await
}

#[tokio::test]
async fn without_javascript_the_page_shows_the_latest_events_and_a_link_to_read_them_again() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(text(&browser.get(PAGE).await.expect(200)).contains("Er zijn nog geen events"));
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "besluiten"})).await.expect(201);
    let hostile = json!({"type": "<b>type", "subject": "<i>zaak", "data": {"geheim": "inhoud-1"}});
    publisher.publish("zaken", "een/1", hostile).await.expect(202);
    publisher.publish("besluiten", "twee", json!({"type": "x.y"})).await.expect(202);
    eventually("two events", || async {
        let list = gateway.client(BEHEER).get("/v1/events").await.expect(200).json();
        (list["results"].as_array()?.len() == 2).then_some(())
    })
    .await;
    let page = text(&browser.get(PAGE).await.expect(200));
    for part in
        ["&#60;b&#62;type, &#60;i&#62;zaak", "/beheer/events/urn%3Atest/een%2F1", "Haal de laatste events", "hidden>"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("inhoud-1") && !page.contains("style="), "{page}");
    for (query, one, two) in [
        ("kanaal=zaken", true, false),
        ("type=x.y", false, true),
        (&format!("abonnement={id}"), true, false),
        ("type=none", false, false),
    ] {
        let page = text(&browser.get(&format!("{PAGE}?{query}")).await.expect(200));
        assert_eq!((page.contains("een%2F1"), page.contains("/twee\"")), (one, two), "{query}");
    }
    browser.get(&format!("{PAGE}?abonnement=x")).await.expect(404);
    let (_, rest) = page.split_once("<script type=\"module\" src=\"").expect("a script");
    let script = gateway.nobody().get(rest.split('"').next().unwrap()).await.expect(200);
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
}

#[tokio::test]
async fn the_stream_shows_events_and_deliveries_without_payload() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let mut all = open(&gateway, &browser, "").await;
    assert!(all.head.starts_with("HTTP/1.1 200") && all.head.contains("text/event-stream"), "{}", all.head);
    let mut typed = open(&gateway, &browser, "?kanaal=zaken&type=wanted.type").await;
    let publisher = gateway.client(PUBLISHER);
    publisher.publish("zaken", "1", json!({"type": "other", "data": {"geheim": "inhoud-1"}})).await.expect(202);
    publisher.publish("zaken", "2", json!({"type": "wanted.type", "subject": "<b>"})).await.expect(202);
    // The journal may have a delivery before its event.
    let (mut event, mut delivery) = (None, None);
    while event.is_none() || delivery.is_none() {
        let (position, _, row) = all.next_of("row").await;
        if row["what"] == "Bezorgd" {
            delivery = Some(row);
        } else if row["name"] == "1" {
            event = Some((position, row));
        }
    }
    let ((position, event), delivery) = event.zip(delivery).expect("both");
    assert_eq!((&event["kanaal"], &event["what"]), (&json!("zaken"), &json!("Aangenomen")));
    assert_eq!(event["href"], "/beheer/events/urn%3Atest/1");
    assert!(position.contains('-') && !event.to_string().contains("inhoud-1"), "{position} {event}");
    assert!(delivery["detail"].as_str().is_some_and(|name| name.ends_with("/ontvanger?…")), "{delivery}");
    assert!(delivery["href"].as_str().is_some_and(|href| href.contains(&id)), "{delivery}");
    // Of another type nothing is shown, neither the event nor its delivery; of this type both, in either order.
    let mut rows = [typed.next_of("row").await.2, typed.next_of("row").await.2];
    rows.sort_by_key(|row| row["what"] == "Bezorgd");
    let [event, delivery] = rows;
    assert_eq!((&event["name"], &event["detail"]), (&json!("2"), &json!("wanted.type, <b>")));
    assert_eq!((&delivery["what"], &delivery["name"]), (&json!("Bezorgd"), &json!("0, 1")));
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let mut stream = open(&gateway, &browser, "").await;
    let what = Revoked::Person { issuer: "login-link".into(), subject: browser.subject.clone() };
    gateway.management().end_sessions(&Actor::gateway(), what).await.unwrap();
    assert_eq!(stream.next().await, None);
    let again = open(&gateway, &browser, "").await;
    assert!(again.head.starts_with("HTTP/1.1 303"), "{}", again.head);
}

/// Of an event that was shown before, also with a filter for its type, and for a viewer that has seen nothing yet.
#[tokio::test]
async fn a_delivery_that_ended_while_the_stream_reconnects_is_shown_afterwards() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let publisher = gateway.client(PUBLISHER);
    gateway.client(BEHEER).post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await.expect(200);
    let mut typed = open(&gateway, &browser, "?type=wanted.type").await;
    let mut silent = open(&gateway, &browser, &format!("?abonnement={id}&kanaal=zaken")).await;
    let start = silent.start().await;
    drop(silent);
    publisher.publish("zaken", "1", json!({"type": "wanted.type"})).await.expect(202);
    let (shown, _, row) = typed.next_of("row").await;
    assert_eq!(row["name"], "1");
    drop(typed);
    gateway.client(BEHEER).post(&format!("/v1/subscriptions/{id}/resume"), json!({})).await.expect(200);
    sink.wait(Method::POST, 1).await;
    // By the header of a browser that connects again, and by the address of a page that starts again.
    let header = format!("Cookie: {}\r\nLast-Event-ID: {shown}\r\n", browser.cookie);
    let mut again = [
        Viewer::open_at(&gateway, &format!("{STREAM}?type=wanted.type"), &header).await,
        open(&gateway, &browser, &format!("?type=wanted.type&na={shown}")).await,
        open(&gateway, &browser, &format!("?abonnement={id}&kanaal=zaken&na={start}")).await,
    ];
    for (number, viewer) in again.iter_mut().enumerate() {
        let delivery = loop {
            let (_, kind, row) = viewer.next().await.expect("a message");
            assert_eq!(kind, "row", "{number}: {row}");
            if row["what"] == "Bezorgd" {
                break row;
            }
            // Only the viewer that had seen nothing gets the event.
            assert_eq!((number, &row["name"]), (2, &json!("1")));
        };
        assert_eq!(delivery["name"], "0, 0", "{number}");
    }
}
