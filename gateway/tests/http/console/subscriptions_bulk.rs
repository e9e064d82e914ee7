//! One action on several subscriptions, and the list as CSV.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, subscriptions::gateway_with_subscription, text};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, OTHER},
};

const BULK: &str = "/beheer/abonnementen/samen";

async fn state(gateway: &Gateway, id: &str) -> String {
    let own = gateway.client(BEHEER).get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
    own["status"]["state"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_was_counted_is_acted_on_and_nothing_else() {
    let (gateway, sink, one) = gateway_with_subscription().await;
    let client = gateway.client(CONSUMER);
    let two = granted(&client, json!({"sink": sink.url("/twee")})).await;
    let three = granted(&client, json!({"sink": sink.url("/drie"), "config": {"name": "<b>drie"}})).await;
    client.post(&format!("/v1/subscriptions/{two}/pause"), json!({})).await.expect(200);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let list = text(&browser.get("/beheer/abonnementen").await.expect(200));
    assert!(list.contains(&format!("name=\"kies\" value=\"{one}\"")), "{list}");
    let page =
        text(&browser.get(&format!("{BULK}?handeling=pauzeren&kies={one}&kies={two}&kies={one}")).await.expect(200));
    assert!(page.contains("Pauzeer 1 abonnement") && page.contains("doen-niet-mee"), "{page}");
    let hidden: Vec<_> = page.matches("type=\"hidden\" name=\"kies\"").collect();
    assert_eq!(hidden.len(), 1, "only what is counted is in the form: {page}");
    browser.post(BULK, &format!("handeling=pauzeren&kies={one}")).await.expect(303);
    assert_eq!((state(&gateway, &one).await.as_str(), state(&gateway, &three).await.as_str()), ("paused", "granted"));
    let page =
        text(&browser.get(&format!("{BULK}?handeling=hervatten&kies={one}&kies={two}&kies={three}")).await.expect(200));
    assert!(page.contains("Hervat 2 abonnementen") && page.contains("&#60;b&#62;drie"), "{page}");
    let answer = browser.post(BULK, &format!("handeling=hervatten&kies={one}&kies={two}")).await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/abonnementen?gedaan=abonnementen-gedaan"));
    assert_eq!((state(&gateway, &one).await.as_str(), state(&gateway, &two).await.as_str()), ("granted", "granted"));
    let asked = sink.seen(&Method::OPTIONS).len();
    browser.post(BULK, &format!("handeling=toestemming&kies={one}&kies={two}")).await.expect(303);
    sink.wait(Method::OPTIONS, asked + 2).await;
    let page = text(&browser.get(&format!("{BULK}?handeling=pauzeren")).await.expect(200));
    assert!(page.contains("U koos geen abonnementen"), "{page}");
    browser.get(&format!("{BULK}?handeling=anders&kies={one}")).await.expect(404);
}

#[tokio::test]
async fn the_subscription_of_another_is_not_there() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, other).await;
    other.get(&format!("{BULK}?handeling=pauzeren&kies={id}")).await.expect(404);
    other.post(BULK, &format!("handeling=pauzeren&kies={id}")).await.expect(404);
    assert_eq!(state(&gateway, &id).await, "granted");
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    reader.get(&format!("{BULK}?handeling=pauzeren&kies={id}")).await.expect(403);
    reader.post(BULK, &format!("handeling=pauzeren&kies={id}")).await.expect(403);
}

#[tokio::test]
async fn what_could_not_be_done_is_listed() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let gone =
        granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/weg"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[410]);
    browser.post(&format!("/beheer/abonnementen/{gone}/testen"), "").await.expect(200);
    crate::support::eventually("the end", || async { (state(&gateway, &gone).await == "gone").then_some(()) }).await;
    let page = text(&browser.post(BULK, &format!("handeling=pauzeren&kies={id}&kies={gone}")).await.expect(200));
    assert!(page.contains("Gelukt bij 1 abonnement.") && page.contains("/weg"), "{page}");
}

#[tokio::test]
async fn the_list_is_a_file_with_the_filter_of_the_page() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": {"name": "=1+1"}})).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&browser.get("/beheer/abonnementen?zoek=ontvanger").await.expect(200));
    assert!(page.contains("href=\"/beheer/abonnementen/csv?zoek=ontvanger&#38;bestand=csv\""), "{page}");
    let answer = browser.get("/beheer/abonnementen/csv?zoek=ontvanger").await.expect(200);
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")), "{:?}", answer.headers);
    let file = String::from_utf8(answer.body.to_vec()).expect("UTF-8");
    assert_eq!(file.lines().count(), 2, "{file}");
    assert!(file.contains(&id) && file.contains("/ontvanger?…") && !file.contains("hush"), "{file}");
    let file = browser.get("/beheer/abonnementen/csv").await.expect(200);
    let file = String::from_utf8(file.body.to_vec()).expect("UTF-8");
    assert!(file.lines().count() == 3 && !file.contains(",=1+1"), "a formula is defused: {file}");
}
