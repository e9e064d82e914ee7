//! A form that is sent after its session lapsed: what was typed comes back after the next log-in, without secrets.

use std::{sync::Arc, time::Duration};

use ::console::login_link::LoginLink;
use http::Method;
use model::{
    Actor, Clock, Grants, Role,
    clock::{ManualClock, SystemClock, SystemRandom},
    revocation::Revoked,
};
use secrets::Secrets;
use serde_json::json;

use super::{Browser, CONSOLE, OWN_FORM, post, text, token_in};
use crate::support::{Answer, BEHEER, Gateway};

const NEW: &str = "/beheer/abonnementen/nieuw";

/// The name of the cookie with the form.
const COOKIE: &str = "gw-beheer-formulier";

/// A gateway with a clock, and a browser in which a person logged in.
async fn stage() -> (Gateway, Arc<ManualClock>, Browser) {
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let gateway = Gateway::with_clock(CONSOLE, &clock).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    (gateway, clock, browser)
}

fn later(clock: &ManualClock, minutes: u64) {
    clock.set(clock.now() + Duration::from_mins(minutes));
}

/// The fields of a form of the session of a browser.
fn form(browser: &Browser, fields: &str) -> String {
    format!("token={}&sleutel=9c5b94b1-35ad-49bb-b118-8e8fc24abf80&{fields}", browser.token)
}

/// `name=value` of the cookie with this name that an answer sets.
fn cookie_named(answer: &Answer, name: &str) -> Option<String> {
    let lines = answer.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.filter_map(|line| line.split(';').next());
    pairs.filter(|pair| pair.split_once('=').is_some_and(|(own, _)| own == name)).map(str::to_owned).next()
}

/// Logs in with a link for a person of this name, with these cookies; returns where it leads and the session.
async fn log_in(gateway: &Gateway, name: &str, cookies: &str) -> (String, String) {
    let secrets = Secrets::read_file(&gateway.key_file()).expect("the key of the gateway");
    let grants = Grants::of(Role::Beheerder);
    let link = LoginLink::new(name, grants, Duration::from_mins(5), gateway.now(), &SystemRandom);
    let code = link.code(&secrets).expect("a code");
    let [kind, site] = OWN_FORM;
    let headers = [kind, site, ("cookie", cookies)];
    let answer = post(&gateway.nobody(), "/beheer/inloglink", &headers, &format!("code={code}")).await.expect(303);
    let to = answer.header("location").expect("a location").to_owned();
    (to, cookie_named(&answer, "gw-beheer").expect("a session"))
}

async fn get(gateway: &Gateway, path: &str, cookies: &str) -> Answer {
    gateway.nobody().send(Method::GET, path, &[("cookie", cookies)], "").await
}

