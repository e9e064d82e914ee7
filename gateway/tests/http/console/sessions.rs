//! Sessions: login links that hold once, cookies that are changed, expired or ended.

use std::{path::Path, sync::Arc, time::Duration};

use http::Method;
use model::{
    Actor, Clock, Grants, Role,
    clock::{ManualClock, SystemClock},
    revocation::Revoked,
};

use super::{Browser, CONSOLE, OWN_FORM, cookie, login_code, post, text};
use crate::support::Gateway;

const LINK: &str = "/beheer/inloglink";

#[tokio::test]
async fn a_login_link_holds_once_and_its_page_does_not_use_it() {
    let gateway = Gateway::with(CONSOLE).await;
    let nobody = gateway.nobody();
    let code = login_code(&gateway, Grants::of(Role::Beheerder), Duration::from_mins(5));
    for _ in 0..2 {
        let page = text(&nobody.get(&format!("{LINK}?code={code}")).await.expect(200));
        assert!(page.contains("beheerder") && page.contains("Tester"), "{page}");
    }
    let form = format!("code={code}");
    post(&nobody, LINK, &OWN_FORM[..1], &form).await.expect(403);
    let answer = post(&nobody, LINK, &OWN_FORM, &form).await.expect(303);
    let set = answer.header("set-cookie").unwrap().to_owned();
    assert!(set.starts_with("gw-beheer=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{set}");
    let again = post(&nobody, LINK, &OWN_FORM, &form).await.expect(403);
    assert!(again.header("set-cookie").is_none() && text(&again).contains("Geen toegang"));
    // It was used by another node, or before a restart: the same.
    let gateway = gateway.restart().await;
    post(&gateway.nobody(), LINK, &OWN_FORM, &form).await.expect(403);
}

#[tokio::test]
async fn a_changed_old_or_foreign_link_is_refused() {
    let gateway = Gateway::with(CONSOLE).await;
    let other = Gateway::with(CONSOLE).await;
    let nobody = gateway.nobody();
    let code = login_code(&gateway, Grants::of(Role::Beheerder), Duration::from_mins(5));
    let mut changed = code.clone();
    let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
    changed.push(last);
    let session = Browser::with_role(&gateway, Role::Beheerder).await.cookie.split_once('=').unwrap().1.to_owned();
    for (what, code) in [
        ("changed", changed.clone()),
        ("cut off", code[..code.len() - 4].to_owned()),
        ("over", login_code(&gateway, Grants::of(Role::Beheerder), Duration::ZERO)),
        ("of another gateway", login_code(&other, Grants::of(Role::Beheerder), Duration::from_mins(5))),
        ("a session, not a link", session),
        ("empty", String::new()),
    ] {
        let page = nobody.get(&format!("{LINK}?code={code}")).await;
        assert_eq!(page.status, 403, "{what}");
        assert_eq!(post(&nobody, LINK, &OWN_FORM, &format!("code={code}")).await.status, 403, "{what}");
    }
}

#[tokio::test]
async fn a_changed_or_foreign_cookie_is_no_session() {
    let gateway = Gateway::with(CONSOLE).await;
    let other = Gateway::with(CONSOLE).await;
    let good = Browser::with_role(&gateway, Role::Beheerder).await.cookie;
    let foreign = Browser::with_role(&other, Role::Beheerder).await.cookie;
    let code = login_code(&gateway, Grants::of(Role::Beheerder), Duration::from_mins(5));
    let flipped: String = good.chars().rev().enumerate().map(|(at, c)| if at == 5 { flip(c) } else { c }).collect();
    let flipped: String = flipped.chars().rev().collect();
    for (what, cookie) in [
        ("changed", flipped),
        ("cut off", good[..good.len() - 3].to_owned()),
        ("of another gateway", foreign),
        ("a login link", format!("gw-beheer={code}")),
        ("twice", format!("{good}; {good}")),
        ("under the name for HTTPS", good.replace("gw-beheer", "__Host-gw-beheer")),
        ("empty", "gw-beheer=".to_owned()),
    ] {
        let answer = gateway.nobody().send(Method::GET, "/beheer", &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status, 303, "{what}");
    }
    gateway.nobody().send(Method::GET, "/beheer", &[("cookie", &good)], "").await.expect(200);
}

fn flip(letter: char) -> char {
    if letter == 'a' { 'b' } else { 'a' }
}

#[tokio::test]
async fn a_session_holds_as_long_as_its_key_is_listed() {
    let gateway = Gateway::with(CONSOLE).await;
    let old = std::fs::read_to_string(gateway.key_file()).expect("a key");
    let new = format!("{}\n", "7b".repeat(32));
    let is_open = async |gateway: &Gateway, cookie: &str| {
        gateway.nobody().send(Method::GET, "/beheer", &[("cookie", cookie)], "").await.status == 200
    };
    let first = Browser::with_role(&gateway, Role::Lezer).await.cookie;
    // The new key is put on top: it seals, and the old one still opens.
    let write = |data: &Path, keys: &str| std::fs::write(data.join("secrets.key"), keys).expect("the key file");
    let gateway = gateway.restart_after(async |data| write(data, &(new.clone() + &old))).await;
    let second = Browser::with_role(&gateway, Role::Lezer).await.cookie;
    assert!(is_open(&gateway, &first).await && is_open(&gateway, &second).await);
    let key = |cookie: &str| cookie.split('.').next().unwrap_or_default().to_owned();
    assert_ne!(key(&first), key(&second), "another key sealed it");
    // Stored secrets still need the old key, so that the store goes with it.
    let only_new = async |data: &Path| {
        let entries = std::fs::read_dir(data).expect("the data directory").map(|entry| entry.expect("an entry").path());
        for path in entries.filter(|path| path.is_file() && !path.ends_with("secrets.key")) {
            std::fs::remove_file(path).expect("a file of the store");
        }
        write(data, &new);
    };
    let gateway = gateway.restart_after(only_new).await;
    assert!(!is_open(&gateway, &first).await && is_open(&gateway, &second).await);
}

#[tokio::test]
async fn a_session_slides_and_ends_after_15_minutes_and_8_hours() {
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let gateway = Gateway::with_clock(CONSOLE, &clock).await;
    let start = clock.now();
    let set = |minutes: u64| clock.set(start + Duration::from_mins(minutes));
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let get = async |cookie: &str| gateway.nobody().send(Method::GET, "/beheer", &[("cookie", cookie)], "").await;
    set(14);
    let prolonged = cookie(&get(&browser.cookie).await.expect(200)).expect("a longer session");
    set(15);
    get(&browser.cookie).await.expect(303);
    get(&prolonged).await.expect(200);
    let mut latest = prolonged;
    for minutes in (25..480).step_by(13) {
        set(minutes);
        let answer = get(&latest).await.expect(200);
        latest = cookie(&answer).expect("a longer session");
    }
    set(479);
    get(&latest).await.expect(200);
    set(480);
    get(&latest).await.expect(303);
}

#[tokio::test]
async fn an_ended_session_is_over_and_a_later_one_holds() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let other = Browser::with_role(&gateway, Role::Lezer).await;
    let what = Revoked::Person { issuer: "login-link".into(), subject: browser.subject.clone() };
    gateway.management().end_sessions(&Actor::gateway(), what).await.unwrap();
    browser.get("/beheer").await.expect(303);
    other.get("/beheer").await.expect(200);
}

