//! Stored form of a kanaal.

use model::{AttributeName, KanaalName, kanaal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Moment, corrupt};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kanaal {
    id: Uuid,
    naam: String,
    documentatie_link: String,
    filters: Vec<Filterkenmerk>,
    type_routes: Vec<String>,
    source: Option<String>,
    retention_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    created: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct Filterkenmerk {
    naam: String,
    attribute: Option<String>,
}

/// The name of a kanaal in any form.
pub(super) fn name(text: &str) -> Result<KanaalName, Error> {
    KanaalName::new(text).ok_or_else(|| corrupt("kanaal", format!("{text:?} is not a name")))
}

/// The name of an attribute in any form.
pub(super) fn attribute(text: &str) -> Result<AttributeName, Error> {
    AttributeName::new(text).map_err(|error| corrupt("attribute name", error.to_string()))
}

impl From<&kanaal::Kanaal> for Kanaal {
    fn from(kanaal: &kanaal::Kanaal) -> Self {
        let filter = |kenmerk: &kanaal::Filterkenmerk| Filterkenmerk {
            naam: kenmerk.naam.clone(),
            attribute: kenmerk.attribute.as_ref().map(|name| name.as_str().to_owned()),
        };
        Self {
            id: kanaal.id,
            naam: kanaal.naam.to_string(),
            documentatie_link: kanaal.documentatie_link.clone(),
            filters: kanaal.filters.iter().map(filter).collect(),
            type_routes: kanaal.type_routes.clone(),
            source: kanaal.source.clone(),
            retention_seconds: kanaal.retention_seconds,
            owner: kanaal.owner.clone(),
            created: kanaal.created.into(),
        }
    }
}

impl TryFrom<Kanaal> for kanaal::Kanaal {
    type Error = Error;

    fn try_from(form: Kanaal) -> Result<Self, Error> {
        let filter = |kenmerk: Filterkenmerk| {
            let attribute = kenmerk.attribute.as_deref().map(attribute).transpose()?;
            Ok::<_, Error>(kanaal::Filterkenmerk { naam: kenmerk.naam, attribute })
        };
        Ok(Self {
            id: form.id,
            naam: name(&form.naam)?,
            documentatie_link: form.documentatie_link,
            filters: form.filters.into_iter().map(filter).collect::<Result<_, _>>()?,
            type_routes: form.type_routes,
            source: form.source,
            retention_seconds: form.retention_seconds,
            owner: form.owner,
            created: form.created.into(),
        })
    }
}
