//! The pages behind the links in messages: confirm, leave, undo, and what is wrong or void.

use http::Method;
use model::addressee::Message;
use serde_json::json;

use super::{FORM, confirm_path, confirmed, gateway, gateway_with, path, press, state, subscribe, text};
use crate::support::{BEHEER, CONSUMER, Gateway};

const MULTIPART: (&str, &str) = ("content-type", "multipart/form-data; boundary=grens");

fn leave_path(gateway: &Gateway, id: model::addressee::AddresseeId) -> String {
    path(&gateway.people().links().leave(id))
}

#[tokio::test]
async fn opening_the_link_changes_nothing_and_its_button_confirms_ch_48() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let page = confirm_path(&gateway, id).await;
    for method in [Method::GET, Method::HEAD] {
        for _ in 0..20 {
            nobody.send(method.clone(), &page, &[], "").await.expect(200);
        }
    }
    assert_eq!(state(&gateway, id).await, "unconfirmed");
    let shown = text(&nobody.get(&page).await.expect(200));
    assert!(shown.contains("<button") && shown.contains("value=\"bevestigen\"") && shown.contains(">weg<"), "{shown}");
    let (_, rest) = shown.split_once("action=\"").expect("a form");
    let target = rest.split('"').next().expect("an address").to_owned();
    let done = press(&nobody, &target, "bevestigen").await.expect(303);
    assert_eq!(state(&gateway, id).await, "confirmed");
    let location = done.header("location").expect("a page").to_owned();
    assert!(location.starts_with(&page), "{location}");
    assert!(text(&nobody.get(&location).await.expect(200)).contains("Het is gelukt"));
    // Again is success without effect.
    press(&nobody, &target, "bevestigen").await.expect(303);
}

#[tokio::test]
async fn one_click_ends_it_without_cookie_or_redirect_and_again_ch_56() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    for (address, header, body) in [
        ("an@example.nl", FORM, "List-Unsubscribe=One-Click".to_owned()),
        (
            "bo@example.nl",
            MULTIPART,
            "--grens\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--grens--\r\n"
                .to_owned(),
        ),
    ] {
        let id = confirmed(&gateway, CONSUMER, address, "weg").await;
        let page = leave_path(&gateway, id);
        for _ in 0..2 {
            let answer = nobody.send(Method::POST, &page, &[header], body.clone()).await.expect(200);
            assert!(answer.header("set-cookie").is_none());
            assert_eq!(state(&gateway, id).await, "ended");
        }
        let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
        let due = outbox.iter().filter(|due| due.addressee == id && due.outgoing.message == Message::Acknowledgement);
        assert_eq!(due.count(), 1);
    }
}

#[tokio::test]
async fn a_person_leaves_all_and_undoes_that_once_ch_57_ch_60_ch_62() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let weg = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let raad = confirmed(&gateway, CONSUMER, "an@example.nl", "raad").await;
    let page = leave_path(&gateway, weg);
    for _ in 0..20 {
        nobody.get(&page).await.expect(200);
    }
    assert_eq!(state(&gateway, weg).await, "confirmed");
    let shown = text(&nobody.get(&page).await);
    assert!(shown.contains("value=\"afmelden\"") && shown.contains("value=\"alles\""), "{shown}");
    press(&nobody, &page, "alles").await.expect(303);
    assert_eq!((state(&gateway, weg).await, state(&gateway, raad).await), ("ended".to_owned(), "ended".to_owned()));
    let left = text(&nobody.get(&page).await.expect(200));
    assert!(left.contains(">weg<") && left.contains(">raad<"), "{left}");
    let (_, rest) = left.split_once("action=\"").expect("a form to undo");
    let undo = rest.split('"').next().expect("an address").to_owned();
    assert!(text(&nobody.get(&undo).await.expect(200)).contains("value=\"herstellen\""));
    let back = press(&nobody, &undo, "herstellen").await.expect(303);
    assert!(back.header("location").is_some_and(|location| location.starts_with(&page)));
    assert_eq!((state(&gateway, weg).await.as_str(), state(&gateway, raad).await.as_str()), ("confirmed", "confirmed"));
    press(&nobody, &undo, "herstellen").await.expect(404);
    press(&nobody, &page, "afmelden").await.expect(303);
    assert_eq!((state(&gateway, weg).await.as_str(), state(&gateway, raad).await.as_str()), ("ended", "confirmed"));
}

