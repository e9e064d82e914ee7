//! `/livez`, `/readyz`, `/metrics`, and the schemas that go with the API description.

use serde_json::json;

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Gateway, PUBLISHER, Sink, eventually},
};

#[tokio::test]
async fn health_and_metrics_need_no_token() {
    let gateway = Gateway::start().await;
    let nobody = gateway.nobody();
    nobody.get("/livez").await.expect(200);
    eventually("readiness", || async { (nobody.get("/readyz").await.status == 200).then_some(()) }).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    gateway.client(PUBLISHER).publish("zaken", "1", json!({})).await.expect(202);
    let metrics = nobody.get("/metrics").await.expect(200);
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain"));
    let text = String::from_utf8_lossy(&metrics.body).into_owned();
    for name in
        ["gateway_events_accepted_total", "gateway_ingest_seconds_bucket", "gateway_subscriptions{state=\"granted\"}"]
    {
        assert!(text.contains(name), "{name}");
    }
    for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is not described");
    }
    assert!(text.contains("gateway_http_requests_total{status=\"5xx\"}"), "what is rare starts at 0");
}

#[tokio::test]
async fn g8_metrics_of_process_build_disk_dead_letters_and_worst_subscriptions() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, consumer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let config = json!({"kanalen": ["zaken"], "retry": {"maxRetries": 5, "factor": 600}});
    let id = granted(&consumer, json!({"sink": sink.url("/x"), "config": config})).await;
    sink.answers(&[422]);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    eventually("a dead letter", || async {
        (consumer.get("/v1/dead-letters").await.json()["count"] == 1).then_some(())
    })
    .await;
    sink.answers(&[503]);
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    let behind = format!("gateway_subscription_lag_events{{subscription=\"{id}\"}} 1\n");
    let text = metrics_with(&gateway, &behind).await;
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.contains(&format!("gateway_build_info{{version=\"{version}\",store=\"embedded\"}} 1\n")), "{text}");
    for name in [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_start_time_seconds",
        "gateway_data_disk_free_bytes",
        "gateway_data_disk_size_bytes",
    ] {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        assert!(line.is_some_and(|value| value.parse::<f64>().is_ok_and(|value| value > 0.0)), "{name}: {text}");
    }
    assert!(text.contains("gateway_dead_letters 1\n"), "{text}");
}

async fn metrics_with(gateway: &Gateway, line: &str) -> String {
    eventually(line, || async {
        let text = String::from_utf8_lossy(&gateway.nobody().get("/metrics").await.body).into_owned();
        text.contains(line).then_some(text)
    })
    .await
}

#[tokio::test]
async fn operations_can_have_a_listener_of_their_own() {
    let address = format!("127.0.0.1:{}", free_port::free_port());
    let gateway = Gateway::with(&format!("[operations]\nlisten = \"{address}\"")).await;
    gateway.nobody().get("/metrics").await.expect(404);
    gateway.nobody().get(&format!("http://{address}/livez")).await.expect(200);
    gateway.nobody().get(&format!("http://{address}/v1/kanalen")).await.expect(404);
}

#[tokio::test]
async fn schemas_are_public_map_15() {
    let gateway = Gateway::start().await;
    for name in ["notificatie", "nlgov-cloudevent"] {
        let schema = gateway.nobody().get(&format!("/v1/schemas/{name}")).await.expect(200);
        assert_eq!(schema.header("content-type"), Some("application/schema+json"));
        assert!(schema.json().is_object());
    }
    gateway.nobody().get("/v1/schemas/other").await.problem(404);
}
