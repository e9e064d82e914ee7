//! `GET /v1/statistics`: what was accepted, delivered and failed, per minute and hour, for those who may see it.

use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

const PATH: &str = "/v1/statistics";

/// The totals once they are as expected.
async fn totals(client: &Client, path: &str, expected: &Value) -> Value {
    eventually(&format!("{path}: {expected}"), || async {
        let figures = client.get(path).await.expect(200).json();
        (figures["total"] == *expected).then_some(figures)
    })
    .await
}

fn counts(accepted: Option<u32>, delivered: u32, failed: u32, requests: [u32; 3]) -> Value {
    let [success, client_error, server_error] = requests;
    let mut counts = json!({
        "delivered": delivered, "failed": failed, "other": 0,
        "requests": {"2xx": success, "3xx": 0, "4xx": client_error, "5xx": server_error, "none": 0},
    });
    if let Some(accepted) = accepted {
        counts["accepted"] = json!(accepted);
    }
    counts
}

#[tokio::test]
async fn accepted_events_deliveries_and_requests_are_counted_for_each_who_may_see_them() {
    let (gateway, sink, other_sink) = (Gateway::start().await, Sink::start().await, Sink::start().await);
    let publisher = gateway.client(PUBLISHER);
    for naam in ["zaken", "besluiten"] {
        publisher.post("/v1/kanalen", json!({"naam": naam})).await.expect(201);
    }
    let (consumer, other, beheer) = (gateway.client(CONSUMER), gateway.client(OTHER), gateway.client(BEHEER));
    let wanted = |sink: &Sink, kanaal: &str| json!({"sink": sink.url("/x"), "config": {"kanalen": [kanaal], "retry": {"maxRetries": 3, "base": 1, "factor": 1, "jitter": 0}}});
    let id = granted(&consumer, wanted(&sink, "zaken")).await;
    granted(&other, wanted(&other_sink, "besluiten")).await;
    sink.answers(&[503, 204, 422]);
    publisher.publish("zaken", "1", json!({})).await.expect(202);
    totals(&consumer, PATH, &counts(None, 1, 0, [1, 0, 1])).await;
    publisher.publish("zaken", "2", json!({})).await.expect(202);
    publisher.publish("besluiten", "3", json!({})).await.expect(202);

    let own = counts(None, 1, 1, [1, 1, 1]);
    totals(&consumer, &format!("{PATH}?subscription={id}"), &own).await;
    totals(&consumer, PATH, &own).await;
    totals(&publisher, &format!("{PATH}?kanaal=zaken&step=1h"), &counts(Some(2), 1, 1, [1, 1, 1])).await;
    totals(&other, PATH, &counts(None, 1, 0, [1, 0, 0])).await;
    let everything = counts(Some(3), 2, 1, [2, 1, 1]);
    let minutes = totals(&beheer, PATH, &everything).await;
    assert_eq!((&minutes["step"], &minutes["approximate"]), (&json!("1m"), &json!(true)));
    assert_eq!(minutes["results"].as_array().map(Vec::len), Some(60));
    let sum: u64 = minutes["results"].as_array().unwrap().iter().filter_map(|step| step["accepted"].as_u64()).sum();
    assert_eq!(sum, 3);
    assert!(minutes["completeSince"].is_string() && minutes["results"][0]["at"].is_string(), "{minutes}");
    let hours = totals(&beheer, &format!("{PATH}?step=1h"), &everything).await;
    assert_eq!(hours["results"].as_array().map(Vec::len), Some(24));
    let since = minutes["results"][59]["at"].as_str().unwrap();
    let recent = beheer.get(&format!("{PATH}?from={since}")).await.expect(200).json();
    assert!(recent["results"].as_array().is_some_and(|steps| (1..=60).contains(&steps.len())), "{recent}");
}

