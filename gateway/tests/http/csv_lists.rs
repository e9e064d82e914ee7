//! Every list of the native API as CSV, found in its description: the same rows as in JSON, for the same clients, with nothing that
//! the JSON does not have.

use std::collections::BTreeMap;

use http::Method;
use model::addressee::{AddresseeId, EndReason, State};
use serde_json::{Value, json};

use crate::{
    people::{bounces, mail, press},
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

/// The lists that are JSON only; `docs/native-api.md` has the reasons.
const JSON_ONLY: [&str; 2] = ["/v1/inbox", "/v1/subscriptions/{id}/statistics"];

/// Further forms of lists.
const FORMS: [&str; 5] = [
    "/v1/subscriptions?protocol=SMTP",
    "/v1/people/bounces?state=counting",
    "/v1/partitions?kanaal=zaken",
    "/v1/statistics?step=1h",
    "/v1/statistics?kanaal=zaken",
];

/// What no answer may have: the part of addresses that is masked.
const HIDDEN: &str = "planted-marker";

/// The paths of the answers that are lists, with whether CSV is among their types.
fn lists(document: &Value) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let content = &item["get"]["responses"]["200"]["content"];
        let schema = content["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
        let schema = &document["components"]["schemas"][schema.rsplit('/').next().unwrap_or_default()];
        let is_list = ["results", "checks"].iter().any(|name| schema["properties"].get(name).is_some());
        if is_list || content.get("text/csv").is_some() {
            found.insert(format!("/v1{path}"), content.get("text/csv").is_some());
        }
    }
    found
}

/// The cells of CSV.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => cell.extend(characters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    assert!(cell.is_empty() && row.is_empty(), "the last line ends: {text}");
    rows
}

/// Every text and name in a document.
fn words(value: &Value, into: &mut String) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            into.extend([name.as_str(), "\n"]);
            words(value, into);
        }),
        Value::Array(values) => values.iter().for_each(|value| words(value, into)),
        Value::String(text) => into.extend([text.as_str(), "\n"]),
        other => into.extend([other.to_string().as_str(), "\n"]),
    }
}

/// The words of a cell that say something: not numbers and moments, which differ from request to request, and not whether something is
/// so, which JSON may leave out.
fn telling(cell: &str) -> impl Iterator<Item = &str> {
    let is_moment = cell.len() >= 20 && cell.ends_with('Z') && cell.starts_with(|first: char| first.is_ascii_digit());
    let cell = if is_moment { "" } else { cell };
    let words = cell.split(|character: char| !character.is_alphanumeric() && character != '…');
    words.filter(|word| word.chars().any(char::is_alphabetic) && !["true", "false"].contains(word))
}

/// The rows of a list as CSV for a client that may see it, compared with the JSON.
async fn compared(client: &Client, path: &str) -> usize {
    let (csv, json) = eventually(path, || async {
        let csv = client.send(Method::GET, path, &[("accept", "text/csv")], "").await.expect(200);
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8; header=present"), "{path}");
        assert!(csv.header("content-disposition").is_some_and(|value| value.ends_with(".csv\"")), "{path}");
        let csv = cells(&String::from_utf8(csv.body.into()).expect("UTF-8"));
        let json = client.get(path).await.expect(200).json();
        let listed = json.get("results").unwrap_or(&json["checks"]).as_array().expect("rows").len();
        // Each request for the audit trail adds to it.
        (csv.len() == listed + 1 || path.starts_with("/v1/audit")).then_some((csv, json))
    })
    .await;
    let mut known = String::new();
    words(&json, &mut known);
    assert!(csv[0].iter().all(|name| name.starts_with(|first: char| first.is_ascii_lowercase())), "{path}: {csv:?}");
    for row in &csv[1..] {
        assert_eq!(row.len(), csv[0].len(), "{path}: {row:?}");
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{path}: {cell}");
            let unknown: Vec<&str> = telling(cell).filter(|word| !known.contains(word)).collect();
            assert!(unknown.is_empty(), "{path}: {unknown:?} of {cell} is not in {json}");
        }
    }
    assert!(!format!("{csv:?}").contains(HIDDEN), "{path}: {csv:?}");
    csv.len() - 1
}

/// A person with a light subscription.
async fn person(gateway: &Gateway, relay: &mut test_relay::Relay, name: &str) -> AddresseeId {
    let id = mail::subscribe(gateway, &format!("{name}-{HIDDEN}@burger.example")).await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &mail::path(&confirmation), "bevestigen").await.expect(303);
    id
}

