//! A provider by configuration.

use std::{sync::Arc, time::Duration};

use channel_sms::{
    AnswerRules, Authorization, Body, Class, Client, ClientSettings, Description, HttpProvider, Outcome, Secret,
};
use model::clock::SystemClock;
use serde_json::{Value, json};

use crate::stub::{Stub, Then, egress, message};

fn client(url: &str, timeout: Duration) -> Client {
    let description = Description {
        url: format!("{url}/send"),
        method: "POST".to_owned(),
        body: Body::Json(json!({ "to": "{to}", "text": "{text}", "ref": "{reference}" })),
        headers: vec![("x-route".to_owned(), "business".to_owned())],
        authorization: Authorization::Scheme("Bearer".to_owned()),
        user: String::new(),
        from: String::new(),
        rules: AnswerRules { id: Some("/id".to_owned()), ..AnswerRules::default() },
    };
    let provider = HttpProvider::new(description).expect("a provider");
    Client::new(egress(), provider, Arc::new(SystemClock::default()), ClientSettings { timeout })
}

async fn send(client: &Client) -> Outcome {
    client.send(&message("Uw code is 123456"), &Secret::new("geheim")).await
}

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn ch_32_a_message_arrives_as_it_is_described_and_its_id_is_read() {
    let stub = Stub::start([Then::Answer(201, "", r#"{"id":"a-1"}"#.to_owned())]).await;
    let outcome = send(&client(&stub.url, LONG)).await;
    assert_eq!((outcome.class, outcome.id.as_deref()), (Class::Accepted, Some("a-1")));
    let arrived = stub.arrived();
    let [request] = arrived.as_slice() else { panic!("one request: {arrived:?}") };
    assert_eq!(request.line, "POST /send");
    assert_eq!(request.header("authorization"), Some("Bearer geheim"));
    assert_eq!(request.header("x-route"), Some("business"));
    let body: Value = request.body.parse().expect("JSON");
    assert_eq!(body, json!({ "to": "+31612345678", "text": "Uw code is 123456", "ref": "r-1" }));
}

#[tokio::test]
async fn ch_34_a_provider_that_wants_silence_is_not_the_addressees_trouble() {
    for (status, fields, wait) in [
        (429, "Retry-After: 3\r\n", Some(Duration::from_secs(3))),
        (503, "Retry-After: 120\r\n", Some(Duration::from_mins(2))),
        (503, "", None),
        (401, "", None),
    ] {
        let stub = Stub::start([Then::Answer(status, fields, String::new())]).await;
        let outcome = send(&client(&stub.url, LONG)).await;
        assert_eq!((outcome.class, outcome.retry_after), (Class::Provider, wait), "{status}");
        assert_eq!(stub.arrived().len(), 1);
    }
}

/// A connection that served a request before is closed after the next was read: the provider may have sent it.
#[tokio::test]
async fn ch_36_a_message_without_an_answer_is_in_doubt_and_sent_once() {
    let accepted = Then::Answer(201, "", "{}".to_owned());
    let stub = Stub::start([accepted.clone(), Then::Close, accepted]).await;
    let own = client(&stub.url, LONG);
    let classes = [send(&own).await.class, send(&own).await.class, send(&own).await.class];
    assert_eq!(classes, [Class::Accepted, Class::Unknown, Class::Accepted]);
    assert_eq!(stub.arrived().len(), 3);

    let stub = Stub::start([Then::Hang]).await;
    let outcome = send(&client(&stub.url, Duration::from_secs(1))).await;
    assert_eq!(outcome.class, Class::Unknown, "{outcome}");
    assert_eq!(stub.arrived().len(), 1);
}

#[tokio::test]
async fn ch_36_a_provider_that_is_not_reached_has_nothing() {
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let outcome = send(&client(&url, LONG)).await;
    assert_eq!(outcome.class, Class::Provider, "{outcome}");
    let refused = send(&client("http://192.0.2.1", LONG)).await;
    assert_eq!(refused.class, Class::Provider, "{refused}");
    assert!(!refused.to_string().contains("3161"));
}
