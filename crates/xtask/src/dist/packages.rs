//! The packages that are compiled into the programs of a release: what `cargo tree` names, with the details of
//! `cargo metadata` and the checksums of the lock file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::PROGRAMS;
use crate::workspace::{Failure, Workspace, output};

/// A package that is compiled in.
pub struct Package {
    pub name: String,
    pub version: String,
    /// SPDX expression, as the package states it.
    pub licence: Option<String>,
    pub repository: Option<String>,
    /// Whether it is of this checkout.
    pub own: bool,
    /// SHA-256 of its archive in the registry.
    pub checksum: Option<String>,
    /// The folder with the manifest.
    pub folder: PathBuf,
    /// Name and version of those of these packages that it uses.
    pub uses: BTreeSet<(String, String)>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Described {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// These packages, by name and version.
pub fn compiled_in(workspace: &Workspace) -> Result<Vec<Package>, Failure> {
    let mut tree = workspace.cargo();
    tree.args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree = output(tree.args(PROGRAMS.iter().flat_map(|program| ["--package", program])))?;
    let compiled: BTreeSet<(String, String)> = tree.lines().filter_map(parse_tree_line).collect();
    let metadata = output(workspace.cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Metadata = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let lock = std::fs::read_to_string(workspace.path("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let lock: Lock = toml::from_str(&lock).map_err(|error| format!("Cargo.lock: {error}"))?;
    let checksums: BTreeMap<(String, String), String> =
        lock.package.into_iter().filter_map(|one| Some(((one.name, one.version), one.checksum?))).collect();
    let names: BTreeMap<String, (String, String)> =
        metadata.packages.iter().map(|one| (one.id.clone(), (one.name.clone(), one.version.clone()))).collect();
    let mut uses: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for node in metadata.resolve.nodes {
        let known = node.dependencies.iter().filter_map(|id| names.get(id)).filter(|name| compiled.contains(*name));
        uses.insert(node.id, known.cloned().collect());
    }
    let described = metadata.packages.into_iter().map(|one| {
        let key = (one.name.clone(), one.version.clone());
        Package {
            checksum: checksums.get(&key).cloned(),
            uses: uses.remove(&one.id).unwrap_or_default(),
            name: one.name,
            version: one.version,
            licence: one.license,
            repository: one.repository,
            own: one.source.is_none(),
            folder: one.manifest_path.parent().map(PathBuf::from).unwrap_or_default(),
        }
    });
    let mut packages: Vec<Package> =
        described.filter(|one| compiled.contains(&(one.name.clone(), one.version.clone()))).collect();
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(packages)
}

/// Name and version of a line of `cargo tree`: `ahash v0.8.12 (*)`.
fn parse_tree_line(line: &str) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let name = words.next().filter(|name| !name.is_empty())?;
    Some((name.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
}
