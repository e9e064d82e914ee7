//! The pages of kanalen: the list, and one with its rules and subscribers.

use model::{Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, text, two_versions};
use crate::support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER};

const LIST: &str = "/beheer/kanalen";

fn acting(role: Role, client: &str) -> Grants {
    Grants { client_ids: vec![client.to_owned()], ..Grants::of(role) }
}

/// A gateway with a kanaal of `PUBLISHER` and a subscription of `CONSUMER` to it.
async fn with_kanaal() -> Gateway {
    let gateway = Gateway::with(CONSOLE).await;
    let kanaal = json!({
        "naam": "zaken", "documentatieLink": "https://docs.example/zaken", "filters": ["zaaktype"],
        "typeRoutes": ["nl.voorbeeld.zaken"], "approval": "required",
    });
    gateway.client(PUBLISHER).post("/v1/kanalen", kanaal).await.expect(201);
    let body = json!({
        "sink": "http://127.0.0.1:9/wacht?token=hush", "protocol": "HTTP",
        "config": {"kanalen": ["zaken"], "name": "<b>Zaaksysteem"},
    });
    gateway.client(CONSUMER).post("/v1/subscriptions", body).await.expect(201);
    gateway
}

#[tokio::test]
async fn kanalen_are_listed_and_searched() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Auditor).await;
    for number in 0..51 {
        let kanaal = json!({"naam": format!("lijst-k{number:02}")});
        gateway.client(PUBLISHER).post("/v1/kanalen", kanaal).await.expect(201);
    }
    let page = text(&browser.get(&format!("{LIST}?zoek=lijst-k")).await.expect(200));
    for part in ["lijst-k00", PUBLISHER, "(standaard)", "pagina=2"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("/beheer/kanalen/lijst%2Dk50"), "{page}");
    let page = text(&browser.get(&format!("{LIST}?zoek=lijst-k&pagina=2")).await.expect(200));
    assert!(page.contains("/beheer/kanalen/lijst%2Dk50") && !page.contains("/beheer/kanalen/lijst%2Dk49"), "{page}");
    let page = text(&browser.get(&format!("{LIST}?zoek=K07")).await.expect(200));
    assert!(page.contains("/beheer/kanalen/lijst%2Dk07") && !page.contains("/beheer/kanalen/lijst%2Dk08"), "{page}");
    let page = text(&browser.get(&format!("{LIST}?zoek=%3Cb%3E&taal=en")).await.expect(200));
    assert!(page.contains("No kanaal matches") && page.contains("value=\"&#60;b&#62;\""), "{page}");
}

#[tokio::test]
async fn a_kanaal_shows_its_rules_and_the_subscribers_that_the_person_may_see() {
    let gateway = with_kanaal().await;
    for (grants, sees) in [
        (Grants::of(Role::Lezer), true),
        (acting(Role::Afnemer, CONSUMER), true),
        (acting(Role::Afnemer, OTHER), false),
    ] {
        let browser = Browser::log_in(&gateway, grants.clone()).await;
        let page = text(&browser.get(&format!("{LIST}/zaken")).await.expect(200));
        for part in ["https://docs.example/zaken", "zaaktype", "nl.voorbeeld.zaken", PUBLISHER, "Zoals de gateway"] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert_eq!(page.contains("&#60;b&#62;Zaaksysteem"), sees, "{grants:?}");
        assert_eq!(page.contains("Wacht op goedkeuring"), sees, "{grants:?}");
        assert!(!page.contains("hush") && !page.contains("href=\"https://docs.example"), "{page}");
    }
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    browser.get(&format!("{LIST}/geen")).await.expect(404);
    let page = text(&browser.get(&format!("{LIST}/zaken?taal=en")).await.expect(200));
    assert!(page.contains("As the gateway is configured"), "{page}");
}

