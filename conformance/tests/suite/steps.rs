//! Steps against a small server that records what it got: credentials, tokens by claim, raw bytes, probes, requests sent
//! at the end. A bug in a step would make scenarios pass that should not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use conformance::receiver::Receiver;
use conformance::runner::{self, Outcome, ScenarioResult};
use conformance::suite::Suite;
use conformance::target::Target;
use conformance::target::client::Credential;
use conformance::{requirements, scenario};
use serde_json::json;

type Seen = Arc<Mutex<Vec<String>>>;

/// Records what it got; `POST /call` posts to the URL in the body, with and without a credential; `POST /later` does so once,
/// without waiting for the answer, and `GET /answered` lists the statuses of such answers.
async fn server(seen: Seen) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let router =
        Router::new().route("/call", post(call)).route("/later", post(later)).route("/answered", get(answered));
    let router = router.fallback(tell).with_state(seen);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn tell(State(seen): State<Seen>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    seen.lock().expect("nobody panicked").push(format!("{method} {uri}"));
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))).collect();
    let told = json!({ "method": method.as_str(), "headers": headers, "body": String::from_utf8_lossy(&body) });
    (AppendHeaders([("x-twice", "1"), ("x-once", "1"), ("x-twice", "2")]), axum::Json(told)).into_response()
}

async fn call(body: String) -> StatusCode {
    let client = reqwest::Client::new();
    let known = client.post(&body).header("Authorization", "Token x").body("test").send().await;
    let unknown = client.post(&body).body("test").send().await;
    match (known, unknown) {
        (Ok(known), Ok(unknown)) if known.status() == 204 && unknown.status() == 403 => StatusCode::CREATED,
        _ => StatusCode::BAD_REQUEST,
    }
}

async fn later(State(seen): State<Seen>, body: String) -> StatusCode {
    tokio::spawn(async move {
        let answer = reqwest::Client::new().post(&body).body("test").send().await.expect("an answer");
        seen.lock().expect("nobody panicked").push(format!("answered {}", answer.status().as_u16()));
    });
    StatusCode::ACCEPTED
}

async fn answered(State(seen): State<Seen>) -> String {
    let seen = seen.lock().expect("nobody panicked");
    seen.iter().filter(|line| line.starts_with("answered ")).cloned().collect::<Vec<_>>().join(", ")
}

async fn run(scenarios: &str) -> (Vec<ScenarioResult>, Vec<String>) {
    let seen = Seen::default();
    let address = server(Arc::clone(&seen)).await;
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), None).await.expect("the receiver starts");
    let mut target = Target::new(&address, Some(("hoofd", "geheim-1"))).expect("an address");
    target.client("lezer", Credential::Bearer("lezers-token".to_owned()));
    let mut suite = Suite::new(target, receiver);
    suite.patience = Duration::from_secs(30);
    let scenarios = scenario::read("steps.toml", scenarios, &requirements::by_id()).expect("they are in order");
    let results = runner::run(&suite, scenarios).await;
    let seen = seen.lock().expect("nobody panicked").clone();
    (results, seen)
}

async fn passes(steps: &str) -> Vec<String> {
    let text = format!("[[scenario]]\nids = [\"CE-HTTP-02\"]\ntitle = \"x\"\nbare = true\n{steps}");
    let (results, seen) = run(&text).await;
    assert_eq!(results[0].outcome, Outcome::Passed);
    let shown: Vec<_> = results[0].exchanges.iter().map(|exchange| exchange.message.as_str()).collect();
    assert!(!shown.concat().contains("geheim-1"), "a secret is shown");
    seen
}

#[tokio::test]
async fn a_request_shows_the_credential_it_should() {
    passes(
        r#"
        [[scenario.step]]
        request = "GET /main"
        expect.contains = "authorization: Bearer ey"
        [[scenario.step]]
        request = "GET /nobody"
        anonymous = true
        expect.lacks = "authorization"
        [[scenario.step]]
        request = "GET /reader"
        as = "lezer"
        expect.contains = "authorization: Bearer lezers-token"
        [[scenario.step]]
        request = "GET /unsigned"
        token = { alg = "none", iat = -4000 }
        expect.contains = "authorization: Bearer eyJhbGciOiJub25lIi"
        [[scenario.step]]
        request = "GET /own\nAuthorization: Basic x"
        expect.contains = "authorization: Basic x"
        expect.lacks = "Bearer"
        "#,
    )
    .await;
}

