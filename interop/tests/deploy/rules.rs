//! What the manifests of every example must have in common, beyond that Kubernetes takes them.

use std::collections::BTreeSet;

use interop::{Failure, sources, tools};
use serde_json::Value;
use tokio::process::Command;

use crate::chart::{Chart, EXAMPLES, VERSIONS, labels, name, pod, roles, selects};
use crate::texts;

/// Kinds that are no part of Kubernetes itself, so no schema is there for them.
const FOREIGN: [&str; 2] = ["ServiceMonitor", "HTTPRoute"];

async fn examples() -> Result<Vec<(&'static str, Chart)>, Failure> {
    let mut all = Vec::new();
    for example in EXAMPLES {
        all.push((example, Chart::example(example, "").await?));
    }
    Ok(all)
}

#[tokio::test]
async fn helm_lint_finds_nothing_and_kubernetes_accepts_every_manifest() -> Result<(), Failure> {
    let validator = tools::python(&sources().join("deploy"))?.join("bin/kubernetes-validate");
    let folder = tempfile::tempdir().map_err(Failure::file(&std::env::temp_dir()))?;
    let mut files = Vec::new();
    for (example, chart) in examples().await? {
        assert!(chart.lint_messages.is_empty(), "{example}: {:?}", chart.lint_messages);
        for document in &chart.documents {
            let kind = document["kind"].as_str().expect("a kind");
            if FOREIGN.contains(&kind) {
                continue;
            }
            let file = folder.path().join(format!("{example}-{kind}-{}.json", name(document)));
            std::fs::write(&file, document.to_string()).map_err(Failure::file(&file))?;
            files.push(file);
        }
    }
    let validate = async |version: &str, files: &[std::path::PathBuf]| {
        let mut command = Command::new(&validator);
        command.args(["--strict", "--kubernetes-version", version]).args(files);
        command.output().await.map_err(Failure::file(&validator))
    };
    for version in VERSIONS {
        let output = validate(version, &files).await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{version}: {said}");
        assert_eq!(said.matches(" passed ").count(), files.len(), "{version}: each has a schema: {said}");
    }
    // The validator does find what is wrong.
    let wrong = std::fs::read_to_string(&files[0]).map_err(Failure::file(&files[0]))?.replace("\"data\"", "\"dta\"");
    std::fs::write(&files[0], wrong).map_err(Failure::file(&files[0]))?;
    assert!(!validate(VERSIONS[1], &files[..1]).await?.status.success());
    println!("{} manifests of {} examples pass Kubernetes {}", files.len(), EXAMPLES.len(), VERSIONS.join(" and "));
    Ok(())
}

#[tokio::test]
async fn everything_that_selects_selects_what_it_is_for() -> Result<(), Failure> {
    for (example, chart) in examples().await? {
        let workloads: Vec<&Value> = chart.workloads().collect();
        assert_eq!(workloads.len(), if ["by-role", "secured"].contains(&example) { 3 } else { 1 }, "{example}");
        let all = |selector: &Value| -> Vec<&str> {
            let selected = |workload: &&&Value| selects(selector, &pod(workload)["metadata"]["labels"]);
            workloads.iter().filter(selected).map(|workload| name(workload)).collect()
        };
        for workload in &workloads {
            let own = [name(workload)];
            assert_eq!(all(&workload["spec"]["selector"]["matchLabels"]), own, "{example}");
            for spread in pod(workload)["spec"]["topologySpreadConstraints"].as_array().expect("spread") {
                assert_eq!(all(&spread["labelSelector"]["matchLabels"]), own, "{example}");
            }
        }
        let names: Vec<&str> = workloads.iter().map(|workload| name(workload)).collect();
        for (kind, selector) in
            [("PodDisruptionBudget", "/spec/selector/matchLabels"), ("NetworkPolicy", "/spec/podSelector/matchLabels")]
        {
            let covered: Vec<&str> =
                chart.all(kind).flat_map(|document| all(document.pointer(selector).expect("a selector"))).collect();
            assert_eq!(covered, names, "{example}: one {kind} for each");
        }
        for service in chart.all("Service") {
            let selected = all(&service["spec"]["selector"]);
            let expected = if name(service) == "gateway-operations" { names.clone() } else { vec![name(service)] };
            assert_eq!(selected, expected, "{example}");
            for port in service["spec"]["ports"].as_array().expect("ports") {
                for workload in workloads.iter().filter(|workload| selected.contains(&name(workload))) {
                    let ports = pod(workload)["spec"]["containers"][0]["ports"].as_array().expect("ports");
                    assert!(ports.iter().any(|own| own["name"] == port["targetPort"]), "{example}: {port}");
                }
            }
            // Health and metrics must not be reachable for clients of the API.
            let operations = service["spec"]["ports"].to_string().contains("operations");
            assert_eq!(operations, name(service) == "gateway-operations", "{example}");
        }
        let services: BTreeSet<&str> = chart.all("Service").map(name).collect();
        for backend in backends(&chart) {
            assert!(services.contains(backend.as_str()), "{example}: {backend}");
        }
        for monitor in chart.all("ServiceMonitor") {
            let selected: Vec<&str> = chart
                .all("Service")
                .filter(|service| selects(&monitor["spec"]["selector"]["matchLabels"], &service["metadata"]["labels"]))
                .map(name)
                .collect();
            assert_eq!(selected, ["gateway-operations"], "{example}");
        }
        for scaler in chart.all("HorizontalPodAutoscaler") {
            let target = workloads.iter().find(|workload| name(workload) == scaler["spec"]["scaleTargetRef"]["name"]);
            let target = target.expect("its target");
            assert_eq!(target["kind"], scaler["spec"]["scaleTargetRef"]["kind"], "{example}");
            assert_eq!(target["spec"]["replicas"], Value::Null, "{example}: an upgrade would undo what was scaled");
        }
        let check = chart.all("Pod").next().expect("the pod of helm test");
        for selector in chart.all("Service").map(|service| &service["spec"]["selector"]) {
            assert!(!selects(selector, &check["metadata"]["labels"]), "{example}: it serves nobody");
        }
    }
    Ok(())
}

