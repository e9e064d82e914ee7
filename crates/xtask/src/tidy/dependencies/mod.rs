//! The rules of `deny.toml` about third-party packages, checked against the dependency tree of `cargo metadata`: licences,
//! which package may use which driver, versions and sources. The rules are written only in `deny.toml`.
//!
//! Not about advisories, which change without a change here: `cargo xtask deny` asks for those. It reads the same file.

mod bans;
mod licences;
mod policy;
mod sources;

use serde::Deserialize;

use super::Findings;
use crate::workspace::{Failure, Workspace, output};
use policy::Policy;

/// The file with the rules, relative to the root of the checkout.
const FILE: &str = "deny.toml";

/// The packages as `cargo metadata` describes them.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// Where it comes from; none for a package of this checkout.
    source: Option<String>,
    dependencies: Vec<Requirement>,
}

/// A dependency as a manifest asks for it.
#[derive(Deserialize)]
struct Requirement {
    name: String,
    req: String,
    path: Option<String>,
}

/// The dependencies as cargo chose them, for the platforms and features asked for.
#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

pub fn check(workspace: &Workspace, findings: &mut Findings) -> Result<(), Failure> {
    let text = std::fs::read_to_string(workspace.path(FILE)).map_err(|error| format!("{FILE}: {error}"))?;
    let policy: Policy = toml::from_str(&text).map_err(|error| format!("{FILE}: {error}"))?;
    let mut command = workspace.cargo();
    command.args(["metadata", "--format-version", "1", "--locked"]);
    if policy.graph.all_features {
        command.arg("--all-features");
    }
    for target in &policy.graph.targets {
        command.args(["--filter-platform", target]);
    }
    let metadata = serde_json::from_str(&output(&mut command)?).map_err(|error| format!("cargo metadata: {error}"))?;
    held_against(&policy, &metadata, findings);
    Ok(())
}

fn held_against(policy: &Policy, metadata: &Metadata, findings: &mut Findings) {
    licences::check(&policy.licenses, &metadata.packages, findings);
    bans::check(&policy.bans, metadata, findings);
    sources::check(&policy.sources, &metadata.packages, findings);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const POLICY: &str = r#"
        [graph]
        all-features = true
        [licenses]
        allow = ["MIT", "EUPL-1.2"]
        [[licenses.clarify]]
        crate = "described@1.0.0"
        expression = "MIT"
        license-files = []
        [bans]
        multiple-versions = "deny"
        wildcards = "deny"
        allow-wildcard-paths = true
        deny = [
            { crate = "driver", wrappers = ["ours"], reason = "one door" },
            { crate = "never", reason = "not at all" },
        ]
        [sources]
        unknown-registry = "deny"
        unknown-git = "deny"
    "#;

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    /// A package of others, by name, with members laid over.
    fn foreign(name: &str, over: &Value) -> Value {
        let mut package = json!({
            "id": format!("{name} 1.0.0"), "name": name, "version": "1.0.0", "license": "MIT", "source": REGISTRY,
            "dependencies": [],
        });
        for (member, value) in over.as_object().expect("members") {
            package[member] = value.clone();
        }
        package
    }

    /// The findings when our package `ours` depends on these packages.
    fn found(packages: &[Value]) -> Vec<String> {
        let requirement = |package: &Value| json!({ "name": package["name"], "req": "^1", "path": null });
        let mut all = packages.to_vec();
        all.push(json!({
            "id": "ours", "name": "ours", "version": "0.1.0", "license": "EUPL-1.2", "source": null,
            "dependencies": packages.iter().map(requirement).collect::<Vec<_>>(),
        }));
        let ids: Vec<&Value> = packages.iter().map(|package| &package["id"]).collect();
        let mut nodes = vec![json!({ "id": "ours", "dependencies": ids })];
        nodes.extend(packages.iter().map(|package| {
            json!({ "id": package["id"], "dependencies": package.get("uses").cloned().unwrap_or_else(|| json!([])) })
        }));
        found_in(json!({ "packages": all, "resolve": { "nodes": nodes } }))
    }

    fn found_in(metadata: Value) -> Vec<String> {
        let policy: Policy = toml::from_str(POLICY).expect("a policy");
        let metadata: Metadata = serde_json::from_value(metadata).expect("metadata");
        let mut findings = Findings::default();
        held_against(&policy, &metadata, &mut findings);
        findings.errors().to_vec()
    }

    #[test]
    fn a_tree_that_keeps_the_rules_gives_no_findings() {
        let packages = [
            foreign("free", &json!({})),
            foreign("driver", &json!({})),
            foreign("described", &json!({ "license": null })),
        ];
        assert_eq!(found(&packages), [""; 0]);
    }

    #[test]
    fn each_planted_violation_is_found_once() {
        let driver = foreign("driver", &json!({}));
        let other = foreign("other", &json!({ "uses": ["driver 1.0.0"] }));
        let again = foreign("free", &json!({ "id": "free 2.0.0", "version": "2.0.0" }));
        for (packages, rule) in [
            (vec![foreign("free", &json!({ "license": "GPL-3.0-only" }))], "licence GPL-3.0-only"),
            (vec![foreign("free", &json!({ "license": null }))], "names no licence"),
            (vec![foreign("described", &json!({ "license": null, "version": "1.1.0" }))], "names no licence"),
            (vec![driver, other], "used by other: one door"),
            (vec![foreign("never", &json!({}))], "used by ours: not at all"),
            (vec![foreign("free", &json!({})), again], "1.0.0 and 2.0.0"),
            (vec![foreign("free", &json!({ "source": "registry+https://crates.example" }))], "crates.example"),
            (vec![foreign("free", &json!({ "source": "git+https://git.example/free#1" }))], "git.example"),
        ] {
            let found = found(&packages);
            assert!(found.len() == 1 && found[0].contains(rule), "{rule}: {found:?}");
        }
    }

    #[test]
    fn a_version_that_is_left_open_is_found_unless_it_is_a_path() {
        let with = |path: Value| {
            found_in(json!({
                "packages": [{
                    "id": "ours", "name": "ours", "version": "0.1.0", "license": "EUPL-1.2", "source": null,
                    "dependencies": [{ "name": "free", "req": "*", "path": path }],
                }],
                "resolve": { "nodes": [] },
            }))
        };
        assert_eq!(with(json!("/checkout/free")), [""; 0]);
        assert_eq!(with(Value::Null).len(), 1);
    }

    #[test]
    fn a_rule_that_tidy_does_not_know_is_refused() {
        let wrong = POLICY.replace("[bans]", "[bans]\nskip-tree = []");
        assert!(toml::from_str::<Policy>(&wrong).is_err_and(|error| error.to_string().contains("skip-tree")));
    }
}
