//! The page about the gateway.

use model::Role;

use super::{Browser, CONSOLE, text};
use crate::support::Gateway;

const PATH: &str = "/beheer/over";

#[tokio::test]
async fn version_licences_statement_and_contact_are_shown() {
    let more = format!(
        "[security]\ncontact = [\"mailto:security@gemeente.example\"]\nexpires = \"2099-01-01T00:00:00Z\"\n{CONSOLE}\
         toegankelijkheidsverklaring = \"https://gemeente.example/toegankelijk\"\n"
    );
    let gateway = Gateway::with(&more).await;
    let browser = Browser::with_role(&gateway, Role::Afnemer).await;
    let dutch = text(&browser.get(PATH).await.expect(200));
    for part in [
        "Over deze gateway",
        env!("CARGO_PKG_VERSION"),
        "Gemeente Voorbeeld",
        "EUPL-1.2",
        "SQLite",
        "Apache-2.0 WITH LLVM-exception",
        "href=\"mailto:security@gemeente.example\"",
        "href=\"https://gemeente.example/toegankelijk\"",
    ] {
        assert!(dutch.contains(part), "{part} in {dutch}");
    }
    let english = text(&browser.get(&format!("{PATH}?taal=en")).await.expect(200));
    assert!(english.contains("About this gateway") && english.contains("Public domain"), "{english}");
}

#[tokio::test]
async fn what_is_not_configured_has_a_way_to_configure_it() {
    let gateway = Gateway::with(CONSOLE).await;
    let page = text(&Browser::with_role(&gateway, Role::Auditor).await.get(PATH).await.expect(200));
    for key in ["console.toegankelijkheidsverklaring", "security.contact"] {
        assert!(page.contains(key), "{key} in {page}");
    }
}
