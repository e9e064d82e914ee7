//! The pages of types and schemas.

use model::{ExtraRight, Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, subscriptions::gateway_with_subscription, text};
use crate::{
    subscriptions::granted,
    support::{BEHEER, Gateway, OTHER, PUBLISHER},
};

const PATH: &str = "/beheer/typen";

async fn with_type() -> Gateway {
    let gateway = Gateway::with(CONSOLE).await;
    let schema = json!({
        "name": "persoon", "types": ["nl.overheid.persoon/verhuisd"], "description": "Iemand is <b>verhuisd</b>",
        "schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "title": "</pre><script>"},
        "example": {"naam": "Jan"},
    });
    gateway.client(PUBLISHER).post("/v1/schemas", schema).await.expect(201);
    gateway
}

#[tokio::test]
async fn an_empty_catalogue_says_how_to_fill_it() {
    let gateway = Gateway::with(CONSOLE).await;
    let page = text(&Browser::with_role(&gateway, Role::Auditor).await.get(PATH).await.expect(200));
    assert!(page.contains("Er zijn nog geen typen vastgelegd") && page.contains("POST /v1/schemas"), "{page}");
}

#[tokio::test]
async fn a_type_is_listed_and_shown_with_schema_and_example_as_text() {
    let gateway = with_type().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let list = text(&browser.get(PATH).await.expect(200));
    let link = "/beheer/typen/nl%2Eoverheid%2Epersoon%2Fverhuisd";
    for part in [link, "nl.overheid.persoon/verhuisd", "1 van 1 typen", PUBLISHER, "&#60;b&#62;verhuisd"] {
        assert!(list.contains(part), "{part} in {list}");
    }
    let page = text(&browser.get(link).await.expect(200));
    for part in ["persoon", "&#34;naam&#34;", "Een schema verandert nooit", "&#60;/pre&#62;&#60;script&#62;"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
    let english = text(&browser.get(&format!("{link}?taal=en")).await.expect(200));
    assert!(english.contains("A schema never changes"), "{english}");
    assert!(text(&browser.get(&format!("{PATH}/onbekend")).await.expect(404)).contains("<html"));
}

#[tokio::test]
async fn schemas_of_no_type_are_listed_too() {
    let gateway = with_type().await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(!text(&browser.get(PATH).await.expect(200)).contains("Schema&#39;s zonder type"));
    let schema = json!({
        "name": "los", "uri": "https://schemas.example/los", "types": [], "description": "Een <b>los</b> schema",
        "schema": {"type": "object"},
    });
    gateway.client(PUBLISHER).post("/v1/schemas", schema).await.expect(201);
    let page = text(&browser.get(PATH).await.expect(200));
    for part in
        ["Schema&#39;s zonder type", "https://schemas.example/los", "&#60;b&#62;los", "1 van 1 typen", "1 schema<"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("/beheer/schemas/los/intrekken"), "a reader withdraws nothing");
    let filtered = text(&browser.get(&format!("{PATH}?aanbieder=x")).await.expect(200));
    assert!(!filtered.contains("https://schemas.example/los"), "{filtered}");
    let owner = Grants { client_ids: vec![PUBLISHER.to_owned()], ..Grants::of(Role::Kanaaleigenaar) };
    let owner = Browser::log_in(&gateway, owner).await;
    assert!(text(&owner.get(PATH).await.expect(200)).contains("/beheer/schemas/los/intrekken"));
}

#[tokio::test]
async fn the_filter_narrows_the_catalogue() {
    let gateway = with_type().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    for (query, found) in [("aanbieder=x", false), ("kanaal=x", false), (&format!("aanbieder={PUBLISHER}"), true)] {
        let page = text(&browser.get(&format!("{PATH}?{query}")).await.expect(200));
        assert_eq!(page.contains("1 van 1 typen"), found, "{query}: {page}");
        assert_eq!(page.contains("Geen type past bij dit filter"), !found, "{query}: {page}");
    }
}

#[tokio::test]
async fn a_type_leads_to_the_form_that_publishes_it() {
    let gateway = with_type().await;
    let path = "/beheer/typen/nl%2Eoverheid%2Epersoon%2Fverhuisd";
    let link = "/beheer/publiceren?voorbeeld=nl.overheid.persoon%2Fverhuisd";
    let reader = Browser::with_role(&gateway, Role::Beheerder).await;
    assert!(!text(&reader.get(path).await.expect(200)).contains(link), "without the right there is no link");
    let grants = Grants { extra: vec![ExtraRight::Publiceren], ..Grants::of(Role::Beheerder) };
    let browser = Browser::log_in(&gateway, grants).await;
    assert!(text(&browser.get(path).await.expect(200)).contains(&format!("href=\"{link}\"")));
    let form = text(&browser.get(link).await.expect(200));
    assert!(form.contains("name=\"type\" value=\"nl.overheid.persoon/verhuisd\""), "{form}");
    assert!(form.contains("Jan"), "the example is filled in: {form}");
}

/// The fields of a form of a schema of an applicatie.
fn schema_form(name: &str, owner: &str) -> String {
    format!(
        "naam={name}&eigenaar={owner}&typen=nl.adres.{name}%0D%0Anl.adres.{name}.oud&kanaal=&dataschema=&omschrijving=Een+%3Cb%3Eadres\
         &voorbeeld=%7B%22straat%22%3A%22A%22%7D&schema=%7B%22type%22%3A%22object%22%7D"
    )
}

#[tokio::test]
async fn a_schema_is_registered_and_withdrawn_in_the_browser() {
    const NEW: &str = "/beheer/schemas/nieuw";
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let list = text(&browser.get(PATH).await.expect(200));
    assert!(list.contains(&format!("href=\"{NEW}\"")), "{list}");
    let form = text(&browser.get(NEW).await.expect(200));
    assert!(form.contains(&format!("<option value=\"{PUBLISHER}\"")), "{form}");
    let good = schema_form("adres", PUBLISHER);
    for (fields, field) in [
        (good.replace("naam=adres", "naam=Adres"), "naam"),
        (good.replace(&format!("eigenaar={PUBLISHER}"), "eigenaar=nobody"), "eigenaar"),
        (good.replace("typen=nl.adres.adres%0D%0Anl.adres.adres.oud", "typen="), "typen"),
        (good.replace("adres.oud", "adres"), "typen"),
        (good.replace("kanaal=", "kanaal=nergens"), "kanaal"),
        (good.replace("dataschema=", "dataschema=x"), "dataschema"),
        (good.replace("schema=%7B%22type%22%3A%22object%22%7D", "schema=%7B"), "schema"),
        (good.replace("schema=%7B%22type%22%3A%22object%22%7D", "schema=false"), "voorbeeld"),
    ] {
        let page = text(&browser.post(NEW, &fields).await.expect(422));
        assert!(page.contains(&format!("href=\"#{field}\"")), "{fields}: {page}");
        assert!(page.contains("Een &#60;b&#62;adres"), "what was typed stays: {page}");
    }
    let one = "/beheer/typen/nl%2Eadres%2Eadres";
    let answer = browser.post(NEW, &good).await.expect(303);
    assert_eq!(answer.header("location"), Some(format!("{one}?gedaan=schema-vastgelegd").as_str()));
    let page = text(&browser.get(one).await.expect(200));
    let withdraw = "/beheer/schemas/adres/intrekken";
    for part in [PUBLISHER, "Een &#60;b&#62;adres", withdraw, "/v1/schemas/adres"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let stored = gateway.client(PUBLISHER).get("/v1/schemas/adres").await.expect(200).json();
    assert_eq!(stored, json!({"type": "object"}));
    let taken = text(&browser.post(NEW, &good).await.expect(422));
    assert!(taken.contains("href=\"#naam\""), "{taken}");

    let ask = text(&browser.get(withdraw).await.expect(200));
    assert!(ask.contains("nl.adres.adres, nl.adres.adres.oud") && ask.contains("niet meer"), "{ask}");
    let wrong = text(&browser.post(withdraw, "bevestiging=iets").await.expect(422));
    assert!(wrong.contains("value=\"iets\"") && wrong.contains("href=\"#bevestiging\""), "{wrong}");
    let answer = browser.post(withdraw, "bevestiging=adres").await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/typen?gedaan=schema-ingetrokken"));
    browser.get(one).await.expect(404);
    browser.post(withdraw, "bevestiging=adres").await.expect(404);
    let audit = gateway.client(BEHEER).get("/v1/audit?pageSize=500").await.expect(200).json();
    let entries = audit["results"].as_array().expect("entries");
    for action in ["schema.register", "schema.delete"] {
        let of = |entry: &&serde_json::Value| entry["action"] == action && entry["object"]["id"] == "adres";
        assert!(entries.iter().any(|entry| of(&entry) && entry["actor"]["kind"] == "person"), "{action}: {audit}");
    }
}

#[tokio::test]
async fn schemas_of_others_are_not_withdrawn_and_readers_change_nothing() {
    let gateway = with_type().await;
    let path = "/beheer/schemas/persoon/intrekken";
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Kanaaleigenaar) };
    let other = Browser::log_in(&gateway, other).await;
    other.get(path).await.expect(404);
    other.post(path, "bevestiging=persoon").await.expect(404);
    let refused = text(&other.post("/beheer/schemas/nieuw", &schema_form("adres", PUBLISHER)).await.expect(422));
    assert!(refused.contains("href=\"#eigenaar\""), "{refused}");
    other.post("/beheer/schemas/nieuw", &schema_form("adres", OTHER)).await.expect(303);
    let own = Grants { client_ids: vec![PUBLISHER.to_owned()], ..Grants::of(Role::Kanaaleigenaar) };
    let own = Browser::log_in(&gateway, own).await;
    own.get(path).await.expect(200);
    own.get("/beheer/schemas/notificatie/intrekken").await.expect(404);
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(!text(&reader.get(PATH).await.expect(200)).contains("/beheer/schemas/nieuw"));
    let page = text(&reader.get("/beheer/typen/nl%2Eoverheid%2Epersoon%2Fverhuisd").await.expect(200));
    assert!(!page.contains("intrekken"), "{page}");
    reader.get(path).await.expect(403);
    reader.post(path, "bevestiging=persoon").await.expect(403);
    // Of a configuration without applicaties for the person there is no form.
    let nobody = Browser::log_in(&gateway, Grants::of(Role::Kanaaleigenaar)).await;
    assert!(text(&nobody.get("/beheer/schemas/nieuw").await.expect(200)).contains("u beheert er geen"));
}

