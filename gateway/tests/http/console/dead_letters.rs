//! The pages of dead letters: groups, rows, delivering them again and deleting them.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually};

const LIST: &str = "/beheer/dead-letters";

/// Waits until there are so many dead letters.
async fn wait(client: &Client, count: u64) {
    eventually("dead letters", || async {
        let list = client.get("/v1/dead-letters").await.expect(200).json();
        (list["count"] == count).then_some(())
    })
    .await;
}

/// A gateway with three dead letters of a subscription of `CONSUMER`, whose events are in the index.
async fn refusing() -> (Gateway, Sink, String) {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    for event in ["1", "2", "<b>3"] {
        let kind = format!("t.{}", event.len());
        gateway.client(PUBLISHER).publish("zaken", event, json!({ "type": kind })).await.expect(202);
    }
    let client = gateway.client(CONSUMER);
    wait(&client, 3).await;
    eventually("the events are indexed", || async {
        (client.get("/v1/events").await.expect(200).json()["results"].as_array()?.len() == 3).then_some(())
    })
    .await;
    (gateway, sink, id)
}

fn afnemer(client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(Role::Afnemer) }
}

/// The value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\"")).expect("a hidden field");
    rest.split('"').next().unwrap_or_default()
}

/// The ids of the dead letters on a page.
fn numbers(page: &str) -> Vec<&str> {
    let parts = page.split("name=\"nummer\" value=\"").skip(1);
    parts.map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

#[tokio::test]
async fn dead_letters_are_grouped_listed_and_filtered() {
    let (gateway, _sink, id) = refusing().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&browser.get(LIST).await.expect(200));
    for part in ["3 dead letters", "/ontvanger?…", "Geweigerd", "422", "&#60;b&#62;3", "Toon deze groep"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.contains(&format!("abonnement={id}&#38;kanaal=zaken&#38;status=422")), "{page}");
    // A row leads to its event and to its delivery with the attempts.
    let link = |start: &str| {
        let (_, rest) = page.split_once(&format!("href=\"{start}")).expect("a link");
        format!("{start}{}", rest.split('"').next().unwrap_or_default())
    };
    for path in ["/beheer/events/urn", &format!("/beheer/bezorgingen/{id}/zaken/0/")].map(link) {
        browser.get(&path).await.expect(200);
    }
    assert!(page.contains("De ontvanger antwoordde 422.<details><summary>Technische tekst"), "{page}");
    let english = text(&browser.get(&format!("{LIST}?taal=en")).await.expect(200));
    assert!(english.contains("the sink answered 422") && !english.contains("De ontvanger"), "{english}");
    let page = text(&browser.get(&format!("{LIST}?taal=nl")).await.expect(200));
    assert!(numbers(&page).is_empty() && !page.contains("hush"), "a reader chooses nothing");
    for (query, count) in [
        (format!("abonnement={id}"), 3),
        ("kanaal=zaken".to_owned(), 3),
        ("kanaal=anders".to_owned(), 0),
        ("type=t.1".to_owned(), 2),
        ("status=500".to_owned(), 0),
        ("van=2000-01-01".to_owned(), 3),
        ("tot=2000-01-01".to_owned(), 0),
        ("soort=onleesbaar".to_owned(), 0),
    ] {
        let page = text(&browser.get(&format!("{LIST}?{query}")).await.expect(200));
        assert_eq!(page.contains(&format!("{count} dead letters")), count > 0, "{query}");
        assert_eq!(page.contains("Geen dead letter voldoet"), count == 0, "{query}");
    }
    let wrong = "abonnement=x&status=9&van=gisteren&nummer=x";
    let page = text(&browser.get(&format!("{LIST}?{wrong}")).await.expect(422));
    for part in ["Fout:", "href=\"#abonnement\"", "href=\"#status\"", "href=\"#van\"", "value=\"gisteren\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let english = text(&browser.get(&format!("{LIST}?taal=en")).await.expect(200));
    assert!(english.contains("Refused") && english.contains("Show this group"), "{english}");
}

#[tokio::test]
async fn dead_letters_of_others_are_not_shown_and_not_handled() {
    let (gateway, _sink, id) = refusing().await;
    let other = Browser::log_in(&gateway, afnemer(OTHER)).await;
    assert!(text(&other.get(LIST).await.expect(200)).contains("Er zijn geen dead letters"));
    for page in ["", "/opnieuw", "/verwijderen"] {
        other.get(&format!("{LIST}{page}?abonnement={id}")).await.expect(404);
    }
    let own = Browser::log_in(&gateway, afnemer(CONSUMER)).await;
    let page = text(&own.get(LIST).await.expect(200));
    let number = numbers(&page)[0].to_owned();
    other.get(&format!("{LIST}/opnieuw?nummer={number}")).await.expect(404);
    other.post(&format!("{LIST}/opnieuw"), &format!("nummer={number}&geteld=1")).await.expect(404);
    other.post(&format!("{LIST}/verwijderen"), &format!("nummer={number}&bevestiging=1")).await.expect(404);
    wait(&gateway.client(CONSUMER), 3).await;
}

#[tokio::test]
async fn a_filter_is_counted_with_a_time_bound_and_then_delivered_again() {
    let (gateway, sink, _) = refusing().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(&format!("{LIST}/opnieuw?type=t.1")).await.expect(200));
    assert!(page.contains("Bezorg 2 opnieuw") && page.contains("t.1"), "{page}");
    for part in ["Deze acties met curl", "/v1/dead-letters/redrive", "&#34;type&#34;:&#34;t.1&#34;", "&#34;until&#34;:"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    let bound = field(&page, "tot").to_owned();
    assert!(bound.ends_with('Z') && field(&page, "type") == "t.1", "{page}");
    // What is created after the page was shown is not part of it.
    gateway.client(PUBLISHER).publish("zaken", "4", json!({"type": "t.1"})).await.expect(202);
    wait(&gateway.client(CONSUMER), 4).await;
    sink.answers(&[204]);
    let answer = browser.post(&format!("{LIST}/opnieuw"), &format!("type=t.1&tot={bound}&geteld=2")).await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/dead-letters?gedaan=run-gestart"));
    wait(&gateway.client(CONSUMER), 2).await;
    let page = text(&browser.get(&format!("{LIST}?gedaan=run-gestart")).await.expect(200));
    assert!(page.contains("De events worden opnieuw bezorgd.") && page.contains("2 dead letters"), "{page}");
    assert_eq!(sink.seen(&Method::POST).len(), 6);
}

#[tokio::test]
async fn chosen_dead_letters_are_deleted_when_their_number_is_typed_and_the_trail_has_it() {
    let (gateway, _sink, _) = refusing().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(LIST).await.expect(200));
    let found = numbers(&page);
    let query = format!("nummer={}&nummer={}", found[0], found[1]);
    let page = text(&browser.get(&format!("{LIST}/verwijderen?{query}")).await.expect(200));
    assert!(page.contains("Typ het aantal (2)") && page.contains("niet ongedaan"), "{page}");
    let bound = field(&page, "tot").to_owned();
    for typed in ["", "3", "twee"] {
        let fields = format!("{query}&tot={bound}&bevestiging={typed}");
        let page = text(&browser.post(&format!("{LIST}/verwijderen"), &fields).await.expect(422));
        assert!(page.contains("Fout:") && page.contains("href=\"#bevestiging\""), "{typed}: {page}");
        assert!(page.contains(&format!("value=\"{typed}\"")), "{typed} is kept");
    }
    wait(&gateway.client(CONSUMER), 3).await;
    let fields = format!("{query}&tot={bound}&bevestiging=2");
    let answer = browser.post(&format!("{LIST}/verwijderen"), &fields).await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/dead-letters?gedaan=dead-letters-verwijderd"));
    wait(&gateway.client(CONSUMER), 1).await;
    // The second post of the same form deletes nothing more.
    browser.post(&format!("{LIST}/verwijderen"), &fields).await.expect(404);
    wait(&gateway.client(CONSUMER), 1).await;
    let trail = gateway.client(BEHEER).get("/v1/audit?action=dead-letter.delete").await.expect(200).json();
    let entries = trail["results"].as_array().expect("entries");
    assert_eq!(entries.len(), 1, "{trail}");
    assert!(entries[0].to_string().contains(found_of(&query)), "{trail}");
}