/// The Services that an Ingress or a route sends requests to.
fn backends(chart: &Chart) -> Vec<String> {
    let rules = |document: &Value| document["spec"]["rules"].as_array().cloned().unwrap_or_default();
    let of_ingress =
        chart.all("Ingress").flat_map(rules).map(|rule| rule["http"]["paths"][0]["backend"]["service"]["name"].clone());
    let of_route = chart.all("HTTPRoute").flat_map(rules).map(|rule| rule["backendRefs"][0]["name"].clone());
    of_ingress.chain(of_route).map(|name| name.as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn every_pod_is_confined_and_has_time_to_stop() -> Result<(), Failure> {
    for (example, chart) in examples().await? {
        let pods = chart.workloads().map(pod).chain(chart.all("Pod"));
        for spec in pods.map(|pod| &pod["spec"]) {
            let container = &spec["containers"][0];
            let own = &container["securityContext"];
            assert_eq!(spec["automountServiceAccountToken"], false, "{example}");
            assert_eq!(spec["enableServiceLinks"], false, "{example}: they would look like configuration");
            assert_eq!(spec["securityContext"]["runAsNonRoot"], true, "{example}");
            assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{example}");
            assert_eq!(own["readOnlyRootFilesystem"], true, "{example}");
            assert_eq!(own["allowPrivilegeEscalation"], false, "{example}");
            assert_eq!(texts(&own["capabilities"]["drop"]), ["ALL"], "{example}");
        }
        let configuration: toml::Table = chart.configuration().parse().expect("TOML");
        let drain = configuration.get("delivery").and_then(|delivery| delivery.get("drain_seconds")?.as_integer());
        for workload in chart.workloads() {
            let spec = &pod(workload)["spec"];
            let container = &spec["containers"][0];
            let wait = texts(&container["lifecycle"]["preStop"]["exec"]["command"]);
            let wait: i64 = wait.last().and_then(|seconds| seconds.parse().ok()).expect("seconds");
            // Requests, then deliveries, each within the drain; then storage, and threads.
            let needed = wait + 2 * drain.unwrap_or(10) + 12;
            let given = spec["terminationGracePeriodSeconds"].as_i64().expect("seconds");
            assert!(given >= needed, "{example}: {given} s, and up to {needed} are needed");
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                let asked = &container[probe]["httpGet"];
                assert_eq!(asked["port"], "operations", "{example}: {probe}");
                let expected = if probe == "readinessProbe" { "/readyz" } else { "/livez" };
                assert_eq!(asked["path"], expected, "{example}: {probe}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_network_lets_through_what_a_role_needs_and_no_more() -> Result<(), Failure> {
    for (example, chart) in examples().await? {
        let configuration: toml::Table = chart.configuration().parse().expect("TOML");
        let brokers = configuration.get("kafka").and_then(|kafka| kafka.get("brokers")?.as_str()).unwrap_or_default();
        let brokers: BTreeSet<i64> =
            brokers.split(',').filter_map(|broker| broker.rsplit_once(':')?.1.parse().ok()).collect();
        assert_eq!(brokers.is_empty(), example == "embedded");
        for workload in chart.workloads() {
            let selected = |policy: &&Value| {
                selects(&policy["spec"]["podSelector"]["matchLabels"], &pod(workload)["metadata"]["labels"])
            };
            let policy = chart.all("NetworkPolicy").find(selected).expect("a policy");
            assert_eq!(texts(&policy["spec"]["policyTypes"]), ["Ingress", "Egress"]);
            let roles = roles(workload);
            let has = |role: &str| roles.iter().any(|own| own == role);
            let mut inward = BTreeSet::from([9090]);
            inward.extend((has("ingest") || has("beheer")).then_some(8080));
            assert_eq!(ports(&policy["spec"]["ingress"]), inward, "{example}: {roles:?}");
            let mut outward = &brokers | &BTreeSet::from([53]);
            outward.extend((has("deliver") || has("beheer")).then_some(443));
            outward.extend((example == "by-role" && !has("ingest")).then_some(8443));
            assert_eq!(ports(&policy["spec"]["egress"]), outward, "{example}: {roles:?}");
        }
    }
    // Nodes that only take events in ask an Autorisaties API for rights, and a token endpoint for access to the brokers.
    for asks in [
        "config: {auth: {autorisaties: {url: 'https://ac.example/api/v1', client_id: g, secret_file: /x}}}",
        "{kafka: {sasl: {mechanism: OAUTHBEARER, username: g, existingSecret: s}}, \
          config: {kafka: {oauth: {token_url: 'https://login.example/token'}}}}",
    ] {
        let chart = Chart::example("by-role", asks).await?;
        let policy = chart.all("NetworkPolicy").find(|policy| name(policy) == "gateway-ingest").expect("a policy");
        assert!(ports(&policy["spec"]["egress"]).contains(&443), "{asks}");
    }
    Ok(())
}

/// The ports of all rules.
fn ports(rules: &Value) -> BTreeSet<i64> {
    let ports = rules.as_array().into_iter().flatten().flat_map(|rule| rule["ports"].as_array().into_iter().flatten());
    ports.filter_map(|port| port["port"].as_i64()).collect()
}

#[tokio::test]
async fn one_file_has_one_node_at_a_time_and_outlives_the_release() -> Result<(), Failure> {
    let chart = Chart::example("embedded", "").await?;
    let workload = chart.workloads().next().expect("a workload");
    assert_eq!(workload["spec"]["replicas"], 1);
    assert_eq!(workload["spec"]["strategy"]["type"], "Recreate");
    let claim = chart.all("PersistentVolumeClaim").next().expect("a claim");
    assert_eq!(claim["metadata"]["annotations"]["helm.sh/resource-policy"], "keep");
    let volumes = pod(workload)["spec"]["volumes"].as_array().expect("volumes");
    let data = volumes.iter().find(|volume| volume["name"] == "data").expect("data");
    assert_eq!(data["persistentVolumeClaim"]["claimName"], name(claim));

    let own = Chart::example("embedded", "persistence: {existingClaim: mine}").await?;
    assert_eq!(own.all("PersistentVolumeClaim").count(), 0);

    let chart = Chart::example("by-role", "").await?;
    let beheer = chart.all("StatefulSet").next().expect("nodes with an index of their own");
    assert_eq!(roles(beheer), ["beheer"]);
    assert_eq!(beheer["spec"]["volumeClaimTemplates"][0]["metadata"]["name"], "data");
    assert!(chart.all("Service").any(|service| service["metadata"]["name"] == beheer["spec"]["serviceName"]));
    Ok(())
}

#[tokio::test]
async fn the_chart_is_of_the_version_of_the_program() -> Result<(), Failure> {
    let chart = Chart::example("together", "").await?;
    let version = env!("CARGO_PKG_VERSION");
    let workload = chart.workloads().next().expect("a workload");
    assert_eq!(pod(workload)["spec"]["containers"][0]["image"], format!("event-gateway:{version}"));
    assert_eq!(labels(&workload["metadata"]["labels"])["app.kubernetes.io/version"], version);
    assert!(chart.notes.contains("helm test gateway --namespace events"), "{}", chart.notes);
    // Another configuration has pods replaced.
    let of = |chart: &Chart| pod(chart.workloads().next().expect("a workload"))["metadata"]["annotations"].clone();
    let other = Chart::example("together", "config: {retention_days: 7}").await?;
    assert_ne!(of(&chart), of(&other));
    Ok(())
}
