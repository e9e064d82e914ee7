//! Finds and lists types in the catalogue.

use std::sync::Arc;

use model::{Kanaal, KanaalName, PayloadSchema, Registry};

use crate::{Error, Management, Resource};

/// A type of events in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventType {
    /// `type` of the events.
    pub kind: String,
    /// The schema of their payload, with the description by its publisher.
    pub schema: Arc<PayloadSchema>,
    /// The kanaal they go to: the one its publisher named, else by the routing rules; `None` when that does not exist.
    pub kanaal: Option<Arc<Kanaal>>,
}

/// Which types are listed; `None` for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeFilter {
    /// The kanaal they go to.
    pub kanaal: Option<String>,
    /// The `client_id` that registered their schema.
    pub publisher: Option<String>,
}

impl TypeFilter {
    fn matches(&self, found: &EventType) -> bool {
        let naam = found.kanaal.as_ref().map(|kanaal| kanaal.naam.as_str());
        self.kanaal.as_deref().is_none_or(|wanted| naam == Some(wanted))
            && self.publisher.as_ref().is_none_or(|client| found.schema.owner.as_ref() == Some(client))
    }
}

impl Management {
    /// The type with this name; [`Error::NotFound`] when no schema is registered for it.
    pub fn find_type(&self, kind: &str) -> Result<EventType, Error> {
        let registry = self.registry.read();
        let schema = registry.schema_of_type(kind).ok_or(Error::NotFound(Resource::Type))?;
        Ok(self.event_type(&registry, kind, schema))
    }

    /// The types that match, by name.
    pub fn list_types(&self, filter: &TypeFilter) -> Vec<EventType> {
        let registry = self.registry.read();
        let types = registry.types().map(|(kind, schema)| self.event_type(&registry, kind, schema));
        types.filter(|found| filter.matches(found)).collect()
    }

    /// The schemas of no type, by name: events name them by their `dataschema` only. Of a kanaal, those whose publisher named it.
    pub fn list_schemas_without_type(&self, filter: &TypeFilter) -> Vec<Arc<PayloadSchema>> {
        let matches = |schema: &&Arc<PayloadSchema>| {
            let naam = schema.kanaal.as_ref().map(KanaalName::as_str);
            schema.types.is_empty()
                && filter.kanaal.as_deref().is_none_or(|wanted| naam == Some(wanted))
                && filter.publisher.as_ref().is_none_or(|client| schema.owner.as_ref() == Some(client))
        };
        self.registry.read().schemas().filter(matches).cloned().collect()
    }

    fn event_type(&self, registry: &Registry, kind: &str, schema: &Arc<PayloadSchema>) -> EventType {
        let kanaal = match &schema.kanaal {
            Some(naam) => registry.kanaal(naam.as_str()),
            None => registry.kanaal_of_type(kind, self.settings.default_kanaal.as_ref()),
        };
        EventType { kind: kind.to_owned(), schema: Arc::clone(schema), kanaal: kanaal.cloned() }
    }
}
