//! Logging in with an identity provider: the way there and back, and everything that must not log anybody in.

use std::{sync::Arc, time::Duration};

use http::Method;
use model::{
    Clock,
    clock::{ManualClock, SystemClock},
};
use serde_json::{Value, json};

use super::{CONSOLE, OWN_FORM, post, reason, text};
use crate::support::{Answer, BEHEER, CONSUMER, Client, Gateway, OTHER, Provider, TokenAnswer, eventually};

const BACK: &str = "/beheer/oidc/terug";

fn configuration(provider: &Provider) -> String {
    impatient(provider, 120)
}

/// The same, with a time-out for requests to the provider in seconds.
fn impatient(provider: &Provider, timeout_seconds: u32) -> String {
    format!(
        "{CONSOLE}[console.oidc]\nissuer = \"{}\"\nclient_id = \"eventgateway\"\nclient_secret = \"geheim\"\n\
         timeout_seconds = {timeout_seconds}\nname = \"Voorbeeld-ID\"\n[console.claims]\nroles = [\"realm_access\", \"roles\"]\n\
         [console.claims.grants]\nlezer = [\"gw-lezer\", \"team-*\"]\nbeheerder = [\"gw-beheer\"]\n\
         inhoud = [\"gw-inhoud\"]\n",
        provider.issuer()
    )
}

/// A log-in under way: the cookie of the browser, and what the provider was sent.
struct Started {
    cookie: String,
    url: String,
}

impl Started {
    async fn begin(client: &Client, query: &str) -> Self {
        let answer = client.get(&format!("/beheer/oidc/start{query}")).await.expect(303);
        let cookie = super::cookie(&answer).expect("a cookie");
        Self { cookie, url: answer.header("location").expect("a place to log in").to_owned() }
    }

    fn parameter(&self, name: &str) -> String {
        let (_, rest) = self.url.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("{name} in {}", self.url));
        rest.split('&').next().unwrap_or_default().to_owned()
    }

    fn claims(&self, provider: &Provider, roles: &[&str]) -> Value {
        let now = SystemClock::default().now().as_micros() / 1_000_000;
        json!({
            "iss": provider.issuer(), "aud": "eventgateway", "sub": "u-1", "sid": "s-1", "name": "Anna de Vries",
            "nonce": self.parameter("nonce"), "iat": now, "exp": now + 300, "realm_access": {"roles": roles},
        })
    }

    fn query(&self, provider: &Provider) -> String {
        let issuer = provider.issuer().replace(':', "%3A").replace('/', "%2F");
        format!("?code=c&state={}&iss={issuer}", self.parameter("state"))
    }

    async fn back(&self, client: &Client, query: &str) -> Answer {
        client.send(Method::GET, &format!("{BACK}{query}"), &[("cookie", &self.cookie)], "").await
    }
}

/// The session that an answer starts: `name=value`.
fn session(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let values = cookies.filter_map(|cookie| cookie.split(';').next());
    values.filter(|cookie| cookie.starts_with("gw-beheer=") && *cookie != "gw-beheer=").map(str::to_owned).next()
}

/// Logs a person with these roles in; returns the answer of the gateway.
async fn log_in(client: &Client, provider: &Provider, roles: &[&str]) -> Answer {
    let started = Started::begin(client, "").await;
    provider.answer(TokenAnswer::IdToken(provider.sign(&started.claims(provider, roles))));
    started.back(client, &started.query(provider)).await
}

async fn page(client: &Client, cookie: &str, path: &str) -> Answer {
    client.send(Method::GET, path, &[("cookie", cookie)], "").await
}

