//! NotifyNL by the published description of its API: names and forms of members, the token, and the answers.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use channel_sms::{
    Class, ClientSettings,
    notify::{ApiKey, BaseUrl, Client, Mail, ReceiptStatus, StatusError, Template},
};
use message::address::EmailAddress;
use model::{
    Clock,
    clock::{ManualClock, SystemClock},
};
use ring::hmac;
use serde_json::{Value, json};

use crate::stub::{Arrived, Stub, Then, egress, message};

const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";
const TEMPLATE: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";
const ID: &str = "740e5834-3a29-46b4-9a6f-16142fde533a";

/// The members of a request: those that it must have, and those that it may have.
type Members = (&'static [&'static str], &'static [&'static str]);

const SMS: Members =
    (&["phone_number", "template_id"], &["personalisation", "reference", "sms_sender_id", "scheduled_for"]);
const EMAIL: Members = (
    &["email_address", "template_id"],
    &["personalisation", "reference", "email_reply_to_id", "one_click_unsubscribe_url", "scheduled_for"],
);

fn key() -> ApiKey {
    ApiKey::parse(&format!("gateway-{SERVICE}-{SECRET}")).expect("a key")
}

fn client(stub: &Stub, clock: Arc<dyn Clock>) -> Client {
    let base = BaseUrl::new(&stub.url).expect("a URL");
    Client::new(egress(), base, clock, ClientSettings { timeout: Duration::from_mins(1) })
}

fn accepted() -> Then {
    let body = json!({
        "id": ID,
        "reference": "r-1",
        "content": { "body": "Uw code is 123456", "from_number": "Gemeente" },
        "uri": format!("https://api.notifynl.nl/v2/notifications/{ID}"),
        "template": { "id": TEMPLATE, "version": 1, "uri": format!("https://api.notifynl.nl/v2/template/{TEMPLATE}") },
        "scheduled_for": null,
    });
    Then::Answer(201, "content-type: application/json\r\n", body.to_string())
}

