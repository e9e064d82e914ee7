//! `/livez`, `/readyz`, `/metrics`, and the API description's company of schemas.

use serde_json::json;

use crate::support::{Gateway, PUBLISHER, eventually};

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
async fn operations_can_have_a_listener_of_their_own() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
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
