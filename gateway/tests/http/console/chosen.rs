//! Rows that are ticked in the list of events or of the deliveries of a subscription, and delivered again.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually};

/// The places of the rows on a page.
fn places(page: &str) -> Vec<String> {
    let parts = page.split("type=\"checkbox\" name=\"kies\" value=\"").skip(1);
    parts.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

/// The rows as fields of a form.
fn fields(places: &[String]) -> String {
    places.iter().map(|place| format!("kies={place}")).collect::<Vec<_>>().join("&")
}

fn afnemer(client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(Role::Afnemer) }
}

async fn runs(gateway: &Gateway) -> usize {
    let list = gateway.client(BEHEER).get("/v1/runs").await.expect(200).json();
    list["results"].as_array().expect("a list").len()
}

/// A gateway whose sink delivered event 1 and refused the events 2 and 3; and the page of the deliveries with their rows.
async fn stage() -> (Gateway, Sink, String, Browser) {
    let (gateway, sink, id) = gateway_with_subscription().await;
    for (event, answer) in [("1", 204), ("2", 422), ("3", 422)] {
        sink.answers(&[answer]);
        gateway.client(PUBLISHER).publish("zaken", event, json!({})).await.expect(202);
        sink.wait(Method::POST, event.parse().expect("a number")).await;
    }
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    (gateway, sink, id, browser)
}

/// The rows of a page, once there are so many; the newest first.
async fn rows(browser: &Browser, path: &str, count: usize) -> Vec<String> {
    eventually("rows", || async {
        let found = places(&text(&browser.get(path).await.expect(200)));
        (found.len() == count).then_some(found)
    })
    .await
}

#[tokio::test]
async fn chosen_deliveries_go_to_their_subscription_again_as_counted() {
    let (gateway, sink, id, browser) = stage().await;
    let list = format!("/beheer/abonnementen/{id}/bezorgingen");
    let again = format!("{list}/opnieuw");
    let found = rows(&browser, &list, 3).await;
    let page = text(&browser.get(&again).await.expect(200));
    assert!(page.contains("U koos niets") && !page.contains("<form method=\"post\" action=\"/beheer/abon"), "{page}");
    // The one that was delivered is not sent twice, unless that is asked for.
    let page = text(&browser.get(&format!("{again}?{}", fields(&found))).await.expect(200));
    assert!(page.contains("Bezorg 2 keer opnieuw") && page.contains("name=\"geteld\" value=\"2\""), "{page}");
    let everybody = format!("{again}?{}&aan=iedereen", fields(&found));
    let page = text(&browser.get(&everybody).await.expect(200));
    assert!(page.contains("Bezorg 3 keer opnieuw") && page.contains("nog een keer bezorgd"), "{page}");
    let page = text(&browser.get(&format!("{everybody}&taal=en")).await.expect(200));
    assert!(page.contains("also what is delivered already"), "{page}");
    // What the count was about changed: nothing is done, and the page asks again.
    let page = text(&browser.post(&again, &format!("{}&geteld=3&taal=nl", fields(&found))).await.expect(409));
    assert!(page.contains("name=\"geteld\" value=\"2\""), "{page}");
    browser.post(&again, &fields(&found)).await.expect(409);
    assert_eq!(runs(&gateway).await, 0);
    sink.answers(&[204]);
    let answer = browser.post(&again, &format!("{}&geteld=2", fields(&found))).await.expect(303);
    assert_eq!(answer.header("location"), Some(format!("{list}?gedaan=run-gestart").as_str()));
    sink.wait(Method::POST, 5).await;
    let chosen = format!("{again}?{}", fields(&found));
    eventually("everything is delivered", || async {
        text(&browser.get(&chosen).await.expect(200)).contains("Er is niets te bezorgen").then_some(())
    })
    .await;
    // Another person confirms the same count a moment later: it is no longer so many.
    browser.post(&again, &format!("{}&geteld=2", fields(&found))).await.expect(409);
    assert_eq!((runs(&gateway).await, sink.seen(&Method::POST).len()), (1, 5));
    let audit = gateway.client(BEHEER).get("/v1/audit?action=run.start").await.expect(200).json();
    assert_eq!(audit["results"].as_array().map(Vec::len), Some(1), "{audit}");
}

#[tokio::test]
async fn chosen_events_go_to_who_missed_them() {
    let (gateway, sink, id, browser) = stage().await;
    rows(&browser, &format!("/beheer/abonnementen/{id}/bezorgingen"), 3).await;
    let found = rows(&browser, "/beheer/events", 3).await;
    let page = text(&browser.get("/beheer/events/opnieuw").await.expect(200));
    assert!(page.contains("U koos niets"), "{page}");
    let chosen = fields(&found[1..]);
    let page = text(&browser.get(&format!("/beheer/events/opnieuw?{chosen}")).await.expect(200));
    assert!(
        page.contains("Bezorg 1 keer opnieuw") && page.contains("Alleen abonnementen die een event misten"),
        "{page}"
    );
    sink.answers(&[204]);
    // Twice the same form does it once.
    let body = format!("token={}&sleutel=9c5b94b1-35ad-49bb-b118-8e8fc24abf81&{chosen}&geteld=1", browser.token);
    for _ in 0..2 {
        let answer = browser.post_raw("/beheer/events/opnieuw", &super::OWN_FORM, &body).await.expect(303);
        assert_eq!(answer.header("location"), Some("/beheer/events?gedaan=run-gestart"));
    }
    sink.wait(Method::POST, 4).await;
    assert_eq!(runs(&gateway).await, 1);
}

