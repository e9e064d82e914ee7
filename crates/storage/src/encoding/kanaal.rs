//! Stored form of a kanaal, with its rules, clearance and approval.

use model::{
    AttributeName, KanaalName, clearance, kanaal,
    profile::{Mode, Profile, Rules},
    schema::PayloadCheck,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Micros, corrupt};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kanaal {
    id: Uuid,
    naam: String,
    documentatie_link: String,
    filters: Vec<Filterkenmerk>,
    type_routes: Vec<String>,
    source: Option<String>,
    retention_seconds: Option<u64>,
    // Since version 2. Early programs wrote an owner as version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    created: Micros,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    privacy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payloads: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    approval: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clearance: Option<Clearance>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clearance {
    classifications: Vec<String>,
    regulations: Vec<String>,
}

impl Kanaal {
    /// The oldest version that can represent this kanaal: 1 without owner, rules, clearance and approval. A program
    /// that does not know these must neither ignore nor drop them.
    pub(super) fn version(&self) -> u32 {
        let later = [&self.owner, &self.profile, &self.mode, &self.privacy, &self.payloads];
        if later.into_iter().all(Option::is_none) && self.clearance.is_none() && !self.approval { 1 } else { 2 }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filterkenmerk {
    naam: String,
    attribute: Option<String>,
}

/// Parses the name of a kanaal.
pub(super) fn name(text: &str) -> Result<KanaalName, Error> {
    KanaalName::new(text).ok_or_else(|| corrupt("kanaal", format!("{text:?} is not a name")))
}

/// Parses the name of an attribute.
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
            profile: kanaal.rules.profile.map(|profile| profile.label().to_owned()),
            mode: kanaal.rules.mode.map(|mode| mode.label().to_owned()),
            privacy: kanaal.rules.privacy.map(|mode| mode.label().to_owned()),
            payloads: (kanaal.payloads != PayloadCheck::default()).then(|| kanaal.payloads.label().to_owned()),
            approval: kanaal.approval,
            clearance: kanaal.clearance.as_ref().map(|clearance| Clearance {
                classifications: clearance.classifications.clone(),
                regulations: clearance.regulations.clone(),
            }),
        }
    }
}

/// The value with this label; `None` for no label.
fn labelled<T: Copy>(label: Option<&str>, values: &[T], of: fn(T) -> &'static str) -> Result<Option<T>, Error> {
    let Some(label) = label else { return Ok(None) };
    let known = values.iter().copied().find(|value| of(*value) == label);
    known.map(Some).ok_or_else(|| corrupt("kanaal", format!("{label:?} is not known")))
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
            rules: Rules {
                profile: labelled(form.profile.as_deref(), &Profile::ALL, Profile::label)?,
                mode: labelled(form.mode.as_deref(), &Mode::ALL, Mode::label)?,
                privacy: labelled(form.privacy.as_deref(), &Mode::ALL, Mode::label)?,
            },
            payloads: labelled(form.payloads.as_deref(), &PayloadCheck::ALL, PayloadCheck::label)?.unwrap_or_default(),
            created: form.created.into(),
            approval: form.approval,
            clearance: form.clearance.map(|form| clearance::Clearance {
                classifications: form.classifications,
                regulations: form.regulations,
            }),
        })
    }
}
