//! The crash test: the gateway is killed with SIGKILL at random moments, 20 times (or `CRASH_KILLS`), while events are
//! published and delivered and a `Retry-After` is in effect; afterwards the acknowledged events are compared with the arrivals.
//!
//! It proves that an acknowledged event is never lost (GW-01), that at most the events in flight plus one checkpoint interval
//! are repeated, that a `Retry-After` of a sink survives the crash (CE-WH-16), and that the API shows an outcome for
//! everything that a sink accepted. Another test kills it while dead letters are redriven, and one immediately after a subscription
//! that had ended returned. `mailing` kills it while it sends an event to people, and `feeds` while it polls a feed.

mod feeds;
mod mailing;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/program.rs"]
mod program;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use egress::{Egress, Limits, Policy, Request, Settings};
use model::{Clock, Timestamp, clock::SystemClock};
use process::Process;

/// How often the first test kills the gateway, unless `CRASH_KILLS` has another number.
const ROUNDS: u64 = 20;
/// The seed of the moments, unless `CRASH_SEED` has another one.
const SEED: u64 = 0x5EED_2026;
const CHECKPOINT: Duration = Duration::from_millis(200);
/// The time within which a checkpoint that was requested immediately is durable, unless a kill interrupts it.
const URGENT: Duration = Duration::from_secs(1);
/// The time that the commit of a checkpoint may take, with that of the journal before it.
const COMMIT: Duration = Duration::from_millis(800);
const IN_FLIGHT: usize = 64;
const SILENCE: Duration = Duration::from_secs(4);
/// The shortest and the longest time from the start of the gateway to the kill, in milliseconds. The longest leaves room for a silence
/// that is durable by then.
const ROUND: (u64, u64) = (100, 3_000);
/// Sinks that ask for silence after each event.
const SLOW: usize = 40;

type Http = Arc<Egress>;

fn client() -> Http {
    let loopback = || vec!["127.0.0.0/8".parse().expect("a CIDR")];
    let policy = Policy { allow: loopback(), allow_http: loopback() };
    Arc::new(Egress::new(Settings { policy, ..Settings::default() }).expect("a client"))
}

/// The requests that the two sinks received.
#[derive(Default)]
struct Arrivals {
    /// Arrivals at the healthy sink: event id and when.
    healthy: Vec<(String, Timestamp)>,
    /// Arrivals at the sink that asks for silence.
    paced: Vec<(String, Timestamp)>,
    /// Events that this sink accepted.
    paced_accepted: HashSet<String>,
    /// By path of a slow sink: how many requests it got, and which events it accepted.
    slow: HashMap<String, (usize, HashSet<String>)>,
    /// What the sink accepted that refuses everything until `accepts` is set, and when.
    refusing: Vec<(String, Timestamp)>,
    accepts: bool,
    /// What the sink accepted that answers 410 while `is_gone` is set.
    ending: Vec<String>,
    is_gone: bool,
    /// Silences it asked for: when it answered, and until when.
    silences: Vec<(Timestamp, Timestamp)>,
}

type Shared = Arc<Mutex<Arrivals>>;

fn now() -> Timestamp {
    SystemClock::default().now()
}

fn lock(arrivals: &Shared) -> std::sync::MutexGuard<'_, Arrivals> {
    arrivals.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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

async fn healthy(State(arrivals): State<Shared>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    lock(&arrivals).healthy.push((event_id(&body), now()));
    StatusCode::NO_CONTENT.into_response()
}

/// Accepts, but every 40th request asks for a silence.
async fn paced(State(arrivals): State<Shared>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    let mut arrivals = lock(&arrivals);
    let (now, id) = (now(), event_id(&body));
    arrivals.paced.push((id.clone(), now));
    if arrivals.paced.len().is_multiple_of(40) {
        arrivals.silences.push((now, now + SILENCE));
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", SILENCE.as_secs().to_string())]).into_response();
    }
    arrivals.paced_accepted.insert(id);
    StatusCode::NO_CONTENT.into_response()
}

