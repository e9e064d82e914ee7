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

/// The lines of a list in CSV that has as many rows as in JSON, and the one that begins with a text.
async fn line_of(client: &Client, path: &str, start: &str) -> (Vec<String>, String) {
    let listed = client.get(path).await.expect(200).json();
    let lines = lines(client, path, listed["results"].as_array().map_or(0, Vec::len) + 1).await;
    let line = lines.iter().find(|line| line.starts_with(&format!("{start},"))).cloned();
    (lines, line.unwrap_or_else(|| panic!("{start} in {path}")))
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
    // This gateway has no people.
    lines(&mine, "/v1/subscriptions?protocol=SMTP", 1).await;
    assert_eq!(lines(&gateway.client(OTHER), "/v1/subscriptions", 1).await, subscriptions[..1]);

    mine.post("/v1/dead-letters/redrive", json!({"filter": {}})).await.expect(202);
    let runs = lines(&mine, "/v1/runs", 2).await;
    assert_eq!(
        runs[0],
        "id,subscription,kind,created,askedBy,running,total,done,delivered,failed,eventsPerSecond,expectedEnd,ended"
    );
    assert!(runs[1].contains(&format!(",{id},records,")), "{}", runs[1]);
}

#[tokio::test]
async fn lists_of_what_is_registered_are_given_as_csv_without_formulas() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    let kanaal = json!({
        "naam": "zaken", "documentatieLink": "https://doc.example/", "approval": "required", "typeRoutes": ["nl.zaken."],
        "filters": ["bron", {"naam": "zaaktype", "attribute": "soort"}], "retentionDays": 30,
        "clearance": {"classifications": ["internal"], "regulations": ["AVG"]},
    });
    publisher.post("/v1/kanalen", kanaal).await.expect(201);
    let schema =
        json!({"name": "zaak", "types": ["nl.zaken.zaak"], "description": "=1+1", "schema": {"type": "object"}});
    publisher.post("/v1/schemas", schema).await.expect(201);
    let config = json!({"kanalen": ["zaken"], "name": "@SUM(A1)"});
    let body = json!({"sink": sink.url("/x?key=planted-marker"), "protocol": "HTTP", "config": config});
    let made = mine.post("/v1/subscriptions", body).await.expect(201).json();
    let id = made["id"].as_str().expect("an id").to_owned();

    let (kanalen, zaken) = line_of(&mine, "/v1/kanalen", "zaken").await;
    assert_eq!(
        kanalen[0],
        "naam,documentatieLink,filters,typeRoutes,source,retentionDays,profile,strictness,privacy,payloadSchemas,clearance,owner,\
         approval,ownEvents,created"
    );
    let expected = format!(
        "zaken,https://doc.example/,bron zaaktype=soort,nl.zaken.,,30,,,,off,internal AVG,{PUBLISHER},required,false,"
    );
    assert!(zaken.starts_with(&expected), "{zaken}");

    let url = format!("{}/v1/schemas/zaak", gateway.base);
    let (types, zaak) = line_of(&mine, "/v1/types", "nl.zaken.zaak").await;
    assert_eq!(types[0], "type,description,kanaal,documentatieLink,dataschema,schema,deprecated,publisher");
    assert_eq!(zaak, format!("nl.zaken.zaak,'=1+1,zaken,https://doc.example/,{url},{url},false,{PUBLISHER}"));
    lines(&mine, "/v1/types?kanaal=anders", 1).await;
    let (schemas, zaak) = line_of(&mine, "/v1/schemas", "zaak").await;
    assert_eq!(schemas[0], "name,uri,types,kanaal,description,owner,url,created");
    assert!(zaak.starts_with(&format!("zaak,{url},nl.zaken.zaak,,'=1+1,{PUBLISHER},{url},")), "{zaak}");

    let path = "/v1/kanalen/zaken/subscriptions";
    let waiting = lines(&publisher, path, 2).await;
    assert_eq!(waiting[0], "id,name,contact,owner,sink,state,lag,approval,approvalReason,approvalBy,approvalAt");
    assert!(waiting[1].starts_with(&format!("{id},'@SUM(A1),,{CONSUMER},{}?***,", sink.url("/x"))), "{}", waiting[1]);
    assert!(waiting[1].ends_with(",awaiting,,,"), "{}", waiting[1]);
    publisher.post(&format!("{path}/{id}/approve"), json!({"reason": "-1"})).await.expect(200);
    let approved = lines(&publisher, &format!("{path}?approval=approved"), 2).await;
    assert!(approved[1].contains(&format!(",approved,'-1,{PUBLISHER},")), "{}", approved[1]);
    mine.send(Method::GET, path, &CSV, "").await.problem(403);
}

