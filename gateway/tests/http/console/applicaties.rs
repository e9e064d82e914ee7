//! The page of the applicaties.

use model::{Grants, Role};

use super::{Browser, CONSOLE, text};
use crate::support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER};

const PATH: &str = "/beheer/applicaties";

const HOSTILE: &str = "[[applicatie]]\nclient_id = \"<i>two\"\nscopes = []\n\
                       secrets = [\"the long enough secret of two\", \"another long secret\"]\nsource = \"urn:two\"\n";

#[tokio::test]
async fn applicaties_are_shown_with_rights_and_use_and_without_secrets() {
    let gateway = Gateway::with(&format!("{HOSTILE}{CONSOLE}")).await;
    gateway.client(BEHEER).get("/v1/kanalen").await.expect(200);
    let browser = Browser::with_role(&gateway, Role::Auditor).await;
    let dutch = text(&browser.get(PATH).await.expect(200));
    for part in [
        BEHEER,
        CONSUMER,
        OTHER,
        PUBLISHER,
        "&#60;i&#62;two",
        "urn:two",
        "notificaties.consumeren",
        "5 van 5 applicaties",
        "Niet sinds de start van deze node",
    ] {
        assert!(dutch.contains(part), "{part} in {dutch}");
    }
    for secret in ["long enough secret", "another long secret", "<i>"] {
        assert!(!dutch.contains(secret), "{secret} in {dutch}");
    }
    let english = text(&browser.get(&format!("{PATH}?taal=en")).await.expect(200));
    assert!(english.contains("Secrets are never shown"), "{english}");
}

#[tokio::test]
async fn the_filter_narrows_the_list() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let one = text(&browser.get(&format!("{PATH}?naam={OTHER}")).await.expect(200));
    assert!(one.contains("1 van 1 applicaties") && one.contains(&format!("value=\"{OTHER}\"")), "{one}");
    let none = text(&browser.get(&format!("{PATH}?naam=%22%3E%3Cb%3E")).await.expect(200));
    assert!(none.contains("Geen applicatie past bij dit filter") && !none.contains("<b>"), "{none}");
}

#[tokio::test]
async fn more_than_fifty_applicaties_have_pages() {
    let many: Vec<String> = (0..51)
        .map(|number| format!("[[applicatie]]\nclient_id = \"many-{number:02}\"\nsecret = \"the long enough secret of many\"\nscopes = []\n"))
        .collect();
    let many = many.concat();
    let gateway = Gateway::with(&format!("{many}{CONSOLE}")).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let first = text(&browser.get(&format!("{PATH}?naam=many")).await.expect(200));
    assert!(first.contains("50 van 51 applicaties") && first.contains("naam=many&#38;pagina=2"), "{first}");
    for part in ["naam=many&#38;rijen=100\">100</a>", "rijen=50\" aria-current=\"true\">50</a>", "Rijen per pagina:"] {
        assert!(first.contains(part), "{part} in {first}");
    }
    let all = text(&browser.get(&format!("{PATH}?naam=many&rijen=100")).await.expect(200));
    assert!(all.contains("51 van 51 applicaties") && !all.contains("rel=\"next\""), "{all}");
    let last = text(&browser.get(&format!("{PATH}?naam=many&rijen=25&pagina=3")).await.expect(200));
    assert!(last.contains("many-50") && !last.contains("many-49") && last.contains("rijen=25&#38;pagina=2"), "{last}");
    let odd = text(&browser.get(&format!("{PATH}?naam=many&rijen=1000")).await.expect(200));
    assert!(odd.contains("50 van 51 applicaties"), "{odd}");
    let second = text(&browser.get(&format!("{PATH}?naam=many&pagina=2")).await.expect(200));
    assert!(second.contains("many-50") && !second.contains("many-49") && !second.contains("rel=\"next\""), "{second}");
}

#[tokio::test]
async fn an_afnemer_sees_only_its_own_applicaties() {
    let gateway = Gateway::with(CONSOLE).await;
    let none = text(&Browser::with_role(&gateway, Role::Afnemer).await.get(PATH).await.expect(200));
    assert!(none.contains("Er zijn geen applicaties die u mag zien"), "{none}");
    let grants = Grants { client_ids: vec![CONSUMER.to_owned()], ..Grants::of(Role::Afnemer) };
    let own = text(&Browser::log_in(&gateway, grants).await.get(PATH).await.expect(200));
    assert!(own.contains("1 van 1 applicaties") && own.contains(CONSUMER), "{own}");
    assert!(!own.contains(PUBLISHER), "{own}");
}
