//! The headers of every page, file and refusal of the console.

use http::Method;
use model::Role;

use super::{Browser, CONSOLE, PROTECTION, post, text};
use crate::support::{Answer, Gateway};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

fn check(what: &str, answer: &Answer) {
    for (name, value) in PROTECTION.into_iter().chain([("content-security-policy", POLICY)]) {
        assert_eq!(answer.header(name), Some(value), "{name} of {what}");
    }
    assert!(answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")), "{what}");
    assert!(answer.header("api-version").is_none() && answer.header("content-encoding").is_none(), "{what}");
}

#[tokio::test]
async fn every_answer_of_the_console_is_protected() {
    let gateway = Gateway::with(CONSOLE).await;
    let (browser, nobody) = (Browser::with_role(&gateway, Role::Lezer).await, gateway.nobody());
    let overview = browser.get("/beheer").await.expect(200);
    let page = text(&overview);
    assert!(!page.contains("style=") && !page.contains("<script>") && !page.contains("http://"), "{page}");
    let (_, rest) = page.split_once("<link rel=\"stylesheet\" href=\"").expect("a style sheet");
    let css = nobody.get(rest.split('"').next().unwrap()).await.expect(200);
    assert_eq!(css.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(String::from_utf8_lossy(&css.body).contains("EUPL-1.2"));
    for (what, answer) in [
        ("a page", overview),
        ("the log-in", nobody.get("/beheer/inloggen").await.expect(200)),
        ("a redirect", nobody.get("/beheer").await.expect(303)),
        ("nothing there", nobody.get("/beheer/nergens").await.expect(404)),
        ("a path that is no text", nobody.get("/beheer/assets/%FF").await.expect(400)),
        ("another method", nobody.send(Method::PUT, "/beheer", &[], "").await.expect(405)),
        ("a form from elsewhere", post(&nobody, "/beheer/uitloggen", &[], "").await.expect(401)),
        ("two hosts", nobody.send(Method::GET, "/beheer", &[("host", "a b")], "").await.expect(400)),
    ] {
        check(what, &answer);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        if answer.status.is_client_error() {
            let text = text(&answer);
            assert!(text.contains("<html lang=\"nl\"") && text.contains("urn:uuid:"), "{what}: {text}");
        }
    }
    check("a file", &css);
}

#[tokio::test]
async fn answers_of_the_apis_keep_their_headers() {
    let gateway = Gateway::with(CONSOLE).await;
    let answer = gateway.nobody().get("/v1/kanalen").await;
    assert_eq!(answer.header("content-security-policy"), Some("frame-ancestors 'none'"));
    assert_eq!(answer.header("api-version"), Some("1.0.0"));
    answer.problem(401);
}
