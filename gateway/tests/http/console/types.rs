//! The pages of types and schemas.

use model::{ExtraRight, Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, text};
use crate::support::{Gateway, PUBLISHER};

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
