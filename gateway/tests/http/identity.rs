//! Who calls: each role on each route, all pairs of what recognises a caller, and requests that give up rights.

use std::{fmt::Write as _, net::SocketAddr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use gateway::router;
use http::Method;
use management::Right;
use model::{Clock, applicatie::Scope, clock::SystemClock};
use ring::hmac;
use serde_json::{Value, json};
use web::auth::Access;

use crate::support::{
    Answer, BEHEER, CONSUMER, Client, Gateway, PUBLISHER, Provider, eventually,
    tls::{Authority, Identity, Protocol, TlsClient, client_params, section},
};

const OIN: &str = "00000001823288444000";
const IGNORED: &str = "gateway_auth_headers_ignored_total ";

fn seconds() -> i64 {
    SystemClock::default().now().as_micros() / 1_000_000
}

/// An access token of a person with this `sub`.
fn person(provider: &Provider, sub: &str, audience: &str) -> String {
    let now = seconds();
    provider.sign(&json!({
        "iss": provider.issuer(), "aud": audience, "sub": sub, "client_id": "portaal", "iat": now, "exp": now + 300,
    }))
}

/// The configuration of an inbox on `kanaal` with a listener for proxies at `proxies`.
fn inbox(provider: &Provider, kanaal: &str, proxies: &str) -> String {
    let issuer = provider.issuer();
    format!(
        "[people]\nurl = \"https://berichten.example.nl\"\n[people.inbox]\nissuer = {issuer:?}\naudience = \"berichten\"\n\
         [people.inbox.proxy]\nlisten = \"127.0.0.1:0\"\naddresses = [{proxies:?}]\nissuer = {issuer:?}\n\
         [[people.inbox.kanaal]]\nnaam = {kanaal:?}\naddressee = \"/aan\"\n"
    )
}

/// The address of the listener for proxies.
fn proxy_listener(gateway: &Gateway) -> String {
    let people = gateway.config().people.as_ref().and_then(|people| people.inbox.as_ref());
    let listen: SocketAddr = people.and_then(|own| own.proxy.as_ref()?.listen).expect("a listener");
    format!("http://{listen}")
}

/// How many headers of people were ignored.
async fn ignored(gateway: &Gateway) -> u64 {
    let answer = gateway.nobody().get("/metrics").await.expect(200);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    text.lines().find_map(|line| line.strip_prefix(IGNORED)).map_or(0, |count| count.parse().expect("a number"))
}

fn example(path: &str) -> String {
    let id = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";
    path.replace("{id}", id).replace("{uuid}", id).replace(['{', '}'], "")
}

/// Each role on each route has what the table of rights gives it, and nothing more.
#[tokio::test]
async fn every_role_on_every_route_has_what_the_table_says_ch_119() {
    let provider = Provider::start().await;
    // A citizen shows a token that is none for most routes, which would lock the address.
    let unlocked = format!("[auth]\nmax_failures = 0\n{}", inbox(&provider, "identiteit-rollen", "10.0.0.0/8"));
    let gateway = Gateway::with(&unlocked).await;
    let citizen = Client::new(gateway.base.clone(), Some(person(&provider, "an", "berichten")));
    let roles = [
        ("operator", gateway.client(BEHEER), Some(Scope::Beheer)),
        ("publisher", gateway.client(PUBLISHER), Some(Scope::Publiceren)),
        ("consumer", gateway.client(CONSUMER), Some(Scope::Consumeren)),
        ("citizen", citizen, None),
        ("anonymous", gateway.nobody(), None),
    ];
    let table = router::table();
    assert!(table.iter().any(|route| route.access == Access::Person(Right::OwnInbox)));
    for route in &table {
        let path = example(route.path);
        for (role, client, scope) in &roles {
            let is_allowed = match route.access {
                Access::Public => true,
                Access::Person(right) => *role == "citizen" && right.is_granted_to_citizens(),
                Access::Right(right) | Access::Callback(right) => {
                    scope.is_some_and(|scope| scope == Scope::Beheer || right.scopes().contains(&scope))
                }
            };
            // A stream does not end, and OPTIONS of the Notificaties API is refused with any rights.
            if is_allowed && (path.ends_with("/stream") || route.method == Method::OPTIONS) {
                continue;
            }
            let answer = client.send(route.method.clone(), &path, &[], "").await;
            let is_known = scope.is_some() && matches!(route.access, Access::Right(_) | Access::Callback(_));
            let refusal = if is_known || path.starts_with("/api/") { 403 } else { 401 };
            let is_refused = answer.status.as_u16() == refusal;
            assert_eq!(is_refused, !is_allowed, "{role} {} {path}: {answer:?}", route.method);
        }
    }
}

/// What a request shows: an address that is listed, a certificate, and a token.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    None,
    Zgw,
    BadZgw,
    Oidc,
    BadOidc,
    Both,
}

