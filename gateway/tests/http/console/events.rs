//! The pages of events: the list with its filters, and one event with its receivers.

use http::Method;
use model::{ExtraRight, Grants, Role};
use serde_json::{Value, json};

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const LIST: &str = "/beheer/events";

fn acting(role: Role, client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(role) }
}

/// Waits until so many events are indexed.
async fn indexed(client: &Client, count: usize) {
    eventually("indexed events", || async {
        let list = client.get("/v1/events").await.expect(200).json();
        (list["results"].as_array().is_some_and(|rows| rows.len() == count)).then_some(())
    })
    .await;
}

async fn entries(gateway: &Gateway, action: &str) -> Vec<Value> {
    let list = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=500&action={action}")).await.expect(200).json();
    list["results"].as_array().cloned().expect("rows")
}

/// The entries of the trail, once there are so many: when storage is slow, they come after the answer.
async fn recorded(gateway: &Gateway, action: &str, count: usize) -> Vec<Value> {
    let found = eventually("entries of the audit trail", || async {
        let found = entries(gateway, action).await;
        (found.len() >= count).then_some(found)
    })
    .await;
    assert_eq!(found.len(), count, "{action}: {found:#?}");
    found
}

#[tokio::test]
async fn the_list_finds_events_and_shows_hostile_attributes_literally() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(text(&browser.get(LIST).await.expect(200)).contains("Er zijn nog geen events."));
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    publisher
        .publish("zaken", "a/1", json!({"subject": "<b>zaak 1", "data": {"geheim": "inhoud-1"}}))
        .await
        .expect(202);
    publisher.publish("zaken", "2", json!({"source": "urn:other", "type": "x.y.z"})).await.expect(202);
    indexed(&gateway.client(BEHEER), 2).await;
    let page = text(&browser.get(LIST).await.expect(200));
    for part in ["&#60;b&#62;zaak 1", "x.y.z", "/beheer/events/urn%3Atest/a%2F1", "datetime=\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("inhoud-1") && !page.contains("<b>"), "{page}");
    for (query, one, two) in [
        ("id=2", false, true),
        ("bron=urn:other", false, true),
        ("onderwerp=%3Cb%3Ezaak%201", true, false),
        ("type=x.y.z", false, true),
        ("kanaal=zaken", true, true),
        ("kanaal=anders", false, false),
        ("van=2000-01-01", true, true),
        ("tot=2000-01-01", false, false),
        ("pagina=2", false, false),
    ] {
        let page = text(&browser.get(&format!("{LIST}?{query}")).await.expect(200));
        assert_eq!(page.contains("urn%3Atest/a%2F1"), one, "{query}");
        assert_eq!(page.contains("urn%3Aother/2"), two, "{query}");
    }
    let page = text(&browser.get(&format!("{LIST}?type=x.y.z&van=2000-01-01&pagina=1")).await.expect(200));
    let (_, week) = page.split_once("Gisteren</a>").expect("links to periods");
    let (_, week) = week.split_once("href=\"/beheer/events?type=x.y.z&#38;van=").expect("the filter is kept");
    let (week, rest) = week.split_once('"').expect("a link");
    assert!(week.len() == "2026-12-01".len() && rest.starts_with(">Afgelopen 7 dagen<"), "{week} {rest}");
    let page = text(&browser.get(&format!("{LIST}?type=x.y.z&van={week}")).await.expect(200));
    assert!(page.contains("urn%3Aother/2") && page.contains("aria-current=\"true\">Afgelopen 7 dagen<"), "{page}");
    // A search by subject is recorded.
    recorded(&gateway, "event.search", 1).await;
    let page = text(&browser.get(&format!("{LIST}?van=gisteren&id=2")).await.expect(422));
    for part in ["Fout:", "href=\"#van\"", "value=\"gisteren\"", "value=\"2\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let english = text(&browser.get(&format!("{LIST}?taal=en&id=none")).await.expect(200));
    assert!(english.contains("No event matches this filter."), "{english}");
}

#[tokio::test]
async fn the_list_shows_each_person_what_it_may_see_with_the_progress() {
    let (gateway, _sink, _id) = gateway_with_subscription().await;
    gateway.client(PUBLISHER).publish("zaken", "een-event", json!({})).await.expect(202);
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    eventually("a delivery in the list", || async {
        let page = text(&reader.get(LIST).await.expect(200));
        page.contains("numeric-column\">1</td>").then_some(())
    })
    .await;
    for (grants, status, sees) in [
        (Grants::of(Role::Beheerder), 200, true),
        (acting(Role::Afnemer, CONSUMER), 200, true),
        (acting(Role::Afnemer, OTHER), 200, false),
        (acting(Role::Kanaaleigenaar, PUBLISHER), 200, true),
        (acting(Role::Kanaaleigenaar, OTHER), 200, false),
        (Grants::of(Role::Auditor), 403, false),
    ] {
        let page = text(&Browser::log_in(&gateway, grants.clone()).await.get(LIST).await.expect(status));
        assert_eq!(page.contains("een-event"), sees, "{grants:?}");
    }
}

/// A gateway with an event of which one subscription wants everything and the other another type.
async fn with_event() -> (Gateway, Sink, String, String) {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let body =
        json!({"sink": sink.url("/ander"), "config": {"kanalen": ["zaken"], "name": "Ander <i>"}, "types": ["other"]});
    let other = granted(&gateway.client(OTHER), body).await;
    let more = json!({"subject": "<b>zaak", "data": {"nummer": "111222333", "html": "<script>inhoud"}});
    gateway.client(PUBLISHER).publish("zaken", "e 1", more).await.expect(202);
    indexed(&gateway.client(BEHEER), 1).await;
    eventually("a delivery", || async {
        let list = gateway.client(BEHEER).get("/v1/events/e%201/receivers").await.json();
        list["results"].as_array()?.iter().any(|row| row["outcome"] == "delivered").then_some(())
    })
    .await;
    (gateway, sink, id, other)
}

const EVENT: &str = "/beheer/events/urn%3Atest/e%201";

#[tokio::test]
async fn an_event_shows_its_envelope_and_who_got_it_and_why_others_did_not() {
    let (gateway, _sink, id, other) = with_event().await;
    let page = text(&Browser::with_role(&gateway, Role::Lezer).await.get(EVENT).await.expect(200));
    for part in [
        "&#60;b&#62;zaak",
        "urn:test",
        "Bezorgd",
        "Niet bezorgd",
        "past niet bij het filter",
        "Ander &#60;i&#62;",
        &format!("/beheer/abonnementen/{id}"),
        &format!("/beheer/abonnementen/{other}"),
        "niet getoond",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for part in ["111222333", "&#60;script", "Inhoud tonen", "Opnieuw bezorgen"] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    let english = Browser::with_role(&gateway, Role::Lezer).await.get(&format!("{EVENT}?taal=en")).await.expect(200);
    assert!(text(&english).contains("does not match the filter"));
    for (grants, status) in [
        (acting(Role::Afnemer, CONSUMER), 200),
        (acting(Role::Afnemer, OTHER), 404),
        (acting(Role::Kanaaleigenaar, PUBLISHER), 200),
        (acting(Role::Kanaaleigenaar, OTHER), 404),
        (Grants::of(Role::Auditor), 403),
    ] {
        Browser::log_in(&gateway, grants).await.get(EVENT).await.expect(status);
    }
    let beheerder = Browser::with_role(&gateway, Role::Beheerder).await;
    beheerder.get("/beheer/events/urn%3Atest/none").await.expect(404);
    beheerder.get("/beheer/events/urn%3Anone/e%201").await.expect(404);
}

#[tokio::test]
async fn an_event_is_counted_and_then_delivered_again() {
    let (gateway, sink, id, other) = with_event().await;
    let path = format!("{EVENT}/opnieuw");
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    for (to, count) in [("gemist", 0), ("iedereen", 1), (id.as_str(), 1), (other.as_str(), 0)] {
        let page = text(&browser.get(&format!("{path}?aan={to}")).await.expect(200));
        assert_eq!(page.contains("Bezorg 1 keer opnieuw"), count == 1, "{to}: {page}");
        assert_eq!(page.contains("Er is niets te bezorgen"), count == 0, "{to}: {page}");
    }
    let page = text(&browser.get(&format!("{path}?aan={id}")).await.expect(200));
    let (_, rest) = page.split_once("name=\"tot\" value=\"").expect("a time bound");
    let bound = rest.split('"').next().unwrap_or_default();
    let page = text(&browser.post(&path, &format!("aan={id}&tot=morgen")).await.expect(422));
    assert!(page.contains("Fout:") && page.contains(&format!("value=\"{id}\"")), "{page}");
    let answer = browser.post(&path, &format!("aan={id}&tot={bound}")).await.expect(303);
    assert_eq!(answer.header("location"), Some(&*format!("{EVENT}?gedaan=event-opnieuw")));
    let page = text(&browser.get(&format!("{EVENT}?gedaan=event-opnieuw")).await.expect(200));
    assert!(page.contains("Het event wordt opnieuw bezorgd."), "{page}");
    eventually("the event again", || async { (sink.seen(&Method::POST).len() == 2).then_some(()) }).await;
    browser.get(&format!("{path}?aan=x")).await.expect(404);
    let afnemer = Browser::log_in(&gateway, acting(Role::Afnemer, OTHER)).await;
    afnemer.get(&format!("{path}?aan={id}")).await.expect(404);
    afnemer.post(&path, &format!("aan=iedereen&tot={bound}")).await.expect(404);
}

#[tokio::test]
async fn the_payload_is_shown_after_a_purpose_and_the_trail_has_it() {
    let (gateway, _sink, _id, _other) = with_event().await;
    let path = format!("{EVENT}/inhoud");
    let grants = Grants { extra: vec![ExtraRight::Inhoud], ..Grants::of(Role::Lezer) };
    let browser = Browser::log_in(&gateway, grants).await;
    assert!(text(&browser.get(EVENT).await.expect(200)).contains("Inhoud tonen"));
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Kies een doel") && !page.contains("inhoud&#60;"), "{page}");
    let page = text(&browser.post(&path, "doel=x&toelichting=").await.expect(422));
    for part in ["href=\"#doel\"", "href=\"#toelichting\"", "Fout:"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let page = text(&browser.post(&path, "doel=&toelichting=melding+7").await.expect(422));
    assert!(page.contains("value=\"melding 7\"") && !page.contains("&#60;script"), "{page}");
    assert!(entries(&gateway, "event.view").await.is_empty());
    let page = text(&browser.post(&path, "doel=storing&toelichting=melding+7").await.expect(200));
    assert!(page.contains("&#60;script&#62;inhoud") && page.contains("•••••••••"), "{page}");
    assert!(!page.contains("111222333") && page.contains("1 getal dat een BSN kan zijn"), "{page}");
    let page = text(&browser.post(&path, "doel=storing&toelichting=melding+7&onverborgen=ja").await.expect(200));
    assert!(page.contains("111222333"), "{page}");
    let found = recorded(&gateway, "event.view", 2).await;
    for (entry, reason) in found.iter().zip(["storing: melding 7 (onverborgen)", "storing: melding 7"]) {
        assert_eq!(entry["object"]["id"], "e 1");
        let entry = entry.to_string();
        assert!(entry.contains(reason) && !entry.contains("111222333"), "{entry}");
    }
    // As a file it is hidden in the same way, and recorded.
    let fields = "doel=storing&toelichting=melding+7&download=ja";
    let file = browser.post(&path, fields).await.expect(200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"inhoud.json\""));
    let body = String::from_utf8_lossy(&file.body).into_owned();
    assert!(body.contains("<script>inhoud") && body.contains("•••••••••") && !body.contains("111222333"), "{body}");
    let file = browser.post(&path, &format!("{fields}&onverborgen=ja")).await.expect(200);
    assert!(String::from_utf8_lossy(&file.body).contains("111222333"));
    let found = recorded(&gateway, "event.view", 4).await;
    assert!(found[0].to_string().contains("storing: melding 7 (onverborgen) (download)"), "{found:?}");
    browser.post(&path, "doel=&toelichting=x&download=ja").await.expect(422);
    Browser::with_role(&gateway, Role::Beheerder).await.get(&path).await.expect(403);
    let foreign = Browser::log_in(&gateway, acting(Role::Afnemer, OTHER)).await;
    foreign.post(&path, "doel=storing&toelichting=x").await.expect(404);
}
