//! What filters of senders look at of a person: changed by the client that owns the subscription, and by the person on the page of
//! their data for the attributes that are declared for that.

use http::Method;
use model::addressee::AddresseeId;
use serde_json::{Value, json};

use super::{FORM, confirmed, gateway_with, path, request, subscribe, text};
use crate::support::{Answer, BEHEER, CONSUMER, Gateway, OTHER};

const SETTINGS: &str = "attributes = [\"postcode\", \"wijk\", \"actief\", \"inkomen\"]\n[[people.owner_attribute]]\n\
    name = \"postcode\"\nlabel_nl = \"Uw postcode\"\nlabel_en = \"Your postcode\"\n[[people.owner_attribute]]\nname = \"wijk\"\n\
    kind = \"number\"\n[[people.owner_attribute]]\nname = \"actief\"\nkind = \"yes-no\"\n";

/// The path of the page of the data of a person, in Dutch.
async fn data_path(gateway: &Gateway, id: AddresseeId) -> String {
    let found = gateway.audience().get(id).await.expect("read").expect("there").addressee;
    path(&gateway.people().links().data(id, found.generation, gateway.now() + people::DATA_LINK_VALID))
}

async fn send(gateway: &Gateway, page: &str, body: &str) -> Answer {
    gateway.nobody().send(Method::POST, page, &[FORM], body.to_owned()).await
}

/// What is stored.
async fn stored(gateway: &Gateway, id: AddresseeId) -> Value {
    let found = gateway.audience().get(id).await.expect("read").expect("there").addressee;
    serde_json::from_str(found.attributes.as_str()).unwrap_or(json!({}))
}

#[tokio::test]
async fn a_person_changes_declared_attributes_on_the_page_and_no_others_ch_72() {
    let gateway = gateway_with(SETTINGS).await;
    let nobody = gateway.nobody();
    let id = confirmed(&gateway, CONSUMER, "geheim@example.nl", "weg").await;
    let page = data_path(&gateway, id).await;
    let shown = text(&nobody.get(&page).await.expect(200));
    for part in
        ["Uw postcode", "name=\"kenmerk.wijk\"", "inputmode=\"decimal\"", "Geen antwoord", "value=\"kenmerken\""]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("inkomen"), "it is not declared: {shown}");
    let english = text(&nobody.get(&format!("{page}?taal=en")).await.expect(200));
    assert!(english.contains("Your postcode") && english.contains("No answer"), "{english}");

    let body = "kenmerk.postcode=1012+AB&kenmerk.wijk=3%2C5&kenmerk.actief=true&wat=kenmerken";
    let changed = send(&gateway, &page, body).await.expect(303);
    let after = text(&nobody.get(changed.header("location").expect("a page")).await.expect(200));
    assert!(after.contains("Uw gegevens zijn bewaard") && after.contains("value=\"1012 AB\""), "{after}");
    assert!(after.contains("<option value=\"true\" selected>Ja"), "{after}");
    assert_eq!(stored(&gateway, id).await, json!({ "postcode": "1012 AB", "wijk": 3.5, "actief": true }));

    // Undeclared: refused with the name, and nothing is stored of the rest either.
    for (body, member) in [
        ("kenmerk.postcode=9999ZZ&kenmerk.inkomen=1&wat=kenmerken", "inkomen"),
        ("kenmerk.userId=x&wat=kenmerken", "userId"),
    ] {
        let refused = text(&send(&gateway, &page, body).await.expect(400));
        assert!(refused.contains(&format!("<bdi>{member}</bdi>")), "{member}: {refused}");
    }
    // What is no value of its kind is shown again, with what was typed.
    let refused = text(&send(&gateway, &page, "kenmerk.postcode=1&kenmerk.wijk=drie&wat=kenmerken").await.expect(422));
    for part in ["id=\"kenmerk-wijk-fout\"", "value=\"drie\"", "value=\"1\""] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    assert!(!refused.contains("id=\"kenmerk-postcode-fout\""), "{refused}");
    assert_eq!(stored(&gateway, id).await, json!({ "postcode": "1012 AB", "wijk": 3.5, "actief": true }));

    // Empty fields are removed; an attribute that only clients set stays.
    let client = gateway.client(CONSUMER);
    let patch = json!({ "config": { "attributes": { "inkomen": 7 } } });
    client.patch(&format!("/v1/subscriptions/{id}"), patch).await.expect(200);
    send(&gateway, &page, "kenmerk.postcode=&kenmerk.wijk=&kenmerk.actief=&wat=kenmerken").await.expect(303);
    assert_eq!(stored(&gateway, id).await, json!({ "inkomen": 7 }));
    let trail = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={id}")).await.expect(200);
    let trail = text(&trail);
    assert_eq!(trail.matches("addressee.change").count(), 3, "{trail}");
    assert!(!trail.contains("1012") && !trail.contains("geheim"), "{trail}");

    // A link to something else does not do it, nor does one that is void.
    let leave = path(&gateway.people().links().leave(id));
    send(&gateway, &leave, "kenmerk.postcode=1&wat=kenmerken").await.expect(404);
    client.delete(&format!("/v1/subscriptions/{id}")).await.expect(204);
    send(&gateway, &page, "kenmerk.postcode=1&wat=kenmerken").await.expect(404);
    gateway.stop().await;
}

