//! `/v1/subscriptions` with `protocol` `SMTP`.

use http::Method;
use model::addressee::Message;
use serde_json::json;

use super::{confirmation, confirmed, gateway, gateway_with, request, state, subscribe};
use crate::{
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PUBLISHER},
};

#[tokio::test]
async fn a_request_is_accepted_and_only_the_confirmation_becomes_due_ch_14_ch_41_ch_81() {
    let gateway = gateway().await;
    let body = json!({
        "protocol": "SMTP", "sink": "mailto:An@example.nl", "filters": [{ "sql": "type = 'nl.x'" }],
        "config": { "kanalen": ["weg"], "language": "en" },
    });
    check("LightSubscriptionInput", &body);
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", body).await.expect(202);
    let shown = answer.json();
    check("LightSubscription", &shown);
    let id = shown["id"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("location"), Some(format!("{}/v1/subscriptions/{id}", gateway.base).as_str()));
    assert_eq!((&shown["sink"], &shown["status"]["state"]), (&json!("mailto:a…@e…"), &json!("unconfirmed")));
    assert!(
        shown["status"]["codePage"].as_str().is_some_and(|page| page.starts_with("https://berichten.example.nl/a/k"))
    );
    assert_eq!(shown["config"], json!({ "kanalen": ["weg"], "language": "en", "frequency": "at-once" }));
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    let due: Vec<_> = outbox.iter().map(|due| (due.outgoing.message, due.addressee.to_string())).collect();
    assert_eq!(due, [(Message::Confirmation, id.clone())]);
    // It is in no registry, and nobody but an administrator sees it before it is confirmed.
    assert_eq!(gateway.client(BEHEER).get("/v1/subscriptions").await.json()["results"], json!([]));
    gateway.client(CONSUMER).get(&format!("/v1/subscriptions/{id}")).await.expect(404);
    gateway.client(CONSUMER).delete(&format!("/v1/subscriptions/{id}")).await.expect(404);
    let shown = gateway.client(BEHEER).get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
    check("LightSubscription", &shown);
    assert_eq!((&shown["sink"], &shown["owner"]), (&json!("mailto:a…@e…"), &json!(CONSUMER)));
}

#[tokio::test]
async fn the_answer_is_the_same_whatever_there_was_ch_52() {
    let gateway = gateway().await;
    let known = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    subscribe(&gateway, CONSUMER, "bo@example.nl", "weg").await;
    let client = gateway.client(OTHER);
    let mut answers = Vec::new();
    for address in ["an@example.nl", "ab@example.nl", "ac@example.nl"] {
        let answer = client.post("/v1/subscriptions", request(address, "weg")).await.expect(202);
        let mut document = answer.json();
        let id = document["id"].take();
        assert!(document["status"]["codePage"].take().is_string());
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        answers.push((document, names, answer.body.len()));
        let path = format!("/v1/subscriptions/{}", id.as_str().expect("an id"));
        answers.push((client.get(&path).await.expect(404).json()["detail"].clone(), Vec::new(), 0));
    }
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[1], answers[3]);
    assert_eq!(answers[0], answers[4]);
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    let notice = outbox.iter().find(|due| due.outgoing.message == Message::AlreadySubscribed).expect("a notice");
    assert_eq!((notice.addressee, &notice.outgoing.secret), (known, &None));
}