struct Place {
    gateway: Gateway,
    provider: Provider,
    servers: Authority,
    own: Identity,
    _dir: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let (dir, provider) = (tempfile::tempdir().expect("a directory"), Provider::start().await);
        let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
        let mut more = format!(
            "{}[[auth.address]]\naddresses = [\"127.0.0.1/32\"]\napplicatie = \"cron\"\n\
             scopes = [\"notificaties.publiceren\"]\nroutes = [\"POST /v1/kanalen\"]\n\
             [auth.oidc]\nissuer = {:?}\naudience = \"eventgateway\"\nclients = {{ zaaksysteem = \"oidc\" }}\n",
            section(dir.path(), &servers, &clients),
            provider.issuer(),
        );
        let certificate = format!("certificate = {{ oin = \"{OIN}\" }}\n");
        for (client_id, line) in [("cron", ""), ("zaken", certificate.as_str()), ("oidc", "")] {
            let scopes = "scopes = [\"notificaties.publiceren\"]";
            write!(more, "[[applicatie]]\nclient_id = \"{client_id}\"\n{scopes}\n{line}").expect("a text");
        }
        let own = clients.issue(&client_params(OIN));
        Self { gateway: Gateway::with(&more).await, provider, servers, own, _dir: dir }
    }

    fn access_token(&self, audience: &str) -> String {
        let now = seconds();
        self.provider.sign(&json!({
            "iss": self.provider.issuer(), "aud": audience, "iat": now, "exp": now + 300, "client_id": "zaaksysteem",
        }))
    }

    /// Makes a kanaal; the answer names who owns it.
    async fn make(&self, naam: &str, (has_address, has_certificate, token): (bool, bool, Token)) -> Answer {
        let identity = has_certificate.then_some(&self.own);
        let client = TlsClient::new(&self.gateway.base, &self.servers, identity);
        let mut zgw = self.gateway.token(PUBLISHER);
        let tokens = match token {
            Token::None => vec![],
            Token::Zgw => vec![zgw],
            Token::BadZgw => {
                zgw.replace_range(zgw.len() - 6.., "AAAAAA");
                vec![zgw]
            }
            Token::Oidc => vec![self.access_token("eventgateway")],
            Token::BadOidc => vec![self.access_token("other")],
            Token::Both => vec![zgw, self.access_token("eventgateway")],
        };
        let tokens: Vec<String> = tokens.iter().map(|token| format!("Bearer {token}")).collect();
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tokens.iter().map(|token| ("authorization", token.as_str())));
        if !has_address {
            // What came through a proxy is not known by its address.
            headers.push(("via", "1.1 proxy"));
        }
        let body = json!({ "naam": naam }).to_string();
        let sent = client.send(Protocol::Http1, Method::POST, "/v1/kanalen", &headers, &body);
        sent.await.expect("an answer").0
    }
}

#[tokio::test]
async fn the_first_that_recognises_a_client_wins_and_a_bad_one_is_refused_ch_120() {
    let place = Place::new().await;
    for (at, (address, certificate, token, expected)) in [
        (false, false, Token::None, Err(401)),
        (true, false, Token::None, Ok("cron")),
        (false, true, Token::None, Ok("zaken")),
        (false, false, Token::Zgw, Ok(PUBLISHER)),
        (false, false, Token::Oidc, Ok("oidc")),
        // Two at once.
        (true, true, Token::None, Ok("cron")),
        (true, false, Token::Zgw, Ok("cron")),
        (true, false, Token::Oidc, Ok("cron")),
        (false, true, Token::Zgw, Err(401)),
        (false, true, Token::Oidc, Err(401)),
        (false, false, Token::Both, Err(400)),
        (true, true, Token::Zgw, Err(401)),
        // A bad one beside a good one.
        (false, false, Token::BadZgw, Err(401)),
        (false, false, Token::BadOidc, Err(401)),
        (true, false, Token::BadZgw, Err(401)),
        (true, false, Token::BadOidc, Err(401)),
        (false, true, Token::BadZgw, Err(401)),
        (false, true, Token::BadOidc, Err(401)),
        (true, true, Token::BadZgw, Err(401)),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = place.make(&format!("paar-{at}"), (address, certificate, token)).await;
        let found = match answer.status.as_u16() {
            201 => Ok(answer.json()["owner"].as_str().unwrap_or_default().to_owned()),
            status => Err(status),
        };
        assert_eq!(found.as_deref().map_err(|status| *status), expected, "{address} {certificate} {token:?}");
    }
}

