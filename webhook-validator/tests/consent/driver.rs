//! The drivers of handshake and probes against scripted receivers on the loopback interface.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use egress::{Egress, Limits, Policy, Settings};
use webhook_validator::http::{Question, ask};
use webhook_validator::probe::{self, Accepted, ProbeError, TEST_NOTIFICATION};
use webhook_validator::{Answer, Field, Input};

type Script = fn(&Method, &HeaderMap) -> Response;

/// Request line, headers and body.
type Seen = (String, HeaderMap, Vec<u8>);

#[derive(Clone)]
struct Receiver {
    script: Script,
    seen: Arc<Mutex<Vec<Seen>>>,
}

async fn receive(State(receiver): State<Receiver>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let line = format!("{} {}", head.method, head.uri);
    let body = axum::body::to_bytes(body, 1 << 20).await.map(|bytes| bytes.to_vec()).unwrap_or_default();
    let answer = (receiver.script)(&head.method, &head.headers);
    receiver.seen.lock().expect("no panic while held").push((line, head.headers, body));
    answer
}

impl Receiver {
    async fn start(script: Script) -> io::Result<(Self, String)> {
        let receiver = Self { script, seen: Arc::default() };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((receiver, url))
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic while held").clone()
    }
}

fn client() -> Egress {
    let loopback = vec!["127.0.0.0/8".parse().expect("a network")];
    let policy = Policy { allow: loopback.clone(), allow_http: loopback };
    Egress::new(Settings { policy, ..Settings::default() }).expect("settings without files")
}

fn question(url: &str) -> Question {
    Question {
        url: url.parse().expect("a URL"),
        origin: "eventemitter.example.com".parse().expect("a name"),
        request_rate: 120.try_into().ok(),
        callback: Some(HeaderValue::from_static("https://gateway.example/consent/1/abc")),
        tls: None,
    }
}

async fn asked(question: &Question) -> Input {
    ask(&client(), question, Limits::default(), SystemTime::UNIX_EPOCH).await
}

#[tokio::test]
async fn the_question_is_an_options_to_the_exact_url_ce_whv_03_ce_whv_05_ce_whv_06_ce_whv_11_ce_whv_26() {
    let (receiver, url) = Receiver::start(|_, _| StatusCode::NO_CONTENT.into_response()).await.unwrap();
    asked(&question(&format!("{url}/a/b?x=1&y=2"))).await;
    asked(&Question { request_rate: None, callback: None, ..question(&url) }).await;
    let seen = receiver.seen();
    let header = |index: usize, name| seen[index].1.get(name).map(|value: &HeaderValue| value.to_str().unwrap());

    assert_eq!(seen[0].0, "OPTIONS /a/b?x=1&y=2");
    assert_eq!(header(0, "webhook-request-origin"), Some("eventemitter.example.com"));
    assert_eq!(header(0, "webhook-request-rate"), Some("120"));
    assert_eq!(header(0, "webhook-request-callback"), Some("https://gateway.example/consent/1/abc"));
    assert_eq!(header(1, "webhook-request-origin"), Some("eventemitter.example.com"));
    assert_eq!(header(1, "webhook-request-rate"), None);
    assert_eq!(header(1, "webhook-request-callback"), None);
    for (index, (_, _, body)) in seen.iter().enumerate() {
        assert_eq!(header(index, "authorization"), None);
        assert!(body.is_empty());
    }
}

#[tokio::test]
async fn an_answer_becomes_the_machines_input_nlg_wh_08() {
    let (_, url) = Receiver::start(|_, _| {
        let headers = [
            ("allow", "POST"),
            ("access-control-allow-origin", "eventemitter.example.com"),
            ("webhook-allowed-origin", "eventemitter.example.com"),
            ("webhook-allowed-rate", "120"),
            ("retry-after", "7"),
        ];
        (StatusCode::OK, headers).into_response()
    })
    .await
    .unwrap();
    let expected = Answer {
        status: 200,
        origin: Field::One("eventemitter.example.com".to_owned()),
        rate: Field::One("120".to_owned()),
        retry_after: Some(Duration::from_secs(7)),
    };
    assert_eq!(asked(&question(&url)).await, Input::Answered(expected));
}

#[tokio::test]
async fn failures_say_whether_trying_again_helps_ce_whv_28() {
    let nobody = asked(&question("http://127.0.0.1:1/")).await;
    assert!(matches!(&nobody, Input::Failed { problem, retry: true } if problem.contains("connect")), "{nobody:?}");
    let closed = asked(&question("https://10.0.0.1/?access_token=s3cret")).await;
    let Input::Failed { problem, retry: false } = closed else { panic!("refused was expected, not {closed:?}") };
    assert!(problem.contains("private") && !problem.contains("s3cret"), "{problem}");
    let unknown = asked(&Question { tls: Some("keten".into()), ..question("https://10.0.0.1/") }).await;
    assert!(matches!(unknown, Input::Failed { retry: false, .. }), "{unknown:?}");
}

fn guarded(headers: &HeaderMap, accepted: u16) -> Response {
    let status = if headers.get("authorization").is_some_and(|value| value == "Token abc") { accepted } else { 403 };
    StatusCode::from_u16(status).map(IntoResponse::into_response).unwrap_or_default()
}

#[tokio::test]
async fn the_probes_are_two_posts_of_the_test_notification_map_26() {
    let (receiver, url) = Receiver::start(|_, headers| guarded(headers, 200)).await.unwrap();
    let url = format!("{url}/callback?x=1").parse().unwrap();
    let authorization = HeaderValue::from_static("Token abc");
    let passed = probe::run(&client(), &url, Some(&authorization), None, Accepted::default(), Limits::default()).await;
    assert_eq!(passed, Ok(()));
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    assert!(!seen[0].1.contains_key("authorization"));
    assert_eq!(seen[1].1["authorization"], "Token abc");
    for (line, headers, body) in &seen {
        assert_eq!(line, "POST /callback?x=1");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(body, TEST_NOTIFICATION);
    }
}

#[tokio::test]
async fn a_failed_probe_says_which_and_what_it_got_map_26() {
    let unguarded: Script = |_, _| StatusCode::NO_CONTENT.into_response();
    let failing: Script = |_, headers| guarded(headers, 500);
    let moving: Script = |_, headers| guarded(headers, 302);
    let two_hundred: Script = |_, headers| guarded(headers, 200);
    for (script, accepted, code, says) in [
        (unguarded, Accepted::From200To209, "no-auth-on-callback-url", "without Authorization got 204"),
        (failing, Accepted::From200To209, "invalid-callback-url", "notification got 500"),
        (moving, Accepted::From200To209, "invalid-callback-url", "notification got 302"),
        (two_hundred, Accepted::Only204, "invalid-callback-url", "got 200; it must be answered with 204"),
    ] {
        let (_, url) = Receiver::start(script).await.unwrap();
        let authorization = HeaderValue::from_static("Token abc");
        let url = url.parse().unwrap();
        let error = probe::run(&client(), &url, Some(&authorization), None, accepted, Limits::default()).await;
        let error = error.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(says), "{error}");
    }
    let nobody = "http://127.0.0.1:1/".parse().unwrap();
    let error = probe::run(&client(), &nobody, None, None, Accepted::default(), Limits::default()).await.unwrap_err();
    assert!(matches!(error, ProbeError::NoAnswer { .. }) && error.code() == "invalid-callback-url", "{error}");
}
