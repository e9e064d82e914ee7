//! Payload schemas in the registry: unique by name, by `dataschema` and by type, and at most [`MAX_SCHEMAS`].

use std::sync::Arc;

use super::Rejection;
use crate::{PayloadSchema, Registry, registry::Change, schema::MAX_SCHEMAS};

/// Registers a schema, or replaces the one with its name.
pub(super) fn keep(registry: &Registry, schema: PayloadSchema) -> Result<Vec<Change>, Rejection> {
    let by_uri = registry.schema_of_uri(&schema.uri).map(|other| (&schema.uri, other));
    let by_type = schema.types.iter().filter_map(|kind| Some((kind, registry.schema_of_type(kind)?)));
    if let Some((what, other)) = by_uri.into_iter().chain(by_type).find(|(_, other)| other.name != schema.name) {
        return Err(Rejection::SchemaTaken { what: what.clone(), by: other.name.clone() });
    }
    if registry.schema(schema.name.as_str()).is_none() && registry.schemas().len() >= MAX_SCHEMAS {
        return Err(Rejection::TooManySchemas);
    }
    Ok(vec![Change::Schema(Arc::new(schema))])
}
