//! `/v1/kanalen`: creating, changing, reading and deleting kanalen through the native API.

use serde_json::json;

use crate::support::{BEHEER, CONSUMER, Gateway, PUBLISHER, Sink};

#[tokio::test]
async fn a_kanaal_is_made_read_replaced_and_deleted() {
    let gateway = Gateway::start().await;
    let (publisher, consumer, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    let body = json!({
        "naam": "zaken & co/ä", "documentatieLink": "https://doc.example/", "retentionDays": 3,
        "filters": ["zaaktype", {"naam": "id", "attribute": "kenmerkid"}], "typeRoutes": ["nl.overheid.zaken."],
    });
    let made = publisher.post("/v1/kanalen", body.clone()).await.expect(201);
    let url = made.header("location").expect("a location").to_owned();
    let read = consumer.get(&url).await.expect(200).json();
    for (member, value) in body.as_object().unwrap() {
        assert_eq!(read[member], *value, "{member}");
    }
    assert_eq!(read["url"], url);
    assert_eq!(publisher.post("/v1/kanalen", body).await.problem(409).0, "kanaal-exists");

    let replaced = publisher.put(&url, json!({"source": "urn:x"})).await.expect(200).json();
    assert_eq!((&replaced["source"], &replaced["filters"]), (&json!("urn:x"), &json!([])));
    assert_eq!(replaced["created"], read["created"]);
    assert_eq!(publisher.put(&url, json!({"naam": "other"})).await.problem(400).1.as_deref(), Some("naam"));
    publisher.put("/v1/kanalen/none", json!({})).await.problem(404);

    publisher.delete(&url).await.problem(403);
    beheer.delete(&format!("{url}?purge=perhaps")).await.problem(400);
    beheer.delete(&format!("{url}?purge=true")).await.expect(204);
    consumer.get(&url).await.problem(404);
}

#[tokio::test]
async fn a_kanaal_in_use_stays() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let beheer = gateway.client(BEHEER);
    beheer.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    beheer
        .post("/v1/subscriptions", json!({"sink": sink.url("/"), "protocol": "HTTP", "config": {"kanalen": ["zaken"]}}))
        .await
        .expect(201);
    assert_eq!(beheer.delete("/v1/kanalen/zaken").await.problem(409).0, "kanaal-in-use");
}

#[tokio::test]
async fn collisions_are_refused_map_12() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    for (filters, member) in [(json!(["id"]), "filters[0]"), (json!(["a.b", "ab"]), "filters[1]")] {
        let answer = publisher.post("/v1/kanalen", json!({"naam": "x", "filters": filters})).await;
        assert_eq!(answer.problem(400).1.as_deref(), Some(member));
    }
}

#[tokio::test]
async fn kanalen_are_listed_in_pages() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let before = publisher.get("/v1/kanalen").await.expect(200).json()["count"].as_u64().expect("a count");
    for naam in ["a", "b", "c"] {
        publisher.post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let mut names = vec![];
    let mut next = json!("/v1/kanalen?pageSize=2");
    while let Some(path) = next.as_str() {
        let page = publisher.get(path).await.expect(200).json();
        assert_eq!(page["count"], before + 3);
        names.extend(page["results"].as_array().unwrap().iter().map(|kanaal| kanaal["naam"].clone()));
        next = page["next"].clone();
    }
    assert_eq!(names.len() as u64, before + 3);
    assert!(["a", "b", "c"].iter().all(|naam| names.contains(&json!(naam))));
}

/// A second client that may publish.
const SECOND: &str = "[[applicatie]]\nclient_id = \"second\"\nsecret = \"the long enough secret of second\"\n\
                      scopes = [\"notificaties.publiceren\"]\n";