#[tokio::test]
async fn a_person_logs_in_by_the_code_flow_and_gets_the_roles_of_the_claims_ch_124() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    let client = gateway.nobody();
    let log_in = text(&client.get("/beheer/inloggen?naar=%2Fbeheer%3Ftaal%3Den").await.expect(200));
    assert!(
        log_in.contains("Inloggen met Voorbeeld-ID")
            && log_in.contains("/beheer/oidc/start?naar=%2Fbeheer%3Ftaal%3Den")
    );
    let started = Started::begin(&client, "?naar=%2Fbeheer%3Ftaal%3Den").await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "eventgateway"),
        ("code_challenge_method", "S256"),
        ("scope", "openid+profile"),
    ] {
        assert_eq!(started.parameter(name), value);
    }
    let redirect = format!("{}{BACK}", gateway.base).replace(':', "%3A").replace('/', "%2F");
    assert_eq!(started.parameter("redirect_uri"), redirect);
    assert!(started.parameter("state").len() >= 22 && started.parameter("nonce").len() >= 22);
    let claims = started.claims(&provider, &["gw-beheer", "gw-inhoud", "unknown"]);
    provider.answer(TokenAnswer::IdToken(provider.sign(&claims)));
    let answer = started.back(&client, &started.query(&provider)).await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer?taal=en"));
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("gw-beheer-login=;")), "{cookies:?}");
    let cookie = session(&answer).expect("a session");
    let overview = text(&page(&client, &cookie, "/beheer").await.expect(200));
    assert!(overview.contains("Anna de Vries") && overview.contains("(beheerder)"), "{overview}");
    let grounds = eventually("the entry about the log-in", || async {
        let list = gateway.client(BEHEER).get("/v1/audit?action=session.start").await.expect(200).json();
        reason(&list["results"][0]).map(str::to_owned)
    })
    .await;
    assert_eq!(grounds, "realm_access.roles: gw-beheer (beheerder), gw-inhoud (inhoud)");
    let sessions = text(&page(&client, &cookie, "/beheer/sessies").await.expect(200));
    assert!(sessions.contains("gw-beheer (beheerder)") && sessions.contains("u-1"), "{sessions}");
    let (headers, body) = provider.requests().remove(0);
    assert_eq!(headers["authorization"], "Basic ZXZlbnRnYXRld2F5OmdlaGVpbQ==");
    assert!(body.contains("code=c") && body.contains("code_verifier=") && !body.contains("geheim"), "{body}");
    // The code and the cookie of the log-in are of no use any more.
    let again = started.back(&client, &started.query(&provider)).await.expect(403);
    assert_eq!(session(&again), None);
}

#[tokio::test]
async fn a_group_gives_the_clients_that_are_configured_for_it() {
    let provider = Provider::start().await;
    let more = format!(
        "afnemer = [\"gw-afnemer\"]\n[[console.afnemer]]\nclaim = [\"org\", \"groups\"]\nvalues = [\"lev-*\"]\n\
         client_ids = [\"{CONSUMER}\"]\n[[console.afnemer]]\nclaim = [\"org\", \"groups\"]\nvalues = [\"ander\"]\n\
         client_ids = [\"{OTHER}\"]\n"
    );
    let gateway = Gateway::with(&(configuration(&provider) + &more)).await;
    let body = json!({"sink": "http://127.0.0.1:9/x", "protocol": "HTTP", "config": {"name": "Van de leverancier"}});
    gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.expect(201);
    gateway.client(OTHER).post("/v1/subscriptions", body).await.expect(201);
    let client = gateway.nobody();
    for (group, own) in [("lev-zaken", 1), ("leverancier", 0)] {
        let started = Started::begin(&client, "").await;
        let mut claims = started.claims(&provider, &["gw-afnemer"]);
        claims["org"] = json!({"groups": [group, "iedereen"]});
        provider.answer(TokenAnswer::IdToken(provider.sign(&claims)));
        let answer = started.back(&client, &started.query(&provider)).await.expect(303);
        let cookie = session(&answer).expect("a session");
        let list = text(&page(&client, &cookie, "/beheer/abonnementen").await.expect(200));
        assert_eq!(list.matches(">Van de leverancier</a>").count(), own, "{group}: {list}");
    }
    // The trail has the claim and the clients, not the value.
    let grounds = eventually("the entries about the log-ins", || async {
        let list = gateway.client(BEHEER).get("/v1/audit?action=session.start").await.expect(200).json();
        let grounds = list["results"].as_array()?.iter().filter_map(reason).map(str::to_owned).collect::<Vec<_>>();
        (grounds.len() == 2).then_some(grounds)
    })
    .await;
    let role = "realm_access.roles: gw-afnemer (afnemer)";
    assert_eq!(grounds, [role.to_owned(), format!("{role}; org.groups: {CONSUMER}")]);
}

#[tokio::test]
async fn a_response_that_is_not_of_this_log_in_starts_no_session() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    let client = gateway.nobody();
    let (started, other) = (Started::begin(&client, "").await, Started::begin(&client, "").await);
    let query = started.query(&provider);
    let state = started.parameter("state");
    let without_cookie = client.get(&format!("{BACK}{query}")).await.expect(403);
    assert_eq!(session(&without_cookie), None);
    for (what, cookie, query) in [
        ("another browser", &other.cookie, query.clone()),
        ("another state", &started.cookie, query.replace(&state, &other.parameter("state"))),
        ("no state", &started.cookie, query.replace("state=", "x=")),
        ("two states", &started.cookie, format!("{query}&state={state}")),
        ("no issuer", &started.cookie, query.replace("iss=", "x=")),
        ("another issuer", &started.cookie, query.replace("iss=http", "iss=https")),
        ("no code", &started.cookie, query.replace("code=c&", "")),
        ("an error", &started.cookie, format!("{query}&error=access_denied")),
        ("a session as the log-in", &format!("gw-beheer-login={}", "x.y"), query.clone()),
    ] {
        provider.answer(TokenAnswer::IdToken(provider.sign(&started.claims(&provider, &["gw-beheer"]))));
        let answer = client.send(Method::GET, &format!("{BACK}{query}"), &[("cookie", cookie)], "").await;
        assert_ne!(answer.status, 429, "{what}: limited");
        assert_eq!((answer.status.as_u16(), session(&answer)), (403, None), "{what}");
    }
    assert!(provider.requests().is_empty(), "no code was exchanged");
}