/// The first id of a query of ids.
fn found_of(query: &str) -> &str {
    query.split(['=', '&']).nth(1).unwrap_or_default()
}

#[tokio::test]
async fn chosen_dead_letters_are_delivered_again_as_counted_and_none_when_nothing_is_ticked() {
    let (gateway, sink, _) = refusing().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(LIST).await.expect(200));
    let found = numbers(&page);
    assert!(page.contains("name=\"keuze\" value=\"rijen\""), "{page}");
    // Without a tick it is not about all of them.
    for action in ["opnieuw", "verwijderen"] {
        let page = text(&browser.get(&format!("{LIST}/{action}?keuze=rijen")).await.expect(422));
        assert!(page.contains("U koos niets") && !page.contains("name=\"geteld\""), "{page}");
        browser.post(&format!("{LIST}/{action}"), "keuze=rijen&geteld=3&bevestiging=3").await.expect(422);
    }
    let query = format!("keuze=rijen&nummer={}&nummer={}", found[0], found[1]);
    let page = text(&browser.get(&format!("{LIST}/opnieuw?{query}")).await.expect(200));
    assert!(page.contains("Bezorg 2 opnieuw") && field(&page, "geteld") == "2", "{page}");
    let bound = field(&page, "tot").to_owned();
    // One of them is gone before the form is sent: the page asks again.
    gateway.client(CONSUMER).delete(&format!("/v1/dead-letters/{}", found[0])).await.expect(204);
    let path = format!("{LIST}/opnieuw");
    let page = text(&browser.post(&path, &format!("{query}&tot={bound}&geteld=2")).await.expect(409));
    assert!(page.contains("Er is iets veranderd") && page.contains("Bezorg 1 opnieuw"), "{page}");
    assert_eq!(gateway.client(BEHEER).get("/v1/runs").await.expect(200).json()["results"], json!([]));
    sink.answers(&[204]);
    browser.post(&path, &format!("{query}&tot={bound}&geteld=1")).await.expect(303);
    wait(&gateway.client(CONSUMER), 1).await;
    assert_eq!(sink.seen(&Method::POST).len(), 4, "three refused, one again");
}
