//! Every route of the table: its access rules hold, and the API description contains it.

use gateway::router;
use web::auth::Access;

use crate::support::Gateway;

const STRANGER: &str = "stranger";

/// Configuration of an applicatie without any scope.
fn configuration() -> String {
    format!(
        "[[applicatie]]\nclient_id = \"{STRANGER}\"\nsecret = \"the long enough secret of {STRANGER}\"\nscopes = []"
    )
}

fn example(path: &str) -> String {
    let id = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";
    path.replace("{id}", id)
        .replace("{uuid}", id)
        .replace("{naam}", "x")
        .replace("{secret}", "x")
        .replace("{name}", "x")
        .replace("{type}", "x")
        .replace("{provider}", "x")
}

#[tokio::test]
async fn every_route_asks_for_a_token_and_a_scope_ch_119() {
    let gateway = Gateway::with(&configuration()).await;
    let (nobody, stranger) = (gateway.nobody(), gateway.client(STRANGER));
    for route in router::table() {
        let path = example(route.path);
        let without = nobody.send(route.method.clone(), &path, &[], "").await;
        let without_scope = stranger.send(route.method.clone(), &path, &[], "").await;
        let expected = match route.access {
            Access::Public => {
                assert_ne!(without.status, 401, "{} {path}", route.method);
                continue;
            }
            Access::Right(_) | Access::Callback(_) if path.starts_with("/api/") => (403, 403),
            Access::Person(_) => (401, 404),
            Access::Right(_) | Access::Callback(_) => (401, 403),
        };
        let found = (without.status.as_u16(), without_scope.status.as_u16());
        assert_eq!(found, expected, "{} {path}", route.method);
        let document = without.json();
        assert_eq!(document["status"], expected.0, "{path}");
        assert_eq!(without.header("api-version"), Some("1.0.0"), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_words_of_its_api_adr_04_adr_11() {
    let gateway = Gateway::start().await;
    let nobody = gateway.nobody();
    for (method, path, status, kind) in [
        ("GET", "/nowhere", 404, "application/problem+json"),
        ("GET", "/v1/kanalen/", 404, "application/problem+json"),
        ("GET", "/v1/schemas/%FF", 400, "application/problem+json"),
        ("PUT", "/v1/events", 405, "application/problem+json"),
        ("OPTIONS", "/v1/kanalen", 405, "application/problem+json"),
        ("GET", "/api/v1/kanaal/", 404, "application/json"),
        ("GET", "/api/v2/kanaal", 404, "application/json"),
        ("GET", "/api/v1/notificaties", 405, "application/json"),
        ("DELETE", "/api/v1/kanaal/9c5b94b1-35ad-49bb-b118-8e8fc24abf80", 405, "application/json"),
    ] {
        let answer = nobody.send(method.parse().unwrap(), path, &[], "").await.expect(status);
        assert_eq!(answer.header("content-type"), Some(kind), "{method} {path}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{method} {path}");
        for (name, value) in [("api-version", "1.0.0"), ("cache-control", "no-store"), ("x-frame-options", "DENY")] {
            assert_eq!(answer.header(name), Some(value), "{name} of {method} {path}");
        }
    }
    assert_eq!(nobody.get("/api/v2/kanaal").await.json()["detail"], "Ongeldige versie in URL-pad.");
    let refused = nobody.send(http::Method::GET, "/v1/kanalen", &[("accept", "text/html")], "").await;
    assert_eq!(refused.problem(406).0, "not-acceptable");
}
