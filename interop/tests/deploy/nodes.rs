//! The nodes of the example by role, as the processes that their pods would run: each becomes ready by its own probe, every
//! operation of the API is reached through the route, an event goes all the way, and all of them stop in order.

use std::collections::BTreeMap;

use interop::program::Server;
use interop::{Failure, http, program, sources, tools};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::PATIENCE;
use crate::chart::{Chart, name, pod};
use crate::container::Container;

/// What a path of an OpenAPI document has operations for.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// On these brokers, with values that make the example fit this machine.
pub async fn by_role(brokers: &str, here: &str, give: &dyn Fn(&str, &str) -> String) -> Result<(), Failure> {
    let sinks = "egress: {allow: [127.0.0.0/8], allow_http: [127.0.0.0/8]}, kafka: ";
    let chart = Chart::example("by-role", &here.replace("kafka: {prefix", &format!("{sinks}{{prefix"))).await?;
    assert!(chart.configuration().contains(brokers) && chart.configuration().contains("allow_http"));
    let mut nodes = BTreeMap::new();
    for workload in chart.workloads() {
        let node = Container::of_pod(pod(workload), chart.configuration(), give)?;
        assert!(node.has("/etc/gateway/secrets/key"));
        nodes.insert(name(workload).to_owned(), (workload, node));
    }
    // A subscriber that consents later calls back where the outside reaches nodes for beheer.
    let outside = nodes["gateway-beheer"].1.url(8080, "");
    let configuration = chart.configuration().replace("https://gateway.provincie.example", &outside);
    for (workload, node) in nodes.values_mut() {
        node.file("/etc/gateway/gateway.toml", &configuration)?;
        node.start(Some(&crate::texts(&pod(workload)["spec"]["containers"][0]["args"])))?;
    }
    for (workload, node) in nodes.values_mut() {
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            let path = &pod(workload)["spec"]["containers"][0][probe]["httpGet"]["path"];
            node.answers(9090, path.as_str().expect("a path")).await?;
        }
        node.answers(9090, "/metrics").await?;
    }
    let nodes: BTreeMap<String, Container> = nodes.into_iter().map(|(name, (_, node))| (name, node)).collect();
    let route = Route(chart.all("HTTPRoute").next().expect("a route").clone());
    let url = |method: &str, path: &str| nodes[route.of(method, path)].url(8080, path);

    let mut asked = 0;
    for document in ["/v1/openapi.json", "/api/v1/openapi.json"] {
        let described = http::send("GET", &url("GET", document), "", None).await?.1;
        for (method, path) in operations(&described) {
            let (status, _) = http::send(&method, &url(&method, &path), "", None).await?;
            assert!(!matches!(status, 404 | 405), "{method} {path} at {}: {status}", route.of(&method, &path));
            asked += 1;
        }
    }
    println!("{asked} operations are answered by the nodes that the route sends them to");
    assert!(asked > 50, "{asked}");
    // The route must distinguish the nodes: a node answers only the operations of its roles.
    for (node, method, path) in
        [("gateway-beheer", "POST", "/v1/events"), ("gateway-ingest", "GET", "/v1/subscriptions")]
    {
        let (status, _) = http::send(method, &nodes[node].url(8080, path), "", None).await?;
        assert!(matches!(status, 404 | 405), "{node}: {status}");
    }

    let token = nodes["gateway-beheer"].run(&["gateway", "token", "beheer", "--config", "/etc/gateway/gateway.toml"]);
    let token = String::from_utf8_lossy(&token.await?.stdout).trim().to_owned();
    let mut receiver = Command::new(tools::go(&sources().join("go"))?);
    receiver.arg("receive");
    let mut receiver = Server::start("the subscriber", receiver).await?;
    let sink = json!({
        "protocol": "HTTP", "sink": format!("http://127.0.0.1:{}/", receiver.port), "config": {"kanalen": ["zaken"]},
    });
    let made = http::send("POST", &url("POST", "/v1/subscriptions"), &token, Some(&sink)).await?;
    assert_eq!(made.0, 201, "{}", made.1);
    let event = json!({"specversion": "1.0", "id": "1", "source": "urn:x", "type": "nl.overheid.zaken.zaak-geopend"});
    let posted = url("POST", "/v1/events");
    let posted = http::send_as("application/cloudevents+json", "POST", &posted, &token, Some(&event)).await?;
    assert_eq!(posted.0, 202, "{}", posted.1);
    let arrived = match receiver.line(PATIENCE).await {
        Ok(arrived) => arrived,
        Err(failure) => {
            let subscriptions = http::send("GET", &url("GET", "/v1/subscriptions"), &token, None).await?.1;
            return Err(Failure::Exchange {
                what: failure.to_string(),
                why: format!("{subscriptions}\n{}", logs(&nodes)),
            });
        }
    };
    assert!(arrived.to_string().contains("nl.overheid.zaken.zaak-geopend"), "{arrived}");

    for mut node in nodes.into_values() {
        node.stop().await?;
    }
    assert_eq!(topics(brokers).await?, described(chart.configuration()), "docs/kafka.md lists the topics there are");
    Ok(())
}

