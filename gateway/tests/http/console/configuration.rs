//! The page with the checks of the configuration.

use model::Role;

use super::{Browser, CONSOLE, text};
use crate::support::Gateway;

const PATH: &str = "/beheer/configuratie";

#[tokio::test]
async fn verdicts_are_shown_with_what_to_do_and_without_secrets() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let dutch = text(&browser.get(PATH).await.expect(200));
    for part in
        ["Configuratiecontrole", "Wat te doen", "readiness.storage", "egress.allow_http", "127.0.0.0/8", "Waarschuwing"]
    {
        assert!(dutch.contains(part), "{part} in {dutch}");
    }
    assert!(!dutch.contains("the long enough secret"), "{dutch}");
    assert!(
        dutch.contains("<pre") && dutch.contains("egress.allow_http: Waarschuwing: "),
        "the report as text: {dutch}"
    );
    let (warning, good) = (dutch.find(">Waarschuwing<"), dutch.find(">Goed<"));
    assert!(warning.is_some() && warning < good, "warnings come before what is good");
    let english = text(&browser.get(&format!("{PATH}?taal=en")).await.expect(200));
    assert!(english.contains("Configuration checks") && english.contains("What to do"), "{english}");
}

#[tokio::test]
async fn what_is_wrong_comes_first() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    let mut params = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 2);
    let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    std::fs::write(&file, certificate.pem()).unwrap();
    let gateway = Gateway::with(&format!("[egress.tls.x]\nca = [{file:?}]\n{CONSOLE}")).await;
    let page = text(&Browser::with_role(&gateway, Role::Auditor).await.get(PATH).await.expect(200));
    assert!(page.contains("1 controle is fout"), "{page}");
    assert!(page.contains("datetime=\"2020-01-02T00:00:00Z\""), "{page}");
    assert!(page.find(">Fout<").unwrap() < page.find(">Waarschuwing<").unwrap(), "{page}");
}

#[tokio::test]
async fn only_the_platform_engineer_checks_again() {
    let gateway = Gateway::with(CONSOLE).await;
    let platform = Browser::with_role(&gateway, Role::Platform).await;
    assert!(text(&platform.get(PATH).await.expect(200)).contains("Opnieuw controleren"));
    let answer = platform.post(PATH, "").await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/configuratie?gedaan=gecontroleerd"));
    let page = text(&platform.get("/beheer/configuratie?gedaan=gecontroleerd").await.expect(200));
    assert!(page.contains("De configuratie is gecontroleerd."), "{page}");
    for role in [Role::Lezer, Role::Beheerder, Role::Auditor] {
        let browser = Browser::with_role(&gateway, role).await;
        assert!(!text(&browser.get(PATH).await.expect(200)).contains("Opnieuw controleren"), "{role:?}");
        browser.post(PATH, "").await.expect(403);
    }
}

#[tokio::test]
async fn a_theme_and_a_logo_that_cannot_be_used_are_findings_and_pages_have_the_built_in_look() {
    let files = "theme_css = \"/nergens/theme.css\"\nlogo = \"/nergens/logo.svg\"\n";
    let gateway = Gateway::with(&format!("{CONSOLE}{files}")).await;
    let page = text(&Browser::with_role(&gateway, Role::Beheerder).await.get(PATH).await.expect(200));
    for part in ["console.theme_css", "de ingebouwde stijl is te zien", "console.logo", "noem in console.logo"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(page.matches("rel=\"stylesheet\"").count(), 1, "{page}");
    assert!(!page.contains("gw-header__logo"), "{page}");
}
