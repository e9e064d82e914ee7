//! The pages about messages to people.

use model::{
    ExtraRight, Grants, Role,
    addressee::{EndReason, State},
};
use serde_json::json;

use super::{Browser, CONSOLE, dutch::english, text};
use crate::{
    people::{
        PEOPLE,
        bounces::set,
        confirmed,
        mail::{configuration, path, relay, subscribe},
        press, resends,
    },
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, eventually},
};

const ADDRESS: &str = "an@burger.example";

const ROOT: &str = "/beheer/mensen";

/// Somebody who may look up addresses.
fn with_look_up(role: Role) -> Grants {
    Grants { extra: vec![ExtraRight::Geadresseerden], ..Grants::of(role) }
}

#[tokio::test]
async fn providers_numbers_and_mailings_are_shown_without_an_address() {
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&format!("{}{CONSOLE}", configuration(relay.port()))).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let page = text(&browser.get(ROOT).await.expect(200));
    assert!(
        page.contains("Deze node heeft nog niets verstuurd sinds de start")
            && page.contains("Er zijn nog geen geadresseerden"),
        "{page}"
    );
    let none = text(&browser.get("/beheer/mensen/mailings").await.expect(200));
    assert!(none.contains("Er zijn geen mailings"), "{none}");
    subscribe(&gateway, ADDRESS).await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    gateway.client(PUBLISHER).publish("weg", "e1", json!({ "type": "nl.weg" })).await.expect(202);
    relay.line().await.expect("a mail");
    let mailings = eventually("the mailing has ended", || async {
        let page = text(&browser.get("/beheer/mensen/mailings?kanaal=weg").await.expect(200));
        page.contains("utrecht-status-badge--success\">Klaar<").then_some(page)
    })
    .await;
    assert!(
        mailings.contains(">e1<") && !mailings.contains("/beheer/events/"),
        "no link without the right: {mailings}"
    );
    let overview = text(&browser.get(ROOT).await.expect(200));
    for part in ["localhost", "E-mail", "Geen grens", "Werkt", "Wachten", "weg", "/beheer/mensen/teksten"] {
        assert!(overview.contains(part), "{part} in {overview}");
    }
    assert!(!overview.contains("/beheer/mensen/opzoeken"), "only for those who may");
    let preview = text(&browser.get("/beheer/mensen/teksten/weg").await.expect(200));
    assert!(
        preview.contains("Dorpsstraat &#60;1&#62; &#38; &#34;2&#34;") && preview.contains("geen HTML-deel"),
        "{preview}"
    );
    let other = text(&browser.get("/beheer/mensen/teksten/weg?bericht=en").await.expect(200));
    assert!(
        other.contains("<pre class=\"utrecht-code-block\" tabindex=\"0\" lang=\"en\"") && other.contains("New message"),
        "{other}"
    );
    let texts = text(&browser.get("/beheer/mensen/teksten").await.expect(200));
    assert!(texts.contains("Geen: ingebouwde tekst") && texts.contains("/beheer/mensen/teksten/weg"), "{texts}");
    browser.get("/beheer/mensen/teksten/nergens").await.expect(404);
    let wrong = text(&browser.get(&format!("/beheer/mensen/mailings?kanaal={}", "x".repeat(60))).await.expect(422));
    assert!(wrong.contains("<title>Fout:"), "{wrong}");
    for page in [&mailings, &overview, &preview, &texts] {
        assert!(!page.contains("burger.example"), "{page}");
        assert_eq!(english(page), Vec::<String>::new());
    }
    gateway.stop().await;
}

