//! The audit trail over HTTP: what each request leaves in it, who may read it, and the commands that list and verify it.

use std::process::Command;

use gateway::router;
use http::Method;
use serde_json::{Value, json};
use web::{Role, audit::Recording, auth::Access};

use crate::support::{BEHEER, CONSUMER, Client, Gateway, PUBLISHER, Sink, eventually};

const MARKER: &str = "planted-marker";

/// The entries that a query matches, oldest first.
async fn entries(client: &Client, query: &str) -> Vec<Value> {
    let list = client.get(&format!("/v1/audit?pageSize=500{query}")).await.expect(200).json();
    let mut rows = list["results"].as_array().cloned().expect("rows");
    rows.reverse();
    rows
}

/// The entries that a query matches, oldest first, once there are so many. When storage is slow, an entry of a refusal or a view
/// comes after its answer.
async fn several(client: &Client, query: &str, count: usize) -> Vec<Value> {
    let found = eventually("entries of the audit trail", || async {
        let found = entries(client, query).await;
        (found.len() >= count).then_some(found)
    })
    .await;
    assert_eq!(found.len(), count, "{query}: {found:#?}");
    found
}

/// The only entry that a query matches.
async fn entry(client: &Client, query: &str) -> Value {
    several(client, query, 1).await.remove(0)
}

#[tokio::test]
async fn a_change_leaves_one_entry_with_who_what_which_result_from_where_and_when() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    let traceparent = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let headers = [("content-type", "application/json"), traceparent];
    let body = json!({"naam": "zaken", "filters": ["bron"]}).to_string();
    publisher.send(Method::POST, "/v1/kanalen", &headers, body).await.expect(201);
    let made = entry(&beheer, "&object=zaken").await;
    assert_eq!(made["actor"], json!({"kind": "applicatie", "id": PUBLISHER, "scopes": ["notificaties.publiceren"]}));
    assert_eq!((&made["action"], &made["result"]), (&json!("kanaal.create"), &json!("accepted")));
    assert_eq!(made["object"], json!({"kind": "kanaal", "id": "zaken"}));
    assert_eq!((&made["origin"]["address"], &made["origin"]["interface"]), (&json!("127.0.0.1"), &json!("native")));
    assert!(made["origin"]["node"].is_string() && made["at"].is_string());
    assert_eq!(made["trace"], "0af7651916cd43dd8448eb211c80319c");
    let filters = made["changes"].as_array().unwrap().iter().find(|change| change["member"] == "filters").unwrap();
    assert_eq!((&filters["before"], &filters["after"]), (&Value::Null, &json!("bron")));

    publisher.put("/v1/kanalen/zaken", json!({"filters": ["bron", "zaaktype"]})).await.expect(200);
    let changed = entry(&beheer, "&action=kanaal.change").await;
    assert_eq!(
        changed["changes"],
        json!([{"member": "filters", "hidden": false, "before": "bron", "after": "bron, zaaktype"}])
    );
    beheer.delete("/v1/kanalen/zaken?purge=true").await.expect(204);
    let actions: Vec<Value> =
        entries(&beheer, "&object=zaken").await.into_iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["kanaal.create", "kanaal.change", "kanaal.delete", "kanaal.purge"]);
}

#[tokio::test]
async fn a_refused_change_leaves_one_entry_with_the_instance_of_its_answer() {
    let gateway = Gateway::start().await;
    let (publisher, consumer, beheer) = (gateway.client(PUBLISHER), gateway.client(CONSUMER), gateway.client(BEHEER));
    let refused = publisher.post("/v1/kanalen", json!({"naam": "x", "filters": ["id", MARKER]})).await.expect(400);
    let invalid = entry(&beheer, &format!("&actor={PUBLISHER}")).await;
    assert_eq!((&invalid["action"], &invalid["result"]), (&json!("kanaal.create"), &json!("refused")));
    assert_eq!(invalid["reason"], "invalid-request: filters[0]");
    assert_eq!(invalid["request"], refused.json()["instance"]);
    publisher.send(Method::POST, "/v1/kanalen", &[("content-type", "application/json")], "{").await.expect(400);
    // What is no JSON counts too.
    several(&beheer, &format!("&actor={PUBLISHER}"), 2).await;

    consumer.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(403);
    let forbidden = entry(&beheer, &format!("&actor={CONSUMER}")).await;
    assert_eq!((&forbidden["action"], &forbidden["result"]), (&json!("kanaal.create"), &json!("refused")));
    assert_eq!((&forbidden["reason"], &forbidden["object"]["kind"]), (&json!("forbidden"), &json!("route")));

    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(409);
    let rejected = entry(&beheer, "&result=rejected").await;
    assert_eq!((&rejected["action"], &rejected["object"]["id"]), (&json!("kanaal.create"), &json!("zaken")));
    publisher.delete("/v1/kanalen/zaken").await.expect(403);
    let forbidden = entry(&beheer, "&action=kanaal.delete").await;
    assert_eq!((&forbidden["actor"]["id"], &forbidden["result"]), (&json!(PUBLISHER), &json!("refused")));
    for entry in entries(&beheer, "").await {
        assert!(!entry.to_string().contains(MARKER), "{entry}");
    }
}