/// One of many sinks that ask for a second of silence after each event, so that the pace of sinks is stored all the time.
async fn slow(State(arrivals): State<Shared>, uri: Uri, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    let mut arrivals = lock(&arrivals);
    let (asked, accepted) = arrivals.slow.entry(uri.path().to_owned()).or_default();
    *asked += 1;
    if asked.is_multiple_of(2) {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response();
    }
    accepted.insert(event_id(&body));
    StatusCode::NO_CONTENT.into_response()
}

/// Refuses every event until it accepts.
async fn refusing(State(arrivals): State<Shared>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    let mut arrivals = lock(&arrivals);
    if !arrivals.accepts {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    arrivals.refusing.push((event_id(&body), now()));
    StatusCode::NO_CONTENT.into_response()
}

/// Answers 410 while it is gone.
async fn ending(State(arrivals): State<Shared>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method == Method::OPTIONS {
        return consent(&headers);
    }
    let mut arrivals = lock(&arrivals);
    if arrivals.is_gone {
        return StatusCode::GONE.into_response();
    }
    arrivals.ending.push(event_id(&body));
    StatusCode::NO_CONTENT.into_response()
}

async fn start_sinks(arrivals: &Shared) -> SocketAddr {
    let sinks = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port for the sinks");
    let address = sinks.local_addr().expect("its address");
    let router = Router::new()
        .route("/healthy", any(healthy))
        .route("/paced", any(paced))
        .route("/slow/{number}", any(slow))
        .route("/refusing", any(refusing))
        .route("/ending", any(ending))
        .with_state(Arc::clone(arrivals));
    tokio::spawn(async move { axum::serve(sinks, router).await });
    address
}

/// Writes a configuration on a free port; returns its file and the URL of the gateway.
fn write_config(dir: &Path) -> (PathBuf, String) {
    let (file, port) = (dir.join("gateway.toml"), free_port::free_port());
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
    (file, format!("http://127.0.0.1:{port}"))
}

fn start(config: &Path) -> Process {
    Process::start(program::serve(config).stderr(Stdio::null()))
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
    let limits =
        Limits { total: Duration::from_mins(2), idle: Duration::from_mins(2), keep: 8 << 20, ..Limits::default() };
    let answer = http.send(request, limits).await.ok()?;
    Some((answer.status, answer.body))
}

async fn ready(http: &Http, base: &str) {
    for _ in 0..6_000 {
        if let Some((StatusCode::OK, _)) =
            send(http, Method::GET, &format!("{base}/readyz"), "-", "-", String::new()).await
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the gateway is not ready after five minutes");
}

async fn subscribe(http: &Http, base: &str, token: &str, sink: &str, in_flight: usize) -> String {
    let body = serde_json::json!({
        "sink": sink,
        "protocol": "HTTP",
        "config": {"kanalen": ["crash"], "start": "beginning", "maxInFlight": in_flight}
    });
    let url = format!("{base}/v1/subscriptions");
    let (status, answer) =
        send(http, Method::POST, &url, token, "application/json", body.to_string()).await.expect("an answer");
    assert_eq!(status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&answer));
    let made: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    made["id"].as_str().expect("an id").to_owned()
}

/// A list of the API, page by page until its end.
async fn list(http: &Http, token: &str, url: &str) -> Vec<serde_json::Value> {
    let mut rows = Vec::new();
    for page in 1.. {
        let url = format!("{url}?page={page}&pageSize=500");
        let (status, answer) = send(http, Method::GET, &url, token, "-", String::new()).await.expect("an answer");
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer));
        let mut answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
        let more = !answer["next"].is_null();
        rows.extend(answer["results"].as_array_mut().map(std::mem::take).unwrap_or_default());
        if !more {
            break;
        }
    }
    rows
}

