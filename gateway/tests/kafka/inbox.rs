//! The inbox with several nodes: what is published at one is read, marked, deleted and restored at another, and a node that starts
//! later, or goes on after the owner was killed, shows the same.

use http::{HeaderMap, Method};
use model::{Clock, clock::SystemClock};
use serde_json::{Value, json};
use storage::kafka::broker::Broker;

use crate::support::{
    Client, Cluster,
    client::{Answer, event},
    eventually,
    node::{Node, SHORT_SESSION_MS},
    provider::Provider,
};

/// A person with a token of the provider.
struct Person(String);

impl Person {
    fn new(provider: &Provider, sub: &str) -> Self {
        let now = SystemClock::default().now().as_micros() / 1_000_000;
        // Longer than the test may take.
        let claims = json!({
            "iss": provider.issuer(), "aud": "berichten", "sub": sub, "client_id": "portaal", "iat": now, "exp": now + 3_600,
        });
        Self(provider.sign(&claims))
    }

    /// Asks a node; while no node works for people the answer is 503, and it asks again.
    async fn ask(&self, node: &Client, method: Method, path: &str, body: Value) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("Bearer {}", self.0).parse().expect("a header"));
        headers.insert("content-type", "application/json".parse().expect("a header"));
        eventually("answer of the inbox", async || {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let answer = node.ask_as(method.clone(), path, headers.clone(), body).await;
            answer.filter(|answer| answer.status != 503)
        })
        .await
    }

    async fn list(&self, node: &Client, query: &str) -> Vec<Value> {
        let path = format!("/v1/inbox{query}");
        let answer = self.ask(node, Method::GET, &path, Value::Null).await.expect(200).json();
        answer["results"].as_array().expect("a list").clone()
    }

    /// The messages at a node once there are so many.
    async fn listed(&self, node: &Client, count: usize) -> Vec<Value> {
        eventually("messages", async || {
            let found = self.list(node, "").await;
            (found.len() == count).then_some(found)
        })
        .await
    }

    async fn mark(&self, node: &Client, path: &str, state: &str) -> Value {
        self.ask(node, Method::PATCH, path, json!({ "state": state })).await.expect(200).json()
    }

    async fn state(&self, node: &Client, path: &str) -> Value {
        self.ask(node, Method::GET, path, Value::Null).await.expect(200).json()["state"].clone()
    }
}

async fn publish(node: &Node, id: &str, data: Value) {
    let mut message = event(id, "k");
    message["data"] = data;
    node.client.publish("zaken", &[message]).await.expect("an answer").expect(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inbox_is_the_same_at_every_node_ch_1_ch_4_ch_5() {
    let provider = Provider::start().await;
    let dir = tempfile::tempdir().expect("a directory");
    let key = dir.path().join("people.key");
    std::fs::write(&key, "6a".repeat(32)).expect("the key");
    let own = format!(
        "[people]\nurl = \"https://berichten.example.nl\"\norganisation = \"Gemeente Voorbeeld\"\nkey_file = '{}'\n\
         [people.inbox]\nissuer = {:?}\naudience = \"berichten\"\n\
         [[people.inbox.kanaal]]\nnaam = \"zaken\"\naddressee = \"/aan\"\nbroadcast = \"/iedereen\"\n",
        key.display(),
        provider.issuer()
    );
    let mut cluster = Cluster::on(Broker::shared().expect("a broker"), &own);
    cluster.session_ms = SHORT_SESSION_MS;
    let mut one = cluster.node("one").await;
    crate::people::works(&one).await;
    let two = cluster.node("two").await;
    let (an, bo) = (Person::new(&provider, "an"), Person::new(&provider, "bo"));

    publish(&two, "e1", json!({ "iedereen": true })).await;
    publish(&one, "e2", json!({ "aan": "an" })).await;
    for node in [&one, &two] {
        assert_eq!(an.listed(&node.client, 2).await.len(), 2);
        assert_eq!(bo.listed(&node.client, 1).await[0]["event"]["id"], "e1");
    }
    let messages = an.listed(&two.client, 2).await;
    let path_of = |id: &str| {
        let message = messages.iter().find(|message| message["event"]["id"] == id).expect("the message");
        format!("/v1/inbox/{}", message["id"].as_str().expect("an id"))
    };
    let (broadcast, personal) = (path_of("e1"), path_of("e2"));
    // The message of another person is not there for this one.
    bo.ask(&two.client, Method::GET, &personal, Value::Null).await.expect(404);

    // At the node that does not own people, and seen at both; what one person does is of that person alone.
    assert_eq!(an.mark(&two.client, &broadcast, "read").await["state"], "read");
    assert_eq!(an.mark(&two.client, &personal, "deleted").await["state"], "deleted");
    for node in [&one, &two] {
        assert_eq!(an.state(&node.client, &broadcast).await, "read");
        assert_eq!(an.list(&node.client, "").await.len(), 1);
        assert_eq!(an.list(&node.client, "?state=deleted").await.len(), 1);
        assert_eq!(bo.state(&node.client, &broadcast).await, "new");
    }
    let undo = format!("{personal}/undo");
    an.ask(&one.client, Method::POST, &undo, json!({})).await.expect(200);
    assert_eq!(an.list(&two.client, "").await.len(), 2);

    // The next owner goes on, also with what was published while there was none, and a new node has all of it.
    one.kill();
    publish(&two, "e3", json!({ "iedereen": true })).await;
    an.listed(&two.client, 3).await;
    assert_eq!(an.mark(&two.client, &personal, "read").await["state"], "read");
    let three = cluster.node("three").await;
    assert_eq!(an.listed(&three.client, 3).await.len(), 3);
    assert_eq!(
        (an.state(&three.client, &broadcast).await, an.state(&three.client, &personal).await),
        (json!("read"), json!("read"))
    );
    an.ask(&three.client, Method::DELETE, "/v1/inbox", Value::Null).await.expect(204);
    assert_eq!(an.state(&two.client, &broadcast).await, "new", "what was stored of the person is gone");
    let logs = one.log() + &two.log() + &three.log();
    assert!(!logs.contains("\"an\"") && !logs.contains("sub=an"), "I10");
}
