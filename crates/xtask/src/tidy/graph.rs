//! The package graph: which package of ours may know which, and what the pure ones must never reach. ARCHITECTURE.md
//! gives the reasons; this is the list that holds.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Findings;
use crate::workspace::{Failure, Workspace, output};

/// Every package and the packages of ours it may depend on, tests included; no other edge, and no package unlisted.
const EDGES: &[(&str, &[&str])] = &[
    ("cesql", &[]),
    ("egress", &[]),
    ("kafka-token", &[]),
    ("model", &["cesql"]),
    ("translator", &["model"]),
    ("storage", &["kafka-token", "model"]),
    ("webhook-validator", &["egress"]),
    ("delivery", &["model", "translator", "storage", "egress"]),
    ("gateway", &["model", "translator", "storage", "egress", "delivery", "webhook-validator", "cesql"]),
    ("conformance", &[]),
    ("interop", &[]),
    ("xtask", &[]),
];

/// A package, and the packages it must not reach by any path when it is built alone.
const ABSENCES: &[(&str, &[&str])] = &[
    ("model", &["tokio", "serde"]),
    ("translator", &["tokio", "hyper", "rusqlite"]),
    ("delivery", &["rusqlite", "axum"]),
];

pub fn check(workspace: &Workspace, findings: &mut Findings) -> Result<(), Failure> {
    let metadata = output(workspace.cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    let metadata = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    edges(&metadata, findings);
    for (package, absent) in ABSENCES {
        let arguments =
            ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{lib}", "--package", package];
        let tree = output(workspace.cargo().args(arguments))?;
        let reached: BTreeSet<&str> = tree.lines().map(str::trim).collect();
        for name in absent.iter().filter(|name| reached.contains(*name)) {
            findings.error(package, format!("reaches {name}; see `cargo tree -p {package} -e normal -i {name}`"));
        }
    }
    Ok(())
}

fn edges(metadata: &Value, findings: &mut Findings) {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
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

    fn packages(extra: &Value) -> Value {
        let mut packages: Vec<Value> =
            EDGES.iter().map(|(name, _)| json!({ "name": name, "dependencies": [] })).collect();
        packages.retain(|package| package["name"] != extra["name"]);
        packages.push(extra.clone());
        json!({ "packages": packages })
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
        edges(&json!({ "packages": [] }), &mut findings);
        assert_eq!(findings.errors().len(), EDGES.len());
    }
}
