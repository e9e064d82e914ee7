//! The portal: where a log-in leads, what every route of it needs, and that nothing of others is in it.

use ::console::Needs;
use http::Method;
use model::{Actor, Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, OWN_FORM, text};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

/// The section that switches the portal on beside the console.
pub const PORTAL: &str = "[console]\norganisation = \"Gemeente Voorbeeld\"\n[portaal]\n";

/// A person of the portal who acts for a client.
pub fn acting(roles: &[Role], client: &str) -> Grants {
    Grants { roles: roles.to_vec(), client_ids: vec![client.to_owned()], ..Grants::default() }
}

/// A browser in which a subscriber of a client logged in to the portal.
pub async fn subscriber(gateway: &Gateway, client: &str) -> Browser {
    Browser::log_in_to(gateway, acting(&[Role::Afnemer], client), "/portaal").await
}

/// A gateway with the portal, the kanaal `zaken` of `PUBLISHER` and a subscription of `CONSUMER` that consented.
pub async fn gateway_with_portal() -> (Gateway, Sink, String) {
    let (gateway, sink) = (Gateway::with(PORTAL).await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let body = json!({"sink": sink.url("/ontvanger?token=hush"), "config": {"kanalen": ["zaken"]}});
    let id = granted(&gateway.client(CONSUMER), body).await;
    (gateway, sink, id)
}

#[tokio::test]
async fn without_a_portal_there_is_none_and_with_one_alone_there_is_no_console() {
    let gateway = Gateway::with(CONSOLE).await;
    for path in ["/portaal", "/portaal/inloggen", "/portaal/catalogus"] {
        gateway.nobody().get(path).await.expect(404);
    }
    let gateway = Gateway::with("[console]\nbeheer = false\n[portaal]\n").await;
    for path in ["/beheer", "/beheer/inloggen"] {
        gateway.nobody().get(path).await.expect(404);
    }
    gateway.nobody().get("/robots.txt").await.expect(200);
    let answer = gateway.nobody().get("/portaal").await.expect(303);
    assert_eq!(answer.header("location"), Some("/portaal/inloggen?naar=%2Fportaal"));
    let page = text(&gateway.nobody().get("/portaal/inloggen").await.expect(200));
    assert!(page.contains("/portaal/assets/") && !page.contains("\"/beheer"), "{page}");
}

#[tokio::test]
async fn a_portal_with_a_listener_of_its_own_is_only_there() {
    let gateway = Gateway::with("[console]\n[portaal]\nlisten = \"127.0.0.1:0\"\n").await;
    gateway.nobody().get("/portaal/inloggen").await.expect(404);
    let portal = gateway.config().portaal.as_ref().and_then(|own| own.listen).expect("an address");
    let nobody = Gateway::nobody_at(&format!("http://{portal}"));
    nobody.get("/portaal/inloggen").await.expect(200);
    nobody.get("/beheer/inloggen").await.expect(404);
    nobody.get("/v1/kanalen").await.expect(404);
    // Nobody is sent from one to the other.
    Browser::log_in(&gateway, acting(&[Role::Afnemer], CONSUMER)).await;
}

#[tokio::test]
async fn roles_decide_where_a_log_in_leads() {
    let gateway = Gateway::with(PORTAL).await;
    for (roles, first, links) in [
        (&[Role::Afnemer][..], "/portaal", None),
        (&[Role::Kanaaleigenaar], "/portaal", None),
        (&[Role::Lezer], "/beheer", None),
        (&[Role::Lezer, Role::Afnemer], "/beheer", Some("Naar het portaal")),
    ] {
        let browser = Browser::log_in_to(&gateway, acting(roles, CONSUMER), first).await;
        let page = text(&browser.get(first).await.expect(200));
        assert_eq!(page.contains("Naar het portaal"), links.is_some(), "{roles:?}: {page}");
        assert!(first == "/beheer" || !page.contains("href=\"/beheer"), "{roles:?}: {page}");
    }
    let both = acting(&[Role::Lezer, Role::Afnemer], CONSUMER);
    let browser = Browser::log_in_to(&gateway, both, "/beheer").await;
    assert!(text(&browser.get("/portaal").await.expect(200)).contains("Naar beheer"));
    let answer = browser.post("/portaal/uitloggen", "").await.expect(303);
    assert_eq!(answer.header("location"), Some("/portaal/uitgelogd"));
    browser.get("/beheer").await.expect(303);
}

/// A path with its placeholders filled in by what belongs to others.
fn foreign(path: &str, subscription: &str, run: &str, source: &str) -> String {
    let id = if path.starts_with("/portaal/runs") { run } else { subscription };
    path.replace("{file}", "x.css")
        .replace("{id}", if path.starts_with("/portaal/events") { "1" } else { id })
        .replace("{subscription}", subscription)
        .replace("{naam}", "zaken")
        .replace("{kanaal}", "zaken")
        .replace("{partitie}", "0")
        .replace("{positie}", "0")
        .replace("{type}", "x")
        .replace("{source}", &source.replace(':', "%3A").replace('/', "%2F"))
}

/// Whether a path names a thing of somebody. The catalogue is for every subscriber.
fn names_a_thing(path: &str) -> bool {
    let is_shared = ["/portaal/assets/", "/portaal/kanalen/", "/portaal/typen/"];
    path.contains('{') && !is_shared.iter().any(|start| path.starts_with(start))
}

#[tokio::test]
async fn every_route_of_the_portal_needs_its_right_and_shows_nothing_of_others() {
    let (gateway, sink, subscription) = gateway_with_portal().await;
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    // The receiver fails, so the run goes on until it is stopped.
    sink.answers(&[503]);
    let consumer = gateway.client(CONSUMER);
    let body = json!({"from": "2000-01-01T00:00:00Z"});
    let run = consumer.post(&format!("/v1/subscriptions/{subscription}/replay"), body).await.expect(202).json();
    let run = run["id"].as_str().expect("an id").to_owned();
    let source = eventually("the event in the index", || async {
        let events = gateway.client(BEHEER).get("/v1/events").await.expect(200).json();
        events["results"][0]["source"].as_str().map(str::to_owned)
    })
    .await;
    let nobody = gateway.nobody();
    for route in ::console::portal_routes() {
        let path = foreign(route.path, &subscription, &run, &source);
        let answer = nobody.send(route.method.clone(), &path, &OWN_FORM, "").await;
        match (route.needs, &route.method) {
            (Needs::Nothing | Needs::Provider, _) => assert_ne!(answer.status, 401, "{path}"),
            (_, &Method::GET) => {
                let location = answer.expect(303).header("location").map(str::to_owned).unwrap_or_default();
                assert!(location.starts_with("/portaal/inloggen?naar=%2Fportaal"), "{location}");
            }
            _ => assert_eq!(answer.status, 401, "{path}"),
        }
    }
    for role in Role::ALL {
        let grants = acting(&[role], OTHER);
        let first = if matches!(role, Role::Afnemer | Role::Kanaaleigenaar) { "/portaal" } else { "/beheer" };
        let actor = Actor::person("i", "s", ::console::Area::Portal.grants(&grants));
        let browser = Browser::log_in_to(&gateway, grants, first).await;
        for route in ::console::portal_routes() {
            let Needs::Right(right) = route.needs else { continue };
            let path = foreign(route.path, &subscription, &run, &source);
            let answer = match route.method {
                Method::GET => browser.get(&path).await,
                _ => browser.post(&path, "").await,
            };
            let what = format!("{role:?} {} {path}: {}", route.method, answer.status);
            assert!(!answer.status.is_server_error(), "{what}");
            if !right.is_granted_to(&actor) {
                assert_eq!(answer.status, 403, "{what}");
            } else if names_a_thing(route.path) {
                assert_eq!(answer.status, 404, "{what}");
            } else {
                assert_ne!(answer.status, 403, "{what}");
                let body = String::from_utf8_lossy(&answer.body);
                assert!(!body.contains(&subscription) && !body.contains(&run), "{what}");
            }
        }
    }
    // What is named in a query or a field is not there either, and nothing was changed.
    let other = subscriber(&gateway, OTHER).await;
    let fields = format!("abonnement={subscription}&van=2000-01-01&wat=alles");
    other.get(&format!("/portaal/herstellen?{fields}&stap=tellen")).await.expect(404);
    other.get(&format!("/portaal/herstellen?abonnement={subscription}")).await.expect(404);
    other.post("/portaal/herstellen", &fields).await.expect(404);
    let status = consumer.get(&format!("/v1/subscriptions/{subscription}")).await.expect(200).json();
    assert_ne!(status["status"]["state"], "paused", "{status}");
    assert_eq!(consumer.get(&format!("/v1/runs/{run}")).await.expect(200).json()["running"], true);
}

#[tokio::test]
async fn further_roles_show_nothing_more_in_the_portal() {
    let (gateway, _sink, id) = gateway_with_portal().await;
    let grants = acting(&[Role::Afnemer, Role::Beheerder], OTHER);
    let browser = Browser::log_in_to(&gateway, grants, "/beheer").await;
    browser.get(&format!("/beheer/abonnementen/{id}")).await.expect(200);
    browser.get(&format!("/portaal/abonnementen/{id}")).await.expect(404);
    browser.post(&format!("/portaal/abonnementen/{id}/pauzeren"), "").await.expect(404);
    assert!(!text(&browser.get("/portaal/abonnementen").await.expect(200)).contains(&id));
}

#[tokio::test]
async fn the_first_page_says_how_it_is_and_what_to_do() {
    let (gateway, _sink, id) = gateway_with_portal().await;
    let nobody_of = subscriber(&gateway, OTHER).await;
    assert!(text(&nobody_of.get("/portaal").await.expect(200)).contains("U heeft nog geen abonnementen."));
    let browser = subscriber(&gateway, CONSUMER).await;
    let page = text(&browser.get("/portaal").await.expect(200));
    assert!(page.contains("Al uw ontvangers gaven toestemming") && !page.contains("hush"), "{page}");
    browser.post(&format!("/portaal/abonnementen/{id}/pauzeren"), "").await.expect(303);
    let page = text(&browser.get("/portaal?taal=nl").await.expect(200));
    for part in
        ["1 van uw 1 abonnementen vraagt aandacht.", "Hervat de bezorging als uw ontvanger", "/portaal/herstellen?"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    let unlinked = Browser::log_in_to(&gateway, Grants::of(Role::Afnemer), "/portaal").await;
    assert!(text(&unlinked.get("/portaal").await.expect(200)).contains("hoort nog bij geen applicatie"));
}

#[tokio::test]
async fn the_catalogue_leads_to_a_subscription() {
    let (gateway, _sink, _) = gateway_with_portal().await;
    let schema = json!({
        "name": "zaak", "types": ["nl.zaken.x"], "kanaal": "zaken", "description": "Een <b>zaak",
        "schema": {"type": "object"}, "example": {"naam": "voorbeeld"},
    });
    gateway.client(PUBLISHER).post("/v1/schemas", schema).await.expect(201);
    let browser = subscriber(&gateway, OTHER).await;
    let page = text(&browser.get("/portaal/catalogus?zoek=ZAKEN").await.expect(200));
    let link = "/portaal/abonnementen/nieuw?kanaal=zaken&#38;type=nl.zaken.x";
    assert!(page.contains("Een &#60;b&#62;zaak") && page.contains(link), "{page}");
    assert!(text(&browser.get("/portaal/catalogus?zoek=niets").await.expect(200)).contains("geen kanaal of type"));
    let page = text(&browser.get("/portaal/typen/nl.zaken.x").await.expect(200));
    assert!(page.contains("voorbeeld") && page.contains(link), "{page}");
    let page = text(&browser.get("/portaal/kanalen/zaken").await.expect(200));
    assert!(page.contains("/portaal/abonnementen/nieuw?kanaal=zaken") && !page.contains("href=\"/beheer"), "{page}");
    let publisher = Browser::log_in_to(&gateway, acting(&[Role::Kanaaleigenaar], PUBLISHER), "/portaal").await;
    let page = text(&publisher.get("/portaal/catalogus").await.expect(200));
    assert!(page.contains("nl.zaken.x") && !page.contains("/portaal/abonnementen/nieuw"), "{page}");
}

#[tokio::test]
async fn a_publisher_sees_volumes_and_findings_of_its_own_kanalen() {
    let (gateway, sink, _) = gateway_with_portal().await;
    gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": "anders"})).await.expect(201);
    gateway.client(PUBLISHER).publish("zaken", "vreemd-1", json!({"type": "X"})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    let browser = Browser::log_in_to(&gateway, acting(&[Role::Kanaaleigenaar], PUBLISHER), "/portaal").await;
    let page = text(&browser.get("/portaal/mijn-kanalen").await.expect(200));
    assert!(page.contains("/portaal/mijn-kanalen/zaken") && !page.contains("anders"), "{page}");
    let page = text(&browser.get("/portaal/mijn-kanalen/zaken").await.expect(200));
    assert!(page.contains("keek 1 events") && page.contains(">vreemd-1</a>"), "{page}");
    browser.get("/portaal/mijn-kanalen/anders").await.expect(404);
    browser.get("/portaal/mijn-kanalen/nergens").await.expect(404);
}

#[tokio::test]
async fn the_log_shows_what_happened_to_own_things_without_who_else_did_it() {
    let (gateway, _sink, id) = gateway_with_portal().await;
    let beheerder = Browser::log_in_to(&gateway, Grants::of(Role::Beheerder), "/beheer").await;
    beheerder.post(&format!("/beheer/abonnementen/{id}/pauzeren"), "").await.expect(303);
    let browser = subscriber(&gateway, CONSUMER).await;
    let page = text(&browser.get("/portaal/logboek?actie=subscription").await.expect(200));
    for part in ["subscription.create</code>", "subscription.pause</code>", id.as_str()] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains(&beheerder.subject), "{page}");
    let page = text(&browser.get("/portaal/logboek?actie=kanaal").await.expect(200));
    assert!(!page.contains("kanaal.create</code>"), "{page}");
    let other = subscriber(&gateway, OTHER).await;
    assert!(!text(&other.get("/portaal/logboek").await.expect(200)).contains(&id));
}