#[tokio::test]
async fn d1_a_type_route_takes_no_events_of_others() {
    let gateway = Gateway::with(&format!("{SECOND}[[kanaal]]\nnaam = \"declared\"\ntype_routes = [\"eu.\"]\n")).await;
    let (a, b, beheer) = (gateway.client(PUBLISHER), gateway.client("second"), gateway.client(BEHEER));
    a.post("/v1/kanalen", json!({"naam": "zaken", "typeRoutes": ["nl.overheid.zaken.", "org."]})).await.expect(201);
    let overlapping = ["nl.overheid.zaken.zaak-", "n", "org.x", "o", "nl.overheid.declared.x", "eu.x"];
    for route in overlapping {
        let answer = b.post("/v1/kanalen", json!({"naam": "evil", "typeRoutes": [route]})).await;
        assert_eq!(answer.problem(409), ("route-taken".into(), Some("typeRoutes".into())), "{route}");
    }
    b.post("/v1/kanalen", json!({"naam": "own", "typeRoutes": ["nl.own."]})).await.expect(201);
    for route in overlapping {
        let answer = b.put("/v1/kanalen/own", json!({"typeRoutes": ["nl.own.", route]})).await;
        assert_eq!(answer.problem(409).0, "route-taken", "{route}");
    }
    beheer.put("/v1/kanalen/own", json!({"typeRoutes": ["nl.own.", "org.x"]})).await.expect(200);
    b.put("/v1/kanalen/own", json!({"typeRoutes": ["org.x", "nl.own.", "nl.own.more."]})).await.expect(200);
    a.put("/v1/kanalen/zaken", json!({"typeRoutes": ["nl.own.x"]})).await.problem(409);
}

#[tokio::test]
async fn d2_others_change_filters_and_documentation_of_a_kanaal_only() {
    let gateway = Gateway::with(SECOND).await;
    let (a, b, beheer) = (gateway.client(PUBLISHER), gateway.client("second"), gateway.client(BEHEER));
    let body = json!({
        "naam": "zaken", "retentionDays": 30, "typeRoutes": ["nl.x."], "source": "urn:a", "privacy": "strict",
        "payloadSchemas": "reject", "clearance": {"classifications": ["public"], "regulations": []},
    });
    let made = a.post("/v1/kanalen", body.clone()).await.expect(201).json();
    for (member, value) in [
        ("retentionDays", json!(1)),
        ("typeRoutes", json!([])),
        ("source", json!("urn:b")),
        ("profile", json!("nlgov")),
        ("strictness", json!("strict")),
        ("privacy", json!(null)),
        ("payloadSchemas", json!("off")),
        ("clearance", json!(null)),
        ("owner", json!("second")),
        ("approval", json!("required")),
    ] {
        let mut changed = body.clone();
        changed[member] = value;
        assert_eq!(b.put("/v1/kanalen/zaken", changed).await.problem(403).0, "forbidden", "{member}");
    }
    b.put("/v1/kanalen/zaken", json!({})).await.problem(403);
    assert_eq!(a.get("/v1/kanalen/zaken").await.json(), made);
    let mut open = body.clone();
    open["filters"] = json!(["zaaktype"]);
    open["documentatieLink"] = json!("https://doc.example/");
    let changed = b.put("/v1/kanalen/zaken", open).await.expect(200).json();
    assert_eq!((&changed["filters"], &changed["retentionDays"]), (&json!(["zaaktype"]), &json!(30)));
    beheer.put("/v1/kanalen/zaken", json!({"retentionDays": 2})).await.expect(200);
    assert_eq!(a.put("/v1/kanalen/zaken", json!({})).await.expect(200).json()["owner"], PUBLISHER);

    let gateway =
        gateway.restart_with(&format!("{SECOND}[notificaties]\nany_publisher_changes_kanalen = true\n")).await;
    let b = gateway.client("second");
    assert_eq!(b.put("/v1/kanalen/zaken", json!({"source": "urn:b"})).await.expect(200).json()["source"], "urn:b");
    b.put("/v1/kanalen/zaken", json!({"owner": "second"})).await.problem(403);
}