#[tokio::test]
async fn bytes_go_out_as_they_stand_and_head_has_no_body() {
    let seen = passes(
        r#"
        finally = ["DELETE /made/{{made}}", "DELETE /never/{{nothing}}"]
        [[scenario.step]]
        raw = '''
POST /raw HTTP/1.1
Host: elsewhere.example
Transfer-Encoding: chunked
X-A: 1
x-a: 2

3{{byte:0D}}
abc{{byte:0D}}
0{{byte:0D}}
{{byte:0D}}

'''
        expect.json = '{"body":"abc"}'
        expect.contains = ["host: elsewhere.example", "x-a: 1", "x-a: 2"]
        expect.lacks = "authorization"
        expect.header_counts = { X-Twice = 2, X-Once = 1 }
        save.made = "method"
        [[scenario.step]]
        request = "HEAD /head"
        expect.status = 200
        expect.empty = true
        [[scenario.step]]
        request = "OPTIONS *"
        expect.status = "2xx"
        "#,
    )
    .await;
    assert!(seen.contains(&"POST /raw".to_owned()) && seen.contains(&"HEAD /head".to_owned()), "{seen:?}");
    let ends: Vec<_> = seen.iter().filter(|line| line.starts_with("DELETE")).collect();
    assert_eq!(ends.len(), 1, "{seen:?}");
    assert!(ends[0] == "DELETE /made/POST", "{seen:?}");
}

#[tokio::test]
async fn a_held_answer_is_given_when_the_script_is_replaced() {
    passes(
        r#"
        [scenario.sink.a]
        state = ""
        answers = ["hold"]
        [[scenario.step]]
        request = "POST /later\n\n{{sink.a}}"
        expect.status = 202
        [[scenario.step]]
        arrives = "a"
        [[scenario.step]]
        request = "GET /answered"
        expect.body = ""
        [[scenario.step]]
        script = "a"
        answers = ["202"]
        [[scenario.step]]
        request = "GET /answered"
        eventually = true
        expect.body = "answered 202"
        "#,
    )
    .await;
}

#[tokio::test]
async fn the_spread_of_requests_is_measured_from_the_request_of_the_suite() {
    let steps = |least: u32| {
        format!(
            r#"
        [[scenario]]
        ids = ["CE-HTTP-02"]
        title = "x"
        bare = true
        sink.a.state = ""
        [[scenario.step]]
        request = "POST /later\n\n{{{{sink.a}}}}"
        times = 2
        expect.status = 202
        [[scenario.step]]
        arrives = "a"
        count = 2
        expect.spread_ms = {least}
        "#
        )
    };
    assert_eq!(run(&steps(0)).await.0[0].outcome, Outcome::Passed);
    let Outcome::Failed(failures) = run(&steps(3_600_000)).await.0.remove(0).outcome else { panic!("it took an hour") };
    assert!(failures[0].what.contains("after the request, expected at least 3600000"), "{failures:?}");
}

#[tokio::test]
async fn probes_are_answered_apart_and_are_no_deliveries() {
    passes(
        r#"
        [scenario.sink.a]
        state = ""
        [[scenario.sink.a.probe]]
        without_header = "Authorization"
        contains = "test"
        answers = ["403"]
        [[scenario.sink.a.probe]]
        with_header = "Authorization: Token x"
        answers = ["204"]
        [[scenario.step]]
        request = "POST /call\n\n{{sink.a}}"
        expect.status = 201
        [[scenario.step]]
        probed = "a"
        expect.headers.Authorization = "Token x"
        [[scenario.step]]
        probed = "a"
        expect.absent_headers = "Authorization"
        expect.body = "test"
        [[scenario.step]]
        silent = "a"
        for_ms = 1
        "#,
    )
    .await;
}

#[tokio::test]
async fn a_scenario_of_a_client_or_ability_the_target_lacks_is_not_applicable() {
    let text = r#"
        [[scenario]]
        ids = ["CE-HTTP-02"]
        title = "client"
        bare = true
        [[scenario.step]]
        request = "GET /"
        as = "niemand"
        [[scenario]]
        ids = ["CE-HTTP-02"]
        title = "topic"
        bare = true
        [[scenario.step]]
        record = "{{topic}}"
        "#;
    let (results, seen) = run(text).await;
    let missing = |ability: &str| Outcome::NotApplicable(vec![ability.to_owned()]);
    assert_eq!(results[0].outcome, missing("client:niemand"));
    assert_eq!(results[1].outcome, missing("kafka"));
    assert_eq!(seen, Vec::<String>::new());
}
