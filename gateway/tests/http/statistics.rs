//! `GET /v1/statistics`: what was accepted, delivered and failed, per minute and hour, for those who may see it.

use std::time::Duration;

use model::Timestamp;
use serde_json::{Value, json};

use crate::{
    openapi::check,
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
    let later = gateway.now() + Duration::from_secs(1);
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

#[tokio::test]
async fn the_owner_of_a_kanaal_sees_its_events_by_day_findings_and_types_without_a_schema() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let schema =
        json!({"name": "zaak", "types": ["nl.zaken.bekend"], "description": "Een zaak", "schema": {"type": "object"}});
    publisher.post("/v1/schemas", schema).await.expect(201);
    let path = "/v1/kanalen/zaken/statistics";
    let before = publisher.get(path).await.expect(200).json();
    check("KanaalStatistics", &before);
    assert_eq!((&before["checked"], &before["types"]), (&json!(0), &json!([])));
    for (id, kind) in [("1", "bekend"), ("2", "onbekend"), ("3", "onbekend"), ("4", "zeldzaam")] {
        publisher.publish("zaken", id, json!({"type": format!("nl.zaken.{kind}")})).await.expect(202);
    }
    let figures = publisher.get(path).await.expect(200).json();
    check("KanaalStatistics", &figures);
    let days = figures["days"].as_array().expect("days");
    let accepted: Vec<u64> = days.iter().filter_map(|day| day["accepted"].as_u64()).collect();
    assert_eq!((accepted.len(), accepted.iter().sum::<u64>()), (7, 4), "{figures}");
    assert!(days.iter().all(|day| day["at"].as_str().is_some_and(|at| at.ends_with("T00:00:00Z"))), "{figures}");
    assert_eq!((&figures["checked"], &figures["typesWithoutSchema"]), (&json!(4), &json!(2)));
    let types = figures["types"].as_array().expect("types");
    let of = |at: usize| (&types[at]["type"], &types[at]["events"], &types[at]["example"]);
    let example = |id: &str| json!({"source": "urn:test", "id": id});
    assert_eq!(of(0), (&json!("nl.zaken.onbekend"), &json!(2), &example("3")));
    assert_eq!(of(1), (&json!("nl.zaken.zeldzaam"), &json!(1), &example("4")));
    let found = figures["findings"].as_array().expect("findings");
    assert!(!found.is_empty() && found.iter().all(|own| own["examples"].as_array().is_some_and(|own| own.len() <= 3)));

    let from = |at: Timestamp| format!("{path}?from={}", at.to_rfc3339());
    let day = Duration::from_hours(24);
    let last = gateway.client(BEHEER).get(&from(gateway.now() - day / 2)).await.expect(200).json();
    assert_eq!(last["days"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["days"][0]["accepted"], 4);
    for query in [
        from(gateway.now() - day * 40),
        from(gateway.now() + day),
        format!("{path}?from=gisteren"),
        format!("{path}?x=1"),
    ] {
        publisher.get(&query).await.problem(400);
    }
    gateway.client(CONSUMER).get(path).await.problem(403);
    gateway.client(BEHEER).get("/v1/kanalen/anders/statistics").await.problem(404);
}
