//! Two nodes share the sessions of the console: a session that began on one holds on the other, and one that is ended on either is
//! over on both. Prints how long that took; the requirement is 2 seconds on an idle machine.

use http::StatusCode;
use model::{Clock, clock::SystemClock};
use serde_json::json;
use storage::kafka::broker::Broker;
use tokio::time::Instant;

use crate::support::{
    Client, Cluster,
    browser::{cookie, get, hidden_fields, post},
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

/// The form in the list of sessions with which an administrator ends the session of a person, or all sessions: its path and its
/// hidden fields.
async fn form_to_end(node: &Client, administrator: &str, subject: &str, end: &str) -> (String, String) {
    eventually("the session in the list", async || {
        let page = get(node, "/beheer/sessies", administrator).await.expect(200).body;
        let row = page.split("<tr").find(|row| row.contains(&format!("<br>{subject}</span>")))?;
        let paths = row.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let path = paths.filter(|path| path.ends_with(end)).last().expect("a form").to_owned();
        let fields = hidden_fields(row, &path);
        Some((path, fields))
    })
    .await
}

/// Logs in with the provider: the log-in begins on one node and comes back to another.
async fn log_in(begin: &Client, back: &Client, provider: &Provider, subject: &str, sid: &str) -> String {
    let begun = get(begin, "/beheer/oidc/start", "").await.expect(303);
    let pending = cookie(&begun, "gw-beheer-login").expect("a log-in under way");
    let url = begun.headers["location"].to_str().expect("a URL").to_owned();
    let parameter = |name: &str| {
        let (_, rest) = url.split_once(&format!("{name}=")).expect("a parameter");
        rest.split('&').next().unwrap_or_default().to_owned()
    };
    let now = SystemClock::default().now().as_micros() / 1_000_000;
    let claims = json!({
        "iss": provider.issuer(), "aud": "eventgateway", "sub": subject, "sid": sid, "nonce": parameter("nonce"),
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

    let other = log_in(&one.client, &one.client, &provider, "u-1", "s-1").await;
    assert!(is_open(&one.client, &other).await && is_open(&two.client, &other).await);
    let page = get(&two.client, "/beheer", &session).await.expect(200).body;
    let start = Instant::now();
    post(&two.client, "/beheer/uitloggen", &session, &hidden_fields(&page, "/beheer/uitloggen")).await.expect(303);
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

    // An administrator ends a session of a person on one node, and all sessions of another person on the other node.
    let answer = post(&one.client, "/beheer/inloglink", "", &format!("code={}", one.login_code("beheerder"))).await;
    let administrator = cookie(&answer.expect(303), SESSION).expect("a session");
    for (subject, end, node) in [("u-2", "/beeindigen", &two.client), ("u-3", "/beeindigen-alle", &one.client)] {
        let session = log_in(&one.client, &one.client, &provider, subject, subject).await;
        assert!(is_open(&one.client, &session).await && is_open(&two.client, &session).await);
        let (path, fields) = form_to_end(node, &administrator, subject, end).await;
        let start = Instant::now();
        post(node, &path, &administrator, &fields).await.expect(303);
        is_over(end, start, nodes, &session).await;
    }
    assert!(is_open(&one.client, &administrator).await && is_open(&two.client, &administrator).await);
}
