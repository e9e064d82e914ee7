//! Where a form came from: nothing is done for one that a page of the session did not post.

use http::Method;
use model::{ExtraRight, Grants, Role};

use super::{Browser, CONSOLE, OWN_FORM, text};
use crate::support::Gateway;

/// An example of every path to which a form is posted.
fn posted() -> Vec<String> {
    let posts = ::console::routes().into_iter().filter(|route| route.method == Method::POST);
    let own = posts.filter(|route| !matches!(route.needs, ::console::Needs::Provider));
    own.map(|route| super::routes::example(route.path)).collect()
}

#[tokio::test]
async fn a_form_from_elsewhere_or_without_the_token_is_403() {
    let gateway = Gateway::with(CONSOLE).await;
    // With every role and right, so that no form is refused for want of one.
    let extra = ExtraRight::ALL.to_vec();
    let every = Grants { roles: Role::ALL.into(), extra, ..Grants::default() };
    let browser = Browser::log_in(&gateway, every).await;
    let origin = ("origin", gateway.base.as_str());
    let kind = OWN_FORM[0];
    let token = format!("token={}", browser.token);
    let other = Browser::with_role(&gateway, Role::Beheerder).await;
    let foreign = format!("token={}", other.token);
    for path in posted() {
        for (headers, body) in [
            (&[kind][..], token.as_str()),
            (&[kind, ("origin", "https://elsewhere.example")], &token),
            (&[kind, ("origin", "null")], &token),
            (&[kind, ("sec-fetch-site", "cross-site"), origin], &token),
            (&[kind, ("sec-fetch-site", "same-site")], &token),
            (&[kind, ("sec-fetch-site", "none")], &token),
            (&OWN_FORM, ""),
            (&OWN_FORM, "token="),
            (&OWN_FORM, &foreign),
            (&[kind, origin], "token=x"),
        ] {
            let answer = browser.post_raw(&path, headers, body).await.expect(403);
            assert!(text(&answer).contains("Dit formulier is niet geaccepteerd"), "{path} {headers:?}");
            assert!(answer.header("set-cookie").is_none(), "{path}");
        }
    }
    // The session was not ended by any of them.
    browser.get("/beheer").await.expect(200);
    browser.post_raw("/beheer/uitloggen", &[kind, origin], &token).await.expect(303);
}

#[tokio::test]
async fn a_path_for_forms_is_no_page() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let pages: Vec<_> =
        ::console::routes().into_iter().filter(|route| route.method == Method::GET).map(|route| route.path).collect();
    for route in ::console::routes().into_iter().filter(|route| !pages.contains(&route.path)) {
        let answer = browser.get(&super::routes::example(route.path)).await.expect(405);
        assert!(text(&answer).contains("Dit kan hier niet"), "{}", route.path);
    }
}

#[tokio::test]
async fn a_form_is_bounded() {
    let gateway = Gateway::with(CONSOLE).await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let long = "x".repeat(::console::form::MAX_BYTES);
    let answer = browser.post("/beheer/uitloggen", &format!("a={long}")).await.expect(413);
    assert!(text(&answer).contains("Dit is te groot"));
    browser.post("/beheer/uitloggen", &"a=1&".repeat(1_001)).await.expect(400);
    browser.get("/beheer").await.expect(200);
}
