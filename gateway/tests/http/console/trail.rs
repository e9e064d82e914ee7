//! The page of the audit trail.

use model::{Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, text};
use crate::support::{BEHEER, Gateway, PUBLISHER, eventually};

/// The rows of the table.
fn rows(page: &str) -> usize {
    page.matches("<details>").count() - page.matches("met curl</summary>").count()
}

#[tokio::test]
async fn the_trail_shows_who_changed_what_with_the_values_before_and_after() {
    let gateway = Gateway::with(CONSOLE).await;
    let owner = gateway.client(PUBLISHER);
    owner.post("/v1/kanalen", json!({"naam": "zaken", "documentatieLink": "https://a.example/"})).await.expect(201);
    let change = json!({"documentatieLink": "https://b.example/"});
    owner.put("/v1/kanalen/zaken", change).await.expect(200);
    let browser = Browser::with_role(&gateway, Role::Auditor).await;
    let page = text(&browser.get("/beheer/logboek?object=zaken").await.expect(200));
    for part in [
        "Kanaal gemaakt <code class=\"utrecht-code\" translate=\"no\">kanaal.create</code>",
        "Kanaal gewijzigd <code class=\"utrecht-code\" translate=\"no\">kanaal.change</code>",
        "Link naar de documentatie <code",
        "Kanaal <span translate=\"no\">zaken</span>",
        "Langs: API van de gateway",
        PUBLISHER,
        "Gelukt",
        "https://a.example/",
        "https://b.example/",
        "<time datetime=",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("href=\"https://b.example/\""), "values are no links");
    assert_eq!(rows(&page), 2);
    let kanaal = text(&browser.get("/beheer/kanalen/zaken").await.expect(200));
    assert!(kanaal.contains("href=\"/beheer/logboek?object=zaken\">Wie dit wijzigde"), "{kanaal}");
    let english = text(&browser.get("/beheer/logboek?object=zaken&taal=en").await.expect(200));
    for part in ["Audit trail", "Show, with ", "Kanaal created <code", "Link to the documentation <code"] {
        assert!(english.contains(part), "{part} in {english}");
    }
}

#[tokio::test]
async fn each_filter_narrows_the_list_and_keeps_its_value() {
    let gateway = Gateway::with(CONSOLE).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": "besluiten"})).await.expect(201);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    for (query, number) in [
        (format!("actie=kanaal&actor={BEHEER}").as_str(), 1),
        ("actie=kanaal.create&object=zaken", 1),
        ("actie=kanaal.delete", 0),
        (&format!("actie=kanaal&actor={PUBLISHER}"), 1),
        ("object=zaken&uitkomst=accepted", 1),
        ("actie=kanaal&uitkomst=failed", 0),
        ("object=zaken&van=2000-01-01&tot=2999-01-01", 1),
        ("actie=kanaal&tot=2000-01-01", 0),
        ("actie=kanaal&van=2999-01-01", 0),
        ("object=%3Cscript%3E", 0),
    ] {
        let page = text(&browser.get(&format!("/beheer/logboek?{query}")).await.expect(200));
        assert_eq!(rows(&page), number, "{query}: {page}");
        assert_eq!(page.contains("Geen regel past bij dit filter"), number == 0, "{query}");
        assert!(!page.contains("<script>"), "{query}");
    }
    let page = text(&browser.get("/beheer/logboek?actie=kanaal&object=%22x&van=2026-01-02").await.expect(200));
    assert!(page.contains("Afgelopen 30 dagen</a>"), "{page}");
    for kept in
        ["<option value=\"kanaal\" selected>Kanalen: alles (kanaal)<", "value=\"&#34;x\"", "value=\"2026-01-02\""]
    {
        assert!(page.contains(kept), "{kept} in {page}");
    }
}

#[tokio::test]
async fn a_wrong_filter_is_explained_and_kept() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Auditor).await;
    for (query, field, fault) in [
        ("van=gisteren", "van", "Vul een datum in"),
        ("tot=2026-02-30", "tot", "Vul een datum in"),
        ("van=2026-03-02&tot=2026-03-01", "tot", "Kies een laatste dag"),
        ("actie=x", "actie", "Kies een waarde uit de lijst"),
        ("uitkomst=x", "uitkomst", "Kies een waarde uit de lijst"),
    ] {
        let page = text(&browser.get(&format!("/beheer/logboek?{query}")).await.expect(422));
        assert!(page.contains("Niet alles is goed ingevuld") && page.contains("<title>Fout:"), "{query}: {page}");
        assert!(page.contains(&format!("href=\"#{field}\"")) && page.contains(fault), "{query}: {page}");
        assert_eq!(rows(&page), 0, "{query}");
    }
    let page = text(&browser.get("/beheer/logboek?van=gisteren").await.expect(422));
    assert!(page.contains("value=\"gisteren\""), "{page}");
}

#[tokio::test]
async fn a_list_of_more_than_fifty_lines_has_pages() {
    let gateway = Gateway::with(CONSOLE).await;
    for number in 0..51 {
        gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": format!("kanaal{number}")})).await.expect(201);
    }
    let browser = Browser::with_role(&gateway, Role::Auditor).await;
    let path = format!("/beheer/logboek?actie=kanaal.create&actor={BEHEER}");
    let first = text(&browser.get(&path).await.expect(200));
    assert_eq!(rows(&first), 50);
    assert!(
        first.contains(&format!(
            "rel=\"next\" href=\"/beheer/logboek?actie=kanaal.create&#38;actor={BEHEER}&#38;pagina=2\""
        )),
        "{first}"
    );
    let second = text(&browser.get(&format!("{path}&pagina=2")).await.expect(200));
    assert_eq!(rows(&second), 1);
    assert!(second.contains("kanaal0") && second.contains("pagina=1") && !second.contains("pagina=3"), "{second}");
    let none = text(&browser.get(&format!("{path}&pagina=x")).await.expect(200));
    assert_eq!(rows(&none), 50);
}

#[tokio::test]
async fn somebody_without_the_whole_trail_sees_only_own_entries() {
    let gateway = Gateway::with(CONSOLE).await;
    gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let other = Browser::with_role(&gateway, Role::Lezer).await;
    for role in [Role::Lezer, Role::Platform, Role::Kanaaleigenaar, Role::Afnemer] {
        let browser = Browser::log_in(&gateway, Grants::of(role)).await;
        let own = text(&browser.get("/beheer/logboek").await.expect(200));
        assert!(own.contains("session.start") && own.contains(&browser.subject), "{role:?}: {own}");
        assert!(own.contains("U ziet wat u zelf hebt gedaan"), "{role:?}");
        assert!(!own.contains("kanaal.create</code>") && !own.contains(&other.subject), "{role:?}: {own}");
        let of_other = format!("/beheer/logboek?actor=login-link%23{}", other.subject);
        let page = text(&browser.get(&of_other).await.expect(200));
        assert_eq!(rows(&page), 0, "{role:?}: {page}");
    }
}

#[tokio::test]
async fn to_read_the_trail_is_recorded() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Auditor).await;
    browser.get("/beheer/logboek").await.expect(200);
    let page = eventually("the view", || async {
        let page = text(&browser.get("/beheer/logboek?actie=audit.view").await.expect(200));
        (rows(&page) > 0).then_some(page)
    })
    .await;
    assert!(page.contains(&browser.subject), "{page}");
}
