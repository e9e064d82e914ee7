//! Sections `[[applicatie]]` and `[[kanaal]]`: state that configuration declares.
//!
//! Declaring is idempotent: what is there is brought in line, what is not declared is left alone.

use std::path::PathBuf;

use model::schema::PayloadCheck;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClientCertificate, Profile, Strictness};

/// A client.
#[derive(Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Applicatie {
    /// The `client_id` in its tokens.
    pub client_id: String,
    /// The secret its tokens are signed with.
    #[serde(serialize_with = "super::hidden")]
    pub secret: Option<String>,
    /// A file with the secret; white space at its end does not count.
    #[schema(value_type = Option<String>)]
    pub secret_file: Option<PathBuf>,
    /// More files with secrets that hold as well, while one is being replaced. All files are read again when they change, and on
    /// SIGHUP.
    #[schema(value_type = Vec<String>)]
    pub secret_files: Vec<PathBuf>,
    /// More secrets that hold as well, while one is being replaced.
    #[serde(serialize_with = "super::hidden")]
    pub secrets: Vec<String>,
    /// The client certificates that authenticate it, instead of a token or beside one.
    pub certificate: Option<ClientCertificate>,
    /// `notificaties.publiceren`, `notificaties.consumeren`, `notificaties.beheer`.
    pub scopes: Vec<String>,
    /// `source` of its notifications that bring none.
    pub source: Option<String>,
    /// The only patterns of `source` of its events and of notifications that bring one; `*` matches any characters. Empty:
    /// any.
    pub sources: Vec<String>,
}

impl Applicatie {
    /// The files with its secrets.
    pub fn secret_paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.secret_file.iter().chain(&self.secret_files)
    }
}

impl std::fmt::Debug for Applicatie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Applicatie")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("source", &self.source)
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}

/// A kanaal.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kanaal {
    /// Its name, 1 to 50 characters.
    pub naam: String,
    /// Where its publisher explains it.
    pub documentatie_link: String,
    /// The kenmerken its notifications carry.
    pub filters: Vec<String>,
    /// Prefixes of `type` that route CloudEvents here.
    pub type_routes: Vec<String>,
    /// `source` of notifications that bring none.
    pub source: Option<String>,
    /// How long its events are kept, in days; absent: `retention_days`.
    #[schema(minimum = 1)]
    pub retention_days: Option<u32>,
    /// Against which profile its events are held; absent: as the path or `[ingest]` says.
    pub profile: Option<Profile>,
    /// Whether the profile refuses its events; absent: as the path or `[ingest]` says.
    pub strictness: Option<Strictness>,
    /// Whether an attribute that may hold a BSN or an e-mail address refuses its events; absent: as the path or `[ingest]` says.
    pub privacy: Option<Strictness>,
    /// What happens to payloads that do not fit the schema registered for them.
    pub payload_schemas: PayloadSchemas,
    /// Which classes of data it may carry, by `dataclassification` and `dataregulation`; absent: it does not look at them.
    pub clearance: Option<Clearance>,
    /// The `client_id` of the applicatie that answers for its events; absent: as it is.
    pub owner: Option<String>,
    /// Whether its owner approves a subscription before it gets anything; absent: as it is.
    pub approval: Option<bool>,
    /// The `client_id`s of the only applicaties that publish on it; empty: any with the scope.
    pub publishers: Vec<String>,
}

/// Which classes of data a kanaal may carry. An event of another class is refused.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = ClearanceDeclaration)]
#[serde(deny_unknown_fields, default)]
pub struct Clearance {
    /// Values of `dataclassification`.
    pub classifications: Vec<String>,
    /// Entries of `dataregulation`.
    pub regulations: Vec<String>,
}

impl From<&Clearance> for model::clearance::Clearance {
    fn from(declared: &Clearance) -> Self {
        Self { classifications: declared.classifications.clone(), regulations: declared.regulations.clone() }
    }
}

/// A JSON Schema for payloads.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[schema(as = PayloadSchemaDeclaration)]
#[serde(deny_unknown_fields, default)]
pub struct Schema {
    /// Its name, the last part of its address: 1 to 100 of a-z, 0-9, hyphen, underscore and dot.
    pub name: String,
    /// The file that holds it.
    #[schema(value_type = String)]
    pub file: PathBuf,
    /// The `dataschema` of the events it is for; absent: its own address.
    pub uri: Option<String>,
    /// The types of the events it is for, when they name no registered `dataschema`.
    pub types: Vec<String>,
    /// The kanaal of those events, when the routing rules do not say it.
    pub kanaal: Option<String>,
    /// What the events say, for people.
    pub description: String,
    /// A file with a payload that fits.
    #[schema(value_type = Option<String>)]
    pub example_file: Option<PathBuf>,
}

/// What happens to payloads that do not fit the schema registered for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PayloadSchemas {
    /// They are not looked at.
    #[default]
    Off,
    /// There are findings on the event.
    Warn,
    /// The event is refused.
    Reject,
}

impl From<PayloadSchemas> for PayloadCheck {
    fn from(check: PayloadSchemas) -> Self {
        match check {
            PayloadSchemas::Off => Self::Off,
            PayloadSchemas::Warn => Self::Warn,
            PayloadSchemas::Reject => Self::Reject,
        }
    }
}
