//! Tokens: what is refused and how, on both APIs.

use gateway::auth::jwt;
use http::Method;
use model::{Clock, Timestamp, clock::SystemClock};

use crate::support::{CONSUMER, Client, Gateway, PUBLISHER};

fn client(gateway: &Gateway, token: &str) -> Client {
    Client::new(gateway.base.clone(), Some(token.to_owned()))
}

#[tokio::test]
async fn refusals_are_401_natively_and_403_with_a_code_at_the_legacy_paths() {
    let gateway = Gateway::start().await;
    let now = SystemClock::default().now();
    let secret = format!("the long enough secret of {PUBLISHER}");
    let old = Timestamp::from_seconds(now.as_micros() / 1_000_000 - 3_600);
    for (token, code) in [
        (jwt::mint(PUBLISHER, b"another secret", now), "invalid-jwt-signature"),
        (jwt::mint("nobody", b"x", now), "invalid-client-identifier"),
        (jwt::mint(PUBLISHER, secret.as_bytes(), old), "jwt-expired"),
        ("not.a.token".to_owned(), "jwt-decode-error"),
    ] {
        let client = client(&gateway, &token);
        let native = client.get("/v1/kanalen").await;
        assert_eq!(native.header("www-authenticate"), Some("Bearer"));
        assert_eq!(native.problem(401).0, "unauthenticated");
        let legacy = client.get("/api/v1/kanaal").await.expect(403);
        assert_eq!(legacy.json()["code"], code);
        assert_eq!(legacy.header("www-authenticate"), None);
    }
    for scheme in ["bearer x", "Token x", "Bearer"] {
        let headers = [("authorization", scheme)];
        let legacy = gateway.nobody().send(Method::GET, "/api/v1/kanaal", &headers, "").await.expect(403);
        assert_eq!(legacy.json()["code"], "permission_denied", "{scheme}");
    }
}

#[tokio::test]
async fn the_query_carries_a_token_only_when_that_is_switched_on_ce_wha_02() {
    let token =
        jwt::mint(CONSUMER, format!("the long enough secret of {CONSUMER}").as_bytes(), SystemClock::default().now());
    let path = format!("/v1/kanalen?access_token={token}");
    let off = Gateway::start().await;
    off.nobody().get(&path).await.problem(401);
    let on = Gateway::with("[auth]\nquery_token = true").await;
    on.nobody().get(&path).await.expect(200);
    on.client(CONSUMER).get(&path).await.problem(400);
    on.nobody().get("/v1/kanalen?access_token=x").await.problem(401);
}

#[tokio::test]
async fn an_applicatie_that_is_no_longer_declared_can_do_nothing() {
    const GUEST: &str = "guest";
    let guest = format!(
        "[[applicatie]]\nclient_id = \"{GUEST}\"\nsecret = \"the long enough secret of {GUEST}\"\nscopes = [\"notificaties.consumeren\"]"
    );
    let gateway = Gateway::with(&guest).await;
    gateway.client(GUEST).get("/v1/kanalen").await.expect(200);
    let gateway = gateway.restart_with("").await;
    gateway.client(GUEST).get("/v1/kanalen").await.problem(401);
}
