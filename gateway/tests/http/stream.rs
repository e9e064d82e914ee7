//! `GET /v1/stream`: events and deliveries as they happen, for those who may see them.

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, OTHER, PATIENCE, PUBLISHER, Sink, eventually},
};

const PATH: &str = "/v1/stream";

/// One message of a stream: its id, type and data.
pub type Message = (String, String, Value);

/// A viewer that reads an HTTP/1.1 answer in chunks.
pub struct Viewer {
    connection: tokio::net::TcpStream,
    text: String,
    /// The status line and headers.
    pub head: String,
}

impl Viewer {
    async fn open(gateway: &Gateway, client: &str, query: &str, headers: &str) -> Self {
        let token = gateway.token(client);
        Self::open_at(gateway, &format!("{PATH}{query}"), &format!("Authorization: Bearer {token}\r\n{headers}")).await
    }

    /// Opens the stream at a path, with these lines of headers.
    pub async fn open_at(gateway: &Gateway, target: &str, headers: &str) -> Self {
        let host = gateway.base.strip_prefix("http://").expect("a base URL");
        let mut connection = tokio::net::TcpStream::connect(host).await.expect("a connection");
        // The end of the answer is the end of the connection.
        let own = "Accept: text/event-stream\r\nConnection: close";
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{own}\r\n{headers}\r\n");
        connection.write_all(request.as_bytes()).await.expect("the request is written");
        let mut viewer = Self { connection, text: String::new(), head: String::new() };
        let at = viewer.until("\r\n\r\n").await.expect("a head");
        viewer.head = viewer.text.drain(..at + 4).collect();
        viewer
    }

    /// Reads until the text contains something; its place, or `None` when the connection ended before.
    pub async fn until(&mut self, wanted: &str) -> Option<usize> {
        let reading = async {
            loop {
                if let Some(at) = self.text.find(wanted) {
                    return Some(at);
                }
                let mut bytes = [0; 4_096];
                let length = self.connection.read(&mut bytes).await.unwrap_or(0);
                if length == 0 {
                    return None;
                }
                self.text.push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{wanted:?}: not within {PATIENCE:?}"))
    }

    /// The position that the first bytes name.
    pub async fn start(&mut self) -> String {
        let end = self.until("\n\n").await.expect("the first bytes");
        let first: String = self.text.drain(..end + 2).collect();
        first.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id").to_owned()
    }

    /// The next message with data.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            let end = self.until("\n\n").await?;
            let block: String = self.text.drain(..end + 2).collect();
            let field = |name: &str| {
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                    .unwrap_or_default()
                    .to_owned()
            };
            if !field("data").is_empty() {
                return Some((field("id"), field("event"), serde_json::from_str(&field("data")).expect("JSON")));
            }
        }
    }

    /// The next message of this type; others before it are left out.
    pub async fn next_of(&mut self, kind: &str) -> Message {
        let searching = async {
            loop {
                let message = self.next().await.unwrap_or_else(|| panic!("no {kind}: the stream ended"));
                if message.1 == kind {
                    return message;
                }
            }
        };
        // Comments keep coming when there is nothing.
        tokio::time::timeout(PATIENCE, searching).await.unwrap_or_else(|_| panic!("{kind}: not within {PATIENCE:?}"))
    }

    /// The data of the next event and of the next delivery, which may come in any order.
    async fn event_and_delivery(&mut self) -> (Value, Value) {
        let searching = async {
            let (mut event, mut delivery) = (None, None);
            loop {
                let (_, kind, data) = self.next().await.expect("a message");
                match kind.as_str() {
                    "event" => event = event.or(Some(data)),
                    "delivery" => delivery = delivery.or(Some(data)),
                    other => panic!("{other}"),
                }
                if let (Some(event), Some(delivery)) = (&event, &delivery) {
                    return (event.clone(), delivery.clone());
                }
            }
        };
        tokio::time::timeout(PATIENCE, searching).await.expect("an event and a delivery in time")
    }
}

