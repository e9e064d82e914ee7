//! Lists as files in CSV and JSON, with the filters and the rights of their pages.

use http::Method;
use model::{Grants, Role};
use serde_json::{Value, json};

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::support::{CONSUMER, Gateway, OTHER, PUBLISHER, eventually};

/// The rows of a list in CSV, without its heading, and those in JSON.
async fn rows(browser: &Browser, path: &str) -> (Vec<String>, Vec<Value>) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let csv = browser.get(&format!("{path}{separator}bestand=csv")).await.expect(200);
    assert!(csv.header("content-disposition").is_some_and(|value| value.ends_with(".csv\"")), "{path}");
    let csv = String::from_utf8(csv.body.to_vec()).expect("UTF-8");
    let json = browser.get(&format!("{path}{separator}bestand=json")).await.expect(200);
    assert!(json.header("content-disposition").is_some_and(|value| value.ends_with(".json\"")), "{path}");
    assert_eq!(json.header("content-type"), Some("application/json"), "{path}");
    let json = json.json().as_array().expect("an array").clone();
    let csv: Vec<String> = csv.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(csv.len(), json.len(), "{path}: {csv:?} {json:?}");
    (csv, json)
}

#[tokio::test]
async fn lists_of_what_is_in_memory_are_files_with_the_filter_and_a_link() {
    let (gateway, _sink, _) = gateway_with_subscription().await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "besluiten"})).await.expect(201);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let (csv, list) = rows(&browser, "/beheer/kanalen?sorteer=naam").await;
    let names: Vec<&str> = list.iter().filter_map(|row| row["naam"].as_str()).collect();
    assert_eq!(names, ["besluiten", "cloudevents", "zaken"], "{csv:?}");
    assert_eq!(list[2]["subscriptions"], json!("1"));
    let (csv, _) = rows(&browser, "/beheer/kanalen?zoek=zak&rijen=25&pagina=1").await;
    assert!(csv.len() == 1 && csv[0].starts_with("zaken,"), "{csv:?}");
    let page = text(&browser.get("/beheer/kanalen?zoek=zak&rijen=25").await.expect(200));
    for form in ["csv", "json"] {
        assert!(page.contains(&format!("href=\"/beheer/kanalen?zoek=zak&#38;bestand={form}\"")), "{page}");
    }
    rows(&browser, "/beheer/typen").await;
    browser.get("/beheer/kanalen?bestand=xml").await.expect(400);
    let (_, list) = rows(&browser, "/beheer/abonnementen/csv?zoek=ontvanger").await;
    assert!(list.len() == 1 && !list[0]["sink"].to_string().contains("hush"), "{list:?}");
}

#[tokio::test]
async fn deliveries_and_runs_are_files_for_those_who_see_the_page() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    gateway.client(PUBLISHER).publish("zaken", "=1+1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    let deliveries = format!("/beheer/abonnementen/{id}/bezorgingen");
    eventually("the delivery in the list", || async {
        text(&browser.get(&deliveries).await.expect(200)).contains("=1+1").then_some(())
    })
    .await;
    let (csv, list) = rows(&browser, &deliveries).await;
    assert_eq!(csv.len(), 1, "{csv:?}");
    assert!(csv[0].contains(",'=1+1,delivered,1,"), "a formula is defused: {csv:?}");
    assert_eq!((&list[0]["event"], &list[0]["subscription"]), (&json!("=1+1"), &json!(id)));
    assert!(rows(&browser, &format!("{deliveries}?event=nergens")).await.0.is_empty());
    browser.get(&format!("{deliveries}?van=gisteren&bestand=csv")).await.expect(400);
    let body = json!({"from": "2000-01-01T00:00:00Z"});
    let run = gateway.client(CONSUMER).post(&format!("/v1/subscriptions/{id}/replay"), body).await.expect(202).json();
    let (csv, list) = rows(&browser, &format!("/beheer/runs?abonnement={id}")).await;
    assert!(csv.len() == 1 && list[0]["id"] == run["id"] && list[0]["kind"] == json!("replay"), "{list:?}");
    // Those of others are not there.
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let other = Browser::log_in(&gateway, other).await;
    assert!(rows(&other, "/beheer/runs").await.0.is_empty());
    other.get(&format!("{deliveries}?bestand=csv")).await.expect(404);
}

#[tokio::test]
async fn applicaties_approvals_and_sessions_are_files_without_secrets() {
    let gateway = Gateway::with(CONSOLE).await;
    let kanaal = json!({"naam": "zaken", "approval": "required"});
    gateway.client(PUBLISHER).post("/v1/kanalen", kanaal).await.expect(201);
    let body = json!({
        "sink": "http://127.0.0.1:9/wacht?token=hush", "protocol": "HTTP",
        "config": {"kanalen": ["zaken"], "name": "=Zaaksysteem"},
    });
    let made = gateway.client(CONSUMER).post("/v1/subscriptions", body).await.expect(201).json();
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;

    let (csv, list) = rows(&browser, "/beheer/goedkeuringen").await;
    assert!(csv.len() == 1 && csv[0].contains(",'=Zaaksysteem,"), "a formula is defused: {csv:?}");
    assert_eq!((&list[0]["subscription"], &list[0]["kanaal"]), (&made["id"], &json!("zaken")));
    assert!(!list[0].to_string().contains("hush"), "{list:?}");
    // Requests on kanalen of others are not there.
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Kanaaleigenaar) };
    let other = Browser::log_in(&gateway, other).await;
    assert!(rows(&other, "/beheer/goedkeuringen").await.0.is_empty());

    let (_, list) = rows(&browser, "/beheer/applicaties").await;
    let own = list.iter().find(|row| row["clientId"] == json!(PUBLISHER)).expect("the publisher");
    assert!(own["rightsFrom"] == json!("declared") && own["scopes"].to_string().contains("publiceren"), "{own}");
    let (_, one) = rows(&browser, &format!("/beheer/applicaties?naam={PUBLISHER}")).await;
    assert!(one.len() < list.len(), "the filter holds: {one:?}");

    let reader = Browser::with_role(&gateway, Role::Auditor).await;
    let (_, all) = rows(&reader, "/beheer/sessies").await;
    let (_, own) = rows(&Browser::with_role(&gateway, Role::Lezer).await, "/beheer/sessies").await;
    assert!(all.len() > own.len() && own.len() == 1 && own[0]["roles"] == json!("lezer"), "{all:?} {own:?}");
    for (browser, path) in
        [(&browser, "/beheer/goedkeuringen"), (&browser, "/beheer/applicaties"), (&reader, "/beheer/sessies")]
    {
        let page = text(&browser.get(path).await.expect(200));
        assert!(page.contains("bestand=csv") && page.contains("bestand=json"), "{page}");
    }
}
