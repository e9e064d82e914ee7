//! Codes that are typed at a client or on a page, and another address through the API.

use http::Method;
use model::addressee::{AddresseeId, Message};
use serde_json::{Value, json};

use super::{
    FORM, confirmation, confirmation_of_change, confirmed, gateway, gateway_with, path, request, state, subscribe, text,
};
use crate::{
    openapi::check,
    support::{Answer, BEHEER, CONSUMER, Gateway, OTHER},
};

async fn enter(gateway: &Gateway, id: AddresseeId, code: &str) -> Answer {
    gateway.client(CONSUMER).post(&format!("/v1/subscriptions/{id}/confirm"), json!({ "code": code })).await
}

async fn patch(gateway: &Gateway, client: &str, id: AddresseeId, body: Value) -> Answer {
    gateway.client(client).patch(&format!("/v1/subscriptions/{id}"), body).await
}

fn wrong(right: &str) -> &'static str {
    if right == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_code_confirms_and_unknown_wrong_and_void_have_one_answer_ch_45_ch_49() {
    let gateway = gateway().await;
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let code = confirmation(&gateway, id).await.expect("due").code;
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(enter(&gateway, id, wrong(code.expose())).await);
    }
    // The tries are stored.
    let gateway = gateway.restart().await;
    answers.push(enter(&gateway, id, code.expose()).await);
    answers.push(enter(&gateway, AddresseeId(uuid::Uuid::from_u128(7)), code.expose()).await);
    let mut documents: Vec<Value> = Vec::new();
    for answer in answers {
        let mut document = answer.expect(404).json();
        document["instance"].take();
        assert!(!document.to_string().contains(code.expose()), "{document}");
        documents.push(document);
    }
    documents.dedup();
    assert_eq!(documents.len(), 1);
    assert_eq!(state(&gateway, id).await, "unconfirmed");
    // A new request makes a new code, which the id of either answer takes.
    let again = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let code = confirmation(&gateway, id).await.expect("due").code;
    let spaced = format!(" {} {} ", &code.expose()[..3], &code.expose()[3..]);
    enter(&gateway, again, &spaced).await.expect(204);
    assert_eq!(state(&gateway, id).await, "confirmed");
}

#[tokio::test]
async fn the_body_of_a_code_is_checked_and_never_repeated() {
    let gateway = gateway().await;
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let path = format!("/v1/subscriptions/{id}/confirm");
    for body in
        [json!({}), json!({ "code": 123_456 }), json!({ "code": "7".repeat(101) }), json!({ "code": "7", "x": 1 })]
    {
        let answer = gateway.client(CONSUMER).post(&path, body).await.expect(400).json();
        assert!(!answer.to_string().contains("777"), "{answer}");
    }
    assert_eq!(gateway.nobody().post(&path, json!({ "code": "123456" })).await.status, 401);
    let unknown = gateway.client(CONSUMER).post("/v1/subscriptions/x/confirm", json!({ "code": "123456" })).await;
    unknown.expect(404);
}

