//! Two nodes share the sessions of the console: a session that began on one holds on the other, and one that is ended on either is
//! over on both. Prints how long that took; the requirement is 2 seconds on an idle machine.

use http::StatusCode;
use model::{Clock, clock::SystemClock};
use serde_json::json;
use storage::kafka::broker::Broker;
use tokio::time::Instant;

use crate::support::{
    Client, Cluster,
    browser::{cookie, get, post},
    eventually,
    provider::{Provider, TokenAnswer},
};

const SESSION: &str = "gw-beheer";

async fn is_open(node: &Client, session: &str) -> bool {
    match get(node, "/beheer", session).await.status {
        StatusCode::OK => true,
        StatusCode::SEE_OTHER => false,
        other => panic!("{other}"),
    }
}

/// Waits until a session is over on both nodes, and prints how long that took since `start`.
async fn is_over(what: &str, start: Instant, nodes: [&Client; 2], session: &str) {
    for node in nodes {
        eventually("end of a session", async || (!is_open(node, session).await).then_some(())).await;
    }
    println!("{what}: over on both nodes after {} ms", start.elapsed().as_millis());
}

/// The token that the forms of a session contain.
async fn form_token(node: &Client, session: &str) -> String {
    let page = get(node, "/beheer", session).await.expect(200).body;
    let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Logs in with the provider: the log-in begins on one node and comes back to another.
async fn log_in(begin: &Client, back: &Client, provider: &Provider, sid: &str) -> String {
    let begun = get(begin, "/beheer/oidc/start", "").await.expect(303);
    let pending = cookie(&begun, "gw-beheer-login").expect("a log-in under way");
    let url = begun.headers["location"].to_str().expect("a URL").to_owned();
    let parameter = |name: &str| {
        let (_, rest) = url.split_once(&format!("{name}=")).expect("a parameter");
        rest.split('&').next().unwrap_or_default().to_owned()
    };
    let now = SystemClock::default().now().as_micros() / 1_000_000;
    let claims = json!({
        "iss": provider.issuer(), "aud": "eventgateway", "sub": "u-1", "sid": sid, "nonce": parameter("nonce"),
        "iat": now, "exp": now + 300, "roles": ["gw-lezer"],
    });
    provider.answer(TokenAnswer::IdToken(provider.sign(&claims)));
    let issuer = provider.issuer().replace(':', "%3A").replace('/', "%2F");
    let query = format!("code=c&state={}&iss={issuer}", parameter("state"));
    let answer = get(back, &format!("/beheer/oidc/terug?{query}"), &pending).await.expect(303);
    cookie(&answer, SESSION).expect("a session")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_share_sessions_and_their_end() {
    let provider = Provider::start().await;
    let console = format!(
        "[console]\norganisation = \"Gemeente Voorbeeld\"\n[console.oidc]\nissuer = \"{}\"\nclient_id = \"eventgateway\"\n\
         client_secret = \"geheim\"\ntimeout_seconds = 60\n[console.claims]\nroles = [\"roles\"]\n\
         [console.claims.grants]\nlezer = [\"gw-lezer\"]\n",
        provider.issuer()
    );
    let cluster = Cluster::on(Broker::shared().expect("a broker"), &console);
    let (one, two) = tokio::join!(cluster.node("one"), cluster.node("two"));
    let nodes = [&one.client, &two.client];

    // A link logs in on one node, holds on the other, and is used up on both.
    let form = format!("code={}", one.login_code("lezer"));
    let answer = post(&one.client, "/beheer/inloglink", "", &form).await.expect(303);
    let session = cookie(&answer, SESSION).expect("a session");
    assert!(is_open(&one.client, &session).await && is_open(&two.client, &session).await);
    post(&two.client, "/beheer/inloglink", "", &form).await.expect(403);

    let other = log_in(&one.client, &one.client, &provider, "s-1").await;
    assert!(is_open(&one.client, &other).await && is_open(&two.client, &other).await);
    let token = form_token(&two.client, &session).await;
    let start = Instant::now();
    post(&two.client, "/beheer/uitloggen", &session, &format!("token={token}")).await.expect(303);
    is_over("log-out", start, nodes, &session).await;
    assert!(is_open(&one.client, &other).await && is_open(&two.client, &other).await, "the session of another");

    let now = SystemClock::default().now().as_micros() / 1_000_000;
    let logout = provider.sign(&json!({
        "iss": provider.issuer(), "aud": "eventgateway", "iat": now, "exp": now + 120, "jti": "1", "sid": "s-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }));
    let start = Instant::now();
    post(&one.client, "/beheer/oidc/backchannel", "", &format!("logout_token={logout}")).await.expect(200);
    is_over("back-channel logout", start, nodes, &other).await;
    // The token of that logout is used up on both nodes.
    post(&two.client, "/beheer/oidc/backchannel", "", &format!("logout_token={logout}")).await.expect(400);
}
