//! A warning before retention removes events that a subscription did not get (H13).

use std::{sync::Arc, time::Duration};

use model::{Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{CONSUMER, Gateway, PUBLISHER, Sink, eventually},
};

async fn gauge(gateway: &Gateway) -> String {
    let text = String::from_utf8_lossy(&gateway.nobody().get("/metrics").await.body).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("gateway_subscriptions_near_retention "));
    line.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn h13_a_paused_subscription_shows_what_retention_is_about_to_remove() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
    let gateway = Gateway::with_clock("", &clock).await;
    let sink = Sink::start().await;
    let kanaal = json!({"naam": "zaken", "retentionDays": 1});
    gateway.client(PUBLISHER).post("/v1/kanalen", kanaal).await.expect(201);
    let body = json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}});
    let id = granted(&gateway.client(CONSUMER), body).await;
    let path = format!("/v1/subscriptions/{id}");
    gateway.client(CONSUMER).post(&format!("{path}/pause"), json!({})).await.expect(200);
    for event in ["1", "2"] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({})).await.expect(202);
    }
    eventually("lag", || async {
        let shown = gateway.client(CONSUMER).get(&path).await.expect(200).json();
        (shown["status"]["lag"]["events"] == 2).then_some(())
    })
    .await;
    let risk = || async {
        gateway.management().look_at_retention().await.expect("storage");
        gateway.client(CONSUMER).get(&path).await.expect(200).json()["status"]["retentionRisk"].clone()
    };
    // A quarter of a day before the end.
    clock.advance(Duration::from_hours(17));
    assert_eq!((risk().await, gauge(&gateway).await), (Value::Null, "0".to_owned()));
    clock.advance(Duration::from_hours(2));
    let found = risk().await;
    assert_eq!((&found["kanaal"], &found["records"]), (&json!("zaken"), &json!(2)));
    assert_eq!(found["removedFrom"], "2027-01-16T08:00:00Z");
    assert_eq!(gauge(&gateway).await, "1");
    gateway.client(CONSUMER).post(&format!("{path}/resume"), json!({})).await.expect(200);
    eventually("deliveries", || async { (risk().await == Value::Null).then_some(()) }).await;
    assert_eq!(gauge(&gateway).await, "0");
}
