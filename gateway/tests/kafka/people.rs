//! Light subscriptions of people with several nodes: one node works for them, every node takes their requests, and the next node goes
//! on where the last one was, through a real relay (aiosmtpd).

use std::path::Path;

use http::{HeaderMap, Method};
use serde_json::{Value, json};
use storage::kafka::broker::Broker;
use test_relay::{Protection, Relay};

use crate::support::{
    Client, Cluster,
    client::{Answer, event},
    eventually,
    node::{Node, SHORT_SESSION_MS},
};

const PAGES: &str = "https://berichten.example.nl";

pub fn configuration(relay: &Relay, key: &Path) -> String {
    let (key, port) = (key.display(), relay.port());
    format!(
        "[people]\nurl = \"{PAGES}\"\norganisation = \"Gemeente Voorbeeld\"\nkey_file = \"{key}\"\n\
         [email]\nhost = \"localhost\"\nport = {port}\nsecurity = \"plain\"\nfrom = \"noreply@gemeente.example\"\n\
         name = \"Gemeente Voorbeeld\"\n"
    )
}

/// Waits until a node works for people.
pub async fn works(node: &Node) {
    let is_owner = async || (node.client.metric("gateway_kafka_people_owner").await > 0.5).then_some(());
    eventually("node that works for people", is_owner).await;
}

/// Asks for a subscription to the kanaal `zaken`; returns its id. While no node works for people the answer is 503.
pub async fn subscribe(node: &Client, address: &str) -> String {
    let config = json!({ "kanalen": ["zaken"] });
    let body = json!({ "protocol": "SMTP", "sink": format!("mailto:{address}"), "config": config });
    let answer = eventually("decision on a subscription", async || {
        let answer = node.post("/v1/subscriptions", body.clone()).await;
        (answer.status != 503).then_some(answer)
    });
    answer.await.expect(202).json()["id"].as_str().expect("an id").to_owned()
}

/// Posts a form to a page, as somebody who is not logged in.
async fn post(node: &Client, path: &str, body: &str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-www-form-urlencoded".parse().expect("a header"));
    eventually("answer of a page", async || {
        let answer = node.ask_as(Method::POST, path, headers.clone(), body.to_owned()).await;
        answer.filter(|answer| answer.status != 503)
    })
    .await
}

/// The path of the link in a mail.
fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().expect("a text");
    let (_, rest) = text.split_once(PAGES).expect("a link of ours");
    rest.split_whitespace().next().expect("a path").to_owned()
}

/// The path of the link that `List-Unsubscribe` has.
fn unsubscribe(mail: &Value) -> String {
    let field = mail["fields"]["list-unsubscribe"].as_str().expect("the field");
    field.trim_start_matches('<').trim_end_matches('>').strip_prefix(PAGES).expect("a link of ours").to_owned()
}

/// Subscribes and confirms by the link in the mail, at any nodes.
pub async fn confirmed(relay: &mut Relay, (subscribes, confirms): (&Client, &Client), address: &str) -> String {
    let id = subscribe(subscribes, address).await;
    let confirmation = relay.line().await.expect("a mail");
    assert_eq!(confirmation["to"], address);
    post(confirms, &link(&confirmation), "wat=bevestigen").await.expect(303);
    id
}

pub async fn publish(node: &Client, id: &str) {
    node.publish("zaken", &[event(id, "k")]).await.expect("an answer").expect(202);
}

async fn state(node: &Client, id: &str) -> Value {
    node.state(id).await["state"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i9_i11_the_next_node_works_for_people_where_the_last_one_was() {
    let mut relay = Relay::start(Protection::None, json!({ "contents": true })).await.expect("a relay");
    let dir = tempfile::tempdir().expect("a directory");
    let key = dir.path().join("people.key");
    std::fs::write(&key, "6a".repeat(32)).expect("the key");
    let broker = Broker::shared().expect("a broker");
    let mut cluster = Cluster::on(broker, &configuration(&relay, &key));
    cluster.session_ms = SHORT_SESSION_MS;
    let mut one = cluster.node("one").await;
    works(&one).await;
    let mut two = cluster.node("two").await;
    assert!(two.client.metric("gateway_kafka_people_owner").await < 0.5, "one node works for people");

    // What people ask the other node is done, and shown at both.
    let an = confirmed(&mut relay, (&two.client, &two.client), "an@burger.example").await;
    for node in [&one, &two] {
        assert_eq!(state(&node.client, &an).await, "confirmed");
    }
    publish(&two.client, "e1").await;
    let first = relay.line().await.expect("a mail");
    assert_eq!(
        (&first["to"], &first["fields"]["subject"]),
        (&json!("an@burger.example"), &json!("Nieuw bericht over zaken"))
    );

    // Killed, with an event that no node has mailed yet and a person who did not confirm yet.
    let bo = subscribe(&two.client, "bo@burger.example").await;
    let confirmation = relay.line().await.expect("a mail");
    one.kill();
    publish(&two.client, "e2").await;
    works(&two).await;
    let mut second = relay.line().await.expect("a mail");
    if second["fields"]["message-id"] == confirmation["fields"]["message-id"] {
        // That it was sent was not stored yet when the node was killed: the same message a second time.
        second = relay.line().await.expect("a mail");
    }
    assert_eq!(second["to"], "an@burger.example");
    assert_ne!(second["fields"]["message-id"], first["fields"]["message-id"]);
    post(&two.client, &link(&confirmation), "wat=bevestigen").await.expect(303);

    // The first one comes back with its copy, takes requests, and works again after the other one has stopped.
    one.start();
    one.ready().await;
    post(&one.client, &unsubscribe(&second), "List-Unsubscribe=One-Click").await.expect(200);
    assert_eq!(state(&two.client, &an).await, "ended");
    assert_eq!(state(&one.client, &bo).await, "confirmed");
    two.stop().await;
    works(&one).await;
    publish(&one.client, "e3").await;
    let mut third = relay.line().await.expect("a mail");
    if third["fields"].get("list-id").is_none() {
        // That somebody left is acknowledged by a mail of its own.
        assert_eq!(
            (&third["to"], &third["fields"]["subject"]),
            (&json!("an@burger.example"), &json!("U bent afgemeld"))
        );
        third = relay.line().await.expect("a mail");
    }
    assert_eq!(third["to"], "bo@burger.example");
    let logs = one.log() + &two.log();
    assert!(!logs.contains("burger.example"), "I10: {logs}");
    one.stop().await;
    let rest = relay.accepted().await.expect("mails");
    assert!(rest.iter().all(|mail| mail["fields"].get("list-id").is_none()), "each event once: {rest:?}");
}
