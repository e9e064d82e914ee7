//! The data of a person, on the page and through the API: overview, another address, copy, erasure; and the list of a client.

use http::Method;
use model::addressee::{AddresseeId, Message};
use serde_json::{Value, json};

use super::{FORM, confirmation_of_change, confirmed, gateway, path, press, state, subscribe, text};
use crate::{
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, OTHER},
};

/// The path of the page of the data, as the message that is due has it.
async fn data_path(gateway: &Gateway, id: AddresseeId) -> String {
    let leave = path(&gateway.people().links().leave(id));
    let sent = press(&gateway.nobody(), &leave, "gegevens").await.expect(303);
    let after = text(&gateway.nobody().get(sent.header("location").expect("a page")).await.expect(200));
    assert!(after.contains("Wij sturen u een bericht"), "{after}");
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    assert!(outbox.iter().any(|due| due.addressee == id && due.outgoing.message == Message::DataLink));
    let found = gateway.audience().get(id).await.expect("read").expect("there").addressee;
    path(&gateway.people().links().data(id, found.generation, gateway.now() + people::DATA_LINK_VALID))
}

async fn send(gateway: &Gateway, path: &str, body: &str) -> crate::support::Answer {
    gateway.nobody().send(Method::POST, path, &[FORM], body.to_owned()).await
}

#[tokio::test]
async fn a_person_sees_changes_copies_and_erases_what_is_stored_ch_51_ch_65_ch_135_ch_137() {
    let gateway = gateway().await;
    let nobody = gateway.nobody();
    let weg = confirmed(&gateway, CONSUMER, "geheim@example.nl", "weg").await;
    let raad = confirmed(&gateway, OTHER, "geheim@example.nl", "raad").await;
    let page = data_path(&gateway, weg).await;
    let shown = text(&nobody.get(&page).await.expect(200));
    for part in [">weg<", ">raad<", "g…@e…", "value=\"adres\"", "value=\"wissen\"", "value=\"alles\""] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("geheim@") && !shown.contains("<script"), "{shown}");
    assert!(text(&nobody.get(&format!("{page}?taal=en")).await.expect(200)).contains("Your data"));
    // Another address.
    let refused = text(&send(&gateway, &page, "wat=adres&adres=geen+adres").await.expect(422));
    assert!(refused.contains("Dit is geen e-mailadres") && !refused.contains("geen adres\""), "{refused}");
    let asked = send(&gateway, &page, "wat=adres&adres=nieuw%40example.org").await.expect(303);
    let after = text(&nobody.get(asked.header("location").expect("a page")).await.expect(200));
    assert!(after.contains("Wij sturen een e-mail naar het nieuwe adres"), "{after}");
    let challenge = confirmation_of_change(&gateway, weg).await;
    let confirm = path(&gateway.people().links().confirm(weg, &challenge.link));
    assert!(text(&nobody.get(&confirm).await.expect(200)).contains("value=\"bevestigen\""));
    press(&nobody, &confirm, "bevestigen").await.expect(303);
    // The link that went to the address before opens nothing any more.
    nobody.get(&page).await.expect(404);
    nobody.get(&format!("{page}/gegevens")).await.expect(404);
    send(&gateway, &page, "wat=wissen").await.expect(404);
    // The copy.
    let page = data_path(&gateway, raad).await;
    let copy = nobody.get(&format!("{page}/gegevens")).await.expect(200);
    assert_eq!(copy.header("content-type"), Some("application/json"));
    assert!(copy.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
    let copy = copy.json();
    check("PersonExport", &copy);
    assert_eq!(copy["subscriptions"].as_array().map(Vec::len), Some(1));
    assert_eq!(copy["subscriptions"][0]["address"], "geheim@example.nl");
    // Erasure.
    let erased = text(&send(&gateway, &page, "wat=wissen").await.expect(200));
    assert!(erased.contains("Uw gegevens zijn gewist"), "{erased}");
    send(&gateway, &page, "wat=wissen").await.expect(404);
    assert_eq!((state(&gateway, raad).await, state(&gateway, weg).await), ("ended".to_owned(), "confirmed".to_owned()));
    let trail = gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={raad}")).await.expect(200).json();
    let trail = trail.to_string();
    assert!(trail.contains("addressee.export") && trail.contains("addressee.erase") && !trail.contains("geheim"));
}

