//! The pages of subscriptions: the list, one with its actions, and its deletion.

use http::Method;
use model::{Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, made_of, text, two_versions};
use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER, Sink, eventually},
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
    let page = text(&answer);
    assert!(page.contains("Het is niet verwijderd.") && page.contains("<title>Fout:"), "{page}");
    assert!(!page.contains(&format!("value=\"{typed}\"")), "the confirmation is typed again: {page}");
    let change = json!({"config": {"name": "Van een ander"}});
    gateway.client(CONSUMER).patch(&format!("/v1/subscriptions/{id}"), change).await.expect(200);
    let form = made_of(&page);
    let page = text(&browser.post(&path, &format!("{form}&bevestiging={typed}")).await.expect(412));
    let table = two_versions(&page);
    assert!(table.contains("Naam van het abonnement") && table.contains("Van een ander"), "{table}");
    assert!(!table.contains("Ontvanger"), "only what differs: {table}");
    let by = format!("Gewijzigd door: Applicatie <span class=\"utrecht-url-data\" translate=\"no\">{CONSUMER}</span>");
    assert!(page.contains("Laatste wijziging: <time") && page.contains(&by), "{page}");
    let form = made_of(&page);
    browser.post(&path, &format!("bevestiging={typed}")).await.expect(412);
    browser.get(&format!("{LIST}/{id}")).await.expect(200);
    let answer = browser.post(&path, &format!("{form}&bevestiging={typed}")).await.expect(303);
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

