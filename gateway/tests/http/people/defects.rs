//! Defects of another server of subscriptions that are not here; docs/people.md lists all.

use http::Method;
use serde_json::json;

use super::{confirmation, confirmed, gateway, request, subscribe, text};
use crate::support::{BEHEER, CONSUMER};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn links_have_the_configured_host_whatever_the_request_ch_81() {
    let gateway = gateway().await;
    let body = request("an@example.nl", "weg").to_string();
    for header in ["x-forwarded-host", "forwarded"] {
        let value = if header == "forwarded" { "host=evil.example" } else { "evil.example" };
        let client = gateway.client(CONSUMER);
        let answer = client.send(Method::POST, "/v1/subscriptions", &[JSON, (header, value)], body.clone()).await;
        let answer = answer.expect(202);
        assert!(!text(&answer).contains("evil"), "{}", text(&answer));
        let page = answer.json()["status"]["codePage"].as_str().expect("a page").to_owned();
        assert!(page.starts_with("https://berichten.example.nl/a/k"), "{page}");
    }
}

#[tokio::test]
async fn conditions_are_no_parameters_and_broken_json_is_refused() {
    let gateway = gateway().await;
    confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let client = gateway.client(CONSUMER);
    for query in ["state[$ne]=x", "sink[$regex]=.*", "where={\"$ne\":null}", "state={\"$ne\":null}"] {
        let answer = client.get(&format!("/v1/subscriptions?protocol=SMTP&{}", query.replace('"', "%22"))).await;
        answer.expect(400);
    }
    for body in ["", "{", "{\"protocol\":", "[]", "nul", "{\"sink\":{\"$ne\":null}}"] {
        client.send(Method::POST, "/v1/subscriptions", &[JSON], body).await.expect(400);
    }
}

#[tokio::test]
async fn no_answer_has_a_code_or_a_link_ch_44() {
    let gateway = gateway().await;
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let challenge = confirmation(&gateway, id).await.expect("a confirmation is due");
    let client = gateway.client(BEHEER);
    for path in [
        format!("/v1/subscriptions/{id}"),
        format!("/v1/subscriptions/{id}/export"),
        "/v1/subscriptions?protocol=SMTP".to_owned(),
        "/v1/people".to_owned(),
        "/metrics".to_owned(),
    ] {
        let shown = text(&client.get(&path).await.expect(200));
        assert!(!shown.contains(&challenge.link.expose()), "{path}: {shown}");
        assert!(!shown.contains(&json!(challenge.code.expose()).to_string()), "{path}: {shown}");
    }
}