#[tokio::test]
async fn events_of_a_filter_go_to_who_missed_them_up_to_the_moment_of_the_count() {
    let (gateway, sink, id, browser) = stage().await;
    rows(&browser, &format!("/beheer/abonnementen/{id}/bezorgingen"), 3).await;
    rows(&browser, "/beheer/events", 3).await;
    let page = text(&browser.get("/beheer/events?kanaal=zaken").await.expect(200));
    assert!(page.contains("/beheer/events/opnieuw?keuze=filter&amp;kanaal=zaken"), "{page}");
    assert!(!text(&browser.get("/beheer/events").await.expect(200)).contains("keuze=filter"), "never all there is");
    let page = text(&browser.get("/beheer/events/opnieuw?keuze=filter&kanaal=zaken").await.expect(200));
    assert!(page.contains("Bezorg 2 keer opnieuw") && page.contains(">zaken</span>"), "{page}");
    let (_, until) = page.split_once("name=\"tot\" value=\"").expect("an end");
    let until = until.split('"').next().unwrap_or_default().to_owned();
    // What comes later is not part of it.
    gateway.client(PUBLISHER).publish("zaken", "4", json!({})).await.expect(202);
    sink.wait(Method::POST, 4).await;
    rows(&browser, "/beheer/events", 4).await;
    sink.answers(&[204]);
    let path = "/beheer/events/opnieuw";
    browser.post(path, &format!("keuze=filter&kanaal=zaken&tot={until}&geteld=3")).await.expect(409);
    browser.post(path, &format!("keuze=filter&kanaal=zaken&tot={until}&geteld=2")).await.expect(303);
    sink.wait(Method::POST, 6).await;
    assert_eq!(runs(&gateway).await, 1);
    browser.get(&format!("{path}?keuze=filter&kanaal=zaken&van=gisteren")).await.expect(400);
    let none = text(&browser.get(&format!("{path}?keuze=filter&kanaal=zaken&type=niets")).await.expect(200));
    assert!(none.contains("Er is niets te bezorgen"), "{none}");
    // A search by subject is recorded, as in the list.
    browser.get(&format!("{path}?keuze=filter&onderwerp=x")).await.expect(200);
    let audit = gateway.client(BEHEER).get("/v1/audit?action=event.search").await.expect(200).json();
    assert_eq!(audit["results"].as_array().map(Vec::len), Some(1), "{audit}");
    let other = Browser::log_in(&gateway, afnemer(OTHER)).await;
    let none = text(&other.get(&format!("{path}?keuze=filter&kanaal=zaken")).await.expect(200));
    assert!(none.contains("Er is niets te bezorgen"), "{none}");
}

#[tokio::test]
async fn rows_of_others_are_not_there() {
    let (gateway, _sink, id, browser) = stage().await;
    let list = format!("/beheer/abonnementen/{id}/bezorgingen");
    let chosen = fields(&rows(&browser, &list, 3).await);
    let other = Browser::log_in(&gateway, afnemer(OTHER)).await;
    for path in [format!("{list}/opnieuw"), "/beheer/events/opnieuw".to_owned()] {
        other.get(&format!("{path}?{chosen}")).await.expect(404);
        other.post(&path, &format!("{chosen}&geteld=2")).await.expect(404);
        browser.get(&format!("{path}?kies=0/9999/zaken")).await.expect(404);
        browser.get(&format!("{path}?kies=7/0/zaken")).await.expect(404);
        browser.get(&format!("{path}?kies=0/0/anders")).await.expect(404);
        browser.get(&format!("{path}?kies=x")).await.expect(404);
    }
    let many: Vec<String> = (0..201).map(|number| format!("0/{number}/zaken")).collect();
    browser.get(&format!("/beheer/events/opnieuw?{}", fields(&many))).await.expect(400);
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(!text(&reader.get(&list).await.expect(200)).contains("name=\"kies\""), "a reader chooses nothing");
    assert!(!text(&reader.get("/beheer/events").await.expect(200)).contains("name=\"kies\""));
    // The subscriber itself does.
    let own = Browser::log_in(&gateway, afnemer(CONSUMER)).await;
    let page = text(&own.get(&format!("{list}/opnieuw?{chosen}")).await.expect(200));
    assert!(page.contains("Bezorg 2 keer opnieuw"), "{page}");
}
