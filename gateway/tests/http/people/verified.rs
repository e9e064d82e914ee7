//! Sources that verified an address in the place of the person: a moment that a client states, and an ID token.

use std::time::Duration;

use model::addressee::{AddresseeId, Message};
use serde_json::{Value, json};

use super::{gateway_with, request, state, text};
use crate::{
    openapi::check,
    support::{Answer, BEHEER, CONSUMER, Gateway, OTHER, Provider},
};

const DAY: Duration = Duration::from_hours(24);

fn register() -> String {
    format!("[[people.source]]\nname = \"klantinteracties\"\nclients = [\"{CONSUMER}\"]\nmax_age_days = 30\n")
}

fn with(address: &str, verified: Value) -> Value {
    let mut body = request(address, "weg");
    body["config"]["verified"] = verified;
    body
}

fn id_of(answer: &Value) -> AddresseeId {
    AddresseeId(answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"))
}

/// The only subscription in the export of a person.
async fn exported(gateway: &Gateway, id: AddresseeId) -> Value {
    let export = gateway.client(BEHEER).get(&format!("/v1/subscriptions/{id}/export")).await.expect(200).json();
    check("PersonExport", &export);
    export["subscriptions"][0].clone()
}

async fn is_nothing_stored(gateway: &Gateway) -> bool {
    gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox").is_empty()
}

#[tokio::test]
async fn a_moment_of_verification_confirms_and_is_stored_with_the_consent_ch_54() {
    let gateway = gateway_with(&register()).await;
    let client = gateway.client(CONSUMER);
    let now = gateway.now();
    let at = (now - DAY).to_rfc3339();
    let good = with("geheim@example.nl", json!({ "source": "klantinteracties", "at": at }));
    check("LightSubscriptionInput", &good);
    let (before, after) = ((now - 31 * DAY).to_rfc3339(), (now + DAY).to_rfc3339());
    for (verified, member) in [
        (json!({ "source": "klantinteracties" }), "config.verified.at"),
        (json!({ "source": "klantinteracties", "at": null }), "config.verified.at"),
        (json!({ "source": "klantinteracties", "at": "gisteren" }), "config.verified.at"),
        (json!({ "source": "klantinteracties", "at": after }), "config.verified.at"),
        (json!({ "source": "klantinteracties", "at": before }), "config.verified.at"),
        (json!({ "source": "klantinteracties", "at": at, "idToken": "x" }), "config.verified.at"),
        (json!({ "source": "klantinteracties", "idToken": "x" }), "config.verified.at"),
        (json!({ "at": at }), "config.verified.source"),
        (json!({ "source": 5, "at": at }), "config.verified.source"),
        (json!({ "source": "klantinteracties", "at": at, "by": "x" }), "config.verified.by"),
        (json!("klantinteracties"), "config.verified"),
    ] {
        let refused = client.post("/v1/subscriptions", with("geheim@example.nl", verified.clone())).await;
        assert!(!text(&refused).contains("geheim"), "{verified}");
        assert_eq!(refused.problem(400).1.as_deref(), Some(member), "{verified}");
    }
    let mut both = good.clone();
    both["config"]["agreement"] = json!("formulier 12");
    assert_eq!(client.post("/v1/subscriptions", both).await.problem(400).1.as_deref(), Some("config.agreement"));
    // Another client, and a source that is not configured.
    gateway.client(OTHER).post("/v1/subscriptions", good.clone()).await.problem(403);
    let unknown = with("geheim@example.nl", json!({ "source": "profielservice", "at": at }));
    client.post("/v1/subscriptions", unknown).await.problem(403);
    assert!(is_nothing_stored(&gateway).await);

    let answer = client.post("/v1/subscriptions", good.clone()).await.expect(202).json();
    check("LightSubscription", &answer);
    assert_eq!((&answer["status"]["state"], answer["config"].get("verified")), (&json!("confirmed"), None));
    let id = id_of(&answer);
    assert_eq!(state(&gateway, id).await, "confirmed");
    // The person gets a notice with the link to leave, and no code.
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    let due: Vec<_> = outbox.iter().map(|due| (due.outgoing.message, due.addressee)).collect();
    assert_eq!(due, [(Message::AlreadySubscribed, id)]);
    let mut whole = good;
    whole["sink"] = json!("mailto:nieuw@example.nl");
    let refused = client.put(&format!("/v1/subscriptions/{id}"), whole).await;
    assert_eq!(refused.problem(400).1.as_deref(), Some("config.verified"));
    let trail = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={id}")).await.expect(200);
    let trail = text(&trail);
    assert!(trail.contains(&format!("klantinteracties, {at}")) && !trail.contains("geheim"), "{trail}");

    let gateway = gateway.restart().await;
    let shown = exported(&gateway, id).await;
    let found = (&shown["confirmedBy"], &shown["verifiedBy"], &shown["verified"]);
    assert_eq!(found, (&json!("source"), &json!("klantinteracties"), &json!(at)));
    assert!(shown["confirmed"].as_str().is_some_and(|moment| moment > at.as_str()), "{shown}");
    gateway.stop().await;
}

#[tokio::test]
async fn without_the_moment_the_person_confirms_and_the_export_names_no_source_ch_54() {
    let gateway = gateway_with(&register()).await;
    let id = super::confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let shown = exported(&gateway, id).await;
    let found = (&shown["confirmedBy"], &shown["verifiedBy"], &shown["verified"]);
    assert_eq!(found, (&json!("link"), &json!(null), &json!(null)));
    gateway.stop().await;
}

#[tokio::test]
async fn an_id_token_confirms_exactly_the_address_that_it_verifies_ch_54() {
    let provider = Provider::start().await;
    let source = format!(
        "[[people.source]]\nname = \"inlog\"\nclients = [\"{CONSUMER}\"]\nmax_age_days = 1\nissuer = {:?}\n\
         audience = \"portaal\"\n{}",
        provider.issuer(),
        register()
    );
    let gateway = gateway_with(&source).await;
    let now = gateway.now().as_micros() / 1_000_000;
    let claims = json!({
        "iss": provider.issuer(), "aud": "portaal", "sub": "p-1", "iat": now - 100, "exp": now + 300, "nonce": "n",
        "email": "Geheim@example.nl", "email_verified": true,
    });
    let token = |member: &str, value: Value| {
        let mut claims = claims.clone();
        claims[member] = value;
        provider.sign(&claims)
    };
    let subscribe = async |client: &str, address: &str, token: String| -> Answer {
        let body = with(address, json!({ "source": "inlog", "idToken": token }));
        gateway.client(client).post("/v1/subscriptions", body).await
    };
    for (what, address, refused) in [
        ("not verified", "geheim@example.nl", token("email_verified", json!(false))),
        ("nothing about that", "geheim@example.nl", token("email_verified", json!(null))),
        ("a text", "geheim@example.nl", token("email_verified", json!("true"))),
        ("another address", "bgeheim@example.nl", token("sub", json!("p-1"))),
        ("no address", "geheim@example.nl", token("email", json!(null))),
        ("another client", "geheim@example.nl", token("aud", json!("other"))),
        ("another issuer", "geheim@example.nl", token("iss", json!("https://other.example"))),
        ("expired", "geheim@example.nl", token("exp", json!(now - 3_600))),
        ("too long ago", "geheim@example.nl", token("iat", json!(now - 90_000))),
        ("not signed", "geheim@example.nl", format!("{}x", token("sub", json!("p-1")))),
        ("no token", "geheim@example.nl", "x".to_owned()),
    ] {
        let answer = subscribe(CONSUMER, address, refused).await;
        assert!(!text(&answer).contains("geheim@"), "{what}");
        assert_eq!(answer.problem(400).1.as_deref(), Some("config.verified.idToken"), "{what}");
    }
    subscribe(OTHER, "geheim@example.nl", token("sub", json!("p-1"))).await.problem(403);
    let moment = with("geheim@example.nl", json!({ "source": "inlog", "at": gateway.now().to_rfc3339() }));
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", moment).await;
    assert_eq!(answer.problem(400).1.as_deref(), Some("config.verified.idToken"));
    assert!(is_nothing_stored(&gateway).await);

    let answer = subscribe(CONSUMER, "geheim@example.nl", token("sub", json!("p-1"))).await.expect(202).json();
    let id = id_of(&answer);
    assert_eq!(state(&gateway, id).await, "confirmed");
    let shown = exported(&gateway, id).await;
    let at = model::Timestamp::from_seconds(now - 100).to_rfc3339();
    let found = (&shown["confirmedBy"], &shown["verifiedBy"], &shown["verified"]);
    assert_eq!(found, (&json!("source"), &json!("inlog"), &json!(at)));
    // A key that is not known yet is fetched: the provider may have changed its keys.
    provider.rotate("second");
    subscribe(CONSUMER, "geheim@example.nl", token("sub", json!("p-1"))).await.expect(202);
    gateway.stop().await;
}

#[tokio::test]
async fn without_keys_of_the_provider_the_client_asks_again_later_ch_54() {
    let provider = Provider::start().await;
    provider.set_away(true);
    let source = format!(
        "[[people.source]]\nname = \"inlog\"\nclients = [\"{CONSUMER}\"]\nissuer = {:?}\naudience = \"portaal\"\n",
        provider.issuer()
    );
    let gateway = gateway_with(&source).await;
    let body = with("an@example.nl", json!({ "source": "inlog", "idToken": "a.b.c" }));
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", body).await;
    assert_eq!(answer.header("retry-after"), Some("30"));
    answer.problem(503);
    assert!(is_nothing_stored(&gateway).await);
    gateway.stop().await;
}
