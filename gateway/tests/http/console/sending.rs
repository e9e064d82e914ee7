//! The page that pauses what a kanaal sends to people, and tries it (CH-132).

use model::Role;

use super::{Browser, CONSOLE, dutch::english, text};
use crate::{
    people::{
        mail::configuration,
        resends::{confirmed, relay},
    },
    support::{BEHEER, Gateway},
};

#[tokio::test]
async fn a_form_pauses_a_kanaal_after_a_confirmation_and_shows_no_address_ch_132() {
    let mut relay = relay(&[]).await;
    let gateway = Gateway::with(&format!("{}{CONSOLE}", configuration(relay.port()))).await;
    confirmed(&gateway, &mut relay, &["an@burger.example"]).await;
    let page = "/beheer/mensen/versturen/weg";
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    let seen = text(&reader.get(page).await.expect(200));
    assert!(seen.contains("Verstuurt aan iedereen") && !seen.contains("<textarea"), "{seen}");
    reader.post(page, "versturen=paused&bevestiging=ja").await.expect(403);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    assert!(text(&browser.get("/beheer/mensen").await.expect(200)).contains(page));
    for (fields, fault) in [
        ("versturen=paused", "Zet een vinkje"),
        ("bevestiging=ja", "Kies wat er moet gebeuren"),
        ("versturen=trial&bevestiging=ja", "Vul minstens één adres in"),
        ("versturen=trial&bevestiging=ja&adressen=an%40burger.example%0D%0Ax", "Regel 2 is geen"),
    ] {
        let answer = text(&browser.post(page, fields).await.expect(422));
        assert!(answer.contains(fault) && answer.contains("<title>Fout:"), "{fields}: {answer}");
    }
    for (fields, notice) in [
        ("versturen=paused&bevestiging=ja&adressen=", "Het kanaal is gepauzeerd"),
        ("versturen=trial&bevestiging=ja&adressen=an%40burger.example", "Het kanaal is op proef"),
        ("versturen=open&bevestiging=ja&adressen=", "Het kanaal verstuurt weer aan iedereen"),
    ] {
        let done = browser.post(page, fields).await.expect(303);
        let shown = text(&browser.get(done.header("location").expect("a page")).await.expect(200));
        assert!(shown.contains(notice) && !shown.contains("burger"), "{shown}");
        assert_eq!(english(&shown), Vec::<String>::new());
    }
    browser.get("/beheer/mensen/versturen/nergens").await.expect(404);
    let trail = gateway.client(BEHEER).get("/v1/audit?action=kanaal.sending").await.expect(200).json();
    assert_eq!(trail["results"].as_array().expect("entries").len(), 3, "{trail}");
    gateway.stop().await;
}
