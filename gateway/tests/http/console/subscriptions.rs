//! The pages of subscriptions: the list, one with its actions, and its deletion.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, text};
use crate::{
    subscriptions::granted,
    support::{CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const LIST: &str = "/beheer/abonnementen";

/// A gateway with the kanaal `zaken` and a subscription of `CONSUMER` that consented.
pub async fn gateway_with_subscription() -> (Gateway, Sink, String) {
    let (gateway, sink) = (Gateway::with(CONSOLE).await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let body = json!({"sink": sink.url("/ontvanger?token=hush"), "config": {"kanalen": ["zaken"]}});
    let id = granted(&gateway.client(CONSUMER), body).await;
    (gateway, sink, id)
}

fn acting(role: Role, client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(role) }
}

#[tokio::test]
async fn the_list_shows_states_and_filters() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(text(&browser.get(LIST).await.expect(200)).contains("Er zijn nog geen abonnementen"));
    drop((browser, gateway));
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&browser.get(LIST).await.expect(200));
    for part in [id.as_str(), "/ontvanger?…", "Actief", "1 abonnement<", CONSUMER] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("hush"), "the query of a receiver is not shown");
    for (query, found) in [
        ("toestand=granted", true),
        ("toestand=paused", false),
        ("kanaal=zaken", true),
        ("kanaal=anders", false),
        ("vorm=cloudevent", true),
        ("vorm=notificatie", false),
        ("eigenaar=niemand", false),
        ("zoek=ONTVANGER", true),
        ("zoek=hush", false),
        ("pagina=2", false),
    ] {
        let page = text(&browser.get(&format!("{LIST}?{query}")).await.expect(200));
        assert_eq!(page.contains(&id), found, "{query}");
    }
    let page = text(&browser.get(&format!("{LIST}?zoek=%3Cb%3E&taal=en")).await.expect(200));
    assert!(page.contains("No subscription matches") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn a_long_list_has_parts_that_keep_the_filter() {
    let gateway = Gateway::with(CONSOLE).await;
    for number in 0..51 {
        let subscription = json!({"sink": format!("http://127.0.0.1:9/{number}"), "protocol": "HTTP"});
        gateway.client(CONSUMER).post("/v1/subscriptions", subscription).await.expect(201);
    }
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let rows = |page: &str| page.matches("translate=\"no\" href=\"/beheer/abonnementen/").count();
    let first = text(&browser.get(&format!("{LIST}?zoek=127.0.0.1")).await.expect(200));
    assert_eq!(rows(&first), 50);
    let href = "/beheer/abonnementen?zoek=127.0.0.1&#38;pagina=2";
    assert!(first.contains(href), "{first}");
    let second = text(&browser.get(&format!("{LIST}?zoek=127.0.0.1&pagina=2")).await.expect(200));
    assert_eq!(rows(&second), 1);
    assert!(second.contains("pagina=1") && !second.contains("pagina=3"), "{second}");
}

#[tokio::test]
async fn one_subscription_is_shown_to_who_may_see_it_and_acted_on_by_who_may_manage_it() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let path = format!("{LIST}/{id}");
    for (grants, status, acts) in [
        (Grants::of(Role::Lezer), 200, false),
        (Grants::of(Role::Auditor), 200, false),
        (Grants::of(Role::Beheerder), 200, true),
        (acting(Role::Afnemer, CONSUMER), 200, true),
        (acting(Role::Afnemer, OTHER), 404, false),
        (acting(Role::Kanaaleigenaar, PUBLISHER), 200, false),
    ] {
        let browser = Browser::log_in(&gateway, grants.clone()).await;
        let page = text(&browser.get(&path).await.expect(status));
        assert_eq!(page.contains("/pauzeren\""), acts, "{grants:?}");
        assert_eq!(page.contains("/ontvanger?…"), status == 200, "{grants:?}");
        assert!(!page.contains("hush"), "{grants:?}");
        assert_eq!(page.contains("Cijfers per antwoord"), status == 200, "{grants:?}");
    }
    // Who may see it, with a role to manage others, does not change it.
    let two = Grants { roles: vec![Role::Afnemer, Role::Lezer], ..acting(Role::Afnemer, OTHER) };
    let browser = Browser::log_in(&gateway, two).await;
    assert!(!text(&browser.get(&path).await.expect(200)).contains("/pauzeren\""));
    for action in ["pauzeren", "hervatten", "toestemming", "verwijderen"] {
        browser.post(&format!("{path}/{action}"), "bevestiging=x").await.expect(404);
    }
    browser.get(&format!("{path}/verwijderen")).await.expect(404);
    browser.get(&format!("{LIST}/geen-nummer")).await.expect(404);
}

