//! Lists as CSV (`Accept: text/csv`).

use http::Method;
use serde_json::json;

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const CSV: [(&str, &str); 1] = [("accept", "text/csv")];

/// The lines of a list in CSV, once there are so many.
async fn lines(client: &Client, path: &str, count: usize) -> Vec<String> {
    eventually(path, || async {
        let answer = client.send(Method::GET, path, &CSV, "").await.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"), "{path}");
        assert!(answer.header("content-disposition").is_some_and(|value| value.ends_with(".csv\"")), "{path}");
        let text = String::from_utf8(answer.body.into()).expect("UTF-8");
        let lines: Vec<String> = text.split_terminator("\r\n").map(str::to_owned).collect();
        (lines.len() == count).then_some(lines)
    })
    .await
}

#[tokio::test]
async fn lists_are_given_as_csv_without_formulas() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let id = granted(&mine, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    sink.answers(&[422, 204]);
    publisher.publish("zaken", "a,1", json!({"subject": "=HYPERLINK(\"x\")"})).await.expect(202);
    sink.wait(Method::POST, 1).await;
    publisher.publish("zaken", "2", json!({"subject": "@SUM(A1)"})).await.expect(202);
    sink.wait(Method::POST, 2).await;

    let events = lines(&mine, "/v1/events", 3).await;
    assert_eq!(events[0], "id,source,type,subject,kanaal,partition,position,accepted");
    assert!(events[1].starts_with("2,urn:test,nl.overheid.zaken.iets,'@SUM(A1),zaken,0,"), "{}", events[1]);
    let formula = "\"a,1\",urn:test,nl.overheid.zaken.iets,\"'=HYPERLINK(\"\"x\"\")\",zaken,0,";
    assert!(events[2].starts_with(formula), "{}", events[2]);

    let deliveries = lines(&mine, &format!("/v1/subscriptions/{id}/deliveries?outcome=refused"), 2).await;
    assert!(deliveries[1].starts_with(&format!("{id},\"a,1\",zaken,0,")), "{}", deliveries[1]);
    assert!(deliveries[1].ends_with(",422,,,"), "{}", deliveries[1]);
    lines(&beheer, "/v1/events/2/deliveries", 2).await;
    let receivers = lines(&mine, "/v1/events/2/receivers", 2).await;
    assert!(receivers[1].starts_with(&format!("{id},")), "{}", receivers[1]);
    let letters = lines(&mine, "/v1/dead-letters", 2).await;
    assert!(letters[1].contains(&format!(",{id},\"a,1\",urn:test,")), "{}", letters[1]);
    assert_eq!(lines(&mine, &format!("/v1/subscriptions/{id}/dead-letters"), 2).await, letters);
    assert_eq!(lines(&gateway.client(OTHER), "/v1/dead-letters", 1).await, letters[..1]);

    let subscriptions = lines(&mine, "/v1/subscriptions", 2).await;
    assert_eq!(subscriptions[0], "id,name,contact,owner,sink,kanalen,state,reason,lag,lastError,lastDelivered");
    let one = mine.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
    let last = one["status"]["lastDelivered"].as_str().expect("the success").to_owned();
    assert!(subscriptions[1].starts_with(&format!("{id},,,{CONSUMER},")), "{}", subscriptions[1]);
    assert!(subscriptions[1].contains(",zaken,granted,,") && subscriptions[1].ends_with(&last), "{}", subscriptions[1]);
    let listed = mine.get("/v1/subscriptions").await.expect(200).json();
    assert_eq!(listed["results"][0]["status"]["lastDelivered"], last.as_str());
    mine.send(Method::GET, "/v1/subscriptions?protocol=SMTP", &CSV, "").await.problem(400);
    assert_eq!(lines(&gateway.client(OTHER), "/v1/subscriptions", 1).await, subscriptions[..1]);

    mine.post("/v1/dead-letters/redrive", json!({"filter": {}})).await.expect(202);
    let runs = lines(&mine, "/v1/runs", 2).await;
    assert_eq!(runs[0], "id,subscription,kind,created,askedBy,running,total,done,delivered,failed,expectedEnd,ended");
    assert!(runs[1].contains(&format!(",{id},records,")), "{}", runs[1]);
}

#[tokio::test]
async fn csv_is_for_lists_and_for_those_who_name_it() {
    let gateway = Gateway::start().await;
    let mine = gateway.client(CONSUMER);
    for (path, accept, expected) in [
        ("/v1/events", "*/*", "application/json"),
        ("/v1/events", "text/csv;q=0.1, application/json", "application/json"),
        ("/v1/events", "text/csv, */*;q=0.1", "text/csv; charset=utf-8; header=present"),
        ("/v1/kanalen", "text/csv, */*;q=0.1", "application/json"),
    ] {
        let answer = mine.send(Method::GET, path, &[("accept", accept)], "").await.expect(200);
        assert_eq!(answer.header("content-type"), Some(expected), "{path} {accept}");
    }
    for (path, accept) in [("/v1/events", "text/html"), ("/v1/kanalen", "text/csv")] {
        mine.send(Method::GET, path, &[("accept", accept)], "").await.problem(406);
    }
    mine.send(Method::GET, "/v1/events?from=yesterday", &CSV, "").await.problem(400);
    mine.send(Method::GET, "/v1/runs?subscription=9c5b94b1-35ad-49bb-b118-8e8fc24abf80", &CSV, "").await.problem(404);
    gateway.nobody().send(Method::GET, "/v1/events", &CSV, "").await.problem(401);
}
