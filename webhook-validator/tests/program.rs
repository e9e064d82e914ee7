//! The program against receivers on the loopback interface: a good one, and ones that each forget something.

use std::io;
use std::process::Output;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::process::Command;

type Receiver = fn(&Method, &HeaderMap) -> Response;

async fn start(receiver: Receiver) -> io::Result<String> {
    let answer = move |method: Method, headers: HeaderMap, _: Bytes| async move { receiver(&method, &headers) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook?access_token=s3cret", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Ok(url)
}

async fn program(url: &str, more: &[&str]) -> io::Result<Output> {
    let origin = ["--origin", "gateway.example", "--rate", "6000"];
    Command::new(env!("CARGO_BIN_EXE_webhook-validator")).arg(url).args(origin).args(more).output().await
}

/// Runs the program; its exit status and the verdict of every clause.
async fn verdicts(receiver: Receiver, more: &[&str]) -> io::Result<(Option<i32>, Vec<(String, String)>)> {
    let url = start(receiver).await?;
    let mut arguments = vec!["--allow", "127.0.0.0/8", "--json"];
    arguments.extend(more);
    let output = program(&url, &arguments).await?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("s3cret") && !text.contains("Token abc"), "{text}");
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let verdicts = findings.iter().map(|finding| (word(finding, "id"), word(finding, "verdict"))).collect();
    Ok((output.status.code(), verdicts))
}

fn with(verdict: &str, verdicts: &[(String, String)]) -> Vec<String> {
    verdicts.iter().filter(|(_, had)| had == verdict).map(|(id, _)| id.clone()).collect()
}

const CONSENT: [(&str, &str); 3] =
    [("allow", "POST"), ("webhook-allowed-origin", "gateway.example"), ("webhook-allowed-rate", "6000")];

fn is_ours(headers: &HeaderMap) -> bool {
    headers.get("webhook-request-origin").is_some_and(|origin| origin == "gateway.example")
}

/// Guards itself, knows its senders, and understands structured events.
fn good(method: &Method, headers: &HeaderMap) -> Response {
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if *method == Method::OPTIONS {
        return if is_ours(headers) { CONSENT.into_response() } else { [("allow", "POST")].into_response() };
    }
    if headers.get("authorization").is_none_or(|value| value != "Token abc") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match media_type {
        "application/cloudevents+json" | "application/json" => StatusCode::NO_CONTENT.into_response(),
        _ => StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    }
}

const CREDENTIAL: [&str; 2] = ["--authorization", "Token abc"];

#[tokio::test]
async fn a_good_receiver_passes() {
    let (status, verdicts) = verdicts(good, &CREDENTIAL).await.unwrap();
    assert_eq!(status, Some(0), "{verdicts:?}");
    assert_eq!(with("fail", &verdicts), [""; 0]);
    assert_eq!(with("warn", &verdicts), ["NLG-WH-01"], "http on a test machine");
    let passed = with("pass", &verdicts);
    for id in ["CE-WHV-13", "CE-WHV-15", "CE-WHV-19", "CE-WHV-23", "CE-WHV-24", "NLG-WH-02", "CE-WH-21", "CE-WHV-25"] {
        assert!(passed.iter().any(|had| had == id), "{id}");
    }
}