/// The logs of all nodes.
fn logs(nodes: &BTreeMap<String, Container>) -> String {
    let each: Vec<String> = nodes.iter().map(|(name, node)| format!("-- {name}\n{}", node.log())).collect();
    each.concat()
}

/// The topics of the nodes, with their numbers of partitions.
async fn topics(brokers: &str) -> Result<BTreeMap<String, i64>, Failure> {
    let mut command = Command::new("kcat");
    command.args(["-b", brokers, "-L", "-J"]);
    let listed = program::run("kcat", command, PATIENCE).await?.pop().unwrap_or_default();
    let topics = listed["topics"].as_array().into_iter().flatten().filter_map(|topic| {
        let partitions = topic["partitions"].as_array()?.len();
        Some((topic["topic"].as_str()?.to_owned(), partitions as i64))
    });
    Ok(topics.filter(|(name, _)| name.starts_with("by-role.")).collect())
}

/// The topics that the page for platform engineers lists, for this configuration.
fn described(configuration: &str) -> BTreeMap<String, i64> {
    let configuration: toml::Table = configuration.parse().expect("TOML");
    let page = std::fs::read_to_string(sources().join("../docs/kafka.md")).expect("docs/kafka.md");
    let mut described = BTreeMap::new();
    for row in page.lines().filter_map(|line| line.strip_prefix("| `gateway.")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let key = cells[1].trim_start_matches('`').split('`').next().expect("a key");
        let configured = configuration["kafka"].get(key).and_then(toml::Value::as_integer);
        let partitions = configured.or_else(|| key.parse().ok()).expect("a number, or the key that says it");
        let name = format!("by-role.{}", cells[0].trim_end_matches('`'));
        let kanalen = configuration["kanaal"].as_array().expect("kanalen").iter();
        // There is one for events that no rule routes, besides those that are declared.
        for naam in kanalen.filter_map(|kanaal| kanaal["naam"].as_str()).chain(["cloudevents"]) {
            described.insert(name.replace("<name>", naam), partitions);
        }
    }
    described
}

/// The operations of an OpenAPI document: method and path. Not those that are for everybody and about one thing, since there is
/// no such thing.
fn operations(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // The address of the server may have a host, and paths are below its path.
    let server = document["servers"][0]["url"].as_str().unwrap_or_default().trim_end_matches('/');
    let server = server.split_once("://").map_or(server, |(_, rest)| rest.trim_start_matches(|c| c != '/'));
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let method = method.to_uppercase();
            let guarded = operation["security"].as_array().is_some_and(|ways| !ways.is_empty());
            if METHODS.contains(&method.as_str()) && (guarded || !path.contains('{')) {
                found.push((method, format!("{server}{}", path.replace(['{', '}'], ""))));
            }
        }
    }
    found
}

/// A route of the Gateway API: the first rule that matches, exact paths before prefixes, as its specification has it.
struct Route(Value);

impl Route {
    /// The Service that a request goes to.
    fn of(&self, method: &str, path: &str) -> &str {
        let rules = self.0["spec"]["rules"].as_array().expect("rules");
        let matches = |rule: &Value, kind: &str| {
            rule["matches"].as_array().into_iter().flatten().any(|one| {
                let value = one["path"]["value"].as_str().unwrap_or_default();
                let fits = if kind == "Exact" { path == value } else { path.starts_with(value) };
                one["path"]["type"] == kind && fits && one["method"].as_str().is_none_or(|own| own == method)
            })
        };
        let found = ["Exact", "PathPrefix"].iter().find_map(|kind| rules.iter().find(|rule| matches(rule, kind)));
        found.and_then(|rule| rule["backendRefs"][0]["name"].as_str()).expect("a rule for every request")
    }
}
