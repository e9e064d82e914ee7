//! `/v1/types`: the catalogue of types of events, for clients that look for something to subscribe to (NLG-CTX-15). What it
//! holds is in [`management::types`].

pub mod list;
pub mod read;

use http::HeaderMap;
use management::types::EventType;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;
use web::csv;

use super::schemas;
use crate::Api;

/// A type of events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventType)]
#[serde(rename_all = "camelCase")]
pub struct TypeView {
    /// `type` of the events.
    #[serde(rename = "type")]
    pub kind: String,
    /// What they say, for people.
    pub description: String,
    /// The kanaal they go to: as their publisher says, else by the routing rules.
    pub kanaal: Option<String>,
    /// Where the publisher explains that kanaal.
    pub documentatie_link: Option<String>,
    /// Their `dataschema`.
    pub dataschema: String,
    /// Where the JSON Schema of their payload is served.
    #[schema(format = "uri")]
    pub schema: String,
    /// Whether nobody should begin to use it: its schema says `"deprecated": true`.
    pub deprecated: bool,
    /// A payload that fits.
    #[schema(value_type = Object)]
    pub example: Option<Box<RawValue>>,
    /// The `client_id` of the publisher; null when configuration declares the type.
    pub publisher: Option<String>,
}

impl TypeView {
    fn new(api: &Api, headers: &HeaderMap, found: &EventType) -> Self {
        let EventType { kind, schema, kanaal } = found;
        let link = kanaal.as_ref().map(|kanaal| kanaal.documentatie_link.clone());
        Self {
            kind: kind.clone(),
            description: schema.description.clone(),
            kanaal: kanaal.as_ref().map(|kanaal| kanaal.naam.to_string()),
            documentatie_link: link.filter(|link| !link.is_empty()),
            dataschema: schema.uri.clone(),
            schema: schemas::url(api, headers, schema.name.as_str()),
            deprecated: is_deprecated(&schema.text),
            example: schemas::example(schema),
            publisher: schema.owner.clone(),
        }
    }
}

impl TypeView {
    /// The columns of [`Self::cells`].
    pub const COLUMNS: [&str; 8] =
        ["type", "description", "kanaal", "documentatieLink", "dataschema", "schema", "deprecated", "publisher"];

    /// A row of a list in CSV.
    pub fn cells(self) -> csv::Row {
        vec![
            self.kind,
            self.description,
            self.kanaal.unwrap_or_default(),
            self.documentatie_link.unwrap_or_default(),
            self.dataschema,
            self.schema,
            self.deprecated.to_string(),
            self.publisher.unwrap_or_default(),
        ]
    }
}

/// Whether a JSON Schema has the annotation `deprecated` (JSON Schema 2020-12, validation, section 9.3), by which a publisher
/// announces the end of a type (CE-EXT-18).
fn is_deprecated(schema: &str) -> bool {
    #[derive(Deserialize)]
    struct Annotations {
        deprecated: Option<Value>,
    }
    serde_json::from_str::<Annotations>(schema)
        .is_ok_and(|annotations| annotations.deprecated == Some(Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use super::is_deprecated;

    #[test]
    fn a_schema_says_that_its_types_are_deprecated_ce_ext_18() {
        for (schema, expected) in [
            (r#"{"type": "object", "deprecated": true}"#, true),
            (r#"{"deprecated": false}"#, false),
            (r#"{"deprecated": "soon"}"#, false),
            (r#"{"properties": {"deprecated": true}}"#, false),
            ("true", false),
        ] {
            assert_eq!(is_deprecated(schema), expected, "{schema}");
        }
    }
}