#[tokio::test]
async fn an_id_token_that_does_not_hold_starts_no_session() {
    let provider = Provider::start().await;
    let other = Provider::start().await;
    for chunk in [0..5, 5..10, 10..13] {
        // A gateway of its own for some at a time: log-ins are limited.
        let gateway = Gateway::with(&configuration(&provider)).await;
        let client = gateway.nobody();
        for number in chunk {
            let started = Started::begin(&client, "").await;
            let mut claims = started.claims(&provider, &["gw-beheer"]);
            let part = |text: &str| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text);
            let now = SystemClock::default().now().as_micros() / 1_000_000;
            let (what, token) = match number {
                0 => ("another nonce", {
                    claims["nonce"] = json!("x");
                    provider.sign(&claims)
                }),
                1 => ("another issuer", {
                    claims["iss"] = json!("https://elsewhere.example");
                    provider.sign(&claims)
                }),
                2 => ("another audience", {
                    claims["aud"] = json!("elsewhere");
                    provider.sign(&claims)
                }),
                3 => ("two audiences", {
                    claims["aud"] = json!(["eventgateway", "x"]);
                    provider.sign(&claims)
                }),
                4 => ("another party", {
                    claims["azp"] = json!("elsewhere");
                    provider.sign(&claims)
                }),
                5 => ("over", {
                    claims["exp"] = json!(now - 61);
                    provider.sign(&claims)
                }),
                6 => ("not yet", {
                    claims["iat"] = json!(now + 600);
                    provider.sign(&claims)
                }),
                7 => ("no subject", {
                    claims["sub"] = json!("");
                    provider.sign(&claims)
                }),
                8 => ("signed by another", other.sign(&claims)),
                9 => ("changed", {
                    let token = provider.sign(&claims);
                    let (signed, signature) = token.rsplit_once('.').expect("three parts");
                    let first = if signature.starts_with('A') { 'B' } else { 'A' };
                    format!("{signed}.{first}{}", &signature[1..])
                }),
                10 => {
                    let head = part(r#"{"alg":"none"}"#);
                    ("not signed", format!("{head}.{}.", part(&claims.to_string())))
                }
                11 => {
                    let signed = format!("{}.{}", part(r#"{"alg":"HS256","kid":"first"}"#), part(&claims.to_string()));
                    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &provider.public_key());
                    let tag = ring::hmac::sign(&key, signed.as_bytes());
                    let tag = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, tag);
                    ("signed with the public key", format!("{signed}.{tag}"))
                }
                _ => ("no token", "x".to_owned()),
            };
            provider.answer(TokenAnswer::IdToken(token));
            let answer = started.back(&client, &started.query(&provider)).await;
            assert_eq!((answer.status.as_u16(), session(&answer)), (403, None), "{what}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_silent_or_says_too_much_starts_no_session() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    let client = gateway.nobody();
    for (answer, status) in [
        (TokenAnswer::Other(500, "oops".into()), 403),
        (TokenAnswer::Other(400, r#"{"error":"invalid_grant"}"#.into()), 403),
        (TokenAnswer::Other(200, "no JSON".into()), 403),
        (TokenAnswer::Other(200, format!(r#"{{"id_token":"{}"}}"#, "x".repeat(300_000))), 403),
    ] {
        let started = Started::begin(&client, "").await;
        provider.answer(answer);
        let answer = started.back(&client, &started.query(&provider)).await;
        assert_eq!((answer.status.as_u16(), session(&answer)), (status, None));
    }
    let gateway = Gateway::with(&impatient(&provider, 5)).await;
    let client = gateway.nobody();
    let started = Started::begin(&client, "").await;
    provider.answer(TokenAnswer::Silence);
    let answer = started.back(&client, &started.query(&provider)).await;
    assert_eq!((answer.status.as_u16(), session(&answer)), (503, None));
    let away = Provider::start().await;
    away.set_away(true);
    let gateway = Gateway::with(&configuration(&away)).await;
    let answer = gateway.nobody().get("/beheer/oidc/start").await.expect(503);
    assert!(answer.header("retry-after").is_some() && text(&answer).contains("Nu niet beschikbaar"));
}

#[tokio::test]
async fn a_key_that_is_not_known_yet_is_requested_ch_124() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    let client = gateway.nobody();
    assert!(session(&log_in(&client, &provider, &["gw-lezer"]).await.expect(303)).is_some());
    provider.rotate("second");
    assert!(session(&log_in(&client, &provider, &["team-x"]).await.expect(303)).is_some());
}

#[tokio::test]
async fn somebody_without_a_role_reads_which_claims_arrived_and_not_their_values() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    for roles in [&[][..], &["gw-inhoud", "beheerder", "GW-BEHEER"]] {
        let answer = log_in(&gateway.nobody(), &provider, roles).await.expect(403);
        assert_eq!(session(&answer), None);
        let page = text(&answer);
        for name in ["realm_access", "sub", "name"] {
            assert!(page.contains(&format!("<code class=\"utrecht-code\">{name}</code>")), "{name} in {page}");
        }
        assert!(!page.contains("Anna") && !page.contains("GW-BEHEER"), "{page}");
    }
}

#[tokio::test]
async fn only_a_page_of_the_console_is_shown_after_the_log_in() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    let client = gateway.nobody();
    for target in
        ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example%2Fbeheer", "%2Fbeheer%5C%5Cevil", "%2Fv1%2Fkanalen"]
    {
        let started = Started::begin(&client, &format!("?naar={target}")).await;
        provider.answer(TokenAnswer::IdToken(provider.sign(&started.claims(&provider, &["gw-lezer"]))));
        let answer = started.back(&client, &started.query(&provider)).await.expect(303);
        assert_eq!(answer.header("location"), Some("/beheer"), "{target}");
    }
}

#[tokio::test]
async fn a_log_in_takes_ten_minutes_at_most() {
    let provider = Provider::start().await;
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let gateway = Gateway::with_clock(&configuration(&provider), &clock).await;
    let client = gateway.nobody();
    let started = Started::begin(&client, "").await;
    provider.answer(TokenAnswer::IdToken(provider.sign(&started.claims(&provider, &["gw-lezer"]))));
    clock.advance(Duration::from_mins(10));
    started.back(&client, &started.query(&provider)).await.expect(403);
    assert!(provider.requests().is_empty());
}

#[tokio::test]
async fn a_log_out_leads_to_the_provider_and_its_own_log_outs_end_sessions() {
    let provider = Provider::start().await;
    let gateway = Gateway::with(&configuration(&provider)).await;
    let client = gateway.nobody();
    let page_after = text(&client.get("/beheer/uitgelogd").await.expect(200));
    assert!(
        page_after.contains("Ook uitloggen bij Voorbeeld-ID") && page_after.contains("/end?client_id=eventgateway")
    );
    let first = session(&log_in(&client, &provider, &["gw-lezer"]).await.expect(303)).unwrap();
    page(&client, &first, "/beheer").await.expect(200);
    let now = SystemClock::default().now().as_micros() / 1_000_000;
    let token = |id: &str, more: Value| {
        let mut claims = json!({
            "iss": provider.issuer(), "aud": "eventgateway", "iat": now, "exp": now + 120, "jti": id,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        format!("logout_token={}", provider.sign(&claims))
    };
    let send = async |body: String| post(&client, "/beheer/oidc/backchannel", &OWN_FORM[..1], &body).await;
    for (what, body) in [
        ("nothing", String::new()),
        ("another session", token("1", json!({"sid": "s-2"}))),
        ("a nonce", token("2", json!({"sid": "s-1", "nonce": "n"}))),
        ("another audience", token("3", json!({"sid": "s-1", "aud": "elsewhere"}))),
        ("over", token("4", json!({"sid": "s-1", "exp": now - 61}))),
    ] {
        let expected = if what == "another session" { 200 } else { 400 };
        assert_eq!(send(body).await.status, expected, "{what}");
        page(&client, &first, "/beheer").await.expect(200);
    }
    let by_session = token("5", json!({"sid": "s-1", "sub": "u-1"}));
    send(by_session.clone()).await.expect(200);
    page(&client, &first, "/beheer").await.expect(303);
    let second = session(&log_in(&client, &provider, &["gw-lezer"]).await.expect(303)).unwrap();
    // The same session at the provider, logged in anew; the token was used before.
    send(by_session).await.expect(400);
    page(&client, &second, "/beheer").await.expect(200);
    send(token("6", json!({"sub": "u-1"}))).await.expect(200);
    page(&client, &second, "/beheer").await.expect(303);
}
