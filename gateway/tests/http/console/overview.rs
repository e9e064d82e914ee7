//! The overview, and the console switched off.

use std::{sync::Arc, time::Duration};

use model::{
    Clock, Grants, Role,
    clock::{ManualClock, SystemClock},
};
use serde_json::json;

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

#[tokio::test]
async fn the_overview_shows_the_organisation_and_the_numbers_in_both_languages() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let dutch = text(&browser.get("/beheer").await.expect(200));
    for part in [
        "<html lang=\"nl\"",
        "<title>Overzicht – Gemeente Voorbeeld eventgateway</title>",
        "Er zijn nog geen abonnementen.",
        "(lezer)",
    ] {
        assert!(dutch.contains(part), "{part} in {dutch}");
    }
    let english = text(&browser.get("/beheer?taal=en").await.expect(200));
    for part in ["<html lang=\"en\"", "Overview – Gemeente Voorbeeld event gateway", "There are no subscriptions yet."]
    {
        assert!(english.contains(part), "{part} in {english}");
    }
}

#[tokio::test]
async fn without_configuration_there_is_no_console() {
    let gateway = Gateway::start().await;
    gateway.nobody().get("/beheer").await.problem(404);
    gateway.nobody().get("/beheer/inloggen").await.problem(404);
}

#[tokio::test]
async fn each_role_sees_the_subscriptions_that_it_may_see() {
    let gateway = Gateway::with(CONSOLE).await;
    for kanaal in ["eigen", "ander"] {
        let owner = if kanaal == "eigen" { PUBLISHER } else { BEHEER };
        gateway.client(owner).post("/v1/kanalen", json!({"naam": kanaal})).await.expect(201);
    }
    for (client, kanaal) in [(CONSUMER, "eigen"), (OTHER, "ander")] {
        let sink = format!("http://127.0.0.1:9/{kanaal}<b>");
        let subscription = json!({"sink": sink.replace('<', "%3C").replace('>', "%3E"), "protocol": "HTTP", "config": {"kanalen": [kanaal]}});
        gateway.client(client).post("/v1/subscriptions", subscription).await.expect(201);
    }
    let acting = |role, client: &str| Grants { client_ids: vec![client.to_owned()], ..Grants::of(role) };
    for (grants, eigen, ander) in [
        (Grants::of(Role::Lezer), true, true),
        (Grants::of(Role::Beheerder), true, true),
        (Grants::of(Role::Platform), true, true),
        (Grants::of(Role::Auditor), true, true),
        (Grants::of(Role::Afnemer), false, false),
        (acting(Role::Afnemer, CONSUMER), true, false),
        (acting(Role::Afnemer, OTHER), false, true),
        (acting(Role::Kanaaleigenaar, PUBLISHER), true, false),
        (acting(Role::Kanaaleigenaar, CONSUMER), true, false),
        (acting(Role::Kanaaleigenaar, "nobody"), false, false),
    ] {
        let page = text(&Browser::log_in(&gateway, grants.clone()).await.get("/beheer").await.expect(200));
        assert_eq!(page.contains("127.0.0.1:9/eigen"), eigen, "{grants:?}");
        assert_eq!(page.contains("127.0.0.1:9/ander"), ander, "{grants:?}");
        assert!(page.contains("vragen aandacht") || page.contains("vraagt aandacht") || !eigen && !ander, "{grants:?}");
    }
}

#[tokio::test]
async fn a_subscription_that_needs_attention_is_a_link_and_its_page_names_who_is_alerted() {
    for (configuration, expected) in
        [("", "zet ze aan met [own_events]"), ("[own_events]\n", "er is geen abonnement op het kanaal gateway")]
    {
        let gateway = Gateway::with(&format!("{CONSOLE}{configuration}")).await;
        gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
        let make = async |sink: &str, kanaal: &str, name: &str| {
            let config = json!({"kanalen": [kanaal], "name": name});
            let body = json!({"sink": sink, "protocol": "HTTP", "config": config});
            let made = gateway.client(BEHEER).post("/v1/subscriptions", body).await.expect(201).json();
            format!("/beheer/abonnementen/{}", made["id"].as_str().expect("an id"))
        };
        let failing = make("http://127.0.0.1:9/", "zaken", "Zaken <b>").await;
        let browser = Browser::with_role(&gateway, Role::Beheerder).await;
        let overview = text(&browser.get("/beheer").await.expect(200));
        assert!(!overview.contains("% voorbij"), "it never consented, so no outage is counted: {overview}");
        assert!(overview.contains(&format!("href=\"{failing}\">Zaken &#60;b&#62;</a>")), "{overview}");
        let page = text(&browser.get(&failing).await.expect(200));
        assert!(page.contains("Wie een melding krijgt") && page.contains(expected), "{page}");
        if configuration.is_empty() {
            continue;
        }
        let alert = make("http://127.0.0.1:9/alarm", "gateway", "Servicedesk").await;
        let page = text(&browser.get(&failing).await.expect(200));
        assert!(page.contains(&format!("href=\"{alert}\">Servicedesk</a>")), "{page}");
        let page = text(&browser.get(&alert).await.expect(200));
        assert!(page.contains("deze ontvanger krijgt zelf de meldingen"), "{page}");
    }
}