#[tokio::test]
async fn the_owner_changes_configured_attributes_of_a_confirmed_one_by_patch_ch_72() {
    let gateway = gateway_with(SETTINGS).await;
    let client = gateway.client(CONSUMER);
    let id = confirmed(&gateway, CONSUMER, "geheim@example.nl", "weg").await;
    let url = format!("/v1/subscriptions/{id}");
    let patch = |attributes: Value| json!({ "config": { "attributes": attributes } });
    let changed = client.patch(&url, patch(json!({ "postcode": "1012AB", "actief": false }))).await.expect(200).json();
    assert_eq!(changed["config"]["attributes"], json!({ "postcode": "1012AB", "actief": false }));
    let changed = client.patch(&url, patch(json!({ "actief": null, "wijk": 3 }))).await.expect(200).json();
    assert_eq!(changed["config"]["attributes"], json!({ "postcode": "1012AB", "wijk": 3 }));
    for (body, member) in [
        (patch(json!({ "geheim": "x" })), "config.attributes.geheim"),
        (patch(json!({ "postcode": ["x"] })), "config.attributes.postcode"),
        (patch(json!({ "postcode": "x".repeat(3_000) })), "config.attributes"),
        (patch(json!("x")), "config.attributes"),
        (patch(json!(null)), "config.attributes"),
        (json!({ "config": { "attributes": {}, "language": "en" } }), "config.language"),
        (json!({ "config": { "attributes": {} }, "data": {} }), "data"),
        (json!({ "config": { "attributes": {} }, "userId": "x" }), "userId"),
    ] {
        assert_eq!(client.patch(&url, body.clone()).await.problem(400).1.as_deref(), Some(member), "{body}");
    }
    gateway.client(OTHER).patch(&url, patch(json!({ "postcode": "1" }))).await.problem(404);
    assert_eq!(gateway.nobody().patch(&url, patch(json!({ "postcode": "1" }))).await.status, 401);
    gateway.client(BEHEER).patch(&url, patch(json!({ "wijk": 4 }))).await.expect(200);
    assert_eq!(stored(&gateway, id).await, json!({ "postcode": "1012AB", "wijk": 4 }));
    // One that is not confirmed cannot be changed by its owner.
    let open = subscribe(&gateway, CONSUMER, "open@example.nl", "weg").await;
    client.patch(&format!("/v1/subscriptions/{open}"), patch(json!({ "wijk": 4 }))).await.problem(404);
    // Nobody sets data or a user id in a request, by those names.
    for member in ["data", "userId"] {
        let mut body = request("geheim2@example.nl", "weg");
        body[member] = json!("x");
        assert_eq!(client.post("/v1/subscriptions", body).await.problem(400).1.as_deref(), Some(member));
    }
    gateway.stop().await;
}

#[tokio::test]
async fn without_declared_attributes_the_page_has_none_and_takes_none_ch_72() {
    let gateway = gateway_with("attributes = [\"postcode\"]\n").await;
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let page = data_path(&gateway, id).await;
    let shown = text(&gateway.nobody().get(&page).await.expect(200));
    assert!(!shown.contains("kenmerken"), "{shown}");
    let refused = text(&send(&gateway, &page, "kenmerk.postcode=1&wat=kenmerken").await.expect(400));
    assert!(refused.contains("<bdi>postcode</bdi>"), "{refused}");
    assert_eq!(stored(&gateway, id).await, json!({}));
    gateway.stop().await;
}