/// Waits until the API shows an outcome for each of these events; returns those for which it never does.
async fn without_outcome(http: &Http, base: &str, token: &str, id: &str, wanted: &HashSet<String>) -> Vec<String> {
    let deadline = now() + Duration::from_mins(5);
    loop {
        let rows = list(http, token, &format!("{base}/v1/subscriptions/{id}/deliveries")).await;
        let ended = rows.iter().filter(|row| !row["outcome"].is_null());
        let ended: HashSet<&str> = ended.filter_map(|row| row["event"]["id"].as_str()).collect();
        let missing: Vec<String> = wanted.iter().filter(|id| !ended.contains(id.as_str())).cloned().collect();
        if missing.is_empty() || now() > deadline {
            return missing;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
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
            // Storage was slower than its bound. Nothing is acknowledged, so nothing is expected.
            Some((StatusCode::SERVICE_UNAVAILABLE, _)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Some((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
            None => return,
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A number of the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// A repeatable sequence of pseudo-random numbers.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h5_kill_nine_twenty_times_loses_nothing_and_leaves_no_delivery_without_outcome() {
    let arrivals = Shared::default();
    let sinks_at = start_sinks(&arrivals).await;
    let dir = tempfile::tempdir().expect("a directory");
    let (config, base) = write_config(dir.path());
    let token = program::token(&config, "crash");
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let (rounds, mut seed) = (number("CRASH_KILLS", ROUNDS), number("CRASH_SEED", SEED));
    let (mut kills, mut subscriptions) = (Vec::new(), Vec::new());

    for round in 0..rounds {
        let http = client();
        let mut gateway = start(&config);
        ready(&http, &base).await;
        if round == 0 {
            let slow = (0..SLOW).map(|number| (format!("/slow/{number}"), 1));
            for (path, in_flight) in
                [("/healthy".to_owned(), IN_FLIGHT), ("/paced".to_owned(), 1)].into_iter().chain(slow)
            {
                let sink = format!("http://{sinks_at}{path}");
                subscriptions.push((subscribe(&http, &base, &token, &sink, in_flight).await, path));
            }
        }
        let publishers: Vec<_> = (0..4)
            .map(|worker| {
                let name = format!("r{round}-w{worker}");
                tokio::spawn(publish(http.clone(), base.clone(), token.clone(), name, Arc::clone(&acknowledged)))
            })
            .collect();
        let (shortest, longest) = ROUND;
        tokio::time::sleep(Duration::from_millis(shortest + random(&mut seed) % (longest - shortest))).await;
        gateway.kill();
        kills.push(now());
        for publisher in publishers {
            publisher.await.expect("every answer was a 202 or a 503");
        }
    }

    let http = client();
    let _gateway = start(&config);
    ready(&http, &base).await;
    let wanted: HashSet<String> =
        acknowledged.lock().unwrap_or_else(std::sync::PoisonError::into_inner).iter().cloned().collect();
    let missing = wait_for_all(&arrivals, &wanted).await;
    let mut unknown = Vec::new();
    for (subscription, path) in &subscriptions {
        let accepted = match path.as_str() {
            "/healthy" => wanted.clone(),
            "/paced" => lock(&arrivals).paced_accepted.clone(),
            slow => lock(&arrivals).slow.get(slow).map(|(_, accepted)| accepted.clone()).unwrap_or_default(),
        };
        unknown.extend(without_outcome(&http, &base, &token, subscription, &accepted).await);
    }
    let arrivals = lock(&arrivals);
    let bound: usize = kills.iter().map(|kill| IN_FLIGHT + arrivals_before(&arrivals.healthy, *kill)).sum();
    let duplicates = arrivals.healthy.len() - arrivals.healthy.iter().map(|(id, _)| id).collect::<HashSet<_>>().len();
    println!(
        "{rounds} kills, {} acknowledged, {} lost, {} without outcome, {duplicates} repeated (bound {bound}), {} silences",
        wanted.len(),
        missing.len(),
        unknown.len(),
        arrivals.silences.len()
    );
    assert!(missing.is_empty(), "acknowledged but never delivered: {missing:?}");
    assert!(unknown.is_empty(), "accepted by a sink, without an outcome in the API: {unknown:?}");
    assert!(duplicates <= bound, "{duplicates} repeated, at most {bound} were in flight or after the last checkpoint");
    let survived = arrivals.silences.iter().filter(|(given, until)| {
        kills.iter().any(|kill| kill < until && *kill >= *given && kill.since(*given) >= URGENT)
    });
    assert!(survived.count() > 0, "no silence was in effect at a kill: the test proves nothing");
    assert_eq!(broken_silences(&arrivals, &kills), Vec::<String>::new());
}

/// Dead letters of the second test.
const LETTERS: usize = 3_000;
/// How often it kills the gateway.
const KILLS: usize = 3;

async fn dead_letters(http: &Http, base: &str, token: &str) -> u64 {
    let url = format!("{base}/v1/dead-letters?pageSize=1");
    let (status, answer) = send(http, Method::GET, &url, token, "-", String::new()).await.expect("an answer");
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer));
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    answer["count"].as_u64().expect("a count")
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = now() + Duration::from_mins(5);
    while !holds().await {
        assert!(now() < deadline, "{what} within 5 minutes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn redrive(http: &Http, base: &str, token: &str) -> serde_json::Value {
    let (url, body) = (format!("{base}/v1/dead-letters/redrive"), r#"{"filter": {}}"#.to_owned());
    let (status, answer) = send(http, Method::POST, &url, token, "application/json", body).await.expect("an answer");
    assert_eq!(status, StatusCode::ACCEPTED, "{}", String::from_utf8_lossy(&answer));
    serde_json::from_slice(&answer).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h1_kill_nine_within_a_redrive_leaves_a_list_that_is_right() {
    let arrivals = Shared::default();
    let sinks_at = start_sinks(&arrivals).await;
    let dir = tempfile::tempdir().expect("a directory");
    let (config, base) = write_config(dir.path());
    let token = program::token(&config, "crash");
    let mut http = client();
    let mut gateway = start(&config);
    ready(&http, &base).await;
    subscribe(&http, &base, &token, &format!("http://{sinks_at}/refusing"), IN_FLIGHT).await;
    let ids: Vec<String> = (0..LETTERS).map(|number| format!("e{number}")).collect();
    for ids in ids.chunks(500) {
        let events: Vec<String> = ids.iter().map(|id| event(id)).collect();
        let (url, body) = (format!("{base}/v1/events?kanaal=crash"), format!("[{}]", events.join(",")));
        let kind = "application/cloudevents-batch+json";
        let (status, _) = send(&http, Method::POST, &url, &token, kind, body).await.expect("an answer");
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    let wanted = LETTERS as u64;
    until("all are dead letters", async || dead_letters(&http, &base, &token).await == wanted).await;

    lock(&arrivals).accepts = true;
    let started = redrive(&http, &base, &token).await;
    assert_eq!(started["count"], wanted);
    for part in 1..=KILLS {
        until("a part is redriven", async || lock(&arrivals).refusing.len() >= part * LETTERS / 4).await;
        gateway.kill();
        (gateway, http) = (start(&config), client());
        ready(&http, &base).await;
    }
    until("the list is empty", async || dead_letters(&http, &base, &token).await == 0).await;
    let again = redrive(&http, &base, &token).await;
    assert_eq!((&again["count"], &again["runs"]), (&serde_json::json!(0), &serde_json::json!([])));
    let arrivals = lock(&arrivals);
    let seen: HashSet<&String> = arrivals.refusing.iter().map(|(id, _)| id).collect();
    assert_eq!(seen.len(), LETTERS, "each was sent");
    println!("{KILLS} kills, {LETTERS} redriven, {} repeated", arrivals.refusing.len() - LETTERS);
}

/// Events that are published while the subscription of the third test has ended.
const MISSED: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_returns_is_sent_nothing_that_it_missed_after_kill_nine_ce_wh_15() {
    let arrivals = Shared::default();
    let sinks_at = start_sinks(&arrivals).await;
    let dir = tempfile::tempdir().expect("a directory");
    let (config, base) = write_config(dir.path());
    let token = program::token(&config, "crash");
    let (mut gateway, mut http) = (start(&config), client());
    ready(&http, &base).await;
    // One request at a time, so that what it missed would arrive before what comes after.
    let id = subscribe(&http, &base, &token, &format!("http://{sinks_at}/ending"), 1).await;
    let url = format!("{base}/v1/subscriptions/{id}");
    for end in ["gone", "expired"] {
        let arrived = |id: &str| lock(&arrivals).ending.iter().any(|one| one == id);
        let (before, after) = (format!("{end}-before"), format!("{end}-after"));
        post(&http, &base, &token, &before).await;
        until("it arrives", async || arrived(&before)).await;
        if end == "gone" {
            lock(&arrivals).is_gone = true;
            post(&http, &base, &token, "gone-last").await;
        } else {
            let soon = || serde_json::json!({"expires": (now() + SOON).to_rfc3339()});
            until("it is to expire", async || change(&http, &url, &token, soon()).await == StatusCode::OK).await;
        }
        until(end, async || state(&http, &url, &token).await == end).await;
        for number in 0..MISSED {
            post(&http, &base, &token, &format!("{end}-missed-{number}")).await;
        }
        lock(&arrivals).is_gone = false;
        if end == "gone" {
            let url = format!("{url}/revalidate");
            let answer = send(&http, Method::POST, &url, &token, "application/json", "{}".to_owned()).await;
            assert_eq!(answer.expect("an answer").0, StatusCode::OK);
        } else {
            let never = serde_json::json!({ "expires": null });
            assert_eq!(change(&http, &url, &token, never).await, StatusCode::OK);
        }
        gateway.kill();
        (gateway, http) = (start(&config), client());
        ready(&http, &base).await;
        until("it is granted again", async || state(&http, &url, &token).await == "granted").await;
        post(&http, &base, &token, &after).await;
        until("what comes after arrives", async || arrived(&after)).await;
    }
    let arrivals = lock(&arrivals);
    let missed: Vec<&String> = arrivals.ending.iter().filter(|id| id.contains("missed")).collect();
    assert!(missed.is_empty(), "sent although it had ended: {missed:?}");
}

/// How long after a change a subscription expires that is to end soon.
const SOON: Duration = Duration::from_secs(1);

/// Publishes one event.
async fn post(http: &Http, base: &str, token: &str, id: &str) {
    let (url, kind) = (format!("{base}/v1/events?kanaal=crash"), "application/cloudevents+json");
    let (status, _) = send(http, Method::POST, &url, token, kind, event(id)).await.expect("an answer");
    assert_eq!(status, StatusCode::ACCEPTED);
}

/// Changes a subscription; returns the status of the answer.
async fn change(http: &Http, url: &str, token: &str, members: serde_json::Value) -> StatusCode {
    let answer = send(http, Method::PATCH, url, token, "application/merge-patch+json", members.to_string()).await;
    answer.expect("an answer").0
}

/// The state of a subscription.
async fn state(http: &Http, url: &str, token: &str) -> String {
    let (_, answer) = send(http, Method::GET, url, token, "-", String::new()).await.expect("an answer");
    let now: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    now["status"]["state"].as_str().unwrap_or_default().to_owned()
}

/// Requests that arrived in the checkpoint interval (and a margin for its commit) before a kill.
fn arrivals_before(arrivals: &[(String, Timestamp)], kill: Timestamp) -> usize {
    let since = kill - CHECKPOINT - COMMIT;
    arrivals.iter().filter(|(_, at)| (since..=kill).contains(at)).count()
}

/// Requests that arrived during a silence, but for silences given so shortly before a kill that they were in flight.
fn broken_silences(arrivals: &Arrivals, kills: &[Timestamp]) -> Vec<String> {
    let mut broken = Vec::new();
    for (given, until) in &arrivals.silences {
        if kills.iter().any(|kill| *kill >= *given && kill.since(*given) < URGENT) {
            continue;
        }
        for (id, at) in arrivals.paced.iter().filter(|(_, at)| at > given && at < until) {
            broken.push(format!("{id} came {:?} before the end of a silence", until.since(*at)));
        }
    }
    broken
}

async fn wait_for_all(arrivals: &Shared, wanted: &HashSet<String>) -> Vec<String> {
    let deadline = now() + Duration::from_mins(5);
    loop {
        let missing: Vec<String> = {
            let arrivals = lock(arrivals);
            let seen: HashSet<&str> = arrivals.healthy.iter().map(|(id, _)| id.as_str()).collect();
            wanted.iter().filter(|id| !seen.contains(id.as_str())).cloned().collect()
        };
        if missing.is_empty() || now() > deadline {
            return missing;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