#[tokio::test]
async fn an_address_is_looked_up_by_those_who_may_with_a_reason() {
    let gateway = Gateway::with(&format!("{PEOPLE}{CONSOLE}")).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let id = confirmed(&gateway, CONSUMER, ADDRESS, "weg").await;
    let path = "/beheer/mensen/opzoeken";
    for grants in [Grants::of(Role::Beheerder), with_look_up(Role::Lezer), with_look_up(Role::Platform)] {
        let browser = Browser::log_in(&gateway, grants).await;
        browser.get(path).await.expect(403);
        browser.post(path, "adres=an%40burger.example&reden=x").await.expect(403);
    }
    let browser = Browser::log_in(&gateway, with_look_up(Role::Auditor)).await;
    assert!(text(&browser.get(ROOT).await.expect(200)).contains(path));
    let asked = text(&browser.get(path).await.expect(200));
    assert!(asked.contains("type=\"email\"") && english(&asked).is_empty(), "{asked}");
    for (fields, fault) in [
        ("adres=burger&reden=x", "Vul één e-mailadres in"),
        ("adres=an%40burger.example&reden=", "Geef een reden"),
        ("adres=an%40burger.example&reden=vraag+van+AN%40burger.example", "Laat het adres weg"),
    ] {
        let page = text(&browser.post(path, fields).await.expect(422));
        assert!(page.contains(fault) && page.contains("<title>Fout:"), "{fields}: {page}");
    }
    let answer = browser.post(path, "adres=an%40burger.example&reden=melding+7").await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let found = text(&answer);
    for part in ["a…@b…", "Bevestigd", &id.to_string(), CONSUMER, "Er is niets over events", "In het logboek staat"]
    {
        assert!(found.contains(part), "{part} in {found}");
    }
    assert!(!found.contains("burger.example") && english(&found).is_empty(), "{found}");
    let nobody = text(&browser.post(path, "adres=bo%40burger.example&reden=melding+8").await.expect(200));
    assert!(nobody.contains("Er is geen abonnement van dit adres"), "{nobody}");
    let trail = text(&browser.get("/beheer/logboek?actie=addressee.search").await.expect(200));
    assert!(trail.contains("Persoon opgezocht op adres") && trail.contains("melding 7"), "{trail}");
    assert!(!trail.contains("burger.example"), "{trail}");
}

#[tokio::test]
async fn without_people_there_are_no_such_pages_and_no_link() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::log_in(&gateway, with_look_up(Role::Beheerder)).await;
    assert!(!text(&browser.get("/beheer").await.expect(200)).contains(ROOT));
    for path in [ROOT, "/beheer/mensen/mailings", "/beheer/mensen/opzoeken", "/beheer/mensen/teksten"] {
        browser.get(path).await.expect(404);
    }
    browser.post("/beheer/mensen/opzoeken", "adres=an%40burger.example&reden=x").await.expect(404);
}

#[tokio::test]
async fn addresses_that_messages_do_not_reach_are_shown_masked_ch_118() {
    let gateway = Gateway::with(&format!("{PEOPLE}{CONSOLE}")).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let id = confirmed(&gateway, CONSUMER, ADDRESS, "weg").await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let path = format!("{ROOT}/onbestelbaar");
    let none = text(&browser.get(&path).await.expect(200));
    assert!(none.contains("Er zijn geen onbestelbare adressen"), "{none}");
    let state = State::Ended { at: gateway.now(), reason: EndReason::Undeliverable };
    set(&gateway, id, state).await;
    let page = text(&browser.get(&format!("{path}?kanaal=weg")).await.expect(200));
    assert!(page.contains("a…@b…") && page.contains("Berichten komen niet aan"), "{page}");
    assert!(!page.contains("burger.example"), "{page}");
    assert_eq!(english(&page), Vec::<String>::new());
    let counting = text(&browser.get(&format!("{path}?stand=telt")).await.expect(200));
    assert!(counting.contains("Er zijn geen onbestelbare adressen"), "{counting}");
    browser.get(&format!("{path}?kanaal={}", "x".repeat(60))).await.expect(422);
    assert!(text(&browser.get(ROOT).await.expect(200)).contains(&path), "the overview leads to it");
}

#[tokio::test]
async fn a_mailing_that_waits_is_stopped_with_a_button_and_recorded_ch_94_ch_98() {
    let mut relay = relay(0).await;
    let gateway = Gateway::with(&format!("{}{CONSOLE}", configuration(relay.port()))).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    subscribe(&gateway, ADDRESS).await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    let later = (gateway.now() + std::time::Duration::from_hours(1)).to_rfc3339();
    let due = json!({ "type": "nl.weg", "deliverafter": later });
    gateway.client(PUBLISHER).publish("weg", "later", due).await.expect(202);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let list = "/beheer/mensen/mailings";
    let page = eventually("it waits", || async {
        let page = text(&browser.get(list).await.expect(200));
        page.contains(">later<").then_some(page)
    })
    .await;
    let (_, action) = page.split_once("action=\"/beheer/mensen/mailings/").expect("a button");
    let number = action.split('/').next().expect("a number");
    let stop = format!("{list}/{number}/stoppen");
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(!text(&reader.get(list).await.expect(200)).contains("/stoppen"));
    reader.post(&stop, "").await.expect(403);
    let stopped = browser.post(&stop, "").await.expect(303);
    assert!(text(&browser.get(stopped.header("location").expect("a page")).await.expect(200)).contains("is gestopt"));
    let again = browser.post(&stop, "").await.expect(303);
    assert!(text(&browser.get(again.header("location").expect("a page")).await.expect(200)).contains("was al klaar"));
    browser.post(&format!("{list}/999/stoppen"), "").await.expect(404);
    let trail = gateway.client(BEHEER).get("/v1/audit?action=mailing.stop").await.expect(200).json();
    assert_eq!(trail["results"].as_array().expect("entries").len(), 1, "{trail}");
    gateway.stop().await;
    assert!(relay.accepted().await.expect("mails").is_empty());
}

