//! Stored form of a payload schema; schema and example are JSON text inside it.

use model::{SchemaName, schema};
use serde::{Deserialize, Serialize};

use super::{Micros, corrupt, kanaal};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PayloadSchema {
    name: String,
    uri: String,
    types: Vec<String>,
    kanaal: Option<String>,
    description: String,
    example: Option<String>,
    schema: String,
    owner: Option<String>,
    created: Micros,
}

/// Parses the name of a schema.
pub(super) fn name(text: &str) -> Result<SchemaName, Error> {
    SchemaName::new(text).ok_or_else(|| corrupt("schema", format!("{text:?} is not a name")))
}

impl From<&schema::PayloadSchema> for PayloadSchema {
    fn from(schema: &schema::PayloadSchema) -> Self {
        Self {
            name: schema.name.to_string(),
            uri: schema.uri.clone(),
            types: schema.types.clone(),
            kanaal: schema.kanaal.as_ref().map(ToString::to_string),
            description: schema.description.clone(),
            example: schema.example.clone(),
            schema: schema.text.clone(),
            owner: schema.owner.clone(),
            created: schema.created.into(),
        }
    }
}

impl TryFrom<PayloadSchema> for schema::PayloadSchema {
    type Error = Error;

    fn try_from(form: PayloadSchema) -> Result<Self, Error> {
        Ok(Self {
            name: name(&form.name)?,
            uri: form.uri,
            types: form.types,
            kanaal: form.kanaal.as_deref().map(kanaal::name).transpose()?,
            description: form.description,
            example: form.example,
            text: form.schema,
            owner: form.owner,
            created: form.created.into(),
        })
    }
}