#[tokio::test]
async fn changes_through_the_notificaties_api_name_it() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    let kanaal = json!({"naam": "zaken", "documentatieLink": "https://doc.example/", "filters": []});
    publisher.post("/api/v1/kanaal", kanaal.clone()).await.expect(201);
    publisher.post("/api/v1/kanaal", kanaal).await.expect(400);
    let found = several(&beheer, &format!("&action=kanaal.create&actor={PUBLISHER}"), 2).await;
    for entry in &found {
        assert_eq!((&entry["origin"]["interface"], &entry["actor"]["id"]), (&json!("notificaties"), &json!(PUBLISHER)));
    }
    assert_ne!(found[0]["result"], found[1]["result"]);
}

#[tokio::test]
async fn secrets_are_in_no_entry() {
    let (gateway, sink) = (Gateway::start().await, Sink::start().await);
    let beheer = gateway.client(BEHEER);
    beheer.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let url = sink.url(&format!("/hook?token={MARKER}"));
    let body = json!({
        "sink": url, "protocol": "HTTP", "protocolsettings": {"headers": {"X-Key": MARKER}},
        "sinkcredential": {"credentialtype": "AUTHORIZATION", "authorization": MARKER},
        "config": {"kanalen": ["zaken"]},
    });
    let made = beheer.post("/v1/subscriptions", body).await;
    let id = made.expect(201).json()["id"].as_str().unwrap().to_owned();
    beheer.delete(&format!("/v1/subscriptions/{id}")).await.expect(204);
    let found = entries(&beheer, &format!("&object={id}")).await;
    assert!(found.len() >= 2, "{found:#?}");
    let all = entries(&beheer, "").await;
    for entry in all {
        assert!(!entry.to_string().contains(MARKER), "{entry}");
    }
}

#[tokio::test]
async fn wrong_tokens_are_counted_together() {
    let gateway = Gateway::start().await;
    let stranger = Client::new(gateway.base.clone(), Some("not.a.token".to_owned()));
    for _ in 0..30 {
        stranger.get("/v1/kanalen").await;
        stranger.publish("zaken", "1", json!({})).await;
    }
    let beheer = gateway.client(BEHEER);
    let first = entry(&beheer, "&action=token.refuse").await;
    assert_eq!((&first["actor"]["kind"], &first["result"]), (&json!("unverified"), &json!("refused")));
    assert_eq!((&first["count"], &first["object"]["id"]), (&json!(1), &json!("GET /v1/kanalen")));
    let gateway = gateway.restart().await;
    let found = entries(&gateway.client(BEHEER), "&action=token.refuse").await;
    let counts: Vec<u64> = found.iter().filter_map(|entry| entry["count"].as_u64()).collect();
    assert_eq!((counts.len() <= 4, counts.iter().sum::<u64>()), (true, 60), "{counts:?}");
}