#[tokio::test]
async fn the_list_of_kanalen_is_sorted_by_links() {
    let gateway = Gateway::with(CONSOLE).await;
    for (naam, owner) in [("b", "z"), ("a", "x"), ("c", "x")] {
        gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": naam, "owner": owner})).await.expect(201);
    }
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let list = async |query: &str| text(&browser.get(&format!("{LIST}?{query}")).await.expect(200));
    for (query, expected, sorted) in [
        ("", ["a", "b", "c"], ""),
        ("sorteer=naam", ["a", "b", "c"], "ascending"),
        ("sorteer=-naam", ["c", "b", "a"], "descending"),
        ("sorteer=wachtend", ["a", "b", "c"], "ascending"),
        ("sorteer=eigenaar&zoek=", ["a", "c", "b"], "ascending"),
    ] {
        let page = list(query).await;
        let at = |naam: &str| page.find(&format!("href=\"/beheer/kanalen/{naam}\"")).expect("a row");
        assert!(at(expected[0]) < at(expected[1]) && at(expected[1]) < at(expected[2]), "{query}: {page}");
        assert_eq!(page.contains(&format!("aria-sort=\"{sorted}\"")), !sorted.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn a_declared_kanaal_shows_where_to_change_it() {
    let gateway = Gateway::with(&format!("{CONSOLE}\n[[kanaal]]\nnaam = \"vast\"\n")).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(&format!("{LIST}/vast")).await.expect(200));
    assert!(page.contains("staat in de configuratie"), "{page}");
    assert!(page.contains("Er zijn geen abonnementen op dit kanaal"), "{page}");
}

#[tokio::test]
async fn a_kanaal_is_created_changed_and_deleted_by_who_may() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    browser.get("/beheer/nieuw-kanaal").await.expect(200);
    // What is wrong stays in the form, beside what is wrong with it.
    let fields = "naam=&documentatie=geen-url&kenmerken=a.b%0Aab&bewaardagen=0&bron=a%20b&routes=a%20b";
    let page = text(&browser.post("/beheer/nieuw-kanaal", fields).await.expect(422));
    for part in ["Fout:", "value=\"geen-url\"", "Kenmerk 2 kan niet", "#bewaardagen", "#bron", "#routes", "#naam"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let fields = "naam=nieuw&documentatie=https%3A%2F%2Fdocs.example&kenmerken=zaaktype%0Azaaktype.catalogus%20%3D%20catalogus\
        &routes=nl.voorbeeld.nieuw&bewaardagen=30&eigenaar=zaken&goedkeuring=ja&profiel=nlgov&strengheid=strict&inhoudscontrole=warn";
    let made = browser.post("/beheer/nieuw-kanaal", fields).await.expect(303);
    assert_eq!(made.header("location"), Some("/beheer/kanalen/nieuw?gedaan=kanaal-aangemaakt"));
    let kanaal = gateway.client(BEHEER).get("/v1/kanalen/nieuw").await.expect(200).json();
    assert_eq!(
        (&kanaal["owner"], &kanaal["retentionDays"], &kanaal["approval"]),
        (&json!("zaken"), &json!(30), &json!("required"))
    );
    assert_eq!((&kanaal["strictness"], &kanaal["payloadSchemas"]), (&json!("strict"), &json!("warn")));
    // The name is taken.
    let page = text(&browser.post("/beheer/nieuw-kanaal", "naam=nieuw&inhoudscontrole=off").await.expect(422));
    assert!(page.contains("accepteert dit niet"), "{page}");

    let form = text(&browser.get("/beheer/kanalen/nieuw/wijzigen").await.expect(200));
    assert!(form.contains("zaaktype.catalogus = catalogus") && form.contains("value=\"30\""), "{form}");
    let seen = form.split_once("name=\"gezien\" value=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap();
    let change =
        |days: &str| format!("gezien={seen}&bewaardagen={days}&kenmerken=zaaktype&eigenaar=zaken&inhoudscontrole=off");
    let changed = browser.post("/beheer/kanalen/nieuw/wijzigen", &change("7")).await.expect(303);
    assert_eq!(changed.header("location"), Some("/beheer/kanalen/nieuw?gedaan=kanaal-gewijzigd"));
    // A form of before that change keeps what was typed.
    let page = text(&browser.post("/beheer/kanalen/nieuw/wijzigen", &change("9")).await.expect(412));
    assert!(page.contains("intussen gewijzigd") && page.contains("value=\"9\""), "{page}");
    assert!(page.contains("Laatste wijziging: <time") && page.contains("Gewijzigd door: uzelf"), "{page}");
    let table = two_versions(&page);
    for part in ["Bewaartermijn in dagen", ">7</td>", ">9</td>", "Opgeslagen", "Ingevuld door u"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert!(!table.contains("Kenmerken") && !table.contains("Eigenaar"), "only what differs: {table}");

    let other = Browser::log_in(&gateway, acting(Role::Kanaaleigenaar, OTHER)).await;
    other.get("/beheer/kanalen/nieuw/wijzigen").await.expect(403);
    Browser::with_role(&gateway, Role::Lezer).await.get("/beheer/nieuw-kanaal").await.expect(403);
    let refused = browser.post("/beheer/kanalen/nieuw/verwijderen", "bevestiging=iets").await.expect(422);
    assert!(text(&refused).contains("niet de naam van het kanaal"));
    let deleted = browser.post("/beheer/kanalen/nieuw/verwijderen", "bevestiging=nieuw&wissen=ja").await.expect(303);
    assert_eq!(deleted.header("location"), Some("/beheer/kanalen?gedaan=kanaal-verwijderd"));
    browser.get("/beheer/kanalen/nieuw").await.expect(404);
}

#[tokio::test]
async fn a_kanaal_that_a_subscription_names_cannot_be_deleted() {
    let gateway = with_kanaal().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(&format!("{LIST}/zaken/verwijderen")).await.expect(200));
    assert!(page.contains("1 abonnement noemt dit kanaal") && !page.contains("name=\"bevestiging\""), "{page}");
    browser.post(&format!("{LIST}/zaken/verwijderen"), "bevestiging=zaken").await.expect(409);
}

#[tokio::test]
async fn a_kanaal_shows_what_its_log_keeps_by_partition() {
    let gateway = with_kanaal().await;
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let path = format!("{LIST}/zaken");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Wat bewaard is") && page.contains("Er is niets bewaard"), "{page}");
    for id in ["1", "2", "3"] {
        gateway.client(PUBLISHER).publish("zaken", id, json!({})).await.expect(202);
    }
    let page = text(&browser.get(&path).await.expect(200));
    let (_, kept) = page.split_once("Wat bewaard is").expect("the part");
    let (kept, _) = kept.split_once("Abonnementen op dit kanaal").expect("its end");
    assert!(!kept.contains("Er is niets bewaard") && kept.matches("<time").count() == 2, "{kept}");
    assert!(kept.contains("1 van 1 partities") && kept.contains("numeric-column\">3</td>"), "{kept}");
    let own = Browser::log_in(&gateway, acting(Role::Afnemer, CONSUMER)).await;
    assert!(!text(&own.get(&path).await.expect(200)).contains("Wat bewaard is"));
}

#[tokio::test]
async fn a_kanaal_shows_how_far_this_node_is_behind_and_refreshes_when_asked() {
    let gateway = with_kanaal().await;
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let path = format!("{LIST}/zaken");
    let page = text(&browser.get(&path).await.expect(200));
    assert!(page.contains("Achterstand per partitie") && !page.contains("http-equiv"), "{page}");
    let page = text(&browser.get(&format!("{path}?ververs=30")).await.expect(200));
    assert!(
        page.contains("http-equiv=\"refresh\" content=\"30; url=/beheer/kanalen/zaken?ververs=30&#38;ververs-tot="),
        "{page}"
    );
    assert!(page.contains("Stop met verversen"), "{page}");
    for query in ["ververs=1", "ververs=30&ververs-tot=1000"] {
        let page = text(&browser.get(&format!("{path}?{query}")).await.expect(200));
        assert!(!page.contains("http-equiv"), "{query}");
    }
    let own = Browser::log_in(&gateway, acting(Role::Afnemer, CONSUMER)).await;
    assert!(!text(&own.get(&path).await.expect(200)).contains("Achterstand per partitie"));
}

#[tokio::test]
async fn an_owner_sees_volumes_and_findings_and_does_not_delete() {
    let gateway = with_kanaal().await;
    let (page, figures) = (format!("{LIST}/zaken"), format!("{LIST}/zaken/cijfers"));
    let delete = format!("{LIST}/zaken/verwijderen");
    for (grants, figures_status, deletes) in [
        (Grants::of(Role::Beheerder), 200, true),
        (acting(Role::Kanaaleigenaar, PUBLISHER), 200, false),
        (acting(Role::Kanaaleigenaar, OTHER), 404, false),
        (Grants::of(Role::Lezer), 403, false),
    ] {
        let browser = Browser::log_in(&gateway, grants.clone()).await;
        let shown = text(&browser.get(&page).await.expect(200));
        assert_eq!(shown.contains(&figures), figures_status == 200, "{grants:?}: {shown}");
        assert_eq!(shown.contains(&delete), deletes, "{grants:?}: {shown}");
        assert!(shown.contains("/beheer/typen?kanaal=zaken"), "{shown}");
        let answer = browser.get(&figures).await.expect(figures_status);
        if figures_status == 200 {
            let shown = text(&answer);
            assert!(shown.contains("href=\"/beheer/kanalen/zaken\"") && !shown.contains("/portaal/"), "{shown}");
            assert!(shown.contains("href=\"/beheer/goedkeuringen\""), "somebody waits: {shown}");
        }
        browser.get(&delete).await.expect(if deletes { 200 } else { 403 });
    }
}

#[tokio::test]
async fn the_figures_of_a_kanaal_have_its_days_and_its_types_without_a_schema() {
    let gateway = with_kanaal().await;
    let publisher = gateway.client(PUBLISHER);
    let schema = json!({
        "name": "zaak", "types": ["nl.voorbeeld.zaken.bekend"], "kanaal": "zaken", "description": "Een zaak",
        "schema": {"type": "object"},
    });
    publisher.post("/v1/schemas", schema).await.expect(201);
    for (id, kind) in [("1", "bekend"), ("2", "<b>onbekend"), ("3", "<b>onbekend"), ("4", "zeldzaam")] {
        let event = json!({"type": format!("nl.voorbeeld.zaken.{kind}")});
        publisher.publish("zaken", id, event).await.expect(202);
    }
    let browser = Browser::log_in(&gateway, acting(Role::Kanaaleigenaar, PUBLISHER)).await;
    let page = text(&browser.get(&format!("{LIST}/zaken/cijfers")).await.expect(200));
    let table = |id: &str| {
        let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id} in {page}"));
        rest.split("</table>").next().unwrap_or_default()
    };
    let days = table("dagen");
    let numbers =
        days.split("numeric-column\">").skip(2).filter_map(|rest| rest.split('<').next()?.parse::<u64>().ok());
    assert_eq!((days.matches("<time datetime=\"").count(), numbers.sum()), (7, 4), "{days}");
    let types = table("zonder-schema");
    let places = ["Types: 2 van 2", "zaken.&#60;b&#62;onbekend<", ">2</td>", ">3</a>", "zaken.zeldzaam<", ">4</a>"]
        .map(|part| types.find(part).unwrap_or_else(|| panic!("{part} in {types}")));
    assert!(places.is_sorted() && !types.contains("zaken.bekend"), "{types}");
    // An event of a type with a schema only: nothing to report.
    let schema = json!({"name": "rest", "types": ["nl.voorbeeld.zaken.zeldzaam", "nl.voorbeeld.zaken.<b>onbekend"],
        "kanaal": "zaken", "description": "De rest", "schema": {"type": "object"}});
    publisher.post("/v1/schemas", schema).await.expect(201);
    let page = text(&browser.get(&format!("{LIST}/zaken/cijfers")).await.expect(200));
    assert!(!page.contains("Types zonder schema"), "{page}");
}
