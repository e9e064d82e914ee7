//! Bearer tokens: which are refused, and with which answers, on both APIs.

use http::Method;
use model::{Clock, Timestamp, clock::SystemClock};
use web::auth::jwt;

use crate::support::{CONSUMER, Client, Gateway, PUBLISHER, eventually};

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
async fn f3_the_scheme_is_case_insensitive() {
    let gateway = Gateway::start().await;
    let secret = format!("the long enough secret of {CONSUMER}");
    let token = jwt::mint(CONSUMER, secret.as_bytes(), SystemClock::default().now());
    for scheme in ["bearer", "BEARER", "Bearer"] {
        let value = format!("{scheme} {token}");
        gateway.nobody().send(Method::GET, "/v1/kanalen", &[("authorization", &value)], "").await.expect(200);
    }
}

#[tokio::test]
async fn c3_a_client_that_sends_wrong_tokens_waits_and_others_do_not_ch_127() {
    let gateway = Gateway::with("[auth]\nmax_failures = 3\nlock_seconds = 600").await;
    let known = gateway.client(CONSUMER);
    known.get("/v1/kanalen").await.expect(200);
    let wrong = |number: u8| {
        let now = SystemClock::default().now();
        client(&gateway, &jwt::mint(CONSUMER, &[number; 32], now))
    };
    for number in 0..3 {
        wrong(number).get("/v1/kanalen").await.problem(401);
    }
    for number in 3..6 {
        let answer = wrong(number).get("/v1/kanalen").await;
        let wait: u64 = answer.header("retry-after").expect("how long").parse().expect("seconds");
        assert!((1..=600).contains(&wait), "{wait}");
        assert_eq!(answer.problem(429).0, "too-many-failures");
        let legacy = wrong(number).get("/api/v1/kanaal").await.expect(429).json();
        assert!(legacy["detail"].as_str().is_some_and(|detail| detail.contains("onjuiste tokens")), "{legacy}");
    }
    known.get("/v1/kanalen").await.expect(200);
    gateway.client(PUBLISHER).get("/v1/kanalen").await.expect(200);
    let metrics = gateway.nobody().get("/metrics").await.expect(200);
    let text = String::from_utf8_lossy(&metrics.body).into_owned();
    for reason in ["signature", "locked"] {
        let line = format!("gateway_auth_failures_total{{reason=\"{reason}\"}} ");
        let count = text.lines().find_map(|found| found.strip_prefix(&line)).expect("the metric");
        assert!(count.parse::<u64>().expect("a number") >= 3, "{reason}: {count}");
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

#[tokio::test]
async fn d11_a_token_of_the_future_is_refused() {
    let gateway = Gateway::start().await;
    let secret = format!("the long enough secret of {PUBLISHER}");
    let seconds = SystemClock::default().now().as_micros() / 1_000_000;
    for (ahead, status) in [(30, 200), (3_600, 403), (315_360_000, 403)] {
        let token = jwt::mint(PUBLISHER, secret.as_bytes(), Timestamp::from_seconds(seconds + ahead));
        let answer = client(&gateway, &token).get("/api/v1/kanaal").await.expect(status);
        assert!(status == 200 || answer.json()["code"] == "jwt-immaturesignatureerror", "{ahead}");
        client(&gateway, &token).get("/v1/kanalen").await.expect(if status == 403 { 401 } else { 200 });
    }
}

#[tokio::test]
async fn g7_secrets_in_files_are_replaced_without_a_restart_or_a_refused_request() {
    const ROTATED: &str = "rotated";
    let dir = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| dir.path().join(name));
    let secret = |number: u8| format!("secret number {number} of the client");
    std::fs::write(&first, secret(1)).unwrap();
    std::fs::write(&second, secret(1)).unwrap();
    let applicatie = format!(
        "[[applicatie]]\nclient_id = \"{ROTATED}\"\nscopes = [\"notificaties.consumeren\"]\nsecret_files = [{first:?}, {second:?}]\n"
    );
    let gateway = Gateway::with(&format!("[auth]\nmax_failures = 0\n{applicatie}")).await;
    let with = |number: u8| {
        let now = SystemClock::default().now();
        client(&gateway, &jwt::mint(ROTATED, secret(number).as_bytes(), now))
    };
    with(1).get("/v1/kanalen").await.expect(200);
    with(2).get("/v1/kanalen").await.problem(401);
    // The second file gets the next secret; tokens of both are accepted from then on.
    std::fs::write(&second, secret(2)).unwrap();
    eventually("the next secret", || async {
        with(1).get("/v1/kanalen").await.expect(200);
        (with(2).get("/v1/kanalen").await.status == 200).then_some(())
    })
    .await;
    // Then the first file gets it too, and tokens of the old secret end.
    std::fs::write(&first, secret(2)).unwrap();
    eventually("the end of the old secret", || async {
        with(2).get("/v1/kanalen").await.expect(200);
        (with(1).get("/v1/kanalen").await.status == 401).then_some(())
    })
    .await;
}
