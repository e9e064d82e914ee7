//! The broker is paused and resumed.

use std::time::Duration;

use http::Method;
use serde_json::json;
use storage::kafka::broker::Broker;

use crate::support::{
    Cluster, Sink,
    browser::{cookie, get, post},
    client::event,
    eventually,
};

/// Session time-out in milliseconds. Shards that are lost sooner, on a busy machine, change nothing.
const SESSION_MS: u64 = 3_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_nothing_is_accepted_and_afterwards_all_goes_on() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut cluster = Cluster::on(&broker, "[limits]\nreceive_seconds = 20\n");
    (cluster.session_ms, cluster.timeout_seconds) = (SESSION_MS, 5);
    let sink = Sink::start().await;
    let mut node = cluster.node("one").await;
    node.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    let publish = async |id: &str| node.client.publish("zaken", &[event(id, "k")]).await.expect("an answer");
    publish("before").await.expect(202);
    eventually("first event", async || sink.accepted("/hook").contains("before").then_some(())).await;

    broker.pause().expect("a paused broker");
    let refused = publish("during").await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    let ready = async || node.client.send(Method::GET, "/readyz", "-", String::new()).await.expect("an answer");
    let not_ready =
        eventually("truth of readyz", async || Some(ready().await).filter(|answer| answer.status == 503)).await;
    assert_ne!(not_ready.json()["checks"]["storage"], "ok");
    node.client.get("/livez").await.expect(200);
    let change = node.client.post("/v1/kanalen", json!({"naam": "nieuw"})).await.expect(503);
    assert!(change.headers.contains_key("retry-after"));
    // Long enough for the session to be over.
    tokio::time::sleep(Duration::from_millis(SESSION_MS + 1_000)).await;
    broker.resume().expect("the broker goes on");

    let answers =
        eventually("success again", async || Some(publish("after").await).filter(|answer| answer.status == 202)).await;
    answers.expect(202);
    eventually("event after the outage", async || sink.accepted("/hook").contains("after").then_some(())).await;
    eventually("readyz", async || (ready().await.status == 200).then_some(())).await;
    let made = async || {
        let answer = node.client.post("/v1/kanalen", json!({"naam": "daarna"})).await;
        [201, 409].contains(&answer.status.as_u16()).then_some(())
    };
    eventually("changes again", made).await;
    let during = if sink.accepted("/hook").contains("during") { "came all the same" } else { "is not there" };
    // A node can be stopped while there is no broker.
    broker.pause().expect("a paused broker");
    let asked = tokio::time::Instant::now();
    node.stop().await;
    println!(
        "outage: 503 while it lasted, success after; the refused event {during}; stopped without a broker in {:.1?}",
        asked.elapsed()
    );
}

/// How long the brokers may take for one request, in seconds: far longer than a page, and than the test waits for one.
const PATIENT_SECONDS: u64 = 300;

/// How long the test waits for a page. The pages answer within five seconds on an idle machine.
const PAGE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_answer_while_there_is_no_broker() {
    let broker = Broker::start(&[]).expect("a broker");
    let mut cluster = Cluster::on(&broker, "[console]\norganisation = \"Gemeente Voorbeeld\"\n");
    cluster.timeout_seconds = PATIENT_SECONDS;
    let sink = Sink::start().await;
    let node = cluster.node("one").await;
    node.client.subscribe("zaken", &sink.url("/hook"), json!({"start": "beginning"})).await;
    node.client.publish("zaken", &[event("1", "k")]).await.expect("an answer").expect(202);
    eventually("the event", async || sink.accepted("/hook").contains("1").then_some(())).await;
    let listed = node.client.get("/v1/subscriptions").await.expect(200).json();
    let id = listed["results"][0]["id"].as_str().expect("an id").to_owned();
    let form = format!("code={}", node.login_code("beheerder"));
    let session = post(&node.client, "/beheer/inloglink", "", &form).await.expect(303);
    let session = cookie(&session, "gw-beheer").expect("a session");

    broker.pause().expect("a paused broker");
    for path in [
        "/beheer".to_owned(),
        "/beheer/abonnementen".to_owned(),
        format!("/beheer/abonnementen/{id}"),
        format!("/beheer/abonnementen/{id}/bezorgingen"),
        format!("/beheer/abonnementen/{id}/wijzigen"),
        "/beheer/kanalen".to_owned(),
        "/beheer/kanalen/zaken".to_owned(),
        "/beheer/events".to_owned(),
        "/beheer/dead-letters".to_owned(),
        "/beheer/runs".to_owned(),
        "/beheer/systeem".to_owned(),
        "/beheer/configuratie".to_owned(),
        "/beheer/logboek".to_owned(),
        "/beheer/sessies".to_owned(),
        "/beheer/zoek?q=1".to_owned(),
    ] {
        let asked = tokio::time::Instant::now();
        let answer = tokio::time::timeout(PAGE, get(&node.client, &path, &session)).await.expect("an answer in time");
        println!("{path}: {} after {:.1?}", answer.status, asked.elapsed());
        match answer.status.as_u16() {
            200 => {}
            503 => assert!(answer.body.contains("Nu niet beschikbaar"), "{path}: {}", answer.body),
            other => panic!("{path}: {other}"),
        }
    }
    broker.resume().expect("the broker goes on");
}