#[tokio::test]
async fn an_address_gives_a_role_only_where_it_is_listed_ch_121() {
    let entry = "[[auth.address]]\naddresses = [\"127.0.0.1/32\"]\napplicatie = \"consumer\"\n\
                 scopes = [\"notificaties.consumeren\"]\nroutes = [\"GET /v1/kanalen\"]\n";
    let elsewhere = entry.replace("127.0.0.1/32", "192.0.2.0/24");
    let behind_proxy = format!("[proxy]\ntrusted = [\"127.0.0.0/8\"]\n{entry}");
    for (configuration, status) in [("", 401), (entry, 200), (&elsewhere, 401), (&behind_proxy, 401)] {
        let gateway = Gateway::with(configuration).await;
        gateway.nobody().get("/v1/kanalen").await.expect(status);
        gateway.nobody().get("/v1/subscriptions").await.problem(401);
        for header in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            let answer = gateway.nobody().send(Method::GET, "/v1/kanalen", &[(header, "192.0.2.1")], "").await;
            answer.problem(401);
        }
        gateway.client(CONSUMER).get("/v1/kanalen").await.expect(200);
    }
}

/// The events in the inbox of who calls, once there are messages.
async fn listed(client: &Client, headers: &[(&str, &str)]) -> Vec<String> {
    eventually("a message", || async {
        let answer = client.send(Method::GET, "/v1/inbox", headers, "").await.expect(200).json();
        let results = answer["results"].as_array().expect("a list");
        let ids = results.iter().filter_map(|message| message["event"]["id"].as_str().map(str::to_owned));
        Some(ids.collect::<Vec<_>>()).filter(|ids| !ids.is_empty())
    })
    .await
}

#[tokio::test]
async fn a_proxy_names_people_on_its_own_listener_and_nobody_else_does_ch_120_ch_125() {
    let (provider, kanaal) = (Provider::start().await, "identiteit-proxy");
    let gateway = Gateway::with(&inbox(&provider, kanaal, "127.0.0.1/32")).await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({ "naam": kanaal })).await.expect(201);
    for sub in ["an", "bo"] {
        publisher.publish(kanaal, &format!("voor-{sub}"), json!({ "data": { "aan": sub } })).await.expect(202);
    }
    let base = proxy_listener(&gateway);
    let nobody = Gateway::nobody_at(&base);
    let of = |audience: &str| Client::new(base.clone(), Some(person(&provider, "bo", audience)));
    let an = [("SM_UNIVERSALID", "an")];
    assert_eq!(listed(&nobody, &an).await, ["voor-an"]);
    assert_eq!(listed(&of("berichten"), &[]).await, ["voor-bo"]);
    assert_eq!(listed(&of("berichten"), &an).await, ["voor-bo"], "the token is looked at first");
    for (client, headers) in [
        (&nobody, &[][..]),
        (&nobody, &[("SM_UNIVERSALID", "")]),
        (&nobody, &[("SM_UNIVERSALID", "an"), ("SM_UNIVERSALID", "bo")]),
        (&nobody, &[("SM_UNIVERSALID", "an, bo")]),
        (&nobody, &[("email", "an@burger.example")]),
        (&of("other"), &an),
    ] {
        client.send(Method::GET, "/v1/inbox", headers, "").await.problem(401);
    }
    let bad = [("SM_UNIVERSALID", "an"), ("SM_UNIVERSALID", "an")];
    of("berichten").send(Method::GET, "/v1/inbox", &bad, "").await.problem(401);
    // Nothing else is served there.
    for path in ["/v1/kanalen", "/metrics", "/api/v1/kanaal"] {
        publisher_at(&base, &gateway).send(Method::GET, path, &an, "").await.expect(404);
    }
    // Elsewhere the header is ignored and counted.
    let before = ignored(&gateway).await;
    gateway.nobody().send(Method::GET, "/v1/inbox", &an, "").await.problem(401);
    gateway.nobody().send(Method::GET, "/v1/kanalen", &an, "").await.problem(401);
    let main = Client::new(gateway.base.clone(), Some(person(&provider, "bo", "berichten")));
    assert_eq!(listed(&main, &an).await, ["voor-bo"]);
    assert!(ignored(&gateway).await >= before + 3);
    let other = Gateway::with(&inbox(&provider, kanaal, "10.0.0.0/8")).await;
    let before = ignored(&other).await;
    Gateway::nobody_at(&proxy_listener(&other)).send(Method::GET, "/v1/inbox", &an, "").await.problem(401);
    assert!(ignored(&other).await > before);
}