#[tokio::test]
async fn what_was_typed_is_shown_after_the_next_log_in_without_secrets() {
    let (gateway, clock, browser) = stage().await;
    later(&clock, 16);
    let fields = "ontvanger=http%3A%2F%2F127.0.0.1%3A9%2Fa&naam=%3Cb%3EMijn&soort=basic&gebruiker=ik&wachtwoord=hush\
                  &kop=X-Sleutel&kop-waarde=hush&vorm=binary&volgorde=none&toestemming=handshake&begin=nu";
    let lapsed = browser.post_raw(NEW, &OWN_FORM, &form(&browser, fields)).await.expect(401);
    let page = text(&lapsed);
    for part in ["Uw sessie is verlopen", "blijft 15 minuten bewaard", "naar=%2Fbeheer%2Fabonnementen%2Fnieuw"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("hush"), "{page}");
    let kept = cookie_named(&lapsed, COOKIE).expect("the form");
    let attributes = lapsed.header("set-cookie").expect("a cookie");
    assert!(attributes.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=900"), "{attributes}");

    let (to, session) = log_in(&gateway, "Tester", &kept).await;
    assert_eq!(to, NEW);
    let cookies = format!("{session}; {kept}");
    let other = get(&gateway, "/beheer/nieuw-kanaal", &cookies).await.expect(200);
    assert!(!text(&other).contains("Hier staat wat u eerder invulde"), "the form of another page");
    let shown = get(&gateway, NEW, &cookies).await.expect(200);
    let page = text(&shown);
    for part in ["Hier staat wat u eerder invulde", "&#60;b&#62;Mijn", "value=\"ik\"", "value=\"X-Sleutel\"", ":9/a"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("hush") && page.contains("value=\"binary\" selected"), "{page}");
    assert_eq!(cookie_named(&shown, COOKIE).as_deref(), Some("gw-beheer-formulier="), "it is shown once");
    assert!(!text(&get(&gateway, NEW, &session).await.expect(200)).contains("Mijn"));
    let list = gateway.client(BEHEER).get("/v1/subscriptions").await.expect(200).json();
    assert_eq!(list["results"], json!([]), "nothing was done with it");

    // The form that is shown is of the new session; the one of before is not accepted any more.
    let send = async |token: &str| {
        let fields = fields.replace("basic", "geen").replace("&kop=X-Sleutel&kop-waarde=hush", "");
        let body = format!("token={token}&sleutel=9c5b94b1-35ad-49bb-b118-8e8fc24abf81&{fields}");
        let [kind, site] = OWN_FORM;
        post(&gateway.nobody(), NEW, &[kind, site, ("cookie", &session)], &body).await
    };
    send(&browser.token).await.expect(403);
    send(&token_in(&shown)).await.expect(303);
}

#[tokio::test]
async fn forms_of_kanalen_and_of_publishing_come_back_too() {
    let (gateway, clock, browser) = stage().await;
    gateway.client(BEHEER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    later(&clock, 16);
    for (path, page, fields, part) in [
        ("/beheer/nieuw-kanaal", "/beheer/nieuw-kanaal", "naam=mijn-kanaal", "value=\"mijn-kanaal\""),
        ("/beheer/kanalen/zaken/wijzigen", "/beheer/kanalen/zaken/wijzigen", "bewaardagen=77&gezien=x", "value=\"77\""),
        (&format!("{NEW}/formulier"), NEW, "naam=Mijn&knop=kenmerken", "value=\"Mijn\""),
    ] {
        let lapsed = browser.post_raw(path, &OWN_FORM, &form(&browser, fields)).await.expect(401);
        let kept = cookie_named(&lapsed, COOKIE).expect("the form");
        let (to, session) = log_in(&gateway, "Tester", &kept).await;
        assert_eq!(to, page);
        let shown = get(&gateway, page, &format!("{session}; {kept}")).await;
        assert!(text(&shown).contains(part), "{path}: {}", text(&shown));
    }
}

#[tokio::test]
async fn nothing_is_kept_of_forms_that_no_page_of_the_session_sent() {
    let (gateway, clock, browser) = stage().await;
    let ended = Browser::with_role(&gateway, Role::Beheerder).await;
    let what = Revoked::Person { issuer: "login-link".into(), subject: ended.subject.clone() };
    gateway.management().end_sessions(&Actor::gateway(), what).await.expect("an end");
    later(&clock, 16);
    let good = form(&browser, "naam=Mijn");
    let [kind, _] = OWN_FORM;
    let foreign = [kind, ("sec-fetch-site", "cross-site")];
    let none: [(&str, &str); 2] = [kind, ("accept", "text/html")];
    for (what, answer) in [
        ("another token", browser.post_raw(NEW, &OWN_FORM, "token=x&naam=Mijn").await),
        ("another site", browser.post_raw(NEW, &foreign, &good).await),
        ("no site", browser.post_raw(NEW, &none, &good).await),
        ("no session", post(&gateway.nobody(), NEW, &OWN_FORM, &good).await),
        ("an ended session", ended.post_raw(NEW, &OWN_FORM, &form(&ended, "naam=Mijn")).await),
        ("no form with values", browser.post_raw("/beheer/uitloggen", &OWN_FORM, &good).await),
    ] {
        let answer = answer.expect(401);
        assert!(text(&answer).contains("Uw sessie is verlopen"), "{what}");
        assert_eq!(cookie_named(&answer, COOKIE), None, "{what}");
    }
    let large = form(&browser, &format!("naam={}", "x".repeat(10_000)));
    let answer = browser.post_raw(NEW, &OWN_FORM, &large).await.expect(401);
    assert!(text(&answer).contains("te groot om te bewaren") && cookie_named(&answer, COOKIE).is_none());
}

#[tokio::test]
async fn what_was_typed_is_for_the_same_person_and_for_15_minutes() {
    let (gateway, clock, browser) = stage().await;
    later(&clock, 16);
    let lapsed = browser.post_raw(NEW, &OWN_FORM, &form(&browser, "naam=Mijn")).await.expect(401);
    let kept = cookie_named(&lapsed, COOKIE).expect("the form");
    let (to, other) = log_in(&gateway, "Iemand anders", &kept).await;
    assert_eq!(to, "/beheer");
    assert!(!text(&get(&gateway, NEW, &format!("{other}; {kept}")).await.expect(200)).contains("Mijn"));
    let mut changed = kept.clone();
    let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
    changed.push(last);
    assert_eq!(log_in(&gateway, "Tester", &changed).await.0, "/beheer");
    later(&clock, 14);
    let (to, session) = log_in(&gateway, "Tester", &kept).await;
    assert_eq!(to, NEW);
    later(&clock, 1);
    assert!(!text(&get(&gateway, NEW, &format!("{session}; {kept}")).await.expect(200)).contains("Mijn"));
}