#[tokio::test]
async fn a_type_shows_who_takes_it() {
    let (gateway, sink, _id) = gateway_with_subscription().await;
    let schema = |name: &str, kanaal: Option<&str>| json!({"name": name, "types": [format!("nl.{name}")], "kanaal": kanaal, "schema": true});
    for (name, kanaal) in [("een", Some("zaken")), ("twee", None)] {
        gateway.client(PUBLISHER).post("/v1/schemas", schema(name, kanaal)).await.expect(201);
    }
    let body =
        json!({"sink": sink.url("/ander"), "config": {"kanalen": ["zaken"], "name": "Ander <i>"}, "types": ["nl.x"]});
    granted(&gateway.client(OTHER), body).await;
    let path = |name: &str| format!("{PATH}/nl%2E{name}");
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&reader.get(&path("een")).await.expect(200));
    assert!(page.contains("1 abonnement") && page.contains("/ontvanger") && !page.contains("Ander"), "{page}");
    let page = text(&reader.get(&path("twee")).await.expect(200));
    assert!(page.contains("Geen abonnement dat u mag zien"), "a type that goes to no kanaal: {page}");
    let other = Grants { client_ids: vec![OTHER.to_owned()], ..Grants::of(Role::Afnemer) };
    let page = text(&Browser::log_in(&gateway, other).await.get(&path("een")).await.expect(200));
    assert!(page.contains("Geen abonnement dat u mag zien"), "{page}");
}
