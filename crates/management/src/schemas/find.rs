//! Finds and lists payload schemas.

use std::sync::Arc;

use model::PayloadSchema;

use super::built_in;
use crate::{Error, Management, Resource};

/// A schema that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundSchema {
    /// The text of one that every gateway serves.
    BuiltIn(&'static str),
    /// One that was registered or declared. After it is withdrawn, another of its name may be registered.
    Registered(Arc<PayloadSchema>),
}

/// Which registered schemas are listed; `None` for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaFilter {
    /// The `dataschema` of the events it is for.
    pub uri: Option<String>,
    /// A type of the events it is for.
    pub kind: Option<String>,
    /// The `client_id` that registered it.
    pub owner: Option<String>,
}

impl Management {
    /// The schema with this name; [`Error::NotFound`] when there is none.
    pub fn find_schema(&self, name: &str) -> Result<FoundSchema, Error> {
        if let Some(text) = built_in(name) {
            return Ok(FoundSchema::BuiltIn(text));
        }
        let registered = self.registry.read().schema(name).cloned();
        registered.map(FoundSchema::Registered).ok_or(Error::NotFound(Resource::Schema))
    }

    /// The registered schemas that match, by name.
    pub fn list_schemas(&self, filter: &SchemaFilter) -> Vec<Arc<PayloadSchema>> {
        let matches = |schema: &&Arc<PayloadSchema>| {
            filter.uri.as_ref().is_none_or(|uri| schema.uri == *uri)
                && filter.kind.as_ref().is_none_or(|kind| schema.types.contains(kind))
                && filter.owner.as_ref().is_none_or(|owner| schema.owner.as_ref() == Some(owner))
        };
        self.registry.read().schemas().filter(matches).cloned().collect()
    }
}