fn publisher_at(base: &str, gateway: &Gateway) -> Client {
    Client::new(base.to_owned(), Some(gateway.token(PUBLISHER)))
}

#[tokio::test]
async fn an_inbox_without_a_provider_of_tokens_takes_the_header_alone_ch_125() {
    let (provider, kanaal) = (Provider::start().await, "identiteit-zonder-tokens");
    let own = inbox(&provider, kanaal, "127.0.0.1/32").replace("audience = \"berichten\"\n", "");
    let gateway = Gateway::with(&own.replace(&provider.issuer(), "siteminder")).await;
    let base = proxy_listener(&gateway);
    let an = [("SM_UNIVERSALID", "an")];
    Gateway::nobody_at(&base).send(Method::GET, "/v1/inbox", &an, "").await.expect(200);
    let client = Client::new(base, Some(person(&provider, "bo", "berichten")));
    client.send(Method::GET, "/v1/inbox", &an, "").await.problem(401);
}

/// A ZGW token of a declared applicatie with more claims.
fn token_with(gateway: &Gateway, client_id: &str, more: &Value) -> String {
    let mut claims = json!({ "client_id": client_id, "iat": gateway.now().as_micros() / 1_000_000 });
    claims.as_object_mut().expect("claims").extend(more.as_object().expect("claims").clone());
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(&claims));
    let secret = format!("the long enough secret of {client_id}");
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn a_request_gives_up_rights_and_never_gains_any_ch_126() {
    let gateway = Gateway::with("[auth]\nis_anonymous = true\n").await;
    let operator = gateway.client(BEHEER);
    for (path, headers, status) in [
        ("/v1/kanalen", &[][..], 200),
        ("/v1/kanalen", &[("is_anonymous", "true")], 401),
        ("/v1/kanalen", &[("is_anonymous", "")], 401),
        ("/v1/kanalen", &[("is_anonymous", "false")], 200),
        ("/v1/kanalen?is_anonymous=true", &[], 401),
        ("/v1/kanalen?is_anonymous=1", &[("is_anonymous", "false")], 401),
        ("/v1/audit", &[("is_anonymous", "true")], 401),
        ("/v1/openapi.json", &[("is_anonymous", "true")], 200),
    ] {
        operator.send(Method::GET, path, headers, "").await.expect(status);
    }
    for path in ["/v1/kanalen", "/v1/kanalen?is_anonymous=false"] {
        gateway.nobody().send(Method::GET, path, &[("is_anonymous", "false")], "").await.problem(401);
    }
    let mut made = 0;
    for (client_id, scope, publishes, consumes) in [
        (BEHEER, json!({}), true, true),
        (BEHEER, json!({ "scope": "openid notificaties.consumeren" }), false, true),
        (BEHEER, json!({ "scope": "notificaties.publiceren" }), true, false),
        (BEHEER, json!({ "scope": "openid" }), true, true),
        (CONSUMER, json!({ "scope": "notificaties.beheer" }), false, false),
        (CONSUMER, json!({ "scope": "notificaties.beheer notificaties.consumeren" }), false, true),
    ] {
        let client = Client::new(gateway.base.clone(), Some(token_with(&gateway, client_id, &scope)));
        // The second request has its token from the cache.
        for _ in 0..2 {
            made += 1;
            let naam = format!("identiteit-{made}");
            let published = client.post("/v1/kanalen", json!({ "naam": naam })).await.status;
            let listed = client.get("/v1/subscriptions").await.status;
            let expected = (if publishes { 201 } else { 403 }, if consumes { 200 } else { 403 });
            assert_eq!((published.as_u16(), listed.as_u16()), expected, "{client_id} {scope}");
        }
    }
    // Nothing is looked at unless it is configured.
    let gateway = Gateway::start().await;
    gateway.client(BEHEER).send(Method::GET, "/v1/kanalen", &[("is_anonymous", "true")], "").await.expect(200);
}
