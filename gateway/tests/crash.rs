//! The crash test: the gateway is killed with SIGKILL at random moments, 20 times, while events pour in, deliveries
//! run and a `Retry-After` is being waited for; afterwards the books are compared.
//!
//! What it proves: an acknowledged event is never lost (GW-01), what is repeated is at most what was in
//! flight plus one checkpoint interval, and a silence that a sink asked for survives the crash (CE-WH-16).
use std::{
    collections::HashSet,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use egress::{Egress, Limits, Policy, Request, Settings};
use model::{Clock, Timestamp, clock::SystemClock};

const ROUNDS: u64 = 20;
const CHECKPOINT: Duration = Duration::from_millis(200);
/// What a kill may interrupt before a checkpoint that was asked for at once is durable.
const URGENT: Duration = Duration::from_millis(150);
/// What the commit of a checkpoint may take.
const COMMIT: Duration = Duration::from_millis(100);
const IN_FLIGHT: usize = 64;
const SILENCE: Duration = Duration::from_secs(1);

type Http = Arc<Egress>;

fn client() -> Http {
    let loopback = || vec!["127.0.0.0/8".parse().expect("a CIDR")];
    let policy = Policy { allow: loopback(), allow_http: loopback() };
    Arc::new(Egress::new(Settings { policy, ..Settings::default() }).expect("a client"))
}

/// What the two sinks saw.
#[derive(Default)]
struct Books {
    /// Arrivals at the healthy sink: event id and when.
    healthy: Vec<(String, Timestamp)>,
    /// Arrivals at the sink that asks for silence.
    paced: Vec<(String, Timestamp)>,
    /// Silences it asked for: when it answered, and until when.
    silences: Vec<(Timestamp, Timestamp)>,
}

type Shared = Arc<Mutex<Books>>;

fn now() -> Timestamp {
    SystemClock::default().now()
}

fn lock(books: &Shared) -> std::sync::MutexGuard<'_, Books> {
    books.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn consent(headers: &HeaderMap) -> Response {
    let origin = headers.get("webhook-request-origin").cloned().unwrap_or_else(|| http::HeaderValue::from_static("*"));
    (
        StatusCode::OK,
        [
            ("allow", http::HeaderValue::from_static("POST")),
            ("webhook-allowed-origin", origin),
            ("webhook-allowed-rate", http::HeaderValue::from_static("*")),
        ],
    )
        .into_response()
}

fn event_id(body: &Bytes) -> String {
    let event: serde_json::Value = serde_json::from_slice(body).expect("a structured event");
    event["id"].as_str().expect("an id").to_owned()
}

async fn healthy(State(books): State<Shared>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    lock(&books).healthy.push((event_id(&body), now()));
    StatusCode::NO_CONTENT.into_response()
}

/// Accepts, but every 40th request asks for a second of silence.
async fn paced(State(books): State<Shared>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    let mut books = lock(&books);
    let now = now();
    books.paced.push((event_id(&body), now));
    if books.paced.len().is_multiple_of(40) {
        books.silences.push((now, now + SILENCE));
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", SILENCE.as_secs().to_string())]).into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

/// A running gateway that dies with the test.
struct Gateway(Child);

impl Gateway {
    fn start(config: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(["serve", "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the gateway starts");
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().expect("SIGKILL");
        self.0.wait().expect("it is gone");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port()
}

fn write_config(dir: &Path, port: u16) -> PathBuf {
    let file = dir.join("gateway.toml");
    let text = format!(
        r#"
listen = "127.0.0.1:{port}"
data = "{data}"
origin = "gateway.test"
source = "urn:nld:oin:00000000000000000000:systeem:gateway"
[egress]
allow = ["127.0.0.0/8"]
allow_http = ["127.0.0.0/8"]
[delivery]
checkpoint_ms = {checkpoint}
max_in_flight = {IN_FLIGHT}
[[applicatie]]
client_id = "crash"
secret = "crash-secret-crash-secret-crash-secret"
scopes = ["notificaties.publiceren", "notificaties.consumeren", "notificaties.beheer"]
[[kanaal]]
naam = "crash"
"#,
        data = dir.join("data").display(),
        checkpoint = CHECKPOINT.as_millis(),
    );
    std::fs::write(&file, text).expect("the configuration");
    file
}

fn token(config: &Path) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .args(["token", "crash", "--config"])
        .arg(config)
        .output()
        .expect("gateway token");
    assert!(out.status.success(), "gateway token: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("a token").trim().to_owned()
}

async fn send(
    http: &Http,
    method: Method,
    url: &str,
    token: &str,
    kind: &str,
    body: String,
) -> Option<(StatusCode, Bytes)> {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    headers.insert("content-type", kind.parse().expect("a header"));
    let request = Request { method, url: url.parse().expect("a URL"), headers, body: body.into(), tls: None };
    let limits = Limits { total: Duration::from_secs(10), ..Limits::default() };
    let answer = http.send(request, limits).await.ok()?;
    Some((answer.status, answer.body))
}

async fn ready(http: &Http, base: &str) {
    for _ in 0..300 {
        if let Some((StatusCode::OK, _)) =
            send(http, Method::GET, &format!("{base}/readyz"), "-", "-", String::new()).await
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the gateway is not ready after 15 s");
}

async fn subscribe(http: &Http, base: &str, token: &str, sink: &str, in_flight: usize) {
    let body = serde_json::json!({
        "sink": sink,
        "protocol": "HTTP",
        "config": {"kanalen": ["crash"], "start": "beginning", "maxInFlight": in_flight}
    });
    let url = format!("{base}/v1/subscriptions");
    let (status, answer) =
        send(http, Method::POST, &url, token, "application/json", body.to_string()).await.expect("an answer");
    assert_eq!(status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&answer));
}

fn event(id: &str) -> String {
    serde_json::json!({
        "specversion": "1.0", "id": id, "source": "urn:nld:oin:00000000000000000000:systeem:crash",
        "type": "nl.overheid.crash.gebeurd", "data": {"vulling": "x".repeat(300)}
    })
    .to_string()
}

/// Posts events one by one and in batches until the gateway dies; keeps the ids that were acknowledged.
async fn publish(http: Http, base: String, token: String, name: String, acknowledged: Arc<Mutex<Vec<String>>>) {
    let url = format!("{base}/v1/events?kanaal=crash");
    for n in 0.. {
        let (ids, kind, body) = if n % 10 == 9 {
            let ids: Vec<String> = (0..5).map(|k| format!("{name}-{n}-{k}")).collect();
            let events: Vec<String> = ids.iter().map(|id| event(id)).collect();
            (ids, "application/cloudevents-batch+json", format!("[{}]", events.join(",")))
        } else {
            let id = format!("{name}-{n}");
            let body = event(&id);
            (vec![id], "application/cloudevents+json", body)
        };
        match send(&http, Method::POST, &url, &token, kind, body).await {
            Some((StatusCode::ACCEPTED, _)) => {
                acknowledged.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(ids);
            }
            Some((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
            None => return,
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A repeatable sequence of pseudo-random numbers.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_twenty_times_loses_nothing() {
    let books = Shared::default();
    let sinks = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port for the sinks");
    let sinks_at: SocketAddr = sinks.local_addr().expect("its address");
    let router =
        Router::new().route("/healthy", any(healthy)).route("/paced", any(paced)).with_state(Arc::clone(&books));
    tokio::spawn(async move { axum::serve(sinks, router).await });

    let dir = tempfile::tempdir().expect("a directory");
    let port = free_port();
    let (config, base) = (write_config(dir.path(), port), format!("http://127.0.0.1:{port}"));
    let token = token(&config);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let (mut seed, mut kills) = (0x5EED_2026_u64, Vec::new());

    for round in 0..ROUNDS {
        let http = client();
        let mut gateway = Gateway::start(&config);
        ready(&http, &base).await;
        if round == 0 {
            subscribe(&http, &base, &token, &format!("http://{sinks_at}/healthy"), IN_FLIGHT).await;
            subscribe(&http, &base, &token, &format!("http://{sinks_at}/paced"), 1).await;
        }
        let publishers: Vec<_> = (0..4)
            .map(|worker| {
                let name = format!("r{round}-w{worker}");
                tokio::spawn(publish(http.clone(), base.clone(), token.clone(), name, Arc::clone(&acknowledged)))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100 + random(&mut seed) % 900)).await;
        gateway.kill();
        kills.push(now());
        for publisher in publishers {
            publisher.await.expect("every answer was a 202");
        }
    }

    let http = client();
    let _gateway = Gateway::start(&config);
    ready(&http, &base).await;
    let wanted: HashSet<String> =
        acknowledged.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().cloned().collect();
    let missing = wait_for_all(&books, &wanted).await;
    let books = lock(&books);
    let bound: usize = kills.iter().map(|kill| IN_FLIGHT + arrivals_before(&books.healthy, *kill)).sum();
    let duplicates = books.healthy.len() - books.healthy.iter().map(|(id, _)| id).collect::<HashSet<_>>().len();
    println!(
        "{ROUNDS} kills, {} acknowledged, {} lost, {duplicates} repeated (bound {bound}), {} silences",
        wanted.len(),
        missing.len(),
        books.silences.len()
    );
    assert!(missing.is_empty(), "acknowledged but never delivered: {missing:?}");
    assert!(duplicates <= bound, "{duplicates} repeated, at most {bound} were in flight or after the last checkpoint");
    assert!(!books.silences.is_empty(), "the paced sink never asked for silence: the test proves nothing");
    assert_eq!(broken_silences(&books, &kills), Vec::<String>::new());
}

/// Requests that arrived in the checkpoint interval (and a margin for its commit) before a kill.
fn arrivals_before(arrivals: &[(String, Timestamp)], kill: Timestamp) -> usize {
    let since = kill - CHECKPOINT - COMMIT;
    arrivals.iter().filter(|(_, at)| (since..=kill).contains(at)).count()
}

/// Requests that arrived during a silence, but for silences given so shortly before a kill that they were in flight.
fn broken_silences(books: &Books, kills: &[Timestamp]) -> Vec<String> {
    let mut broken = Vec::new();
    for (given, until) in &books.silences {
        if kills.iter().any(|kill| *kill >= *given && kill.since(*given) < URGENT) {
            continue;
        }
        for (id, at) in books.paced.iter().filter(|(_, at)| at > given && at < until) {
            broken.push(format!("{id} came {:?} before the end of a silence", until.since(*at)));
        }
    }
    broken
}

async fn wait_for_all(books: &Shared, wanted: &HashSet<String>) -> Vec<String> {
    let deadline = now() + Duration::from_mins(1);
    loop {
        let missing: Vec<String> = {
            let books = lock(books);
            let seen: HashSet<&str> = books.healthy.iter().map(|(id, _)| id.as_str()).collect();
            wanted.iter().filter(|id| !seen.contains(id.as_str())).cloned().collect()
        };
        if missing.is_empty() || now() > deadline {
            return missing;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
