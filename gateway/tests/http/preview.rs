//! Testing a selection on the newest events before it is used.

use serde_json::{Value, json};

use crate::support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER};

const PATH: &str = "/v1/subscriptions/preview";

async fn kanaal(client: &Client, naam: &str, approval: Option<&str>) {
    let mut body = json!({"naam": naam, "filters": ["zaaktype"]});
    if let Some(approval) = approval {
        body["approval"] = approval.into();
    }
    client.post("/v1/kanalen", body).await.expect(201);
}

fn ids(events: &Value) -> Vec<&str> {
    events.as_array().expect("a list").iter().map(|event| event["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn matches_and_the_part_that_others_fail_are_counted() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    kanaal(&publisher, "zaken", None).await;
    kanaal(&publisher, "besluiten", None).await;
    for (id, more) in [
        ("a", json!({"subject": "zaak-1"})),
        ("b", json!({"subject": "zaak-2", "type": "nl.overheid.zaken.anders"})),
        ("c", json!({"subject": "document-1"})),
        ("d", json!({"subject": "zaak-3", "data": {"zaaktype": "x"}})),
        ("e", json!({"subject": "zaak-4", "data": {"zaaktype": "y"}})),
    ] {
        publisher.publish("zaken", id, more).await.expect(202);
    }
    publisher.publish("besluiten", "f", json!({})).await.expect(202);
    let selection = json!({
        "types": ["nl.overheid.zaken.iets"], "filters": [{"prefix": {"subject": "zaak-"}}],
        "config": {"kanalen": ["zaken"], "kenmerken": {"zaaktype": "x"}},
    });
    let client = gateway.client(CONSUMER);
    let seen = client.post(PATH, json!({"selection": selection})).await.expect(200).json();
    assert_eq!((&seen["examined"], &seen["matched"]), (&json!(5), &json!(2)));
    assert_eq!((ids(&seen["matches"]), ids(&seen["misses"])), (vec!["d", "a"], vec!["e", "c", "b"]));
    let parts: Vec<&str> =
        seen["misses"].as_array().unwrap().iter().map(|event| event["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["config.kenmerken.zaaktype", "filters[0]", "types"]);
    let zaken = &seen["kanalen"][0];
    assert_eq!(
        (&zaken["kanaal"], &zaken["withheld"], zaken["missed"].as_array().unwrap().len()),
        (&json!("zaken"), &json!(false), 3)
    );
    assert!(seen["matches"][0]["part"].is_null() && seen["matches"][0]["accepted"].is_string());

    let few = client.post(PATH, json!({"selection": {"config": {"kanalen": ["zaken"]}}, "last": 2})).await.expect(200);
    assert_eq!(ids(&few.json()["matches"]), ["e", "d"], "the newest ones");
    let born = client.post(PATH, json!({"selection": {"config": {"born": "notificatie"}}})).await.expect(200).json();
    assert_eq!(born["matched"], 0);
    assert!(born["misses"].as_array().unwrap().iter().all(|event| event["part"] == "config.born"));
    let all = client.post(PATH, json!({"selection": {}})).await.expect(200).json();
    assert_eq!((&all["examined"], &all["matched"]), (&json!(6), &json!(6)), "{all}");
    assert_eq!(client.get("/v1/subscriptions").await.json()["count"], 0, "nothing is made");
}

#[tokio::test]
async fn a_broken_selection_is_named() {
    let gateway = Gateway::start().await;
    kanaal(&gateway.client(PUBLISHER), "zaken", None).await;
    let client = gateway.client(CONSUMER);
    let kenmerken = json!({"kanalen": ["zaken"], "born": "notificatie", "kenmerken": {"een.ander": "x"}});
    for (body, member, pointer) in [
        (json!({}), "selection", "/selection"),
        (json!({"selection": {}, "lst": 1}), "lst", "/lst"),
        (json!({"selection": {}, "last": 0}), "last", "/last"),
        (json!({"selection": {}, "last": 201}), "last", "/last"),
        (json!({"selection": {"sink": "https://x.example/"}}), "selection.sink", "/selection/sink"),
        (json!({"selection": {"filters": [{"sql": "ABC("}]}}), "selection.filters[0].sql", "/selection/filters/0/sql"),
        (
            json!({"selection": {"filters": [{"jsonpath": "$"}]}}),
            "selection.filters[0].jsonpath",
            "/selection/filters/0/jsonpath",
        ),
        (json!({"selection": {"config": {"format": "binary"}}}), "selection.config.format", "/selection/config/format"),
        (
            json!({"selection": {"config": {"kanalen": ["none"]}}}),
            "selection.config.kanalen",
            "/selection/config/kanalen",
        ),
        (
            json!({"selection": {"config": kenmerken}}),
            "selection.config.kenmerken.een.ander",
            "/selection/config/kenmerken/een.ander",
        ),
    ] {
        let answer = client.post(PATH, body.clone()).await;
        let fault = &answer.json()["errors"][0];
        assert_eq!((&fault["member"], &fault["pointer"]), (&json!(member), &json!(pointer)), "{body}");
        answer.problem(400);
    }
    gateway.client(PUBLISHER).post(PATH, json!({"selection": {}})).await.problem(403);
}

#[tokio::test]
async fn many_kanalen_get_fewer_events_each_or_are_too_broad() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    for number in 0..30 {
        kanaal(&publisher, &format!("kanaal{number}"), None).await;
    }
    let client = gateway.client(CONSUMER);
    assert_eq!(client.post(PATH, json!({"selection": {}, "last": 200})).await.problem(400).0, "too-broad");
    client.post(PATH, json!({"selection": {}})).await.expect(200);
}

#[tokio::test]
async fn a_kanaal_with_approval_shows_what_its_owner_disclosed() {
    let gateway = Gateway::start().await;
    let (publisher, client, other) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(OTHER));
    kanaal(&publisher, "besloten", Some("required")).await;
    publisher.publish("besloten", "a", json!({"subject": "geheim"})).await.expect(202);
    let by_subject =
        json!({"selection": {"filters": [{"exact": {"subject": "geheim"}}], "config": {"kanalen": ["besloten"]}}});
    let before = client.post(PATH, by_subject.clone()).await.expect(200).json();
    assert_eq!((&before["examined"], &before["kanalen"][0]["withheld"]), (&json!(0), &json!(true)));

    let body = json!({"sink": "https://sink.example/", "protocol": "HTTP", "config": {"kanalen": ["besloten"], "start": "beginning"}});
    let made = client.post("/v1/subscriptions", body).await.expect(201).json();
    let approve = format!("/v1/kanalen/besloten/subscriptions/{}/approve", made["id"].as_str().unwrap());
    gateway.client(BEHEER).post(&approve, json!({"disclose": {"attributes": [], "data": false}})).await.expect(200);
    let after = client.post(PATH, by_subject.clone()).await.expect(200).json();
    assert_eq!((&after["examined"], &after["matched"]), (&json!(1), &json!(0)), "what is not disclosed is not tested");
    assert_eq!((&after["misses"][0]["subject"], &after["misses"][0]["id"]), (&Value::Null, &json!("a")));
    let seen = other.post(PATH, by_subject.clone()).await.expect(200).json();
    assert_eq!(seen["kanalen"][0]["withheld"], true);
    let all = gateway.client(BEHEER).post(PATH, by_subject).await.expect(200).json();
    assert_eq!((&all["matched"], &all["matches"][0]["subject"]), (&json!(1), &json!("geheim")));
}