async fn kanalen(gateway: &Gateway) {
    for naam in ["zaken", "besluiten"] {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": naam})).await.expect(201);
    }
}

#[tokio::test]
async fn an_administrator_sees_events_and_deliveries_without_payload() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanalen(&gateway).await;
    let id =
        granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let mut viewer = Viewer::open(&gateway, BEHEER, "", "").await;
    let head = viewer.head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("cache-control: no-store") && head.contains("x-accel-buffering: no"), "{head}");
    gateway.client(PUBLISHER).publish("zaken", "1", json!({"data": {"geheim": "inhoud"}})).await.expect(202);
    let (event, delivery) = viewer.event_and_delivery().await;
    for data in [&event, &delivery] {
        assert!(!data.to_string().contains("geheim"), "{data}");
    }
    assert_eq!((&event["id"], &event["kanaal"], &event["source"]), (&json!("1"), &json!("zaken"), &json!("urn:test")));
    assert_eq!((&delivery["subscription"], &delivery["outcome"]), (&json!(id), &json!("delivered")));
    assert_eq!((&delivery["status"], &delivery["attemptsMade"]), (&json!(204), &json!(1)));
    assert_eq!(delivery["event"]["position"], event["position"]);
}

#[tokio::test]
async fn a_subscriber_sees_its_own_and_filters_narrow() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanalen(&gateway).await;
    let (consumer, publisher) = (gateway.client(CONSUMER), gateway.client(PUBLISHER));
    let wanted = |kanaal: &str| json!({"sink": sink.url("/x"), "config": {"kanalen": [kanaal]}});
    let zaken = granted(&consumer, wanted("zaken")).await;
    granted(&gateway.client(OTHER), wanted("besluiten")).await;
    let mut own = Viewer::open(&gateway, CONSUMER, "", "").await;
    let mut of_kanaal = Viewer::open(&gateway, BEHEER, "?kanaal=besluiten", "").await;
    let mut of_subscription = Viewer::open(&gateway, BEHEER, &format!("?subscription={zaken}"), "").await;
    publisher.publish("besluiten", "b1", json!({})).await.expect(202);
    // Entries are shown in the order of the journal, so the first event shows that the other was left out.
    assert_eq!(of_kanaal.next_of("event").await.2["id"], "b1");
    publisher.publish("zaken", "z1", json!({})).await.expect(202);
    publisher.publish("besluiten", "b2", json!({})).await.expect(202);
    for viewer in [&mut own, &mut of_subscription] {
        let (event, delivery) = viewer.event_and_delivery().await;
        assert_eq!((&event["id"], &delivery["subscription"]), (&json!("z1"), &json!(zaken)));
    }
    assert_eq!(of_kanaal.next_of("event").await.2["id"], "b2");
}