/// Checks a request as NotifyNL does: token, members and their forms.
fn check(request: &Arrived, (required, allowed): Members, now: i64) -> Value {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a token");
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let (header, claims) = signed.split_once('.').expect("three parts");
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let object = |part: &str| serde_json::from_slice::<Value>(&decode(part)).expect("JSON");
    assert_eq!(object(header)["alg"], "HS256");
    assert_eq!(object(claims)["iss"], SERVICE);
    let iat = object(claims)["iat"].as_i64().expect("whole seconds");
    assert!((now - 30..=now + 30).contains(&iat), "{iat} {now}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    assert!(hmac::verify(&key, signed.as_bytes(), &decode(signature)).is_ok());

    assert_eq!(request.header("content-type"), Some("application/json"));
    let body: Value = request.body.parse().expect("JSON");
    let members: BTreeSet<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    for member in required {
        assert!(members.contains(member), "{member}");
    }
    for member in &members {
        assert!(required.contains(member) || allowed.contains(member), "{member} is not in the description");
    }
    assert!(body["personalisation"].as_object().is_some_and(|values| values.values().all(Value::is_string)));
    assert!(body["reference"].as_str().is_some_and(|text| text.chars().count() <= 1_000));
    for id in ["template_id", "sms_sender_id", "email_reply_to_id"] {
        assert!(body.get(id).is_none_or(|id| id.as_str().is_some_and(|id| id.len() == 36)), "{id}");
    }
    body
}

#[tokio::test]
async fn ch_146_text_messages_and_mails_are_requests_of_the_published_description() {
    let stub = Stub::start([accepted()]).await;
    let clock = SystemClock::default();
    let now = clock.now().as_micros() / 1_000_000;
    let own = client(&stub, Arc::new(clock));
    let template = Template::new(TEMPLATE, Some(ID)).expect("a template");
    let outcome = own.send_text(&key(), &template, &message("Uw code is 123456")).await;
    assert_eq!((outcome.class, outcome.id.as_deref()), (Class::Accepted, Some(ID)));
    let mail = Mail {
        to: EmailAddress::parse("an@burger.example").expect("an address"),
        subject: "Afval".to_owned(),
        text: "Morgen.".to_owned(),
        reference: "r-2".to_owned(),
        unsubscribe: Some("https://berichten.example.nl/a/x".to_owned()),
    };
    assert_eq!(own.send_mail(&key(), &template, &mail).await.class, Class::Accepted);

    let arrived = stub.arrived();
    let [sms, email] = arrived.as_slice() else { panic!("two requests: {arrived:?}") };
    assert_eq!(
        (sms.line.as_str(), email.line.as_str()),
        ("POST /v2/notifications/sms", "POST /v2/notifications/email")
    );
    let body = check(sms, SMS, now);
    assert_eq!((&body["phone_number"], &body["reference"]), (&json!("+31612345678"), &json!("r-1")));
    assert_eq!(body["personalisation"], json!({ "text": "Uw code is 123456" }));
    let body = check(email, EMAIL, now);
    assert_eq!(body["personalisation"], json!({ "subject": "Afval", "text": "Morgen." }));
}

/// The token is of the moment of its request, not of the start.
#[tokio::test]
async fn ch_146_each_request_has_a_token_of_its_moment() {
    let stub = Stub::start([accepted()]).await;
    let clock = Arc::new(ManualClock::new(model::Timestamp::from_seconds(1_700_000_000)));
    let own = client(&stub, Arc::clone(&clock) as Arc<dyn Clock>);
    let template = Template::new(TEMPLATE, None).expect("a template");
    own.send_text(&key(), &template, &message("a")).await;
    clock.advance(Duration::from_hours(1));
    own.send_text(&key(), &template, &message("b")).await;
    let arrived = stub.arrived();
    check(&arrived[0], SMS, 1_700_000_000);
    check(&arrived[1], SMS, 1_700_003_600);
}

#[tokio::test]
async fn ch_146_ch_36_errors_have_the_class_of_their_name_and_doubt_is_not_repeated() {
    let error = |status: u16, name: &str, message: &str| {
        let body = json!({ "status_code": status, "errors": [{ "error": name, "message": message }] });
        Then::Answer(status, "", body.to_string())
    };
    for (then, class) in [
        (error(400, "BadRequestError", "Missing personalisation: text"), Class::Message),
        (error(400, "ValidationError", "phone_number Too many digits"), Class::AddresseeRefused),
        (error(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds"), Class::Provider),
        (error(429, "RateLimitError", "Exceeded rate limit"), Class::Provider),
        (error(500, "Exception", "Internal server error"), Class::Provider),
        (Then::Close, Class::Unknown),
    ] {
        let stub = Stub::start([then.clone()]).await;
        let template = Template::new(TEMPLATE, None).expect("a template");
        let outcome = client(&stub, Arc::new(SystemClock::default())).send_text(&key(), &template, &message("a")).await;
        assert_eq!(outcome.class, class, "{then:?}");
        assert_eq!(stub.arrived().len(), 1, "{then:?}");
    }
}

#[tokio::test]
async fn ch_117_what_became_of_a_message_is_asked_by_its_id() {
    let body = json!({
        "id": ID, "reference": "r-1", "email_address": null, "phone_number": "+31612345678", "line_1": null,
        "type": "sms", "status": "delivered", "template": { "id": TEMPLATE, "version": 1, "uri": "https://x.example" },
        "body": "Uw code is 123456", "subject": null, "created_at": "2026-12-01T10:00:00.000000Z",
        "sent_at": null, "completed_at": null,
    });
    let missing = json!({ "status_code": 404, "errors": [{ "error": "NoResultFound", "message": "No result found" }] });
    let stub = Stub::start([Then::Answer(200, "", body.to_string()), Then::Answer(404, "", missing.to_string())]).await;
    let own = client(&stub, Arc::new(SystemClock::default()));
    let receipt = own.receipt(&key(), ID).await.expect("a receipt");
    assert_eq!((receipt.status, receipt.reference.as_deref()), (ReceiptStatus::Delivered, Some("r-1")));
    assert_eq!(stub.arrived()[0].line, format!("GET /v2/notifications/{ID}"));
    let error = own.receipt(&key(), ID).await.unwrap_err();
    assert_eq!(error.to_string(), "the provider answered 404 with code NoResultFound");
    assert_eq!(own.receipt(&key(), "../x").await, Err(StatusError::Id));
}
