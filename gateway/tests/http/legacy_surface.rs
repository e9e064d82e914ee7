//! What every path of the Notificaties API has in common: negotiation, error documents, methods, links.

use http::Method;
use serde_json::{Value, json};

use crate::{
    legacy_kanaal::invalid_params,
    support::{Answer, Client, Gateway, PUBLISHER, Sink},
};

const KANAAL: &str = "/api/v1/kanaal";
const ID: &str = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";

async fn send(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    client.send(method.parse().expect("a method"), path, headers, body.to_owned()).await
}

/// Status, code and content type of an error document that has all its members.
#[track_caller]
fn error(answer: &Answer) -> (u16, String, String) {
    let document = answer.json();
    for member in ["type", "code", "title", "status", "detail", "instance"] {
        assert!(document.get(member).is_some(), "{member} of {document}");
    }
    assert!(document["type"].as_str().is_some_and(|kind| kind.contains("/ref/fouten/") && kind.ends_with('/')));
    assert!(document["instance"].as_str().is_some_and(|instance| instance.starts_with("urn:uuid:")));
    assert_eq!(document["status"], answer.status.as_u16());
    assert_eq!(answer.header("api-version"), Some("1.0.0"));
    let code = document["code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code, answer.header("content-type").unwrap_or_default().to_owned())
}

#[tokio::test]
async fn errors_have_the_media_type_that_deployed_clients_know_and_problem_json_for_who_names_it() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let json = ("content-type", "application/json");
    let event = ("content-type", "application/cloudevents+json");
    let (problem, xml) = (("accept", "application/problem+json"), ("accept", "application/xml"));
    let path = format!("{KANAAL}/{ID}");
    let big = "x".repeat(1_100_000);
    for (method, path, headers, body, expected) in [
        ("GET", path.as_str(), &[][..], "", (404, "not_found", "application/json")),
        ("GET", path.as_str(), &[problem], "", (404, "not_found", "application/problem+json")),
        ("GET", KANAAL, &[("accept", "application/json, application/problem+json;q=0.5"), json], "", (200, "", "")),
        ("GET", KANAAL, &[xml], "", (406, "not_acceptable", "application/json")),
        ("GET", KANAAL, &[("accept", "text/html")], "", (406, "not_acceptable", "application/json")),
        ("GET", KANAAL, &[problem], "", (200, "", "")),
        ("DELETE", path.as_str(), &[], "", (405, "method_not_allowed", "application/json")),
        ("GET", "/api/v1/notificaties", &[], "", (405, "method_not_allowed", "application/json")),
        ("POST", KANAAL, &[("content-type", "text/plain")], "x", (415, "unsupported_media_type", "application/json")),
        ("POST", KANAAL, &[], "{}", (415, "unsupported_media_type", "application/json")),
        (
            "POST",
            KANAAL,
            &[json, ("content-encoding", "gzip")],
            "{}",
            (415, "unsupported_media_type", "application/json"),
        ),
        ("POST", KANAAL, &[json], big.as_str(), (413, "payload_too_large", "application/json")),
        ("POST", KANAAL, &[json], "{", (400, "parse_error", "application/json")),
        ("POST", KANAAL, &[json], "", (400, "invalid", "application/json")),
        ("POST", "/api/v1/notificaties", &[json, problem], "{", (400, "parse_error", "application/problem+json")),
        ("POST", "/api/v1/cloudevents", &[json], "{}", (415, "unsupported_media_type", "application/cloudevents+json")),
        ("POST", "/api/v1/cloudevents", &[event], "{", (400, "parse_error", "application/cloudevents+json")),
        ("POST", "/api/v1/cloudevents", &[event], "{}", (400, "invalid", "application/cloudevents+json")),
        (
            "POST",
            "/api/v1/cloudevents",
            &[event, ("accept", "application/json")],
            "{}",
            (406, "not_acceptable", "application/cloudevents+json"),
        ),
    ] {
        let answer = send(&publisher, method, path, headers, body).await;
        if expected.0 == 200 {
            answer.expect(200);
            continue;
        }
        let (status, code, kind) = error(&answer);
        assert_eq!((status, code.as_str(), kind.as_str()), expected, "{method} {path} {headers:?}");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        for english in ["The ", "Send ", "must", "supported", "Answers"] {
            assert!(!detail.contains(english), "{detail}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_missing_is_an_empty_object() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let answer = publisher.send(Method::POST, "/api/v1/notificaties", &[], "").await.expect(400).json();
    let named: Vec<&String> = answer.as_object().expect("a map").keys().collect();
    assert_eq!(named.len(), 6, "every required field by its name: {answer}");
    let found = invalid_params(publisher.send(Method::POST, KANAAL, &[], "").await);
    assert_eq!(found, [("naam".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn options_is_refused_on_resources_and_describes_notificaties() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let handshake = [("webhook-request-origin", "gw.example")];
    for path in [KANAAL, "/api/v1/abonnement", "/api/v1/cloudevents", &format!("{KANAAL}/{ID}")] {
        for client in [&publisher, &gateway.nobody()] {
            let answer = send(client, "OPTIONS", path, &handshake, "").await;
            assert_eq!(error(&answer).1, "permission_denied", "{path}");
            assert_eq!((answer.status.as_u16(), answer.header("webhook-allowed-origin")), (403, None));
        }
    }
    let answer = send(&publisher, "OPTIONS", "/api/v1/notificaties", &[], "").await.expect(200);
    assert_eq!(answer.json()["parses"], json!(["application/json"]));
    send(&gateway.nobody(), "OPTIONS", "/api/v1/notificaties", &[], "").await.expect(403);
}

#[tokio::test]
async fn paths_are_exact() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let made = publisher.post(KANAAL, json!({"naam": "zaken"})).await.expect(201).json();
    let url = made["url"].as_str().expect("a URL");
    for path in [
        format!("{KANAAL}/"),
        format!("{url}/"),
        "/api/v1/notificaties/".into(),
        "/api/v1/abonnement/".into(),
        "/api/v1/kanaal.json".into(),
        "/api/v1/nope".into(),
        format!("{KANAAL}/geen-uuid"),
        "/api/v2/kanaal".into(),
    ] {
        let answer = publisher.get(&path).await;
        assert_eq!(error(&answer).0, 404, "{path}");
    }
    let root = gateway.nobody().get("/api/v1/").await.expect(200).json();
    assert_eq!(root["kanaal"], format!("{}{KANAAL}", gateway.base));
    let redirect = gateway.nobody().get("/api/v1").await.expect(301);
    assert_eq!(redirect.header("location"), Some(format!("{}/api/v1/", gateway.base).as_str()));
    for path in [KANAAL, url, "/api/v1/abonnement", "/api/v1/"] {
        let head = publisher.send(Method::HEAD, path, &[], "").await.expect(200);
        assert!(head.body.is_empty());
        assert_eq!(head.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(head.header("etag"), None);
    }
    for path in ["/api/v1/abonnement?format=json", &format!("{url}?page=1"), "/api/v1/kanaal?page=1"] {
        let found = invalid_params(publisher.get(path).await);
        assert_eq!(found, [("nonFieldErrors".to_owned(), "unknown-parameters".to_owned())], "{path}");
    }
    let both = publisher.get("/api/v1/kanaal?naam=nope&naam=zaken").await.expect(200).json();
    assert_eq!(both, json!([made]), "the last one counts");
}

#[tokio::test]
async fn links_follow_the_prefix_and_proxies_that_are_trusted() {
    let config = "[proxy]\nprefix = \"/open-notificaties\"\ntrusted = [\"127.0.0.1/32\"]";
    let gateway = Gateway::with(config).await;
    let publisher = gateway.client(PUBLISHER);
    let here = format!("{}/open-notificaties", gateway.base);
    let made = publisher.post("/open-notificaties/api/v1/kanaal", json!({"naam": "a"})).await.expect(201);
    let url = made.json()["url"].as_str().expect("a URL").to_owned();
    assert!(url.starts_with(&format!("{here}/api/v1/kanaal/")), "{url}");
    assert_eq!(made.header("location"), Some(url.as_str()));
    publisher.get(&url).await.expect(200);
    assert_eq!(
        publisher.get(KANAAL).await.expect(200).json()[0]["url"].as_str().map(|u| u.starts_with(&here)),
        Some(true)
    );
    publisher.get("/open-notificatiesx/api/v1/kanaal").await.expect(404);
    let redirect = publisher.get("/open-notificaties/api/v1").await.expect(301);
    assert_eq!(redirect.header("location"), Some(format!("{here}/api/v1/").as_str()));
    gateway.nobody().get("/open-notificaties/livez").await.expect(200);

    let forwarded = [("x-forwarded-host", "nrc.example.nl"), ("x-forwarded-proto", "https")];
    let root = |answer: Answer| answer.json()["kanaal"].as_str().unwrap_or_default().to_owned();
    let trusted = publisher.send(Method::GET, "/api/v1/", &forwarded, "").await;
    assert_eq!(root(trusted), "https://nrc.example.nl/open-notificaties/api/v1/kanaal");
    let stranger = Gateway::start().await;
    let untrusted = stranger.nobody().send(Method::GET, "/api/v1/", &forwarded, "").await;
    assert_eq!(root(untrusted), format!("{}/api/v1/kanaal", stranger.base));
}

#[tokio::test]
async fn browsers_of_listed_origins_may_call() {
    let gateway = Gateway::with("[cors]\nallowed_origins = [\"https://app.example.nl\"]").await;
    let publisher = gateway.client(PUBLISHER);
    for (origin, allowed) in [("https://app.example.nl", true), ("https://other.example.nl", false)] {
        let answer = publisher.send(Method::GET, KANAAL, &[("origin", origin)], "").await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), allowed.then_some(origin));
        let asks = [("origin", origin), ("access-control-request-method", "POST")];
        let preflight = gateway.nobody().send(Method::OPTIONS, KANAAL, &asks, "").await;
        assert_eq!(preflight.status.is_success(), allowed, "{origin}");
    }
}

#[tokio::test]
async fn a_documentatie_link_is_fetched_only_when_that_is_configured() {
    let body = |naam: &str, link: &str| json!({"naam": naam, "documentatieLink": link});
    let sink = Sink::start().await;
    let link = sink.url("/kanalen/#zaken");
    let trusting = Gateway::start().await;
    trusting.client(PUBLISHER).post(KANAAL, body("a", &link)).await.expect(201);
    assert!(sink.seen(&Method::GET).is_empty());

    let checking = Gateway::with("[notificaties]\nfetch_documentatie_link = true").await;
    let publisher = checking.client(PUBLISHER);
    sink.answers(&[404, 302, 204, 200]);
    for status in ["404", "302", "204"] {
        let refused = publisher.post(KANAAL, body("a", &link)).await.expect(400).json();
        let param = &refused["invalidParams"][0];
        assert_eq!((&param["name"], &param["code"]), (&json!("documentatieLink"), &json!("bad-url")), "{refused}");
        assert!(param["reason"].as_str().is_some_and(|reason| reason.contains(status)), "{param}");
    }
    let made = publisher.post(KANAAL, body("a", &link)).await.expect(201).json();
    let url = made["url"].as_str().expect("a URL");
    for (link, word) in [("http://127.0.0.1:9/", "verbinding"), ("https://10.0.0.1/", "opgehaald")] {
        let refused = publisher.patch(url, json!({"documentatieLink": link})).await.expect(400).json();
        let reason = refused["invalidParams"][0]["reason"].as_str().unwrap_or_default().to_owned();
        assert!(reason.contains(word), "{link}: {reason}");
    }
    let unchanged: Value = publisher.get(url).await.expect(200).json();
    assert_eq!(unchanged["documentatieLink"], link);
    publisher.patch(url, json!({"documentatieLink": ""})).await.expect(200);
    assert_eq!(sink.seen(&Method::GET).len(), 4);
}