#[tokio::test]
async fn what_a_receiver_forgets_is_named() {
    let silent: Receiver = |method, headers| {
        if *method == Method::OPTIONS { [("allow", "POST")].into_response() } else { good(method, headers) }
    };
    let rateless: Receiver = |method, headers| {
        let consent = [("allow", "POST"), ("webhook-allowed-origin", "gateway.example")];
        if *method == Method::OPTIONS { consent.into_response() } else { good(method, headers) }
    };
    let moving: Receiver = |_, _| (StatusCode::MOVED_PERMANENTLY, [("location", "/hook/?t=s3cret")]).into_response();
    let stranger: Receiver =
        |_, _| [("allow", "POST"), ("webhook-allowed-origin", "https://gateway.example")].into_response();
    let twice: Receiver = |_, _| {
        let mut headers: HeaderMap =
            CONSENT.iter().map(|(n, v)| (n.parse().expect("a name"), v.parse().expect("a value"))).collect();
        headers.append("webhook-allowed-origin", "gateway.example".parse().expect("a value"));
        headers.into_response()
    };
    let fast: Receiver = |_, _| [("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "fast")].into_response();
    let down: Receiver = |_, _| (StatusCode::SERVICE_UNAVAILABLE, CONSENT).into_response();
    for (receiver, failed) in [
        (silent, &["CE-WHV-13"][..]),
        (rateless, &["CE-WHV-17"]),
        (moving, &["CE-WH-08", "CE-WHV-13"]),
        (stranger, &["CE-WHV-15", "CE-WHV-17"]),
        (twice, &["CE-WHV-16"]),
        (fast, &["CE-WHV-19"]),
        (down, &["CE-WHV-14"]),
    ] {
        let (status, verdicts) = verdicts(receiver, &CREDENTIAL).await.unwrap();
        assert_eq!(status, Some(1));
        assert_eq!(with("fail", &verdicts), failed);
        let unseen = with("not-observed", &verdicts);
        assert!(unseen.contains(&"NLG-WH-02".to_owned()), "no event without consent: {verdicts:?}");
    }
}

#[tokio::test]
async fn what_a_receiver_does_with_events_is_named() {
    fn consenting(method: &Method, answer: impl IntoResponse) -> Response {
        if *method == Method::OPTIONS { CONSENT.into_response() } else { answer.into_response() }
    }
    let careless: Receiver = |method, _| consenting(method, StatusCode::NO_CONTENT);
    let busy: Receiver = |method, _| consenting(method, StatusCode::TOO_MANY_REQUESTS);
    let untyped: Receiver = |method, _| consenting(method, Response::new(axum::body::Body::from("thanks")));
    let wordy: Receiver = |method, _| consenting(method, (StatusCode::ACCEPTED, "thanks"));
    let moving: Receiver = |method, _| consenting(method, (StatusCode::FOUND, [("location", "/")]));
    let refusing: Receiver = |method, _| consenting(method, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let gone: Receiver = |method, _| consenting(method, StatusCode::GONE);
    for (receiver, failed, warned) in [
        (careless, &["CE-WH-21"][..], &["NLG-WH-01", "CE-WHV-25"][..]),
        (busy, &["CE-WH-20", "CE-WH-21"], &["NLG-WH-01", "CE-WHV-25"]),
        (untyped, &["CE-WH-13", "CE-WH-21"], &["NLG-WH-01", "CE-WHV-25"]),
        (wordy, &["CE-WH-13", "CE-WH-21"], &["NLG-WH-01", "CE-WHV-25"]),
        (moving, &["NLG-WH-02", "CE-WH-08", "CE-WH-21"], &["NLG-WH-01", "CE-WHV-25"]),
        (refusing, &["NLG-WH-02"], &["NLG-WH-01", "CE-WHV-25"]),
        (gone, &["NLG-WH-02", "CE-WH-21"], &["NLG-WH-01", "CE-WHV-25"]),
    ] {
        let (status, verdicts) = verdicts(receiver, &CREDENTIAL).await.unwrap();
        assert_eq!(status, Some(1), "{verdicts:?}");
        assert_eq!(with("fail", &verdicts), failed);
        assert_eq!(with("warn", &verdicts), warned);
    }
}

#[tokio::test]
async fn a_receiver_that_wants_a_credential_is_not_blamed_for_it_ce_wh_21() {
    let guarded: Receiver = |method, _| {
        if *method == Method::OPTIONS { CONSENT.into_response() } else { StatusCode::UNAUTHORIZED.into_response() }
    };
    let (status, found) = verdicts(guarded, &[]).await.unwrap();
    assert_eq!((status, with("fail", &found)), (Some(1), vec!["NLG-WH-02".to_owned()]));
    assert!(with("not-observed", &found).contains(&"CE-WH-21".to_owned()), "{found:?}");
}

#[tokio::test]
async fn an_echo_is_no_check_ce_whv_24() {
    let echo: Receiver = |method, headers| match headers.get("webhook-request-origin") {
        Some(origin) if *method == Method::OPTIONS => {
            let origin = origin.to_str().unwrap_or_default().to_owned();
            let rate = ("webhook-allowed-rate", "*".to_owned());
            [("allow", "POST".to_owned()), ("webhook-allowed-origin", origin), rate].into_response()
        }
        _ => good(method, headers),
    };
    let (status, verdicts) = verdicts(echo, &CREDENTIAL).await.unwrap();
    assert_eq!((status, with("warn", &verdicts)), (Some(0), vec!["NLG-WH-01".to_owned(), "CE-WHV-24".to_owned()]));
}

#[tokio::test]
async fn a_low_rate_is_kept_ce_whv_20() {
    let slow: Receiver = |method, headers| {
        let consent = [("allow", "POST"), ("webhook-allowed-origin", "gateway.example"), ("webhook-allowed-rate", "1")];
        if *method == Method::OPTIONS && is_ours(headers) { consent.into_response() } else { good(method, headers) }
    };
    let (status, verdicts) = verdicts(slow, &CREDENTIAL).await.unwrap();
    assert_eq!(status, Some(0));
    let unseen = with("not-observed", &verdicts);
    assert!(unseen.contains(&"CE-WH-21".to_owned()) && unseen.contains(&"CE-WHV-25".to_owned()), "{unseen:?}");
}

#[tokio::test]
async fn the_notificaties_api_is_checked_by_its_probes_map_26() {
    let legacy = ["--format", "legacy", "--authorization", "Token abc"];
    let (status, found) = verdicts(good, &legacy).await.unwrap();
    assert_eq!((status, with("fail", &found)), (Some(0), vec![]), "{found:?}");
    assert_eq!(with("pass", &found), ["CE-WH-08", "MAP-26", "CE-WH-08", "MAP-26"]);

    let open: Receiver = |_, _| StatusCode::NO_CONTENT.into_response();
    let (status, found) = verdicts(open, &legacy).await.unwrap();
    assert_eq!((status, with("fail", &found)), (Some(1), vec!["MAP-26".to_owned()]));
    let (status, found) = verdicts(good, &["--format", "legacy"]).await.unwrap();
    assert_eq!((status, with("fail", &found)), (Some(1), vec!["MAP-26".to_owned()]), "the credential is missing");
}

#[tokio::test]
async fn the_report_reads_well_in_both_languages() {
    let silent: Receiver = |_, _| [("allow", "POST"), ("access-control-allow-origin", "*")].into_response();
    let url = start(silent).await.unwrap();
    for (language, wanted) in [
        (
            "en",
            ["FAIL", "CE-WHV-13", "no WebHook-Allowed-Origin", "remedy: Add WebHook-Allowed-Origin", "Consent: none"],
        ),
        (
            "nl",
            [
                "FOUT",
                "CE-WHV-13",
                "geen WebHook-Allowed-Origin",
                "oplossing: Voeg WebHook-Allowed-Origin toe",
                "Toestemming: geen",
            ],
        ),
    ] {
        let output = program(&url, &["--allow", "127.0.0.0/8", "--lang", language]).await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for words in wanted {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[tokio::test]
async fn wrong_usage_and_silence_have_their_own_status_ce_whv_28() {
    for (url, more, says) in [
        ("http://127.0.0.1:9/", &[][..], "loopback"),
        ("https://10.0.0.1/", &[], "private"),
        ("http://example.nl/", &[], "use https"),
        ("no url", &[], "absolute"),
        ("http://127.0.0.1:1/?access_token=s3cret", &["--allow", "127.0.0.0/8"], "does not answer"),
        ("http://127.0.0.1:1/", &["--allow", "127.0.0.1/8"], "127.0.0.0/8"),
        ("http://127.0.0.1:1/", &["--allow", "127.0.0.0/8", "--lang", "nl"], "antwoordt niet: er komt geen verbinding"),
        ("https://127.0.0.1/", &["--lang", "nl"], "geen openbaar adres"),
        ("https://a@example.nl/", &["--lang", "nl"], "geen gebruiker"),
        ("https://example.nl/", &["--origin", "https://gateway.example"], "DNS name"),
        ("https://example.nl/", &["--rate", "0"], "rate"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_webhook-validator")).arg(url).args(more).output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{url}: {text}");
        assert!(text.contains(says) && !text.contains("s3cret"), "{url}: {text}");
    }
}