#[tokio::test]
async fn lists_for_administrators_are_given_as_csv_and_an_export_of_the_trail_is_recorded() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken", "source": "urn:nld:a"})).await.expect(201);
    let (applicaties, own) = line_of(&beheer, "/v1/applicaties", PUBLISHER).await;
    assert_eq!(
        applicaties[0],
        "clientId,rightsFrom,scopes,rightsAgeSeconds,rightsError,source,secrets,lastUsed,refusedTokens24h"
    );
    assert!(own.starts_with(&format!("{PUBLISHER},configuration,notificaties.publiceren,,,")), "{own}");
    assert!(!applicaties.concat().contains("secret of"), "{applicaties:?}");

    let trail = lines(&beheer, "/v1/audit?action=kanaal&objectKind=kanaal&object=zaken", 2).await;
    assert!(
        trail[0].starts_with("at,actorKind,actor,scopes,interface,address,node,action,objectKind,object,"),
        "{}",
        trail[0]
    );
    assert!(trail[1].contains(&format!(",applicatie,{PUBLISHER},notificaties.publiceren,native,")), "{}", trail[1]);
    assert!(trail[1].contains(",kanaal.create,kanaal,zaken,accepted,"), "{}", trail[1]);
    let viewed = |action: &str| format!("/v1/audit?action={action}&actor={BEHEER}");
    let exports = beheer.get(&viewed("audit.export")).await.expect(200).json();
    let exports = exports["results"].as_array().expect("entries").clone();
    assert_eq!(
        (exports.len(), &exports[0]["changes"][0]["after"]),
        (1, &json!("csv, action, objectKind, object")),
        "{exports:#?}"
    );
    // The export is not a view as well; the request in JSON is one.
    let views = eventually("the view", || async {
        let views = beheer.get(&viewed("audit.view")).await.expect(200).json();
        views["results"].as_array().cloned().filter(|views| !views.is_empty())
    })
    .await;
    let before = |at: &serde_json::Value| at["at"].as_str() < exports[0]["at"].as_str();
    assert!(!views.iter().any(before), "{views:#?}");
    publisher.send(Method::GET, "/v1/audit", &CSV, "").await.problem(403);
    beheer.send(Method::GET, "/v1/audit?action=x", &CSV, "").await.problem(400);
}

#[tokio::test]
async fn csv_is_for_lists_and_for_those_who_name_it() {
    let gateway = Gateway::start().await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let mine = gateway.client(CONSUMER);
    for (path, accept, expected) in [
        ("/v1/events", "*/*", "application/json"),
        ("/v1/events", "text/csv;q=0.1, application/json", "application/json"),
        ("/v1/events", "text/csv, */*;q=0.1", "text/csv; charset=utf-8; header=present"),
        ("/v1/kanalen/zaken", "text/csv, */*;q=0.1", "application/json"),
    ] {
        let answer = mine.send(Method::GET, path, &[("accept", accept)], "").await.expect(200);
        assert_eq!(answer.header("content-type"), Some(expected), "{path} {accept}");
    }
    for (path, accept) in [("/v1/events", "text/html"), ("/v1/kanalen/zaken", "text/csv")] {
        mine.send(Method::GET, path, &[("accept", accept)], "").await.problem(406);
    }
    mine.send(Method::GET, "/v1/events?from=yesterday", &CSV, "").await.problem(400);
    mine.send(Method::GET, "/v1/runs?subscription=9c5b94b1-35ad-49bb-b118-8e8fc24abf80", &CSV, "").await.problem(404);
    gateway.nobody().send(Method::GET, "/v1/events", &CSV, "").await.problem(401);
}