/// How many lines the audit trail has, at most 1,000.
async fn audit_lines(gateway: &Gateway) -> usize {
    let trail = &gateway.management().trail;
    trail.newest(storage::audit::Before::default(), 1_000).await.expect("the trail").len()
}

#[tokio::test]
async fn the_overview_shows_what_happened_lately_to_who_may_see_it() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    sink.answers(&[422]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let letters = "Dead letters sinds gisteren";
    let (findings, lines) = ("Gecontroleerd op", "Laatste regels van het logboek");
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = eventually("a dead letter, and the first check", || async {
        let page = text(&browser.get("/beheer").await.expect(200));
        let one = format!("{letters}</a></dt><dd class=\"utrecht-data-list__item-value\">1</dd>");
        (page.contains(&one) && page.contains(findings)).then_some(page)
    })
    .await;
    for part in [
        "Er is geen run bezig.",
        "href=\"/beheer/configuratie\"",
        "kanaal.create",
        "abonnementen?sorteer=-wachtend",
        "Mislukte bezorgingen sinds gisteren: 1.",
        "href=\"/beheer/abonnementen?toestand=granted\">Abonnementen in toestand Actief</a>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let (_, rest) = page.split_once("href=\"/beheer/dead-letters?van=").expect("a link to the dead letters");
    let since = rest.split('"').next().expect("a day");
    let listed = text(&browser.get(&format!("/beheer/dead-letters?van={since}")).await.expect(200));
    assert!(listed.contains("1 dead letter"), "{listed}");
    let english = text(&browser.get("/beheer?taal=en").await.expect(200));
    assert!(english.contains("Dead letters since yesterday") && english.contains("Last lines of the audit trail"));
    for (role, sees_letters, sees_findings, sees_lines) in [
        (Role::Lezer, true, true, false),
        (Role::Platform, false, true, false),
        (Role::Kanaaleigenaar, true, false, false),
        (Role::Auditor, false, true, true),
    ] {
        let browser = Browser::with_role(&gateway, role).await;
        let before = audit_lines(&gateway).await;
        let page = text(&browser.get("/beheer").await.expect(200));
        let found = [letters, findings, lines].map(|part| page.contains(part));
        assert_eq!(found, [sees_letters, sees_findings, sees_lines], "{role:?}: {page}");
        assert_eq!(audit_lines(&gateway).await, before, "the overview is no action");
    }
}

#[tokio::test]
async fn a_subscription_whose_events_wait_long_needs_attention_although_its_receiver_works() {
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let (gateway, sink) = (Gateway::with_clock(CONSOLE, &clock).await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let body = json!({"sink": sink.url("/"), "config": {"kanalen": ["zaken"]}});
    granted(&gateway.client(CONSUMER), body).await;
    sink.asks_to_wait(429, 7_200);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    eventually("that the receiver asked to wait", || async {
        let page = text(&browser.get("/beheer").await.expect(200));
        (page.contains("in toestand Afgeremd") && page.contains("Alle abonnementen zijn actief.")).then_some(())
    })
    .await;
    clock.advance(Duration::from_mins(16));
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&browser.get("/beheer").await.expect(200));
    assert!(page.contains("Loopt achter") && page.contains("1 abonnement vraagt aandacht."), "{page}");
    assert!(text(&browser.get("/beheer?taal=en").await.expect(200)).contains("more than a quarter of an hour"));
}