/// The names of the subscriptions of a page, in its order.
fn names(page: &str) -> Vec<String> {
    let links = page.split("translate=\"no\" href=\"/beheer/abonnementen/").skip(1);
    links.filter_map(|rest| rest.split_once("\">")?.1.split('<').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_list_is_sorted_by_links_over_all_parts_without_a_script() {
    let gateway = Gateway::with(CONSOLE).await;
    for number in 0..52 {
        // Made in another order than that of their names.
        let name = format!("naam {:02}", (number * 7) % 52);
        let body =
            json!({"sink": format!("http://127.0.0.1:9/{number}"), "protocol": "HTTP", "config": {"name": name}});
        let client = if number % 2 == 0 { CONSUMER } else { OTHER };
        gateway.client(client).post("/v1/subscriptions", body).await.expect(201);
    }
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let list = async |query: &str| text(&browser.get(&format!("{LIST}?{query}")).await.expect(200));
    let all = |from: std::ops::Range<usize>| from.map(|number| format!("naam {number:02}")).collect::<Vec<_>>();
    let first = list("sorteer=ontvanger").await;
    assert_eq!(names(&first), all(0..50));
    assert!(first.contains("scope=\"col\" aria-sort=\"ascending\"><a class=\"utrecht-link\" href=\"/beheer/abonnementen?sorteer=-ontvanger\">Ontvanger</a>"), "{first}");
    assert_eq!(first.matches("aria-sort=").count(), 1);
    assert!(first.contains("type=\"hidden\" name=\"sorteer\" value=\"ontvanger\""), "the filter keeps it");
    assert!(first.contains("sorteer=ontvanger&#38;pagina=2"), "so do the links to the parts: {first}");
    assert_eq!(names(&list("sorteer=ontvanger&pagina=2").await), all(50..52));
    let last = list("sorteer=-ontvanger&zoek=naam").await;
    assert!(last.contains("aria-sort=\"descending\"") && last.contains("zoek=naam&#38;sorteer=ontvanger"), "{last}");
    assert_eq!(names(&last)[..2], ["naam 51", "naam 50"]);
    // Equal keys stay newest first, on every page.
    let newest: Vec<String> = [names(&list("").await), names(&list("pagina=2").await)].concat();
    let is_mine = |name: &&String| (0..52).step_by(2).any(|number| **name == format!("naam {:02}", (number * 7) % 52));
    let (mine, other): (Vec<&String>, Vec<&String>) = newest.iter().partition(is_mine);
    let by_owner: Vec<String> = mine.into_iter().chain(other).cloned().collect();
    for (column, expected) in [
        ("eigenaar", &by_owner),
        ("vorm", &newest),
        ("wachtend", &newest),
        ("-wachtend", &newest),
        ("oudste", &newest),
        ("mislukt", &newest),
    ] {
        let parts = ["", "&pagina=2"].map(|part| format!("sorteer={column}{part}"));
        let rows = [names(&list(&parts[0]).await), names(&list(&parts[1]).await)].concat();
        assert_eq!(rows, *expected, "{column}");
    }
    assert_eq!(names(&list("sorteer=onzin").await), newest[..50]);
    let file = browser.get(&format!("{LIST}/csv?sorteer=ontvanger")).await.expect(200);
    let csv = String::from_utf8_lossy(&file.body);
    let second = csv.lines().nth(1).expect("a row");
    assert!(second.contains("naam 00"), "{csv}");
}

#[tokio::test]
async fn the_list_shows_the_last_success_and_the_share_that_failed() {
    let (gateway, sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(text(&browser.get(LIST).await.expect(200)).contains("0 van 0<"));
    sink.answers(&[204, 422]);
    for event in ["1", "2"] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({})).await.expect(202);
    }
    let page = eventually("both deliveries", || async {
        let page = text(&browser.get(LIST).await.expect(200));
        page.contains("1 van 2 (50 %)").then_some(page)
    })
    .await;
    let (_, row) = page.split_once(&format!("/beheer/abonnementen/{id}\"")).expect("the row");
    // What waits longest is none; the success is a moment.
    assert_eq!(row.matches("class=\"utrecht-table__cell\"><time").count(), 1, "{row}");
    // A subscription with failures comes before one without deliveries, whatever the direction.
    let body = json!({"sink": "http://127.0.0.1:9/x", "protocol": "HTTP", "config": {"name": "nieuw"}});
    gateway.client(CONSUMER).post("/v1/subscriptions", body).await.expect(201);
    for order in ["mislukt", "-mislukt", "gelukt", "-gelukt"] {
        let page = text(&browser.get(&format!("{LIST}?sorteer={order}")).await.expect(200));
        assert_eq!(names(&page).last().map(String::as_str), Some("nieuw"), "{order}");
    }
    let file = browser.get(&format!("{LIST}/csv?sorteer=gelukt")).await.expect(200);
    let csv = String::from_utf8_lossy(&file.body).into_owned();
    let [head, first, last] = [0, 1, 2].map(|at| csv.lines().nth(at).expect("a row").to_owned());
    assert!(head.ends_with(",lastDelivered"), "{csv}");
    assert!(first.starts_with(&id) && first.ends_with('Z') && last.ends_with(','), "{csv}");
}

#[tokio::test]
async fn actions_are_commands_for_those_who_may_do_them() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(&format!("{LIST}/{id}")).await.expect(200));
    assert!(page.contains("Deze acties met curl"), "{page}");
    for action in ["pause", "revalidate", "test", "check"] {
        let command = format!("'{}/v1/subscriptions/{id}/{action}'", gateway.base).replace('\'', "&#39;");
        assert!(page.contains(&command) && page.contains("Bearer $TOKEN"), "{command} in {page}");
    }
    assert!(page.contains("-X DELETE") && !page.contains(&format!("{id}/resume")), "{page}");
    // A command does what its button does.
    let admin = gateway.client(BEHEER);
    admin.post(&format!("/v1/subscriptions/{id}/pause"), json!({})).await.expect(200);
    let page = text(&browser.get(&format!("{LIST}/{id}")).await.expect(200));
    assert!(page.contains(&format!("{id}/resume")) && !page.contains(&format!("{id}/pause")), "{page}");
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&reader.get(&format!("{LIST}/{id}")).await.expect(200));
    assert!(!page.contains("Deze acties met curl"), "{page}");
}

#[tokio::test]
async fn the_page_shows_the_pace_and_when_the_credential_was_set() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let path = format!("/beheer/abonnementen/{id}");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(
        page.contains("Tempo nu") && page.contains(" in de minuut vanaf ") && page.contains("(geen grens)"),
        "{page}"
    );
    assert!(!page.contains("Toegangsgegevens gezet") && !page.contains("loopt af</dt>"), "{page}");
    let client = gateway.client(CONSUMER);
    let own = format!("/v1/subscriptions/{id}");
    let credential = json!({
        "credentialtype": "ACCESSTOKEN", "accesstoken": "a", "accesstokenexpiresutc": "2090-01-01T00:00:00Z",
        "accesstokentype": "bearer",
    });
    let set = client.patch(&own, json!({"sinkcredential": credential})).await.expect(200).json();
    assert!(set["credentialChanged"].is_string() && set["credentialChanged"] == set["changed"], "{set}");
    let renamed = client.patch(&own, json!({"config": {"name": "Zaken"}})).await.expect(200).json();
    assert_eq!(renamed["credentialChanged"], set["credentialChanged"], "a name is no credential");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Toegangsgegevens gezet"), "{page}");
    let without = client.patch(&own, json!({"sinkcredential": null})).await.expect(200).json();
    assert!(without.get("credentialChanged").is_none(), "{without}");
}
