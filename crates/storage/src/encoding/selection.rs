//! Stored form of the selection of a subscription: kanalen, kenmerken and filter expressions.

use model::{AttributeName, data_filter, event::PublishedAs, filter, selection};
use serde::{Deserialize, Serialize};

use super::{
    corrupt,
    kanaal::{attribute, name},
};
use crate::Error;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Selection {
    Native {
        kanalen: Vec<String>,
        born: Option<PublishedAsForm>,
        types: Vec<String>,
        source: Option<String>,
        filters: Vec<Filter>,
        kenmerken: Pairs,
    },
    Abonnement {
        kanalen: Vec<(String, Pairs)>,
        cloudevents: Vec<(String, Pairs)>,
        /// Absent in forms of programs that did not store entries without effect.
        #[serde(default = "counts", skip_serializing_if = "does_count")]
        send_cloudevents: bool,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum PublishedAsForm {
    Notificatie,
    CloudEvent,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum Filter {
    Exact(Pairs),
    Prefix(Pairs),
    Suffix(Pairs),
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Sql(String),
    /// Since version 6 of a subscription.
    Data(DataFilter),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataFilter {
    path: String,
    condition: DataCondition,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum DataCondition {
    Exact(String),
    In(Vec<String>),
    Exists,
}

type Pairs = Vec<(String, String)>;

impl Selection {
    /// The oldest version that can represent this selection, filters on the payload aside.
    pub(super) fn version(&self) -> u32 {
        if matches!(self, Self::Abonnement { send_cloudevents: false, .. }) { 2 } else { 1 }
    }

    /// Whether a filter is about the payload.
    pub(super) fn has_data(&self) -> bool {
        matches!(self, Self::Native { filters, .. } if filters.iter().any(Filter::has_data))
    }
}

impl Filter {
    /// Whether it, or a filter in it, is about the payload.
    fn has_data(&self) -> bool {
        match self {
            Self::Data(_) => true,
            Self::All(filters) | Self::Any(filters) => filters.iter().any(Self::has_data),
            Self::Not(filter) => filter.has_data(),
            Self::Exact(_) | Self::Prefix(_) | Self::Suffix(_) | Self::Sql(_) => false,
        }
    }
}

const fn counts() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn does_count(send_cloudevents: &bool) -> bool {
    *send_cloudevents
}

impl From<&selection::Selection> for Selection {
    fn from(selection: &selection::Selection) -> Self {
        match selection {
            selection::Selection::Native(native) => Self::Native {
                kanalen: native.kanalen.iter().map(ToString::to_string).collect(),
                born: native.published_as.map(|kind| match kind {
                    PublishedAs::Notificatie => PublishedAsForm::Notificatie,
                    PublishedAs::CloudEvent => PublishedAsForm::CloudEvent,
                }),
                types: native.types.clone(),
                source: native.source.clone(),
                filters: native.filters.iter().map(Filter::from).collect(),
                kenmerken: from_kenmerken(&native.kenmerken),
            },
            selection::Selection::Abonnement(abonnement) => Self::Abonnement {
                kanalen: abonnement
                    .kanalen
                    .iter()
                    .map(|entry| (entry.naam.to_string(), from_kenmerken(&entry.filters)))
                    .collect(),
                cloudevents: abonnement
                    .cloudevents
                    .iter()
                    .map(|entry| (entry.type_substring.clone(), from_kenmerken(&entry.filters)))
                    .collect(),
                send_cloudevents: abonnement.send_cloudevents,
            },
        }
    }
}

impl TryFrom<Selection> for selection::Selection {
    type Error = Error;

    fn try_from(form: Selection) -> Result<Self, Error> {
        Ok(match form {
            Selection::Native { kanalen, born, types, source, filters, kenmerken } => {
                Self::Native(selection::NativeSelection {
                    kanalen: kanalen.iter().map(|naam| name(naam)).collect::<Result<_, _>>()?,
                    published_as: born.map(|kind| match kind {
                        PublishedAsForm::Notificatie => PublishedAs::Notificatie,
                        PublishedAsForm::CloudEvent => PublishedAs::CloudEvent,
                    }),
                    types,
                    source,
                    filters: filters.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
                    kenmerken: selection::Kenmerken::new(kenmerken),
                })
            }
            Selection::Abonnement { kanalen, cloudevents, send_cloudevents } => {
                let kanaal = |(naam, pairs): (String, Pairs)| {
                    let (naam, filters) = (name(&naam)?, selection::Kenmerken::new(pairs));
                    Ok::<_, Error>(selection::KanaalEntry { naam, filters })
                };
                let cloudevent = |(type_substring, pairs)| selection::CloudEventEntry {
                    type_substring,
                    filters: selection::Kenmerken::new::<String, String>(pairs),
                };
                Self::Abonnement(selection::AbonnementSelection {
                    kanalen: kanalen.into_iter().map(kanaal).collect::<Result<_, _>>()?,
                    cloudevents: cloudevents.into_iter().map(cloudevent).collect(),
                    send_cloudevents,
                })
            }
        })
    }
}

fn from_kenmerken(kenmerken: &selection::Kenmerken) -> Pairs {
    kenmerken.0.iter().map(|pair| (pair.key.clone(), pair.value.to_string())).collect()
}

fn from_pairs<T: std::fmt::Display>(pairs: &[(AttributeName, T)]) -> Pairs {
    pairs.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_string())).collect()
}

impl From<&filter::Filter> for Filter {
    fn from(filter: &filter::Filter) -> Self {
        let each = |filters: &[filter::Filter]| filters.iter().map(Self::from).collect();
        match filter {
            filter::Filter::Exact(given) => Self::Exact(from_pairs(given)),
            filter::Filter::Prefix(given) => Self::Prefix(from_pairs(given)),
            filter::Filter::Suffix(given) => Self::Suffix(from_pairs(given)),
            filter::Filter::All(filters) => Self::All(each(filters)),
            filter::Filter::Any(filters) => Self::Any(each(filters)),
            filter::Filter::Not(filter) => Self::Not(Box::new(Self::from(&**filter))),
            filter::Filter::Sql(expression) => Self::Sql(expression.as_str().to_owned()),
            filter::Filter::Data(filter) => Self::Data(DataFilter {
                path: filter.path.as_str().to_owned(),
                condition: match &filter.condition {
                    data_filter::DataCondition::Exact(value) => DataCondition::Exact(value.to_string()),
                    data_filter::DataCondition::In(values) => {
                        DataCondition::In(values.iter().map(ToString::to_string).collect())
                    }
                    data_filter::DataCondition::Exists => DataCondition::Exists,
                },
            }),
        }
    }
}

impl TryFrom<Filter> for filter::Filter {
    type Error = Error;

    fn try_from(form: Filter) -> Result<Self, Error> {
        let pair = |(name, value): (String, String)| Ok::<_, Error>((attribute(&name)?, value.into()));
        let each = |filters: Vec<Filter>| filters.into_iter().map(Self::try_from).collect::<Result<Vec<_>, _>>();
        Ok(match form {
            Filter::Exact(given) => Self::Exact(given.into_iter().map(pair).collect::<Result<_, _>>()?),
            Filter::Prefix(given) => Self::Prefix(given.into_iter().map(pair).collect::<Result<_, _>>()?),
            Filter::Suffix(given) => Self::Suffix(given.into_iter().map(pair).collect::<Result<_, _>>()?),
            Filter::All(filters) => Self::All(each(filters)?),
            Filter::Any(filters) => Self::Any(each(filters)?),
            Filter::Not(filter) => Self::Not(Box::new(Self::try_from(*filter)?)),
            Filter::Sql(text) => Self::sql(&text).map_err(|error| corrupt("filter", error.to_string()))?,
            Filter::Data(DataFilter { path, condition }) => Self::Data(Box::new(data_filter::DataFilter {
                path: data_filter::DataPath::new(&path).map_err(|error| corrupt("filter", error.to_string()))?,
                condition: match condition {
                    DataCondition::Exact(value) => data_filter::DataCondition::Exact(value.into()),
                    DataCondition::In(values) => {
                        data_filter::DataCondition::In(values.into_iter().map(Into::into).collect())
                    }
                    DataCondition::Exists => data_filter::DataCondition::Exists,
                },
            })),
        })
    }
}
