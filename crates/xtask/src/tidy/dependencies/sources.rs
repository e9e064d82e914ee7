//! Sources: packages come from this checkout or from crates.io, not from another registry or a git repository.

use super::Package;
use super::policy::{Level, Sources};
use crate::tidy::Findings;

/// crates.io, as cargo names it.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub fn check(policy: &Sources, packages: &[Package], findings: &mut Findings) {
    for package in packages {
        let Some(source) = &package.source else { continue };
        let level = if source.starts_with("git+") { &policy.unknown_git } else { &policy.unknown_registry };
        if source != REGISTRY && *level == Level::Deny {
            findings.error(&package.name, format!("comes from {source}, not from crates.io"));
        }
    }
}
