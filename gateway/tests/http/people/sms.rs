//! Text messages to people through NotifyNL on loopback: a number subscribes, is confirmed by its code, and gets an event once.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use model::Role;
use serde_json::{Value, json};

use super::{PEOPLE, state};
use crate::{
    console::{Browser, CONSOLE, text as page},
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, eventually},
};

const TEMPLATE: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";
const KEY: &str = "gateway-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0";

type Bodies = Arc<Mutex<Vec<Value>>>;

/// NotifyNL, as far as a text message needs it.
async fn notifynl() -> (String, Bodies) {
    let bodies = Bodies::default();
    let accept = |State(bodies): State<Bodies>, Json(body): Json<Value>| async move {
        bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body);
        (StatusCode::CREATED, Json(json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a" })))
    };
    let router = Router::new().route("/v2/notifications/sms", post(accept)).with_state(Arc::clone(&bodies));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, bodies)
}

/// The text of the message with a number, counted from 0.
async fn text(bodies: &Bodies, number: usize) -> String {
    let body = eventually("a text message", || async {
        bodies.lock().unwrap_or_else(PoisonError::into_inner).get(number).cloned()
    });
    let body = body.await;
    assert_eq!((&body["phone_number"], &body["template_id"]), (&json!("+31612345678"), &json!(TEMPLATE)));
    body["personalisation"]["text"].as_str().expect("a text").to_owned()
}

fn request(kanaal: &str, sink: &str) -> Value {
    json!({ "protocol": "SMS", "sink": sink, "config": { "kanalen": [kanaal] } })
}

#[tokio::test]
async fn i11_ch_31_ch_45_ch_146_a_number_is_confirmed_by_its_code_and_gets_an_event_once() {
    let (url, bodies) = notifynl().await;
    let gateway = Gateway::with(&format!(
        "{PEOPLE}[sms]\n[notifynl]\nurl = \"{url}\"\napi_key = \"{KEY}\"\nsms_template = \"{TEMPLATE}\"\n"
    ))
    .await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "omleiding" })).await.expect(201);
    gateway.client(CONSUMER).post("/v1/subscriptions", request("omleiding", "sms:09001234567")).await.expect(400);
    let answer =
        gateway.client(CONSUMER).post("/v1/subscriptions", request("omleiding", "sms:06%2012345678")).await.expect(202);
    let answer = answer.json();
    assert_eq!((&answer["protocol"], &answer["sink"]), (&json!("SMS"), &json!("sms:+31…78")));
    let id = model::addressee::AddresseeId(answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));

    let code = text(&bodies, 0).await;
    assert!(code.starts_with("Uw code voor berichten over omleiding is "), "{code}");
    let code = code.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6).expect("a code");
    gateway.people().confirm_code(id, code).await.expect("confirmed");
    assert_eq!(state(&gateway, id).await, "confirmed");
    for (body, member) in [
        (json!({ "sink": "mailto:geheim@example.nl" }), "sink"),
        (json!({ "sink": "sms:09001234567" }), "sink"),
        (json!({ "config": {} }), "config"),
    ] {
        let answer = gateway.client(CONSUMER).patch(&format!("/v1/subscriptions/{id}"), body).await.expect(400).json();
        let mut members = answer["errors"].as_array().expect("errors").iter().map(|own| &own["member"]);
        assert!(members.any(|own| own == member) && !answer.to_string().contains("geheim"), "{answer}");
    }

    let event = json!({ "type": "nl.weg.gewijzigd", "data": { "geheim": "niet-in-de-sms" } });
    gateway.client(PUBLISHER).publish("omleiding", "e1", event).await.expect(202);
    let news = text(&bodies, 1).await;
    assert!(
        news.starts_with("Nieuw bericht over omleiding: nl.weg.gewijzigd. Afmelden: https://berichten.example.nl/a/")
    );
    let metrics = eventually("the mailing has ended", || async {
        let body = gateway.nobody().get("/metrics").await.expect(200).body;
        let metrics = String::from_utf8(body.to_vec()).expect("text");
        let is_counted = metrics.contains("gateway_people_mailing_ends_total{kanaal=\"omleiding\",end=\"sent\"} 1")
            && metrics.contains("gateway_people_sms_failing 0");
        is_counted.then_some(metrics)
    });
    let metrics = metrics.await;
    assert!(metrics.contains("gateway_people_text_messages_total{class=\"accepted\"} "), "{metrics}");
    assert!(!metrics.contains("612345678"), "no number in metrics");
    let people = gateway.nobody().get("/readyz").await.expect(200).json()["people"].clone();
    assert_eq!((&people["sms"]["state"], &people["relay"]["state"]), (&json!("working"), &json!("absent")));
    gateway.stop().await;
    assert_eq!(bodies.lock().unwrap_or_else(PoisonError::into_inner).len(), 2);
}

