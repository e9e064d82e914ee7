//! Brokers that ask for an access token (SASL OAUTHBEARER): a token endpoint grants it, it is renewed before it ends, and
//! failures are reported. The brokers take unsigned tokens (RFC 7515 appendix A.5) with a scope.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, Method, StatusCode, header::AUTHORIZATION};
use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{Cluster, Sink, client::event, eventually, sink::now};

/// Lifetime of a token, in seconds. The gateway renews it four seconds before its end.
const LIFE: i64 = 20;
const SECRET: &str = "het geheim van de gateway";

/// A token endpoint that can be switched off.
#[derive(Clone, Default)]
struct Endpoint {
    granted: Arc<AtomicUsize>,
    away: Arc<AtomicBool>,
}

impl Endpoint {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/token", listener.local_addr().expect("an address"));
        let router = Router::new().route("/token", post(grant)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

async fn grant(State(endpoint): State<Endpoint>, headers: HeaderMap, body: String) -> Response {
    if endpoint.away.load(Ordering::Acquire) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    // In the header a client is encoded as in a form (RFC 6749 section 2.3.1).
    let client = BASE64_STANDARD.encode(format!("gateway:{}", SECRET.replace(' ', "+")));
    if headers.get(AUTHORIZATION).is_none_or(|given| given.as_bytes() != format!("Basic {client}").as_bytes()) {
        let error = json!({"error": "invalid_client", "error_description": "unknown client or secret"});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    endpoint.granted.fetch_add(1, Ordering::Relaxed);
    let scope = if body.contains("scope=kafka") { "kafka" } else { "iets-anders" };
    let seconds = now().as_micros() / 1_000_000;
    let claims = json!({"sub": "gateway", "scope": scope, "iat": seconds, "exp": seconds + LIFE});
    let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.", part(json!({"alg": "none"})), part(claims));
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFE})).into_response()
}

fn section(url: &str, secret: &str, scope: &str) -> String {
    format!(
        "[kafka.properties]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n[kafka.oauth]\ntoken_url = \"{url}\"\n\
         client_id = \"gateway\"\nclient_secret = \"{secret}\"\nscope = \"{scope}\"\n\
         [kafka.oauth.extensions]\nlogicalCluster = \"lkc-1\"\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_access_token_is_asked_for_shown_and_renewed() {
    let module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
    let jaas = format!(
        "listener.name.plaintext.oauthbearer.sasl.jaas.config={module} unsecuredLoginStringClaim_sub=\"broker\" \
         unsecuredLoginListClaim_scope=\",kafka\" unsecuredValidatorRequiredScope=\"kafka\";"
    );
    let broker = Broker::start(&[
        "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name=PLAINTEXT",
        "sasl.enabled.mechanisms=OAUTHBEARER",
        "sasl.mechanism.inter.broker.protocol=OAUTHBEARER",
        // A connection ends with the token it was made with, unless another one is shown.
        "connections.max.reauth.ms=60000",
        &jaas,
    ])
    .expect("a broker");
    let endpoint = Endpoint::default();
    let url = endpoint.start().await;
    let cluster = Cluster::on(&broker, "[limits]\nreceive_seconds = 20\n");
    let nowhere = "http://127.0.0.1:1/token";
    for (more, said) in [
        (section(nowhere, SECRET, "kafka"), "there is no access token for the brokers: the token endpoint"),
        (section(&url, "een ander geheim", "kafka"), "answered 401: invalid_client: unknown client or secret"),
        (section(&url, SECRET, "niets"), "uthentication"),
    ] {
        let (good, text) = tokio::task::block_in_place(|| cluster.check(&more));
        assert!(!good && text.contains(said), "{said} is not in:\n{text}");
    }
    let right = section(&url, SECRET, "kafka");
    let (good, text) = tokio::task::block_in_place(|| cluster.check(&right));
    assert!(good, "{text}");

    let before = endpoint.granted.load(Ordering::Relaxed);
    let (sink, node) = (Sink::start().await, cluster.node_with("one", "", &right).await);
    node.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    let (mut published, mut refused) = (Vec::new(), 0);
    while endpoint.granted.load(Ordering::Relaxed) < before + 3 {
        let id = format!("{}", published.len());
        match node.client.publish("zaken", &[event(&id, "k")]).await.expect("an answer") {
            answer if answer.status == StatusCode::ACCEPTED => published.push(id),
            _ => refused += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let arrived = async || {
        let seen: HashSet<String> = sink.accepted("/hook");
        published.iter().all(|id| seen.contains(id)).then_some(())
    };
    eventually("all events over several tokens", arrived).await;
    assert_eq!(refused, 0, "a token that is renewed is no reason to refuse");
    node.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await.expect(201);

    // The endpoint goes away: its last token is used to the end, then the node reports why it is not ready.
    endpoint.away.store(true, Ordering::Release);
    let ready = async || node.client.send(Method::GET, "/readyz", "-", String::new()).await.expect("an answer");
    // Brokers may find that the token has ended a moment earlier.
    let reported = async || {
        let answer = Some(ready().await).filter(|answer| answer.status == 503)?;
        let said = answer.json()["checks"]["storage"].to_string();
        (said.contains("there is no access token for the brokers: the token endpoint") && said.contains("answered 502"))
            .then_some(())
    };
    eventually("readyz that names what is missing", reported).await;
    tokio::time::sleep(Duration::from_secs(LIFE as u64 / 2)).await;
    endpoint.away.store(false, Ordering::Release);
    eventually("readyz again", async || (ready().await.status == 200).then_some(())).await;
    let again = async || {
        let answer = node.client.publish("zaken", &[event("after", "k")]).await.expect("an answer");
        (answer.status == StatusCode::ACCEPTED).then_some(())
    };
    eventually("success again", again).await;
    eventually("event after it", async || sink.accepted("/hook").contains("after").then_some(())).await;
    println!(
        "tokens of {LIFE} s: {} granted, {} events published and delivered, {refused} refused; an endpoint that was away \
         told in readyz and over without a restart",
        endpoint.granted.load(Ordering::Relaxed),
        published.len()
    );
}