#[tokio::test]
async fn figures_of_others_and_wrong_parameters_are_refused() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let (consumer, other) = (gateway.client(CONSUMER), gateway.client(OTHER));
    let id = granted(&consumer, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    other.get(&format!("{PATH}?subscription={id}")).await.problem(404);
    gateway.client(BEHEER).get(&format!("{PATH}?subscription={id}")).await.expect(200);
    consumer.get(&format!("{PATH}?kanaal=zaken")).await.problem(403);
    gateway.client(BEHEER).get(&format!("{PATH}?kanaal=zaken")).await.expect(200);
    consumer.get(&format!("{PATH}?kanaal=onbekend")).await.problem(404);
    gateway.nobody().get(PATH).await.problem(401);
    for (query, member) in [
        ("step=1d", "step"),
        ("from=yesterday", "from"),
        ("from=2999-01-01T00:00:00Z", "from"),
        ("subscription=x", "subscription"),
        ("kanaal=zaken&subscription=9c5b94b1-35ad-49bb-b118-8e8fc24abf80", "subscription"),
        ("until=2999-01-01T00:00:00Z", "until"),
    ] {
        let problem = consumer.get(&format!("{PATH}?{query}")).await.problem(400);
        assert_eq!(problem.1.as_deref(), Some(member), "{query}");
    }
}

#[tokio::test]
async fn a_subscription_has_figures_by_type_and_by_status_over_four_periods() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let (consumer, other) = (gateway.client(CONSUMER), gateway.client(OTHER));
    let id = granted(&consumer, json!({"sink": sink.url("/x"), "config": {"kanalen": ["zaken"]}})).await;
    let path = format!("/v1/subscriptions/{id}/statistics");
    let none = consumer.get(&path).await.expect(200).json();
    assert_eq!((&none["approximate"], &none["lastDelivered"]), (&json!(true), &json!(null)), "{none}");
    assert_eq!(none["results"][3]["types"], json!([]), "{none}");
    sink.answers(&[204, 422]);
    for event in ["1", "2"] {
        gateway.client(PUBLISHER).publish("zaken", event, json!({"type": "nl.a"})).await.expect(202);
    }
    let types = json!([{"type": "nl.a", "delivered": 1, "failed": 1}]);
    let figures = eventually("both deliveries with their type", || async {
        let figures = consumer.get(&path).await.expect(200).json();
        (figures["results"][1]["types"] == types && figures["results"][1]["delivered"] == 1).then_some(figures)
    })
    .await;
    let periods = figures["results"].as_array().expect("periods");
    assert_eq!(periods.iter().map(|own| &own["period"]).collect::<Vec<_>>(), ["1h", "24h", "7d", "30d"]);
    for period in periods {
        assert_eq!((&period["types"], &period["typesComplete"]), (&types, &json!(true)), "{period}");
        assert_eq!((&period["delivered"], &period["failed"]), (&json!(1), &json!(1)), "{period}");
        assert_eq!((&period["requests"]["2xx"], &period["requests"]["4xx"]), (&json!(1), &json!(1)), "{period}");
        assert!(period["completeSince"].is_string(), "the gateway just started: {period}");
    }
    assert!(figures["lastDelivered"].is_string(), "{figures}");
    // Once they are counted by hour, statuses are known too.
    let journal = &gateway.management().journal;
    let later = gateway.now() + std::time::Duration::from_secs(1);
    while journal.count_deliveries(later, 1_000).await.expect("counted") {}
    let figures = consumer.get(&path).await.expect(200).json();
    let statuses = json!([{"status": 204, "requests": 1}, {"status": 422, "requests": 1}]);
    assert_eq!(figures["results"][1]["statuses"], statuses, "{figures}");
    assert_eq!(figures["results"][0]["statuses"], json!([]), "{figures}");
    gateway.client(BEHEER).get(&path).await.expect(200);
    other.get(&path).await.problem(404);
    gateway.client(PUBLISHER).get(&path).await.problem(403);
    gateway.nobody().get(&path).await.problem(401);
    assert_eq!(consumer.get(&format!("{path}?step=1h")).await.problem(400).1.as_deref(), Some("step"));
}
