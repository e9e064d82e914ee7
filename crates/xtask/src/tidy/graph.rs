//! The package graph: which package of ours may know which, and what packages must not use. ARCHITECTURE.md gives the
//! reasons; this is the list that holds.
//!
//! A new package is a line in [`EDGES`], and one in [`ABSENCES`] if there is something it must not use.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Findings;
use crate::workspace::{Failure, Workspace, output};

/// Every package and the packages of ours it may depend on, tests included; no other edge, and no package unlisted.
const EDGES: &[(&str, &[&str])] = &[
    ("cesql", &[]),
    ("egress", &["x509"]),
    ("free-port", &[]),
    ("inbound-mail", &[]),
    ("kafka-token", &[]),
    ("test-relay", &["interop-packages"]),
    ("message", &["interop-packages", "model"]),
    ("model", &["cesql"]),
    ("translator", &["model"]),
    ("storage", &["free-port", "kafka-token", "model", "secrets"]),
    ("webhook-validator", &["egress"]),
    ("event-reader", &["model", "storage", "translator"]),
    ("delivery", &["event-reader", "model", "storage", "translator"]),
    ("feeds", &["egress", "model", "publishing", "storage"]),
    ("sizing", &[]),
    ("x509", &[]),
    ("zgw-token", &["model"]),
    ("oidc", &["model"]),
    ("channel-email", &["egress", "test-relay"]),
    ("channel-sms", &["egress", "message", "model"]),
    (
        "channel-webhook",
        &[
            "delivery",
            "egress",
            "event-reader",
            "model",
            "secrets",
            "storage",
            "translator",
            "webhook-validator",
            "zgw-token",
        ],
    ),
    (
        "mailer",
        &[
            "channel-email",
            "channel-sms",
            "delivery",
            "egress",
            "event-reader",
            "free-port",
            "message",
            "model",
            "people",
            "people-filter",
            "secrets",
            "storage",
            "test-relay",
            "translator",
        ],
    ),
    ("secrets", &["model"]),
    ("management", &["delivery", "event-reader", "model", "publishing", "secrets", "storage", "translator"]),
    ("people", &["management", "message", "model", "people-filter", "secrets", "storage"]),
    ("people-filter", &["cesql", "interop-packages", "model"]),
    ("inbox", &["event-reader", "model", "people", "storage"]),
    ("publishing", &["model", "people-filter", "storage", "translator"]),
    ("own-events", &["delivery", "model", "publishing", "storage", "translator"]),
    (
        "web",
        &["egress", "management", "model", "oidc", "people", "publishing", "secrets", "storage", "x509", "zgw-token"],
    ),
    ("api-native", &["egress", "inbox", "management", "model", "people", "publishing", "translator", "web"]),
    ("api-zgw", &["management", "model", "publishing", "translator", "web"]),
    ("console", &["management", "model", "oidc", "people", "secrets", "web"]),
    (
        "gateway",
        &[
            "api-native",
            "api-zgw",
            "cesql",
            "channel-email",
            "channel-sms",
            "channel-webhook",
            "console",
            "delivery",
            "egress",
            "event-reader",
            "feeds",
            "free-port",
            "inbound-mail",
            "inbox",
            "interop-packages",
            "mailer",
            "management",
            "message",
            "model",
            "oidc",
            "own-events",
            "people",
            "people-filter",
            "publishing",
            "secrets",
            "sizing",
            "storage",
            "test-relay",
            "translator",
            "web",
            "webhook-validator",
            "x509",
            "zgw-token",
        ],
    ),
    ("conformance", &[]),
    ("interop-packages", &[]),
    ("interop", &["free-port", "interop-packages"]),
    ("xtask", &["free-port", "interop-packages"]),
];

