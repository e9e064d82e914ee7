//! Rules for the manifests: every package takes its lints, versions and metadata from the workspace, and the scripts
//! ask for the Rust version that the workspace needs.

use toml::{Table, Value};

use super::Findings;
use crate::test::FEATURES;
use crate::workspace::{Failure, Workspace};

/// The one package that may hold unsafe code, and so cannot take its lints from a workspace that forbids it.
const UNSAFE: &str = "crates/kafka-token/Cargo.toml";

pub fn check(workspace: &Workspace, findings: &mut Findings) -> Result<(), Failure> {
    let root = parse(workspace, "Cargo.toml")?;
    let members = root.get("workspace").and_then(|table| table.get("members")).and_then(Value::as_array);
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        let file = format!("{member}/Cargo.toml");
        package(&file, &parse(workspace, &file)?, findings);
    }
    let rust = root.get("workspace").and_then(|table| table.get("package")?.get("rust-version")?.as_str());
    let script =
        std::fs::read_to_string(workspace.path(".ci/need.sh")).map_err(|error| format!(".ci/need.sh: {error}"))?;
    if !rust.is_some_and(|rust| script.lines().any(|line| line == format!("rust_wanted={rust}"))) {
        findings.error(".ci/need.sh", "rust_wanted differs from rust-version in Cargo.toml");
    }
    Ok(())
}

fn parse(workspace: &Workspace, file: &str) -> Result<Table, Failure> {
    let text = std::fs::read_to_string(workspace.path(file)).map_err(|error| format!("{file}: {error}"))?;
    text.parse().map_err(|error| format!("{file}: {error}"))
}

fn package(file: &str, manifest: &Table, findings: &mut Findings) {
    let lints = manifest.get("lints").is_some_and(inherits);
    if !lints && file != UNSAFE {
        findings.error(file, "does not inherit the workspace's lints");
    }
    for key in ["version", "edition", "rust-version", "license", "publish"] {
        if !manifest.get("package").and_then(|package| package.get(key)).is_some_and(inherits) {
            findings.error(file, format!("does not inherit {key} from the workspace"));
        }
    }
    required_features(file, manifest, findings);
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, dependency) in manifest.get(section).and_then(Value::as_table).into_iter().flatten() {
            if !inherits(dependency) {
                findings.error(file, format!("{name}: versions stand in the workspace's one table"));
            }
        }
    }
}

/// A test whose required features are off is skipped without a message: `cargo xtask test` must turn them on.
fn required_features(file: &str, manifest: &Table, findings: &mut Findings) {
    let name = manifest.get("package").and_then(|package| package.get("name")?.as_str()).unwrap_or_default();
    for target in manifest.get("test").and_then(Value::as_array).into_iter().flatten() {
        for feature in target.get("required-features").and_then(Value::as_array).into_iter().flatten() {
            let feature = format!("{name}/{}", feature.as_str().unwrap_or_default());
            if !FEATURES.contains(&feature.as_str()) {
                findings.error(file, format!("a test requires {feature}, which `cargo xtask test` does not turn on"));
            }
        }
    }
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\
        [lints]\nworkspace = true\n[dependencies]\nbytes = { workspace = true, optional = true }\n";

    #[test]
    fn what_is_not_inherited_is_found() {
        for (text, expected) in [
            (GOOD.to_owned(), 0),
            (GOOD.replace("[lints]\nworkspace = true\n", ""), 1),
            (GOOD.replace("edition.workspace = true", "edition = \"2024\""), 1),
            (GOOD.replace("{ workspace = true, optional = true }", "\"1\""), 1),
            (format!("{GOOD}[[test]]\nname = \"t\"\nrequired-features = [\"slow\"]\n"), 1),
            (format!("{GOOD}[dev-dependencies]\nserde = {{ version = \"1\" }}\n"), 1),
        ] {
            let mut findings = Findings::default();
            package("a/Cargo.toml", &text.parse().expect("TOML"), &mut findings);
            assert_eq!(findings.errors().len(), expected, "{text}{:?}", findings.errors());
        }
    }
}