/// Makes something for each list; returns the id of a subscription.
async fn fill(gateway: &Gateway, relay: &mut test_relay::Relay, sink: &Sink) -> String {
    let (publisher, mine) = (gateway.client(PUBLISHER), gateway.client(CONSUMER));
    for naam in ["weg", "zaken"] {
        publisher.post("/v1/kanalen", json!({ "naam": naam })).await.expect(201);
    }
    let schema = json!({"name": "zaak", "types": ["nl.zaak"], "description": "=1+1", "schema": {"type": "object"}});
    publisher.post("/v1/schemas", schema).await.expect(201);
    let config = json!({"kanalen": ["zaken"], "name": "@SUM(A1)"});
    let id = granted(&mine, json!({"sink": sink.url("/x?key=secret"), "config": config})).await;
    sink.answers(&[422]);
    publisher.publish("zaken", "=1+1", json!({"subject": "=HYPERLINK(\"x\")"})).await.expect(202);
    eventually("a dead letter", || async {
        let letters = mine.get("/v1/dead-letters").await.expect(200).json();
        letters["results"].as_array().is_some_and(|letters| !letters.is_empty()).then_some(())
    })
    .await;
    mine.post("/v1/dead-letters/redrive", json!({"filter": {}})).await.expect(202);
    sink.wait(Method::POST, 2).await;
    sink.answers(&[422]);
    publisher.publish("zaken", "e2", json!({})).await.expect(202);
    sink.wait(Method::POST, 3).await;
    let bounced = person(gateway, relay, "an").await;
    bounces::set(gateway, bounced, State::Ended { at: gateway.now(), reason: EndReason::Undeliverable }).await;
    person(gateway, relay, "bo").await;
    publisher.publish("weg", "e3", json!({ "type": "nl.weg" })).await.expect(202);
    relay.line().await.expect("a mail");
    id
}

#[tokio::test]
async fn every_list_is_given_as_csv_with_the_rows_and_rights_of_its_json_ch_52_ch_118_ch_141() {
    let mut relay = mail::relay(0).await;
    let (gateway, sink) = (Gateway::with(&mail::configuration(relay.port())).await, Sink::start().await);
    let id = fill(&gateway, &mut relay, &sink).await;
    let document = gateway.nobody().get("/v1/openapi.json").await.expect(200).json();
    let lists = lists(&document);
    let without: Vec<&str> = lists.iter().filter(|(_, has_csv)| !**has_csv).map(|(path, _)| path.as_str()).collect();
    assert_eq!(without, JSON_ONLY);
    let of_table = api_native::routes().iter().filter(|route| route.produces == web::Produces::List).count();
    assert_eq!(of_table, lists.len() - without.len(), "each list of the table is described: {lists:?}");

    let clients = [PUBLISHER, CONSUMER, OTHER, BEHEER].map(|name| gateway.client(name));
    let with_csv = lists.iter().filter(|(_, has_csv)| **has_csv).map(|(path, _)| path.as_str());
    let mut rows_of: BTreeMap<String, usize> = BTreeMap::new();
    for form in with_csv.chain(FORMS) {
        let event = form.starts_with("/v1/events/").then_some("e2");
        let mut path = form.replace("{naam}", "zaken").replace("{id}", event.unwrap_or(&id));
        if form == "/v1/audit" {
            path.push_str("?pageSize=500");
        }
        let most = rows_of.entry(form.split('?').next().unwrap_or_default().to_owned()).or_default();
        for client in &clients {
            let json = client.get(&path).await.status;
            let csv = client.send(Method::GET, &path, &[("accept", "text/csv")], "").await;
            assert_eq!(csv.status, json, "{path}");
            if json == 200 {
                *most = compared(client, &path).await.max(*most);
            } else {
                assert!(csv.header("content-disposition").is_none(), "{path}");
            }
        }
        gateway.nobody().send(Method::GET, &path, &[("accept", "text/csv")], "").await.problem(401);
    }
    // A node has figures of partitions some time after it began to read them.
    let empty: Vec<_> = rows_of.iter().filter(|(path, rows)| **rows == 0 && *path != "/v1/partitions").collect();
    assert!(empty.is_empty(), "{empty:?}");
    gateway.stop().await;
}