#[tokio::test]
async fn a_page_takes_the_code_without_script_and_is_the_same_for_every_answer_ch_45_ch_49_ch_52() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    confirmed(&gateway, CONSUMER, "bo@example.nl", "weg").await;
    let mut pages = Vec::new();
    for address in ["an@example.nl", "bo@example.nl"] {
        let answer =
            gateway.client(CONSUMER).post("/v1/subscriptions", request(address, "weg")).await.expect(202).json();
        pages.push(path(answer["status"]["codePage"].as_str().expect("a page")));
    }
    let id = subscribe(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let first = gateway.people().links().parse(pages[0].rsplit('/').next().expect("a token")).expect("a link");
    let people::Link::Code { id: first } = first else { panic!("a link for a code") };
    let code = confirmation(&gateway, first).await.expect("due").code;
    let mut shown = Vec::new();
    for page in &pages {
        let form = text(&nobody.get(page).await.expect(200));
        assert!(form.contains("name=\"code\"") && form.contains("<button") && !form.contains("<script"), "{form}");
        let body = format!("wat=code&code={}", wrong(code.expose()));
        let refused = text(&nobody.send(Method::POST, page, &[FORM], body).await.expect(422));
        assert!(refused.contains("Deze code klopt niet") && !refused.contains(wrong(code.expose())), "{refused}");
        shown.push(form.replace(page.as_str(), ""));
        shown.push(refused.replace(page.as_str(), ""));
    }
    assert_eq!((&shown[0], &shown[1]), (&shown[2], &shown[3]));
    // The newest code is right on the page of the first answer.
    assert_ne!(id, first);
    let body = format!("wat=code&code={}", code.expose());
    let done = text(&nobody.send(Method::POST, &pages[0], &[FORM], body).await.expect(200));
    assert!(done.contains("Het is gelukt") && done.contains(">weg<"), "{done}");
    assert_eq!(state(&gateway, first).await, "confirmed");
    nobody.send(Method::POST, &pages[0], &[FORM], "wat=afmelden").await.expect(404);
    assert!(text(&nobody.get(&format!("{}?taal=en", pages[0])).await.expect(200)).contains("Enter the code"));
}

#[tokio::test]
async fn pages_that_take_a_code_are_bounded_by_source_ch_46() {
    let gateway = gateway_with("pages_per_source = 3\n").await;
    let nobody = gateway.nobody();
    let page = path(&gateway.people().links().code(AddresseeId(uuid::Uuid::from_u128(7))));
    for _ in 0..3 {
        nobody.send(Method::POST, &page, &[FORM], "wat=code&code=123456").await.expect(422);
    }
    nobody.send(Method::POST, &page, &[FORM], "wat=code&code=123456").await.expect(429);
}

#[tokio::test]
async fn another_address_is_confirmed_before_it_is_used_ch_51() {
    let gateway = gateway().await;
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    for (client, body, status) in [
        (OTHER, json!({ "sink": "mailto:geheim@nieuw.nl" }), 404),
        (CONSUMER, json!({ "sink": "mailto:geheim" }), 400),
        (CONSUMER, json!({ "sink": "mailto:geheim@nieuw.nl", "config": { "language": "en" } }), 400),
        (CONSUMER, json!({}), 400),
    ] {
        let answer = patch(&gateway, client, id, body).await.expect(status).json();
        assert!(!answer.to_string().contains("geheim"), "{answer}");
    }
    let shown = patch(&gateway, CONSUMER, id, json!({ "sink": "mailto:geheim@nieuw.nl" })).await.expect(202).json();
    check("LightSubscription", &shown);
    assert_eq!((&shown["sink"], &shown["status"]["changing"]), (&json!("mailto:a…@e…"), &json!(true)));
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    assert!(outbox.iter().any(|due| due.addressee == id && due.outgoing.message == Message::ChangeRequested));
    let code = confirmation_of_change(&gateway, id).await.code;
    enter(&gateway, id, code.expose()).await.expect(204);
    let path = format!("/v1/subscriptions/{id}");
    let shown = gateway.client(CONSUMER).get(&path).await.expect(200).json();
    assert_eq!((&shown["sink"], &shown["status"]["changing"]), (&json!("mailto:g…@n…"), &Value::Null));
    // The whole object, with nothing else changed.
    let mut whole = request("an@example.nl", "weg");
    gateway.client(CONSUMER).put(&path, whole.clone()).await.expect(202);
    whole["config"]["language"] = json!("en");
    assert_eq!(
        gateway.client(CONSUMER).put(&path, whole.clone()).await.problem(400).1.as_deref(),
        Some("config.language")
    );
    whole["protocol"] = json!("HTTP");
    assert_eq!(gateway.client(CONSUMER).put(&path, whole).await.problem(400).1.as_deref(), Some("protocol"));
    let trail = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={id}")).await.expect(200).json();
    let trail = trail.to_string();
    assert!(trail.contains("addressee.change") && !trail.contains("geheim"), "{trail}");
}
