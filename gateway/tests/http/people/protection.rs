//! The headers of the pages of people, their style sheet, languages, and a console beside them.

use http::Method;
use model::addressee::AddresseeId;

use super::{FORM, PEOPLE, confirmed, gateway, path, press, text};
use crate::{
    console::PROTECTION,
    support::{Answer, CONSUMER, Gateway},
};

fn check(what: &str, answer: &Answer) {
    for (name, value) in PROTECTION {
        assert_eq!(answer.header(name), Some(value), "{name} of {what}");
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{part} of {what}");
    }
    assert!(answer.header("set-cookie").is_none() && answer.header("api-version").is_none(), "{what}");
}

#[tokio::test]
async fn every_page_of_people_is_protected_and_has_no_script() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let leave = path(&gateway.people().links().leave(id));
    let page = nobody.get(&leave).await.expect(200);
    let shown = text(&page);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(!shown.contains("style=") && !shown.contains("<script") && !shown.contains("http"), "{shown}");
    assert!(shown.contains("Gemeente Voorbeeld") && shown.contains("noindex"), "{shown}");
    let (_, rest) = shown.split_once("<link rel=\"stylesheet\" href=\"").expect("a style sheet");
    let css = nobody.get(rest.split('"').next().expect("an address")).await.expect(200);
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(css.header("cache-control"), Some("public, max-age=31536000, immutable"));
    check("the style sheet", &css);
    for (what, answer) in [
        ("a page", page),
        ("a void link", nobody.get("/a/x").await.expect(404)),
        ("nothing there", nobody.get("/a/x/y/z").await.expect(404)),
        ("another method", nobody.send(Method::PUT, &leave, &[], "").await.expect(405)),
        ("a form of nothing", nobody.send(Method::POST, &leave, &[FORM], "").await.expect(400)),
        ("no such file", nobody.get("/a/assets/live.js").await.expect(404)),
        ("a form", press(&nobody, &leave, "afmelden").await.expect(303)),
    ] {
        check(what, &answer);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    }
}

#[tokio::test]
async fn pages_are_in_dutch_and_english_and_stay_in_the_language_that_was_chosen() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let leave = path(&gateway.people().links().leave(id));
    let shown = text(&nobody.get(&leave).await.expect(200));
    assert!(shown.contains("<html lang=\"nl\"") && shown.contains("Wilt u stoppen"), "{shown}");
    let asked = nobody.send(Method::GET, &leave, &[("accept-language", "en")], "").await.expect(200);
    assert!(text(&asked).contains("<html lang=\"en\"") && text(&asked).contains("Do you want to stop"));
    let done = press(&nobody, &format!("{leave}?taal=en"), "afmelden").await.expect(303);
    let location = done.header("location").expect("a page").to_owned();
    assert!(text(&nobody.get(&location).await.expect(200)).contains("You no longer get these messages"));
    let void = nobody.get("/a/x?taal=en").await.expect(404);
    assert!(text(&void).contains("This link does not work any more"));
}

#[tokio::test]
async fn a_console_beside_them_keeps_its_own_pages_of_refusals() {
    let gateway = Gateway::with(&format!("{PEOPLE}[console]\norganisation = \"Beheer\"\n")).await;
    let nobody = gateway.nobody();
    let void = path(&gateway.people().links().leave(AddresseeId(uuid::Uuid::nil())));
    assert!(text(&nobody.get(&void).await.expect(404)).contains("Deze link werkt niet meer"));
    assert!(text(&nobody.get("/beheer/nergens").await.expect(404)).contains("Niet gevonden"));
}