#[tokio::test]
async fn ch_37_ch_40_ch_147_receipts_settle_the_evidence_and_a_keyword_ends_the_subscription() {
    const SECRET: &str = "0123456789-abcdefghij";
    let (url, bodies) = notifynl().await;
    let gateway = Gateway::with(&format!(
        "{PEOPLE}receipts_secret = \"{SECRET}\"\n[sms]\n[notifynl]\nurl = \"{url}\"\napi_key = \"{KEY}\"\n\
         sms_template = \"{TEMPLATE}\"\n"
    ))
    .await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "wegwerk" })).await.expect(201);
    let answer = gateway
        .client(CONSUMER)
        .post("/v1/subscriptions", request("wegwerk", "sms:0612345678"))
        .await
        .expect(202)
        .json();
    let id = model::addressee::AddresseeId(answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
    let code = text(&bodies, 0).await;
    let code = code.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6).expect("a code");
    gateway.people().confirm_code(id, code).await.expect("confirmed");
    let event = json!({ "type": "nl.weg.gewijzigd", "data": {} });
    gateway.client(PUBLISHER).publish("wegwerk", "e1", event).await.expect(202);
    text(&bodies, 1).await;
    let reference = bodies.lock().unwrap_or_else(PoisonError::into_inner)[1]["reference"].clone();

    let nobody = gateway.nobody();
    let receipt = |status: &str| json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": reference, "to": "+31612345678", "status": status });
    let path = format!("/v1/receipts/notifynl/{SECRET}");
    for wrong in ["/v1/receipts/notifynl/0123456789-abcdefghik", "/v1/receipts/notifynl", "/v1/receipts/notifynl/x"] {
        nobody.post(wrong, receipt("permanent-failure")).await.expect(404);
    }
    nobody.post(&format!("/v1/receipts/other/{SECRET}"), receipt("permanent-failure")).await.expect(404);
    nobody.post(&path, json!({ "status": "delivered" })).await.expect(400);
    let found = async || {
        let digest = gateway.audience().get(id).await.expect("read").expect("stored").addressee.digest;
        let page = storage::audience::EvidencePage { offset: 0, limit: 10 };
        let evidence = gateway.audience().evidence(digest, page).await.expect("read");
        evidence.first().and_then(|one| one.outcome).map(|(outcome, _)| outcome.label())
    };
    eventually("the evidence", || async { found().await.filter(|outcome| *outcome == "sent") }).await;
    nobody.post(&path, receipt("sending")).await.expect(204);
    assert_eq!(found().await, Some("sent"));
    let bearer = format!("Bearer {SECRET}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let delivered = receipt("delivered").to_string();
    nobody.send(http::Method::POST, "/v1/receipts/notifynl", &headers, delivered).await.expect(204);
    assert_eq!(found().await, Some("delivered"));
    // A final outcome stays, and what is not known changes nothing.
    nobody.post(&path, receipt("permanent-failure")).await.expect(204);
    assert_eq!(found().await, Some("delivered"));
    nobody
        .post(&path, json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "status": "delivered" }))
        .await
        .expect(204);

    let path = format!("/v1/receipts/sms/{SECRET}");
    for (reply, expected) in [("Dank u!", "confirmed"), ("Stop", "ended")] {
        nobody.post(&path, json!({ "originator": "31612345678", "body": reply })).await.expect(204);
        assert_eq!(state(&gateway, id).await, expected, "{reply}");
    }
    let large = "x".repeat(20_000);
    nobody.post(&path, json!({ "originator": "31612345678", "body": large })).await.expect(400);
    gateway.stop().await;
}

#[tokio::test]
async fn ch_31_without_a_provider_no_number_subscribes() {
    let gateway = super::gateway().await;
    let refused =
        gateway.client(CONSUMER).post("/v1/subscriptions", request("wegwerk", "sms:+31612345678")).await.expect(400);
    assert!(super::text(&refused).contains("sends no text messages") && !super::text(&refused).contains("3161"));
    gateway.stop().await;
}

#[tokio::test]
async fn ch_39_a_preview_has_the_segments_of_the_text_message_and_whether_it_is_too_long() {
    let (url, _) = notifynl().await;
    let directory = tempfile::tempdir().expect("a directory");
    let text = directory.path().join("t.txt");
    std::fs::write(&text, "Nieuws").expect("written");
    let template = |kanaal: &str, sms: &str| {
        let head = format!("[[people.template]]\nkanaal = \"{kanaal}\"\nlanguage = \"nl\"\nsubject = \"Nieuws\"\n");
        format!("{head}text_file = {text:?}\nsms = \"{sms}\"\n")
    };
    let sms = format!(
        "[sms]\nsegments = 2\n[notifynl]\nurl = \"{url}\"\napi_key = \"{KEY}\"\nsms_template = \"{TEMPLATE}\"\n"
    );
    let templates = [template("een", &"a".repeat(161)), template("twee", &"\u{1f600}".repeat(68))].concat();
    let gateway = Gateway::with(&format!("{PEOPLE}{templates}{sms}{CONSOLE}")).await;
    for naam in ["een", "twee"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let too_long = "het heeft meer dan 2 sms-delen";
    for (naam, characters, alphabet, segments, is_too_long) in
        [("een", 161, "GSM 7", 2, false), ("twee", 68, "UCS-2", 3, true)]
    {
        let preview = gateway.client(BEHEER).get(&format!("/v1/people/texts/{naam}")).await.expect(200).json();
        check("MailingPreview", &preview);
        let own = &preview["sms"];
        let expected = [json!(characters), json!(alphabet), json!(segments), json!(2)];
        let found = ["characters", "alphabet", "segments", "maxSegments"].map(|member| own[member].clone());
        assert_eq!(found, expected, "{preview}");
        let page = page(&browser.get(&format!("/beheer/mensen/teksten/{naam}")).await.expect(200));
        let words = format!("{characters} tekens in alfabet {alphabet}, verstuurd als {segments} sms-delen");
        assert!(page.contains(&words) && page.contains(too_long) == is_too_long, "{page}");
    }
    gateway.stop().await;
}
