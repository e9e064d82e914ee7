//! Every route of the console with every role: what it needs of the person holds.

use ::console::Needs;
use http::Method;
use model::{Actor, Grants, Role};

use super::{Browser, CONSOLE, OWN_FORM, post, text};
use crate::support::Gateway;

/// A path with its placeholders filled in.
pub fn example(path: &str) -> String {
    let id = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";
    path.replace("{file}", "x.css")
        .replace("{id}", id)
        .replace("{subscription}", id)
        .replace("{naam}", "x")
        .replace("{name}", "x")
        .replace("{kanaal}", "x")
        .replace("{partitie}", "0")
        .replace("{positie}", "0")
        .replace("{type}", "x")
        .replace("{source}", "urn:x")
        // A stream of an existing kanaal does not end.
        .replace("/stroom", "/stroom?kanaal=x")
}

#[tokio::test]
async fn every_route_asks_for_a_session() {
    let gateway = Gateway::with(CONSOLE).await;
    let nobody = gateway.nobody();
    for route in ::console::routes() {
        let path = example(route.path);
        let answer = nobody.send(route.method.clone(), &path, &OWN_FORM, "").await;
        match (route.needs, &route.method) {
            (Needs::Nothing | Needs::Provider, _) => assert_ne!(answer.status, 401, "{path}"),
            (_, &Method::GET) => {
                let location = answer.expect(303).header("location").map(str::to_owned).unwrap_or_default();
                assert!(location.starts_with("/beheer/inloggen?naar=%2Fbeheer"), "{location}");
            }
            _ => assert!(text(&answer.expect(401)).contains("Uw sessie is verlopen"), "{path}"),
        }
    }
}

#[tokio::test]
async fn a_role_opens_what_the_table_of_rights_grants_it() {
    let gateway = Gateway::with(CONSOLE).await;
    for role in Role::ALL {
        let grants = Grants::of(role);
        let actor = Actor::person("i", "s", grants.clone());
        let browser = Browser::log_in(&gateway, grants).await;
        for route in ::console::routes() {
            let Needs::Right(right) = route.needs else { continue };
            let path = example(route.path);
            let answer = match route.method {
                Method::GET => browser.get(&path).await,
                _ => browser.post(&path, "").await,
            };
            let is_refused = answer.status == 403;
            assert_eq!(is_refused, !right.is_granted_to(&actor), "{role:?} {} {path}: {}", route.method, answer.status);
            assert!(!answer.status.is_server_error(), "{role:?} {} {path}: {}", route.method, answer.status);
        }
    }
}

#[tokio::test]
async fn somebody_without_a_role_sees_no_page() {
    let gateway = Gateway::with(CONSOLE).await;
    let code = super::login_code(&gateway, Grants::default(), std::time::Duration::from_mins(5));
    let answer = post(&gateway.nobody(), "/beheer/inloglink", &OWN_FORM, &format!("code={code}")).await.expect(303);
    let cookie = super::cookie(&answer).unwrap();
    let answer = gateway.nobody().send(Method::GET, "/beheer", &[("cookie", &cookie)], "").await.expect(403);
    assert!(text(&answer).contains("Geen toegang"));
}
