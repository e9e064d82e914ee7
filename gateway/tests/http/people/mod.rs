//! Light subscriptions of people over HTTP: subscribing through the API, the message that is due, and the pages behind its links.

mod administration;
mod attributes;
pub mod bounces;
mod codes;
mod collected;
mod data;
mod defects;
mod disclosed;
mod dkim;
mod filters;
mod imported;
mod inbound;
pub mod mail;
mod mailings;
mod obligatory;
mod outcomes;
mod pages;
mod paused;
mod protection;
mod replaced;
pub mod resends;
mod results;
mod sms;
mod sources;
mod subscriptions;
mod verified;

use http::Method;
use model::addressee::{AddresseeId, Message};
use people::Challenge;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Gateway, PUBLISHER, html};

/// The configuration of a gateway with people.
pub const PEOPLE: &str = "[people]\nurl = \"https://berichten.example.nl\"\norganisation = \"Gemeente Voorbeeld\"\n";

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A gateway with people and two kanalen.
async fn gateway() -> Gateway {
    gateway_with("").await
}

/// The same with more settings of people.
async fn gateway_with(more: &str) -> Gateway {
    let gateway = Gateway::with(&format!("{PEOPLE}{more}")).await;
    for naam in ["weg", "raad"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    gateway
}

fn request(address: &str, kanaal: &str) -> Value {
    json!({ "protocol": "SMTP", "sink": format!("mailto:{address}"), "config": { "kanalen": [kanaal] } })
}

/// The text of an answer; a page is valid HTML.
fn text(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        assert_eq!(html::fault(&text), None);
    }
    text
}

/// The path of a link.
fn path(url: &str) -> String {
    url.strip_prefix("https://berichten.example.nl").expect("a link of ours").to_owned()
}

pub async fn press(client: &Client, path: &str, button: &str) -> Answer {
    client.send(Method::POST, path, &[FORM], format!("wat={button}")).await
}

/// Asks for a subscription; returns the id of the answer.
async fn subscribe(gateway: &Gateway, client: &str, address: &str, kanaal: &str) -> AddresseeId {
    let answer = gateway.client(client).post("/v1/subscriptions", request(address, kanaal)).await.expect(202);
    AddresseeId(answer.json()["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"))
}

/// What the confirmation that is due to an addressee contains.
async fn confirmation(gateway: &Gateway, id: AddresseeId) -> Option<Challenge> {
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    let due = outbox.into_iter().find(|due| due.addressee == id && due.outgoing.message == Message::Confirmation)?;
    gateway.people().keys().open_challenge(&due.outgoing.secret?).ok()
}

/// The code and link that are due to the new address of an addressee.
async fn confirmation_of_change(gateway: &Gateway, id: AddresseeId) -> Challenge {
    let outbox = gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox");
    let mut due = outbox.into_iter().filter(|due| due.addressee == id);
    let due = due.find(|due| due.outgoing.message == Message::ConfirmationOfChange).expect("a confirmation is due");
    gateway.people().keys().open_challenge(&due.outgoing.secret.expect("a secret")).expect("opened")
}

/// The path of the page that confirms an addressee.
async fn confirm_path(gateway: &Gateway, id: AddresseeId) -> String {
    let challenge = confirmation(gateway, id).await.expect("a confirmation is due");
    path(&gateway.people().links().confirm(id, &challenge.link))
}

/// A confirmed addressee.
pub async fn confirmed(gateway: &Gateway, client: &str, address: &str, kanaal: &str) -> AddresseeId {
    let id = subscribe(gateway, client, address, kanaal).await;
    let page = confirm_path(gateway, id).await;
    press(&gateway.nobody(), &page, "bevestigen").await.expect(303);
    id
}

/// The state as an administrator sees it.
async fn state(gateway: &Gateway, id: AddresseeId) -> String {
    let shown = gateway.client(crate::support::BEHEER).get(&format!("/v1/subscriptions/{id}")).await.expect(200);
    shown.json()["status"]["state"].as_str().unwrap_or_default().to_owned()
}
