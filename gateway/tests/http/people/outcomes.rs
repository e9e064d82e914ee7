//! What a person sees after confirming or leaving, and when that fails: texts of a kanaal, or a redirect.

use http::Method;

use super::{FORM, confirm_path, confirmation, confirmed, gateway, gateway_with, path, press, state, subscribe, text};
use crate::support::{CONSUMER, Gateway};

const TEXTS: &str = "[[people.page]]\nconfirmed_nl = \"Gelukt voor alle.\"\nfailed_nl = \"Mislukt <b>voor</b> alle.\"\n\
    [[people.page]]\nkanaal = \"weg\"\nconfirmed_nl = \"Gelukt voor de weg.\"\nconfirmed_en = \"Done for the road.\"\n\
    left_nl = \"Gestopt met de weg.\"\nfailed_nl = \"Mislukt voor de weg.\"\n";

const REDIRECT: &str = "redirects = [\"https://www.gemeente.example\"]\n[[people.page]]\nkanaal = \"weg\"\n\
    redirect = \"https://www.gemeente.example/klaar?van=weg\"\n";

const ELSEWHERE: &str = "https://www.gemeente.example/klaar?van=weg";

/// A link to confirm that nobody got: of this subscription if it is one, with another token.
fn guessed(gateway: &Gateway, id: model::addressee::AddresseeId) -> String {
    let token = message::code::LinkToken::generate(&model::clock::SystemRandom);
    path(&gateway.people().links().confirm(id, &token))
}

#[tokio::test]
async fn texts_of_success_and_failure_are_those_of_the_kanaal_ch_50() {
    let gateway = gateway_with(TEXTS).await;
    let nobody = gateway.nobody();
    let shown = async |path: &str, status| text(&nobody.get(path).await.expect(status));
    let weg = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let page = confirm_path(&gateway, weg).await;
    press(&nobody, &page, "bevestigen").await.expect(303);
    assert!(shown(&page, 200).await.contains("Gelukt voor de weg."));
    assert!(shown(&format!("{page}?taal=en"), 200).await.contains("Done for the road."));
    let raad = subscribe(&gateway, CONSUMER, "an@example.nl", "raad").await;
    let page = confirm_path(&gateway, raad).await;
    press(&nobody, &page, "bevestigen").await.expect(303);
    assert!(shown(&page, 200).await.contains("Gelukt voor alle."));
    // A text that is absent is the built-in one.
    assert!(shown(&format!("{page}?taal=en"), 200).await.contains("From now on, you get messages about:"));

    let leave = path(&gateway.people().links().leave(weg));
    press(&nobody, &leave, "afmelden").await.expect(303);
    let left = shown(&leave, 200).await;
    assert!(left.contains("Gestopt met de weg.") && left.contains("value=\"herstellen\""), "{left}");
    let clicked = nobody.send(Method::POST, &leave, &[FORM], "List-Unsubscribe=One-Click").await.expect(200);
    assert!(text(&clicked).contains("Gestopt met de weg."));

    // The link that was used belongs to a subscription that ended: it is void as an unknown one is.
    let open = subscribe(&gateway, CONSUMER, "bo@example.nl", "weg").await;
    let unknown = model::addressee::AddresseeId(uuid::Uuid::from_u128(7));
    let (guess, nothing) = (guessed(&gateway, open), guessed(&gateway, unknown));
    for path in [guess.as_str(), nothing.as_str(), "/a/x"] {
        let failed = shown(path, 404).await;
        assert!(failed.contains("Mislukt &#60;b&#62;voor&#60;/b&#62; alle."), "{path}: {failed}");
        let pressed = text(&press(&nobody, path, "bevestigen").await.expect(404));
        assert!(pressed.contains("Mislukt &#60;b&#62;voor") && !pressed.contains("weg"), "{path}: {pressed}");
    }
    // Of a link that is authentic the kanaal may be known.
    let leave = path(&gateway.people().links().leave(open));
    assert!(shown(&leave, 404).await.contains("Mislukt voor de weg."));
    assert!(shown(&format!("{leave}?taal=en"), 404).await.contains("This link does not work any more"));
    assert_eq!(state(&gateway, open).await, "unconfirmed");
    gateway.stop().await;
}