#[tokio::test]
async fn a_log_out_removes_the_cookie_and_shows_a_page() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let answer = browser.post("/beheer/uitloggen", "").await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/uitgelogd"));
    assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.starts_with("gw-beheer=;")), "{answer:?}");
    assert!(text(&gateway.nobody().get("/beheer/uitgelogd").await.expect(200)).contains("U bent uitgelogd"));
    // A copy of the cookie is of no use.
    browser.get("/beheer").await.expect(303);
}

#[tokio::test]
async fn over_plain_http_there_is_no_console_but_on_loopback() {
    let gateway = Gateway::with(CONSOLE).await;
    let answer = gateway.nobody().send(Method::GET, "/beheer/inloggen", &[("host", "gateway.example")], "").await;
    assert!(text(&answer.expect(403)).contains("Deze verbinding is niet veilig"));
    let gateway = Gateway::with(&format!("public_url = \"https://gateway.example\"\n{CONSOLE}")).await;
    let code = login_code(&gateway, Grants::of(Role::Lezer), Duration::from_mins(5));
    let answer = post(&gateway.nobody(), LINK, &OWN_FORM, &format!("code={code}")).await.expect(303);
    let set = answer.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-gw-beheer=") && set.ends_with("; SameSite=Lax; Secure"), "{set}");
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test]
async fn log_ins_are_limited_by_address() {
    let gateway = Gateway::with(CONSOLE).await;
    let nobody = gateway.nobody();
    let mut refused = None;
    for _ in 0..100 {
        let answer = post(&nobody, LINK, &OWN_FORM, "code=x").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.expect(403);
    }
    let refused = refused.expect("a limit");
    assert!(refused.header("retry-after").is_some() && text(&refused).contains("Te veel verzoeken"));
}