#[tokio::test]
async fn the_owner_and_an_administrator_see_and_end_it_and_others_find_nothing_ch_59_ch_141() {
    let gateway = gateway().await;
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let path = format!("/v1/subscriptions/{id}");
    gateway.client(OTHER).get(&path).await.expect(404);
    gateway.client(OTHER).delete(&path).await.expect(404);
    let shown = gateway.client(CONSUMER).get(&path).await.expect(200).json();
    assert_eq!((&shown["sink"], &shown["status"]["state"]), (&json!("mailto:a…@e…"), &json!("confirmed")));
    gateway.client(CONSUMER).delete(&path).await.expect(204);
    assert_eq!(state(&gateway, id).await, "ended");
    let raad = confirmed(&gateway, CONSUMER, "an@example.nl", "raad").await;
    gateway.client(BEHEER).delete(&format!("/v1/subscriptions/{raad}")).await.expect(204);
    assert_eq!(state(&gateway, raad).await, "ended");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_member_and_without_the_address_ch_14_ch_66_ch_72() {
    let gateway = gateway().await;
    let approved = json!({ "naam": "besloten", "approval": "required" });
    gateway.client(PUBLISHER).post("/v1/kanalen", approved).await.expect(201);
    let good = request("geheim@example.nl", "weg");
    let change = |name: &str, value: serde_json::Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, member) in [
        (change("sink", json!("mailto:geheim@example.nl?subject=x")), "sink"),
        (change("sink", json!("mailto:geheim")), "sink"),
        (change("sink", json!("sms:+31612345678")), "sink"),
        (change("sink", json!(null)), "sink"),
        (change("config", json!({})), "config.kanalen"),
        (change("config", json!(null)), "config"),
        (change("config", json!({ "kanalen": ["weg", "raad"] })), "config.kanalen"),
        (change("config", json!({ "kanalen": ["nergens"] })), "config.kanalen"),
        (change("config", json!({ "kanalen": ["besloten"] })), "config.kanalen"),
        (change("config", json!({ "kanalen": ["weg"], "language": "de" })), "config.language"),
        (change("config", json!({ "kanalen": ["weg"], "format": "binary" })), "config.format"),
        (change("filters", json!([{ "sql": "type =" }])), "filters[0].sql"),
        (change("filters", json!([{ "exact": { "type": "x" } }])), "filters[0].exact"),
        (change("status", json!({ "state": "confirmed" })), "status"),
        (change("data", json!({ "postcode": "1234AB" })), "data"),
        (change("userId", json!("x")), "userId"),
    ] {
        let answer = gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.expect(400);
        let document = answer.json();
        let members: Vec<_> = document["errors"].as_array().expect("errors").iter().map(|own| &own["member"]).collect();
        assert!(members.contains(&&json!(member)), "{body}: {document}");
        assert!(!document.to_string().contains("geheim"), "{document}");
    }
    assert!(gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox").is_empty());
}

#[tokio::test]
async fn a_client_with_the_right_confirms_by_an_agreement_that_the_trail_has_ch_42() {
    let gateway = gateway_with(&format!("confirming_clients = [\"{CONSUMER}\"]\n")).await;
    let mut body = request("geheim@example.nl", "weg");
    body["config"]["agreement"] = json!("formulier 12, dossier 7");
    check("LightSubscriptionInput", &body);
    gateway.client(OTHER).post("/v1/subscriptions", body.clone()).await.expect(403);
    assert!(gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox").is_empty());
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.expect(202).json();
    check("LightSubscription", &answer);
    assert_eq!((&answer["status"]["state"], &answer["config"]["agreement"]), (&json!("confirmed"), &json!(null)));
    let id = answer["id"].as_str().and_then(|id| id.parse().ok()).map(model::addressee::AddresseeId).expect("an id");
    assert_eq!(state(&gateway, id).await, "confirmed");
    // The person gets a notice with the link to leave, once.
    gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.expect(202);
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    let due: Vec<_> = outbox.iter().map(|due| (due.outgoing.message, due.addressee)).collect();
    assert_eq!(due, [(Message::AlreadySubscribed, id)]);
    let trail = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={id}")).await.expect(200).json();
    let trail = trail.to_string();
    assert!(trail.contains("formulier 12, dossier 7") && !trail.contains("geheim"), "{trail}");
    body["config"]["agreement"] = json!("");
    let refused = gateway.client(CONSUMER).post("/v1/subscriptions", body).await;
    assert_eq!(refused.problem(400).1.as_deref(), Some("config.agreement"));
}

#[tokio::test]
async fn the_sixth_request_for_an_address_has_to_wait_ch_46() {
    let gateway = gateway().await;
    for _ in 0..5 {
        subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    }
    let client = gateway.client(CONSUMER);
    let answer = client.post("/v1/subscriptions", request("AN@example.nl", "raad")).await;
    assert!(answer.header("retry-after").and_then(|text| text.parse::<u64>().ok()).is_some_and(|wait| wait <= 3_600));
    assert_eq!(answer.problem(429).0, "too-many-requests");
    subscribe(&gateway, CONSUMER, "bo@example.nl", "weg").await;
}

#[tokio::test]
async fn requests_of_one_source_are_bounded_ch_46() {
    let gateway = gateway_with("subscriptions_per_source = 2\n").await;
    subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    subscribe(&gateway, CONSUMER, "bo@example.nl", "weg").await;
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", request("co@example.nl", "weg")).await;
    assert_eq!(answer.problem(429).0, "too-many-requests");
    subscribe(&gateway, OTHER, "co@example.nl", "weg").await;
}

#[tokio::test]
async fn what_was_asked_and_confirmed_survives_a_restart_and_no_file_shows_the_address_ch_44_ch_134() {
    let gateway = gateway().await;
    let id = confirmed(&gateway, CONSUMER, "geheim@geheim.example.nl", "weg").await;
    let open = subscribe(&gateway, CONSUMER, "geheimer@geheim.example.nl", "weg").await;
    let gateway = gateway.restart().await;
    assert_eq!(
        (state(&gateway, id).await.as_str(), state(&gateway, open).await.as_str()),
        ("confirmed", "unconfirmed")
    );
    let challenge = confirmation(&gateway, open).await.expect("still due");
    for file in gateway.files() {
        for needle in ["geheim", &challenge.link.expose()] {
            assert!(!file.windows(needle.len()).any(|part| part == needle.as_bytes()), "{needle}");
        }
    }
}

#[tokio::test]
async fn without_people_there_is_no_such_protocol_no_page_and_no_file() {
    let gateway = Gateway::start().await;
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", request("an@example.nl", "weg")).await;
    assert_eq!(answer.problem(400), ("invalid-request".to_owned(), Some("protocol".to_owned())));
    gateway.nobody().get("/a/labc").await.expect(404);
    let directory = gateway.into_directory().await;
    for name in ["audience.db", "people.key"] {
        assert!(!directory.path().join("data").join(name).exists(), "{name}");
    }
}

#[tokio::test]
async fn the_routes_ask_for_a_token_and_a_scope_and_other_operations_find_nothing() {
    let gateway = gateway().await;
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let body = request("bo@example.nl", "weg");
    assert_eq!(gateway.nobody().post("/v1/subscriptions", body.clone()).await.status, 401);
    assert_eq!(gateway.client(PUBLISHER).post("/v1/subscriptions", body).await.status, 403);
    for (method, rest) in [(Method::POST, "/pause"), (Method::POST, "/replay"), (Method::GET, "/deliveries")] {
        let path = format!("/v1/subscriptions/{id}{rest}");
        let answer = gateway.client(CONSUMER).send(method, &path, &[("content-type", "application/json")], "{}").await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(state(&gateway, id).await, "confirmed");
}
