//! The form of `deny.toml`, as far as `tidy` enforces it. A key that is not here is refused, so that no rule is written down
//! and then left to a tool that does not run. The names are those of cargo-deny, which reads the same file.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub graph: Graph,
    /// How cargo-deny prints; nothing to enforce.
    #[serde(default, rename = "output")]
    _output: toml::Table,
    /// Read by `cargo xtask deny` alone.
    #[serde(default, rename = "advisories")]
    _advisories: toml::Table,
    pub licenses: Licenses,
    pub bans: Bans,
    pub sources: Sources,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Graph {
    #[serde(default)]
    pub all_features: bool,
    #[serde(default)]
    pub targets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Licenses {
    /// SPDX identifiers, with their exception where there is one.
    pub allow: Vec<String>,
    #[serde(default)]
    pub clarify: Vec<Clarification>,
    #[serde(default, rename = "version")]
    _version: u32,
    #[serde(default, rename = "confidence-threshold")]
    _confidence_threshold: f32,
    #[serde(default, rename = "unused-allowed-license")]
    _unused_allowed_license: String,
    #[serde(default, rename = "private")]
    _private: toml::Table,
}

/// The licence of a package that names none itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clarification {
    /// `name@version`: another version needs a new entry.
    #[serde(rename = "crate")]
    pub package: String,
    pub expression: String,
    #[serde(rename = "license-files")]
    _license_files: Vec<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bans {
    pub multiple_versions: Level,
    pub wildcards: Level,
    #[serde(default)]
    pub allow_wildcard_paths: bool,
    pub deny: Vec<Ban>,
}

/// A package that only its wrappers may use.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ban {
    #[serde(rename = "crate")]
    pub package: String,
    #[serde(default)]
    pub wrappers: Vec<String>,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sources {
    pub unknown_registry: Level,
    pub unknown_git: Level,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Allow,
    Deny,
}