#[tokio::test]
async fn a_mailing_is_sent_again_with_a_form_that_counts_first_and_is_recorded_once_ch_94() {
    let mut relay = resends::relay(&[("bo@burger.example", 1)]).await;
    let gateway = Gateway::with(&format!("{}{CONSOLE}", configuration(relay.port()))).await;
    resends::confirmed(&gateway, &mut relay, &[ADDRESS, "bo@burger.example"]).await;
    gateway.client(PUBLISHER).publish("weg", "e1", json!({ "type": "nl.weg" })).await.expect(202);
    let first = resends::ended(&gateway, |one| one["event"] == "e1").await;
    assert_eq!(relay.line().await.expect("a mail")["to"], ADDRESS);
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let list = "/beheer/mensen/mailings";
    let form = format!("{list}/{}/opnieuw", first["id"]);
    let page = text(&browser.get(list).await.expect(200));
    assert!(page.contains(&format!("href=\"{form}\"")), "{page}");
    let reader = Browser::with_role(&gateway, Role::Lezer).await;
    assert!(!text(&reader.get(list).await.expect(200)).contains("/opnieuw"));
    reader.get(&form).await.expect(403);
    reader.post(&form, "uitkomst=permanent-failure&geteld-permanent-failure=1").await.expect(403);

    // Nothing is chosen that is likely to fail again, or that somebody may get twice.
    let asked = text(&browser.get(&form).await.expect(200));
    assert!(
        asked.contains("Onbestelbaar: 1") && asked.contains("name=\"geteld-permanent-failure\" value=\"1\""),
        "{asked}"
    );
    assert!(!asked.contains(" checked") && !asked.contains("burger") && english(&asked).is_empty(), "{asked}");
    let nothing = text(&browser.post(&form, "geteld-permanent-failure=1").await.expect(422));
    assert!(nothing.contains("Kies aan wie") && nothing.contains("<title>Fout:"), "{nothing}");
    let other = browser.post(&form, "uitkomst=permanent-failure&geteld-permanent-failure=2").await.expect(409);
    let other = text(&other);
    assert!(other.contains("De aantallen zijn veranderd") && other.contains(" checked"), "{other}");
    let done = browser.post(&form, "uitkomst=permanent-failure&geteld-permanent-failure=1").await.expect(303);
    let done = text(&browser.get(done.header("location").expect("a page")).await.expect(200));
    assert!(done.contains("wordt opnieuw verstuurd"), "{done}");
    assert_eq!(relay.line().await.expect("a mail")["to"], "bo@burger.example");
    resends::ended(&gateway, |one| one["resendOf"] == first["id"]).await;
    let page = text(&browser.get(list).await.expect(200));
    assert!(page.contains(&format!("opnieuw van {}", first["id"])) && english(&page).is_empty(), "{page}");

    // There is nobody left, and what is not there has no page.
    let nobody = text(&browser.get(&form).await.expect(200));
    assert!(nobody.contains("Er is niemand bij wie het niet lukte") && !nobody.contains("geteld-"), "{nobody}");
    browser.post(&form, "uitkomst=permanent-failure&geteld-permanent-failure=0").await.expect(409);
    browser.get(&format!("{list}/999/opnieuw")).await.expect(404);
    let trail = gateway.client(BEHEER).get("/v1/audit?action=mailing.resend").await.expect(200).json();
    assert_eq!(trail["results"].as_array().expect("entries").len(), 1, "{trail}");
    gateway.stop().await;
    assert!(relay.accepted().await.expect("mails").is_empty());
}