#[tokio::test]
async fn a_redirect_of_the_kanaal_has_the_channel_and_whether_it_failed_ch_50() {
    let gateway = gateway_with(REDIRECT).await;
    let nobody = gateway.nobody();
    let weg = subscribe(&gateway, CONSUMER, "geheim@example.nl", "weg").await;
    let page = confirm_path(&gateway, weg).await;
    let shown = nobody.get(&page).await.expect(200);
    let policy = shown.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("form-action 'self' https://www.gemeente.example;"), "browsers follow it: {policy}");
    let success = Some(format!("{ELSEWHERE}&channel=email"));
    let failure = format!("{ELSEWHERE}&channel=email&err=void");
    for _ in 0..2 {
        let done = press(&nobody, &page, "bevestigen").await.expect(303);
        assert_eq!(done.header("location").map(str::to_owned), success);
    }
    assert_eq!(state(&gateway, weg).await, "confirmed");
    // A mail program gets the page itself (RFC 8058 3.1), also when nothing is there to end.
    let leave = path(&gateway.people().links().leave(weg));
    let done = press(&nobody, &leave, "afmelden").await.expect(303);
    assert_eq!(done.header("location").map(str::to_owned), success);
    nobody.send(Method::POST, &leave, &[FORM], "List-Unsubscribe=One-Click").await.expect(200);
    assert_eq!(state(&gateway, weg).await, "ended");
    let open = subscribe(&gateway, CONSUMER, "bo@example.nl", "weg").await;
    let leave = path(&gateway.people().links().leave(open));
    nobody.send(Method::POST, &leave, &[FORM], "List-Unsubscribe=One-Click").await.expect(404);
    assert_eq!(nobody.get(&leave).await.expect(303).header("location"), Some(failure.as_str()));
    let pressed = press(&nobody, &leave, "afmelden").await.expect(303);
    assert_eq!(pressed.header("location"), Some(failure.as_str()));
    // Whether there is such a subscription is not revealed, nor its kanaal.
    nobody.get(&guessed(&gateway, open)).await.expect(404);
    // Another kanaal has no redirect; the code that is typed leads to it too.
    let raad = confirmed(&gateway, CONSUMER, "bo@example.nl", "raad").await;
    assert_eq!(state(&gateway, raad).await, "confirmed");
    let code = confirmation(&gateway, open).await.expect("a confirmation is due").code;
    let typed = path(&gateway.people().links().code(open));
    let wrong = nobody.send(Method::POST, &typed, &[FORM], "wat=code&code=x").await.expect(422);
    assert!(wrong.header("location").is_none());
    let done = nobody.send(Method::POST, &typed, &[FORM], format!("wat=code&code={}", code.expose())).await.expect(303);
    assert_eq!(done.header("location").map(str::to_owned), success);
    gateway.stop().await;
}

#[tokio::test]
async fn a_redirect_of_every_kanaal_is_that_of_wrong_links_too_ch_50() {
    let gateway = gateway_with(&REDIRECT.replace("kanaal = \"weg\"\n", "")).await;
    let nobody = gateway.nobody();
    let open = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let unknown = model::addressee::AddresseeId(uuid::Uuid::from_u128(7));
    for (path, location) in [
        (guessed(&gateway, open), format!("{ELSEWHERE}&channel=email&err=void")),
        (guessed(&gateway, unknown), format!("{ELSEWHERE}&channel=email&err=void")),
        ("/a/x".to_owned(), format!("{ELSEWHERE}&err=void")),
    ] {
        assert_eq!(nobody.get(&path).await.expect(303).header("location"), Some(location.as_str()), "{path}");
    }
    // What is no link to confirm or leave stays here.
    let data = gateway.people().links().data(open, 9, gateway.now());
    nobody.get(&path(&data)).await.expect(404);
    gateway.stop().await;
}

#[tokio::test]
async fn without_pages_of_its_own_a_kanaal_has_the_built_in_texts_and_leads_nowhere_ch_50() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let page = confirm_path(&gateway, id).await;
    let shown = nobody.get(&page).await.expect(200);
    assert!(shown.header("content-security-policy").is_some_and(|policy| policy.contains("form-action 'self';")));
    let done = press(&nobody, &page, "bevestigen").await.expect(303);
    assert!(done.header("location").is_some_and(|location| location.starts_with("/a/")));
    assert!(text(&nobody.get("/a/x").await.expect(404)).contains("Deze link werkt niet meer"));
    gateway.stop().await;
}