#[tokio::test]
async fn wrong_void_and_unknown_links_have_one_page_and_change_nothing_ch_49_ch_58() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let first = confirm_path(&gateway, id).await;
    subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let unknown = model::addressee::AddresseeId(uuid::Uuid::from_u128(7));
    let forged = leave_path(&gateway, id).replacen("/a/l", "/a/u", 1);
    let paths = [
        first.clone(),
        leave_path(&gateway, id),
        leave_path(&gateway, unknown),
        forged,
        "/a/x".to_owned(),
        format!("/a/c{}", "A".repeat(44)),
        format!("/a/{}", "l".repeat(5_000)),
    ];
    let mut pages = Vec::new();
    for path in paths {
        for answer in [
            nobody.get(&path).await,
            press(&nobody, &path, "bevestigen").await,
            nobody.send(Method::POST, &path, &[FORM], "List-Unsubscribe=One-Click").await,
        ] {
            let shown = text(&answer.expect(404));
            let (before, rest) = shown.split_once("urn:uuid:").expect("a number");
            let without_link = before.split("<nav").next().expect("a head").to_owned();
            pages.push((without_link, rest[36..].to_owned(), before.contains("Deze link werkt niet meer")));
        }
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    assert!(pages[0].2);
    assert_eq!(state(&gateway, id).await, "unconfirmed");
}

#[tokio::test]
async fn bodies_are_bounded_and_what_asks_for_nothing_changes_nothing() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let page = leave_path(&gateway, id);
    nobody.send(Method::POST, &page, &[FORM], "").await.expect(400);
    nobody.send(Method::POST, &page, &[], "List-Unsubscribe=Two").await.expect(400);
    nobody.send(Method::POST, &page, &[FORM], "x".repeat(17_000)).await.expect(413);
    press(&nobody, &page, "bevestigen").await.expect(404);
    nobody.send(Method::PUT, &page, &[FORM], "wat=afmelden").await.expect(405);
    nobody.send(Method::DELETE, &page, &[], "").await.expect(405);
    assert_eq!(state(&gateway, id).await, "confirmed");
}

#[tokio::test]
async fn guesses_of_one_source_are_bounded_and_links_to_leave_are_not_ch_46_ch_56() {
    let gateway = gateway_with("pages_per_source = 3\n").await;
    let nobody = gateway.nobody();
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let mut found = Vec::new();
    for _ in 0..4 {
        found.push(nobody.get("/a/nergens").await);
    }
    let last = found.pop().expect("answers").expect(429);
    assert!(last.header("retry-after").is_some() && text(&last).contains("Even wachten"));
    let page = leave_path(&gateway, id);
    for _ in 0..10 {
        nobody.get(&page).await.expect(200);
    }
    nobody.send(Method::POST, &page, &[FORM], "List-Unsubscribe=One-Click").await.expect(200);
    assert_eq!(state(&gateway, id).await, "ended");
}

#[tokio::test]
async fn what_people_do_is_in_the_audit_trail_without_their_address() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = confirmed(&gateway, CONSUMER, "geheim@example.nl", "weg").await;
    let page = leave_path(&gateway, id);
    press(&nobody, &page, "afmelden").await.expect(303);
    press(&nobody, &page, "afmelden").await.expect(303);
    let undo = {
        let left = text(&nobody.get(&page).await.expect(200));
        left.split_once("action=\"").and_then(|(_, rest)| rest.split('"').next()).expect("an undo").to_owned()
    };
    press(&nobody, &undo, "herstellen").await.expect(303);
    gateway.client(CONSUMER).delete(&format!("/v1/subscriptions/{id}")).await.expect(204);
    let list = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={id}")).await.expect(200);
    let list = list.json();
    let mut entries: Vec<_> = list["results"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| (entry["action"].clone(), entry["object"]["kind"].clone(), entry["origin"]["interface"].clone()))
        .collect();
    entries.reverse();
    let entry = |action: &str, interface: &str| (json!(action), json!("addressee"), json!(interface));
    assert_eq!(
        entries,
        [
            entry("addressee.subscribe", "native"),
            entry("addressee.confirm", "people"),
            entry("addressee.leave", "people"),
            entry("addressee.undo", "people"),
            entry("addressee.leave", "native"),
        ]
    );
    assert!(!list.to_string().contains("geheim"));
}
