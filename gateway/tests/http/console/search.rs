//! The search by anything that is pasted, and lists as files and commands.

use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{BEHEER, CONSUMER, OTHER, PUBLISHER, eventually};

const PATH: &str = "/beheer/zoek";

#[tokio::test]
async fn one_hit_is_opened_and_more_are_listed() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let subject = json!({"subject": "https://zaken.example/zaken/1"});
    gateway.client(PUBLISHER).publish("zaken", "zoek-1", subject).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let location = async |sought: &str| {
        let answer = browser.get(&format!("{PATH}?q={sought}")).await;
        answer.header("location").map(str::to_owned)
    };
    assert_eq!(location(&id).await, Some(format!("/beheer/abonnementen/{id}")));
    let page = "/beheer/events/urn%3Atest/zoek%2D1".to_owned();
    for sought in ["zoek-1", "https%3A%2F%2Fzaken.example%2Fzaken%2F1"] {
        eventually("the event in the index", || async { location(sought).await.filter(|found| *found == page) }).await;
    }
    assert_eq!(location("zaken").await, Some("/beheer/kanalen/zaken".to_owned()));
    let page = text(&browser.get(&format!("{PATH}?q=%3Cb%3Eniets")).await.expect(200));
    assert!(page.contains("Niets gevonden voor: &#60;b&#62;niets"), "{page}");
    let page = text(&browser.get(PATH).await.expect(200));
    assert!(page.contains("Zoek naar") && !page.contains("Niets gevonden"), "{page}");
    // Of another client nothing is found.
    let grants = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, grants).await;
    for sought in [id.as_str(), "zoek-1"] {
        let page = text(&other.get(&format!("{PATH}?q={sought}")).await.expect(200));
        assert!(page.contains("Niets gevonden"), "{page}");
    }
}

#[tokio::test]
async fn lists_are_files_and_commands_too() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    gateway.client(PUBLISHER).publish("zaken", "=1+1", json!({})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let file = eventually("the event in the file", || async {
        let answer = browser.get("/beheer/events/csv?kanaal=zaken").await.expect(200);
        let file = String::from_utf8(answer.body.to_vec()).unwrap();
        file.contains("1+1").then_some(file)
    })
    .await;
    assert!(file.starts_with("kanaal,partition,position,id,source,type,subject,appended\r\n"), "{file}");
    assert!(file.contains(",'=1+1,urn:test,"), "a formula is defused: {file}");
    let letters = browser.get(&format!("/beheer/dead-letters/csv?abonnement={id}")).await.expect(200);
    assert!(String::from_utf8_lossy(&letters.body).starts_with("id,subscription,kanaal,"));
    browser.get("/beheer/events/csv?van=gisteren").await.expect(400);
    let page = text(&browser.get("/beheer/events?type=a%27b&kanaal=zaken").await.expect(200));
    assert!(page.contains("/v1/events?type=a%27b&#38;kanaal=zaken") && page.contains("Bearer $TOKEN"), "{page}");
    assert!(page.contains("/beheer/events/csv?type=a%27b&#38;kanaal=zaken"), "{page}");
}

#[tokio::test]
async fn a_dead_letter_a_trace_and_the_uuid_of_a_zaak_are_found() {
    const ZAAK: &str = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    let members = json!({
        "subject": format!("https://zaken.example/zaken/{ZAAK}"),
        "traceparent": format!("00-{TRACE}-b7ad6b7169203331-01"),
        "zaaknummer": "ZAAK-2026-7",
    });
    gateway.client(PUBLISHER).publish("zaken", "zoek-2", members).await.expect(202);
    let letter = eventually("a dead letter", || async {
        let list = gateway.client(CONSUMER).get("/v1/dead-letters").await.expect(200).json();
        list["results"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let event = "/beheer/events/urn%3Atest/zoek%2D2";
    let simple = ZAAK.replace('-', "");
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-00");
    for (sought, page) in [
        (letter.as_str(), format!("/beheer/dead-letters?nummer={letter}")),
        (ZAAK, event.to_owned()),
        (simple.as_str(), event.to_owned()),
        (TRACE, event.to_owned()),
        (parent.as_str(), event.to_owned()),
        ("ZAAK-2026-7", event.to_owned()),
    ] {
        let answer = browser.get(&format!("{PATH}?q={sought}")).await;
        assert_eq!(answer.header("location"), Some(page.as_str()), "{sought}");
        browser.get(&page).await.expect(200);
    }
    // The last part of a URL is the subject of a notificatie about the resource there.
    let members = json!({"subject": "7f3b1c52-35ad-49bb-b118-8e8fc24abf80"});
    gateway.client(PUBLISHER).publish("zaken", "zoek-3", members).await.expect(202);
    let url = format!("{PATH}?q=https%3A%2F%2Fzaken.example%2Fzaken%2F7f3b1c52-35ad-49bb-b118-8e8fc24abf80%2F");
    eventually("the event in the index", || async {
        browser.get(&url).await.header("location").filter(|page| page.ends_with("zoek%2D3")).map(str::to_owned)
    })
    .await;
    let audit = gateway.client(BEHEER).get("/v1/audit?action=event.search").await.expect(200).json();
    assert!(!audit.to_string().contains(ZAAK) && audit["results"].as_array().is_some_and(|all| !all.is_empty()));
    // Of another client nothing is found, and its own subscriber finds what it gets.
    let afnemer = |client: &str| Grants { client_ids: vec![client.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, afnemer(OTHER)).await;
    let own = Browser::log_in(&gateway, afnemer(CONSUMER)).await;
    for sought in [letter.as_str(), ZAAK, TRACE, "ZAAK-2026-7"] {
        let page = text(&other.get(&format!("{PATH}?q={sought}")).await.expect(200));
        assert!(page.contains("Niets gevonden"), "{sought}: {page}");
        own.get(&format!("{PATH}?q={sought}")).await.expect(303);
    }
    browser.get(&format!("{PATH}?q={id}")).await.expect(303);
}