#[tokio::test]
async fn publishing_is_not_recorded_and_views_of_payloads_are() {
    let gateway = Gateway::start().await;
    let (publisher, beheer) = (gateway.client(PUBLISHER), gateway.client(BEHEER));
    publisher.post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let before = entries(&beheer, &format!("&actor={PUBLISHER}")).await.len();
    for number in 0..5 {
        publisher.publish("zaken", &number.to_string(), json!({"subject": MARKER})).await.expect(202);
    }
    assert_eq!(entries(&beheer, &format!("&actor={PUBLISHER}")).await.len(), before);
    eventually("the event is indexed", || async { (beheer.get("/v1/events/3").await.status == 200).then_some(()) })
        .await;
    let viewed = entry(&beheer, "&action=event.view").await;
    assert_eq!((&viewed["object"], &viewed["result"]), (&json!({"kind": "event", "id": "3"}), &json!("accepted")));
    beheer.get("/v1/events?kanaal=zaken").await.expect(200);
    assert_eq!(entries(&beheer, "&action=event.search").await.len(), 0);
    beheer.get(&format!("/v1/events?subject={MARKER}")).await.expect(200);
    let search = entry(&beheer, "&action=event.search").await;
    assert!(!search.to_string().contains(MARKER), "{search}");
    assert_eq!(entries(&beheer, "&action=read").await.len(), 0);
    let viewed = || async { (!entries(&beheer, "&action=audit.view").await.is_empty()).then_some(()) };
    eventually("views of the trail in the trail", viewed).await;
}

#[tokio::test]
async fn other_reads_are_recorded_when_configured() {
    let gateway = Gateway::with("[audit]\nreads = true").await;
    gateway.client(CONSUMER).get("/v1/kanalen").await.expect(200);
    let read = entry(&gateway.client(BEHEER), &format!("&actor={CONSUMER}")).await;
    assert_eq!((&read["action"], &read["object"]["id"]), (&json!("read"), &json!("GET /v1/kanalen")));
}

#[tokio::test]
async fn only_administrators_read_the_trail_and_filters_are_checked() {
    let gateway = Gateway::start().await;
    gateway.client(PUBLISHER).get("/v1/audit").await.problem(403);
    gateway.nobody().get("/v1/audit").await.problem(401);
    let beheer = gateway.client(BEHEER);
    let refused = entry(&beheer, &format!("&actor={PUBLISHER}")).await;
    assert_eq!((&refused["action"], &refused["result"]), (&json!("audit.view"), &json!("refused")));
    for (query, member) in
        [("action=kanalen", "action"), ("result=good", "result"), ("objectKind=x", "objectKind"), ("who=x", "who")]
    {
        assert_eq!(beheer.get(&format!("/v1/audit?{query}")).await.problem(400).1.as_deref(), Some(member));
    }
    assert!(entries(&beheer, "&until=2020-01-01T00:00:00Z").await.is_empty());
    assert!(entries(&beheer, "&from=2999-01-01T00:00:00Z").await.is_empty());
    let loaded = entry(&beheer, "&actor=configuration&action=configuration.load").await;
    assert_eq!(loaded["origin"]["interface"], "internal");
    let first = beheer.get("/v1/audit?pageSize=2&action=applicatie").await.expect(200).json();
    let next = first["next"].as_str().expect("a next page");
    let second = beheer.get(next).await.expect(200).json();
    assert_ne!(first["results"], second["results"]);
}

#[test]
fn every_changing_route_names_its_action() {
    for route in router::table() {
        // A preview is a POST that changes nothing.
        let reads = [Method::GET, Method::OPTIONS].contains(&route.method) || route.path.ends_with("/preview");
        let is_change = !reads && route.role == Some(Role::Beheer) && matches!(route.access, Access::Right(_));
        // A request with a body may be a read all the same.
        assert!(route.recording.is_some() || !is_change, "{} {}", route.method, route.path);
        let records_change = matches!(route.recording, Some(Recording::Change(..)));
        assert!(is_change || !records_change, "{} {}", route.method, route.path);
    }
}

fn command(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gateway")).args(arguments).output().expect("the program runs");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn the_command_line_lists_and_verifies_what_a_running_gateway_wrote() {
    let gateway = Gateway::start().await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({"naam": "zaken"})).await.expect(201);
    let hash = entry(&gateway.client(BEHEER), "&object=zaken").await["chain"]["hash"].as_str().unwrap().to_owned();
    let directory = gateway.into_directory().await;
    let data = directory.path().join("data");
    let data = data.to_str().expect("a path");
    let (good, printed) = command(&["audit", "list", "--data", data, "--action", "kanaal", "--object", "zaken"]);
    let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(good && lines.len() == 1, "{printed}");
    assert_eq!((&lines[0]["object"]["id"], &lines[0]["hash"]), (&json!("zaken"), &json!(hash)));
    let (good, printed) = command(&["audit", "verify", "--data", data, "--contains", &hash]);
    assert!(good, "{printed}");
    let (good, printed) = command(&["audit", "verify", "--data", data, "--contains", &"0".repeat(64)]);
    assert!(!good && printed.contains("BAD"), "{printed}");
}
