//! `/v1/schemas`: the JSON Schemas of payloads, registered by publishers or declared by configuration, and served at their
//! address. One file per operation.
//!
//! A schema does not change: another shape of a payload is another schema with another `dataschema` (CE-CTX-49).

pub mod create;
pub mod delete;
pub mod input;
pub mod list;
pub mod read;

use http::HeaderMap;
use model::PayloadSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use web::csv;

use crate::Api;

/// A registered schema.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayloadSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemaView {
    /// Its name, the last part of its address: 1 to 100 of `a-z`, `0-9`, `-`, `_` and `.`.
    pub name: String,
    /// The `dataschema` of the events it is for, an absolute URI; its own address when none is given.
    pub uri: String,
    /// The types of the events it is for, when they name no registered `dataschema`; at most 20.
    pub types: Vec<String>,
    /// The kanaal of those events, when the routing rules do not say it.
    pub kanaal: Option<String>,
    /// What the events say, for people.
    pub description: String,
    /// A payload that fits.
    #[schema(value_type = Object)]
    pub example: Option<Box<RawValue>>,
    /// The `client_id` of who registered it; null when configuration declares it.
    #[schema(read_only)]
    pub owner: Option<String>,
    /// Where it is served.
    #[schema(read_only, format = "uri")]
    pub url: String,
    /// When it was registered.
    #[schema(read_only, format = "date-time")]
    pub created: String,
}

impl SchemaView {
    /// Shows a schema.
    pub fn new(api: &Api, headers: &HeaderMap, schema: &PayloadSchema) -> Self {
        Self {
            name: schema.name.to_string(),
            uri: schema.uri.clone(),
            types: schema.types.clone(),
            kanaal: schema.kanaal.as_ref().map(ToString::to_string),
            description: schema.description.clone(),
            example: example(schema),
            owner: schema.owner.clone(),
            url: url(api, headers, schema.name.as_str()),
            created: schema.created.to_rfc3339(),
        }
    }
}

impl SchemaView {
    /// The columns of [`Self::cells`].
    pub const COLUMNS: [&str; 8] = ["name", "uri", "types", "kanaal", "description", "owner", "url", "created"];

    /// A row of a list in CSV.
    pub fn cells(self) -> csv::Row {
        vec![
            self.name,
            self.uri,
            self.types.join(" "),
            self.kanaal.unwrap_or_default(),
            self.description,
            self.owner.unwrap_or_default(),
            self.url,
            self.created,
        ]
    }
}

/// The example of a schema as JSON.
pub fn example(schema: &PayloadSchema) -> Option<Box<RawValue>> {
    schema.example.clone().and_then(|text| RawValue::from_string(text).ok())
}

/// The address of a schema.
pub fn url(api: &Api, headers: &HeaderMap, name: &str) -> String {
    format!("{}/v1/schemas/{name}", api.public_url(headers))
}
