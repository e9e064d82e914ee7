//! Bans: packages that must not be used, or only by their wrappers; two versions of one package; versions left open.

use std::collections::{BTreeMap, BTreeSet};

use super::policy::{Ban, Bans, Level};
use super::{Metadata, Package};
use crate::tidy::Findings;

pub fn check(policy: &Bans, metadata: &Metadata, findings: &mut Findings) {
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
    for ban in &policy.deny {
        users(ban, metadata, &names, findings);
    }
    if policy.multiple_versions == Level::Deny {
        duplicates(&metadata.packages, findings);
    }
    if policy.wildcards == Level::Deny {
        wildcards(policy, &metadata.packages, findings);
    }
}

/// Every direct user of a banned package is one of its wrappers.
fn users(ban: &Ban, metadata: &Metadata, names: &BTreeMap<&str, &str>, findings: &mut Findings) {
    let name = |id: &str| names.get(id).copied().unwrap_or_default();
    let uses = |ids: &[String]| ids.iter().any(|id| name(id) == ban.package);
    let users: BTreeSet<&str> = metadata
        .resolve
        .nodes
        .iter()
        .filter(|node| uses(&node.dependencies))
        .map(|node| name(&node.id))
        .filter(|user| !ban.wrappers.iter().any(|wrapper| wrapper == user))
        .collect();
    for user in users {
        findings.error(&ban.package, format!("used by {user}: {}", ban.reason));
    }
}

fn duplicates(packages: &[Package], findings: &mut Findings) {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    for (name, versions) in versions.into_iter().filter(|(_, versions)| versions.len() > 1) {
        let versions: Vec<&str> = versions.into_iter().collect();
        findings.error(name, format!("there in more than one version: {}", versions.join(" and ")));
    }
}

/// Packages of ours that ask for any version at all.
fn wildcards(policy: &Bans, packages: &[Package], findings: &mut Findings) {
    for package in packages.iter().filter(|package| package.source.is_none()) {
        for dependency in package.dependencies.iter().filter(|dependency| dependency.req == "*") {
            if dependency.path.is_none() || !policy.allow_wildcard_paths {
                findings.error(&package.name, format!("asks for any version of {}", dependency.name));
            }
        }
    }
}