/// Packages that a package must not use, except in tests.
enum Absence {
    /// By any path, when the package is built alone.
    Reach(&'static str, &'static [&'static str]),
    /// As a dependency of its own; one of its dependencies may.
    Depend(&'static str, &'static [&'static str]),
}

const ABSENCES: &[Absence] = &[
    Absence::Reach("model", &["tokio", "serde"]),
    Absence::Reach("translator", &["tokio", "hyper", "rusqlite"]),
    Absence::Reach("people-filter", &["tokio", "http", "hyper", "rusqlite"]),
    Absence::Reach("message", &["tokio", "http", "hyper", "rusqlite"]),
    Absence::Reach("delivery", &["rusqlite", "axum", "http", "hyper", "egress"]),
    Absence::Reach("management", &["axum", "http", "hyper"]),
    Absence::Depend("management", &["serde_json"]),
    Absence::Reach("inbox", &["axum", "http", "hyper"]),
    Absence::Reach("people", &["axum", "http", "hyper"]),
    Absence::Reach("publishing", &["axum", "http", "hyper"]),
    Absence::Depend("api-native", &["delivery", "egress", "storage"]),
    Absence::Depend("api-zgw", &["delivery", "egress", "storage"]),
    Absence::Depend("console", &["delivery", "egress", "storage"]),
];

/// Packages that read configuration files. Only `gateway` may depend on them.
const CONFIGURATION: &[&str] = &["figment", "toml"];

/// `packages` are those of this checkout, as `cargo metadata` describes them.
pub fn check(workspace: &Workspace, packages: &[Value], findings: &mut Findings) -> Result<(), Failure> {
    edges(packages, findings);
    for absence in ABSENCES {
        match absence {
            Absence::Reach(package, absent) => check_reach(package, absent, &tree(workspace, package)?, findings),
            Absence::Depend(package, absent) => check_depend(packages, package, absent, findings),
        }
    }
    for package in parts("gateway") {
        check_reach(package, CONFIGURATION, &tree(workspace, package)?, findings);
    }
    Ok(())
}

/// The workspace packages that a package consists of, by [`EDGES`].
fn parts(package: &'static str) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut open = vec![package];
    while let Some(next) = open.pop() {
        let edges = EDGES.iter().find(|(name, _)| *name == next).map_or(&[][..], |(_, edges)| *edges);
        open.extend(edges.iter().filter(|part| found.insert(**part)));
    }
    found
}

/// The library names of everything a package reaches when it is built alone, one a line.
fn tree(workspace: &Workspace, package: &str) -> Result<String, Failure> {
    let arguments =
        ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib}", "--package", package];
    output(workspace.cargo().args(arguments))
}

fn check_reach(package: &str, absent: &[&str], tree: &str, findings: &mut Findings) {
    let reached: BTreeSet<&str> = tree.lines().map(str::trim).collect();
    for name in absent.iter().filter(|name| reached.contains(name.replace('-', "_").as_str())) {
        findings.error(package, format!("reaches {name}; see `cargo tree -p {package} -e normal -i {name}`"));
    }
}

fn check_depend(packages: &[Value], package: &str, absent: &[&str], findings: &mut Findings) {
    let Some(found) = packages.iter().find(|found| found["name"] == *package) else {
        findings.error(package, "in the list of absences, but no package");
        return;
    };
    for dependency in found["dependencies"].as_array().into_iter().flatten() {
        let name = dependency["name"].as_str().unwrap_or_default();
        if dependency["kind"] != "dev" && absent.contains(&name) {
            findings.error(package, format!("depends on {name}, which it must not"));
        }
    }
}

fn edges(packages: &[Value], findings: &mut Findings) {
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = EDGES.iter().find(|(listed, _)| *listed == name) else {
            findings.error(name, "a package that the list of edges does not know");
            continue;
        };
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        for dependency in dependencies.iter().filter(|dependency| dependency["path"].is_string()) {
            let other = dependency["name"].as_str().unwrap_or_default();
            if !allowed.contains(&other) {
                findings.error(name, format!("depends on {other}, an edge that is not allowed"));
            }
        }
    }
    for (name, _) in EDGES {
        if !packages.iter().any(|package| package["name"] == *name) {
            findings.error(name, "in the list of edges, but no package");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn packages(extra: &Value) -> Vec<Value> {
        let mut packages: Vec<Value> =
            EDGES.iter().map(|(name, _)| json!({ "name": name, "dependencies": [] })).collect();
        packages.retain(|package| package["name"] != extra["name"]);
        packages.push(extra.clone());
        packages
    }

    #[test]
    fn edges_outside_the_list_are_found() {
        for (package, expected) in [
            (json!({ "name": "storage", "dependencies": [{ "name": "model", "path": "/a" }] }), 0),
            (json!({ "name": "storage", "dependencies": [{ "name": "bytes", "path": null }] }), 0),
            (json!({ "name": "storage", "dependencies": [{ "name": "translator", "path": "/a" }] }), 1),
            (json!({ "name": "model", "dependencies": [{ "name": "egress", "path": "/a", "kind": "dev" }] }), 1),
            (json!({ "name": "common", "dependencies": [] }), 1),
        ] {
            let mut findings = Findings::default();
            edges(&packages(&package), &mut findings);
            assert_eq!(findings.errors().len(), expected, "{package}: {:?}", findings.errors());
        }
    }

    #[test]
    fn a_package_that_is_gone_leaves_the_list() {
        let mut findings = Findings::default();
        edges(&[], &mut findings);
        assert_eq!(findings.errors().len(), EDGES.len());
    }

    #[test]
    fn what_is_reached_by_any_path_is_found() {
        for (tree, expected) in [
            ("storage\nmodel\nbytes\n", 0),
            ("storage\nmodel\nhyper_rustls\nbytes\n", 1),
            ("storage\nhyper_rustls\naxum\naxum\n", 2),
        ] {
            let mut findings = Findings::default();
            check_reach("storage", &["hyper-rustls", "axum"], tree, &mut findings);
            assert_eq!(findings.errors().len(), expected, "{tree}: {:?}", findings.errors());
        }
    }

    #[test]
    fn what_is_depended_on_directly_is_found() {
        for (dependency, expected) in [
            (json!({ "name": "axum", "kind": null }), 1),
            (json!({ "name": "axum", "kind": null, "rename": "web", "optional": true }), 1),
            (json!({ "name": "axum", "kind": "build" }), 1),
            (json!({ "name": "axum", "kind": "dev" }), 0),
            (json!({ "name": "model", "kind": null, "path": "/a" }), 0),
        ] {
            let mut findings = Findings::default();
            let package = json!({ "name": "storage", "dependencies": [dependency] });
            check_depend(&packages(&package), "storage", &["axum", "http"], &mut findings);
            assert_eq!(findings.errors().len(), expected, "{dependency}: {:?}", findings.errors());
        }
        let mut findings = Findings::default();
        check_depend(&[], "storage", &[], &mut findings);
        assert_eq!(findings.errors().len(), 1);
    }

    #[test]
    fn the_parts_of_the_gateway_are_all_below_it() {
        let parts = parts("gateway");
        assert!(parts.contains("kafka-token") && parts.contains("cesql"), "{parts:?}");
        assert!(!parts.contains("gateway") && !parts.contains("conformance"), "{parts:?}");
    }
}