#[tokio::test]
async fn a_subscription_is_paused_resumed_and_asked_for_consent_again() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("{LIST}/{id}");
    for (action, notice, shown) in [
        ("pauzeren", "gepauzeerd", "De bezorging is gepauzeerd."),
        ("hervatten", "hervat", "De bezorging is hervat."),
        ("toestemming", "toestemming-gevraagd", "opnieuw om toestemming"),
    ] {
        let answer = browser.post(&format!("{path}/{action}"), "").await.expect(303);
        assert_eq!(answer.header("location"), Some(format!("{path}?gedaan={notice}").as_str()));
        let page = text(&browser.get(&format!("{path}?gedaan={notice}")).await.expect(200));
        assert!(page.contains(shown), "{page}");
        assert_eq!(page.contains("Gepauzeerd</span>"), action == "pauzeren", "{action}");
        assert_eq!(page.contains("/hervatten\""), action == "pauzeren", "{action}");
    }
    sink.wait(Method::OPTIONS, 2).await;
}

#[tokio::test]
async fn a_deletion_is_typed_and_refused_when_somebody_changed_the_subscription() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let path = format!("{LIST}/{id}/verwijderen");
    let page = text(&browser.get(&path).await.expect(200));
    let (_, rest) = page.split_once("name=\"versie\" value=\"").expect("a version");
    let version = rest.split('"').next().unwrap();
    let refused = browser.post(&path, &format!("versie={version}&bevestiging=%3Cverkeerd%3E")).await.expect(422);
    let refused = text(&refused);
    for part in ["Fout:", "href=\"#bevestiging\"", "value=\"&#60;verkeerd&#62;\"", "aria-invalid=\"true\""] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
    let typed = &id[..8];
    let answer = browser.post(&path, &format!("versie=1&bevestiging={typed}")).await.expect(412);
    assert!(text(&answer).contains("<h1"), "a page");
    browser.post(&path, &format!("bevestiging={typed}")).await.expect(412);
    browser.get(&format!("{LIST}/{id}")).await.expect(200);
    let answer = browser.post(&path, &format!("versie={version}&bevestiging={typed}")).await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/abonnementen?gedaan=abonnement-verwijderd"));
    browser.get(&format!("{LIST}/{id}")).await.expect(404);
    gateway.client(CONSUMER).get(&format!("/v1/subscriptions/{id}")).await.problem(404);
}

#[tokio::test]
async fn an_outage_shows_how_near_the_suspension_is_on_the_overview_and_the_page() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    sink.answers(&[503]);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({"type": "a.b"})).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = eventually("the outage", || async {
        let page = text(&browser.get(&format!("{LIST}/{id}")).await.expect(200));
        page.contains("Storing sinds").then_some(page)
    })
    .await;
    assert!(page.contains("Van de tijd die een storing mag duren is 0 % voorbij"), "{page}");
    let row = page.split("<th ").find(|row| row.contains("scope=\"row\">Laatste uur<")).expect("a row of figures");
    assert!(row.contains("numeric-column\">0</td>"), "{row}");
    let overview = text(&browser.get("/beheer").await.expect(200));
    assert!(overview.contains("0 % voorbij"), "{overview}");
}
