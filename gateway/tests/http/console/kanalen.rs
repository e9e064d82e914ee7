//! The pages of kanalen: the list, and one with its rules and subscribers.

use model::{Grants, Role};
use serde_json::json;

use super::{Browser, CONSOLE, text};
use crate::support::{CONSUMER, Gateway, OTHER, PUBLISHER};

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
async fn a_declared_kanaal_shows_where_to_change_it() {
    let gateway = Gateway::with(&format!("{CONSOLE}\n[[kanaal]]\nnaam = \"vast\"\n")).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let page = text(&browser.get(&format!("{LIST}/vast")).await.expect(200));
    assert!(page.contains("staat in de configuratie"), "{page}");
    assert!(page.contains("Er zijn geen abonnementen op dit kanaal"), "{page}");
}