#[tokio::test]
async fn a_link_to_leave_opens_no_data_and_what_is_posted_to_another_link_does_nothing_ch_58_ch_65() {
    let gateway = gateway().await;
    let id = confirmed(&gateway, CONSUMER, "an@example.nl", "weg").await;
    let leave = path(&gateway.people().links().leave(id));
    gateway.nobody().get(&format!("{leave}/gegevens")).await.expect(404);
    for body in ["wat=wissen", "wat=adres&adres=x%40example.org", "wat=code&code=123456"] {
        send(&gateway, &leave, body).await.expect(404);
    }
    let page = data_path(&gateway, id).await;
    for body in ["wat=afmelden", "wat=bevestigen", "wat=gegevens", "List-Unsubscribe=One-Click"] {
        send(&gateway, &page, body).await.expect(404);
    }
    assert_eq!(state(&gateway, id).await, "confirmed");
    send(&gateway, &page, "wat=alles").await.expect(303);
    assert_eq!(state(&gateway, id).await, "ended");
}

#[tokio::test]
async fn a_client_lists_exports_and_erases_its_own_and_an_administrator_all_ch_59_ch_135_ch_137_ch_141() {
    let gateway = gateway().await;
    let mut own = Vec::new();
    for number in 0..3 {
        own.push(confirmed(&gateway, CONSUMER, &format!("geheim{number}@example.nl"), "weg").await.to_string());
    }
    confirmed(&gateway, OTHER, "geheim0@example.nl", "raad").await;
    subscribe(&gateway, CONSUMER, "open@example.nl", "weg").await;
    let client = gateway.client(CONSUMER);
    let (mut found, mut next) = (Vec::new(), Some("/v1/subscriptions?protocol=SMTP&pageSize=2".to_owned()));
    while let Some(path) = next {
        let page = client.get(&path).await.expect(200).json();
        check("List_Subscription", &page);
        assert!(!page.to_string().contains("geheim"), "{page}");
        found
            .extend(page["results"].as_array().expect("rows").iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(|url| url.strip_prefix(&gateway.base).expect("a link of ours").to_owned());
    }
    found.sort();
    own.sort();
    assert_eq!(found, own);
    let count = async |client: &str, query: &str| {
        let path = format!("/v1/subscriptions?protocol=SMTP{query}");
        gateway.client(client).get(&path).await.expect(200).json()["results"].as_array().map(Vec::len)
    };
    assert_eq!(count(OTHER, "").await, Some(1));
    assert_eq!(count(BEHEER, "").await, Some(5));
    assert_eq!(count(BEHEER, "&state=unconfirmed").await, Some(1));
    assert_eq!(count(BEHEER, &format!("&owner={OTHER}")).await, Some(1));
    assert_eq!(count(CONSUMER, "&kanaal=raad").await, Some(0));
    for query in ["protocol=SMTP&sink=x", "protocol=SMTP&page=2", "protocol=SMTP&cursor=x", "protocol=x", "cursor=x"] {
        client.get(&format!("/v1/subscriptions?{query}")).await.expect(400);
    }
    assert_eq!(client.get("/v1/subscriptions").await.expect(200).json()["results"], json!([]));
    // Export and erasure.
    let first = format!("/v1/subscriptions/{}", own[0]);
    for path in [format!("{first}/export"), "/v1/subscriptions/x/export".to_owned()] {
        gateway.client(OTHER).get(&path).await.expect(404);
    }
    let exported = client.get(&format!("{first}/export")).await.expect(200).json();
    check("PersonExport", &exported);
    assert!(exported["subscriptions"][0]["address"].as_str().is_some_and(|address| address.starts_with("geheim")));
    gateway.client(OTHER).post(&format!("{first}/erase"), Value::Null).await.expect(404);
    client.post(&format!("{first}/erase"), Value::Null).await.expect(204);
    client.get(&first).await.expect(404);
    let shown = gateway.client(BEHEER).get(&first).await.expect(200).json();
    assert_eq!((&shown["status"]["state"], &shown["sink"]), (&json!("ended"), &json!("")));
    let trail =
        gateway.client(BEHEER).get(&format!("/v1/audit?pageSize=100&object={}", own[0])).await.expect(200).json();
    let trail = trail.to_string();
    assert!(trail.contains("addressee.export") && trail.contains("addressee.erase") && !trail.contains("geheim"));
}

#[tokio::test]
async fn without_people_lists_are_empty_and_operations_find_nothing() {
    let gateway = Gateway::start().await;
    let client = gateway.client(CONSUMER);
    assert_eq!(client.get("/v1/subscriptions?protocol=SMTP").await.expect(200).json()["results"], json!([]));
    let id = uuid::Uuid::from_u128(1);
    client.post(&format!("/v1/subscriptions/{id}/confirm"), json!({ "code": "123456" })).await.expect(404);
    client.post(&format!("/v1/subscriptions/{id}/erase"), Value::Null).await.expect(404);
    client.get(&format!("/v1/subscriptions/{id}/export")).await.expect(404);
}