#[tokio::test]
async fn a_viewer_that_reconnects_gets_what_it_missed_or_is_informed_of_a_gap() {
    let gateway = Gateway::start().await;
    kanalen(&gateway).await;
    let publisher = gateway.client(PUBLISHER);
    let mut viewer = Viewer::open(&gateway, BEHEER, "", "").await;
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    let (id, _, _) = viewer.next_of("event").await;
    drop(viewer);
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    eventually("the event is searchable", || async {
        let found = gateway.client(BEHEER).get("/v1/events?id=2").await.json();
        (found["results"].as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    let mut again = Viewer::open(&gateway, BEHEER, "", &format!("Last-Event-ID: {id}\r\n")).await;
    let (_, kind, data) = again.next().await.expect("a message");
    assert_eq!((kind.as_str(), &data["id"]), ("event", &json!("2")));
    for unknown in ["x", "", "0123-99", "-"] {
        let mut lost = Viewer::open(&gateway, BEHEER, "", &format!("Last-Event-ID: {unknown}\r\n")).await;
        assert_eq!(lost.next().await.expect("a message").1, "gap", "{unknown}");
    }
}

#[tokio::test]
async fn a_viewer_that_saw_nothing_reconnects_without_a_gap() {
    let gateway = Gateway::start().await;
    kanalen(&gateway).await;
    let mut viewer = Viewer::open(&gateway, BEHEER, "", "").await;
    let id = viewer.start().await;
    drop(viewer);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let mut again = Viewer::open(&gateway, BEHEER, "", &format!("Last-Event-ID: {id}\r\n")).await;
    let (_, kind, data) = again.next().await.expect("a message");
    assert_eq!((kind.as_str(), &data["id"]), ("event", &json!("1")));
}

#[tokio::test]
async fn viewers_are_bounded_leave_and_end_with_the_gateway() {
    let gateway = Gateway::start().await;
    let mut viewers = Vec::new();
    for _ in 0..5 {
        viewers.push(Viewer::open(&gateway, BEHEER, "", "").await);
    }
    gateway.client(BEHEER).get(PATH).await.problem(409);
    viewers.pop();
    // Without any entry that could not be sent: the connection is enough.
    eventually("a place", || async { (gateway.management().stream.viewers() == 4).then_some(()) }).await;
    viewers.push(Viewer::open(&gateway, BEHEER, "", "").await);
    assert!(viewers[4].head.starts_with("HTTP/1.1 200"), "{}", viewers[4].head);
    gateway.stop().await;
    for mut viewer in viewers {
        assert!(viewer.next().await.is_none(), "the stream ends");
    }
}

#[tokio::test]
async fn viewers_that_take_nothing_delay_no_delivery_and_each_entry_is_shown_or_counted() {
    const BATCHES: usize = 4;
    const EVENTS: usize = 500;
    let (gateway, sink) = (Gateway::with("[limits]\nrequests_per_second = 0").await, Sink::start().await);
    kanalen(&gateway).await;
    granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let mut viewers = Vec::new();
    for _ in 0..5 {
        viewers.push(Viewer::open(&gateway, BEHEER, "", "").await);
    }
    let publisher = gateway.client(PUBLISHER);
    for batch in 0..BATCHES {
        let event = |number| {
            let (id, kind) = (format!("{batch}-{number}"), "nl.overheid.zaken.iets");
            json!({"specversion": "1.0", "id": id, "source": "urn:test", "type": kind})
        };
        let events: Vec<Value> = (0..EVENTS).map(event).collect();
        let headers = [("content-type", "application/cloudevents-batch+json")];
        publisher.send(Method::POST, "/v1/events?kanaal=zaken", &headers, json!(events).to_string()).await.expect(202);
    }
    sink.wait(Method::POST, BATCHES * EVENTS).await;
    // The viewers have read nothing until here.
    for viewer in &mut viewers {
        let (mut shown, mut dropped) = (0, 0);
        while shown + dropped < 2 * BATCHES * EVENTS {
            let (_, kind, data) = viewer.next().await.expect("a message");
            match kind.as_str() {
                "event" | "delivery" => shown += 1,
                "dropped" => dropped += data["dropped"].as_u64().expect("a number") as usize,
                other => panic!("{other}"),
            }
        }
        assert_eq!(shown + dropped, 2 * BATCHES * EVENTS, "{dropped} dropped");
    }
    drop(viewers);
    eventually("no viewer", || async { (gateway.management().stream.viewers() == 0).then_some(()) }).await;
}

#[tokio::test]
async fn wrong_parameters_and_subscriptions_of_others_are_refused() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    kanalen(&gateway).await;
    let id =
        granted(&gateway.client(CONSUMER), json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    gateway.client(OTHER).get(&format!("{PATH}?subscription={id}")).await.problem(404);
    gateway.client(OTHER).get(&format!("{PATH}?kanaal=onbekend")).await.problem(404);
    gateway.client(PUBLISHER).get(PATH).await.problem(403);
    gateway.nobody().get(PATH).await.problem(401);
    for (query, member) in [("subscription=x", "subscription"), ("type=x", "type")] {
        let problem = gateway.client(OTHER).get(&format!("{PATH}?{query}")).await.problem(400);
        assert_eq!(problem.1.as_deref(), Some(member));
    }
}
