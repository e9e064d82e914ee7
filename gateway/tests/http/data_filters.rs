//! Filters on the payload: which events a subscription with them gets, and which it does not.

use http::Method;
use serde_json::{Value, json};

use crate::{
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, Sink, eventually},
};

fn notificatie(zaaktype: &str) -> Value {
    json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/1", "resource": "status",
        "resourceUrl": "https://z.nl/statussen/1", "actie": "create", "aanmaakdatum": "2025-01-01T12:00:00Z",
        "kenmerken": {"zaaktype": zaaktype},
    })
}

#[tokio::test]
async fn g3_an_expression_over_a_name_that_no_event_can_have_is_a_warning() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let consumer = gateway.client(CONSUMER);
    let filters = json!([{"sql": "subject = 'x'"}, {"not": {"sql": "EXISTS data"}}]);
    let body =
        json!({"sink": sink.url("/x"), "protocol": "HTTP", "filters": filters, "config": {"kanalen": ["zaken"]}});
    let mut made = consumer.post("/v1/subscriptions", body).await.expect(201).json();
    let [warning] = &made["warnings"].as_array().expect("warnings")[..] else { panic!("{made}") };
    assert_eq!(warning["member"], "filters[1]");
    assert!(warning["warning"].as_str().is_some_and(|text| text.contains("named data")), "{warning}");
    let selection = json!({"selection": {"filters": filters}});
    let previewed = consumer.post("/v1/subscriptions/preview", selection).await.expect(200).json();
    assert_eq!(previewed["warnings"], made["warnings"]);
    // What is shown can be sent back, and nothing is left of the warning once the filter is gone.
    let path = format!("/v1/subscriptions/{}", made["id"].as_str().expect("an id"));
    assert_eq!(consumer.put(&path, made.clone()).await.expect(200).json()["warnings"], made["warnings"]);
    made["filters"] = json!([{"data": {"path": "/x", "exists": true}}]);
    let changed = consumer.put(&path, made).await.expect(200).json();
    assert!(changed.get("warnings").is_none(), "{changed}");
}

#[tokio::test]
async fn g3_a_filter_on_data_lets_nothing_pass_that_lacks_the_member() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, consumer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken", "filters": ["zaaktype"]})).await.expect(201);
    let filters = json!([{"any": [
        {"data": {"path": "/zaak/zaaktype", "in": ["a", "b"]}},
        {"data": {"path": "/kenmerken/zaaktype", "exact": "a"}},
    ]}]);
    let body = json!({"sink": sink.url("/x"), "filters": filters, "config": {"kanalen": ["zaken"]}});
    let id = granted(&consumer, body).await;
    let shown = consumer.get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
    assert_eq!(shown["filters"], filters);
    for (id, data) in [
        ("1", json!({"zaak": {"zaaktype": "c"}})),
        ("2", json!({"zaak": {}})),
        ("3", json!({"zaak": {"zaaktype": null}})),
        ("4", json!({"zaak": {"zaaktype": {"url": "a"}}})),
        ("5", json!({"zaaktype": "a"})),
        ("6", json!("a")),
        ("7", Value::Null),
        ("8", json!({"zaak": {"zaaktype": "a"}})),
        ("9", json!({"zaak": {"n": [1], "zaaktype": "b"}})),
    ] {
        publisher.publish("zaken", id, json!({ "data": data })).await.expect(202);
    }
    for zaaktype in ["b", "a"] {
        publisher.post("/api/v1/notificaties", notificatie(zaaktype)).await.expect(201);
    }
    sink.wait(Method::POST, 3).await;
    eventually("no events left", || async {
        let now = consumer.get(&format!("/v1/subscriptions/{id}")).await.json();
        (now["status"]["lag"]["events"] == 0 && now["status"]["inFlight"] == 0).then_some(())
    })
    .await;
    let received = sink.seen(&Method::POST);
    let mut ids: Vec<String> = received
        .iter()
        .filter_map(|one| one.json()["id"].as_str().map(str::to_owned))
        .filter(|id| id.len() == 1)
        .collect();
    ids.sort_unstable();
    assert_eq!((received.len(), ids), (3, vec!["8".to_owned(), "9".to_owned()]));
    let kenmerken = received.iter().map(|one| one.json()["data"]["kenmerken"]["zaaktype"].clone());
    assert_eq!(kenmerken.filter(Value::is_string).collect::<Vec<_>>(), ["a"]);

    // An event that is only checked has the same receivers.
    let event = |data: Value| {
        json!({"specversion": "1.0", "id": "10", "source": "urn:test", "type": "nl.overheid.zaken.iets", "data": data})
            .to_string()
    };
    let headers = [("content-type", "application/cloudevents+json")];
    for (data, receives) in [(json!({"zaak": {"zaaktype": "a"}}), true), (json!({"zaak": {}}), false)] {
        let path = "/v1/events?kanaal=zaken&dryRun=true";
        let beheer = gateway.client(BEHEER);
        let report = beheer.send(Method::POST, path, &headers, event(data.clone())).await.expect(200).json();
        let row = &report["events"][0]["subscriptions"][0];
        assert_eq!((&row["id"], &row["receives"]), (&json!(id), &json!(receives)), "{data}");
    }
}
