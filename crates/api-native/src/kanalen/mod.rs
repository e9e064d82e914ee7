//! `/v1/kanalen`: kanalen with all their settings, also those that the Notificaties API does not show: aliases of
//! filters, type routes, source and retention. One file per operation; the rules are in [`management::kanalen`].

use http::HeaderMap;
use management::{Error, Resource, kanalen::ApprovalTarget};
use model::{
    Kanaal, Subscription, SubscriptionId,
    profile::{Mode, Profile},
};
use serde::Serialize;
use utoipa::ToSchema;
use web::problem::Problem;

use super::{
    if_match,
    subscriptions::{status::StatusView, view::SubscriptionView},
};
use crate::Api;

pub mod approve;
pub mod create;
pub mod delete;
mod input;
pub mod list;
pub mod read;
pub mod reject;
pub mod replace;
pub mod statistics;
pub mod subscriptions;

/// A kanaal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kanaal)]
#[serde(rename_all = "camelCase")]
pub struct KanaalView {
    /// Its name, 1 to 50 characters, fixed for life.
    pub naam: String,
    /// Where the publisher explains it; empty when unknown.
    pub documentatie_link: String,
    /// The kenmerken of its notifications: names, or objects `{"naam", "attribute"}` for a name whose extension
    /// attribute is not simply the name in lower case without punctuation.
    pub filters: Vec<FilterView>,
    /// Prefixes of `type` that route a CloudEvent here; the longest match of all kanalen wins.
    pub type_routes: Vec<String>,
    /// `source` of notifications that bring none.
    pub source: Option<String>,
    /// How long events are kept, in days; null for the gateway's default.
    pub retention_days: Option<u64>,
    /// `nlgov` or `cloudevents`: against which profile its events are held; null for what the gateway says.
    pub profile: Option<&'static str>,
    /// `lenient` or `strict`: whether its profile refuses events; null for what the gateway says.
    pub strictness: Option<&'static str>,
    /// `lenient` or `strict`: whether a possible BSN or e-mail address in an attribute refuses an event; null for what the gateway says.
    pub privacy: Option<&'static str>,
    /// `off`, `warn` or `reject`: what happens to payloads that do not fit the schema registered for them.
    #[schema(default = "off")]
    pub payload_schemas: &'static str,
    /// Which classes of data it may carry; null when it does not look at them. Absent from a `PUT`: as it was.
    #[schema(required = false)]
    pub clearance: Option<ClearanceView>,
    /// The `client_id` of the applicatie that answers for its events: who made it, unless an administrator says
    /// otherwise; null when only administrators do.
    pub owner: Option<String>,
    /// Whether its owner approves a subscription before it gets anything: `none` or `required`.
    #[schema(pattern = "^(none|required)$")]
    pub approval: &'static str,
    /// Whether it carries the events of the gateway about itself, and no others.
    #[schema(read_only)]
    pub own_events: bool,
    /// Its address.
    #[schema(read_only, format = "uri")]
    pub url: String,
    /// When it was made.
    #[schema(read_only, format = "date-time")]
    pub created: String,
}

/// Which classes of data a kanaal may carry, by the extension data-classification of CloudEvents. An event that says
/// another one is refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Clearance)]
pub struct ClearanceView {
    /// Values of `dataclassification`.
    pub classifications: Vec<String>,
    /// Entries of `dataregulation`.
    pub regulations: Vec<String>,
}

/// A kenmerk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KanaalFilter)]
#[serde(untagged)]
pub enum FilterView {
    /// Its name.
    Name(String),
    /// Its name, and the extension attribute it becomes.
    Alias {
        /// Its name.
        naam: String,
        /// The extension attribute.
        attribute: String,
    },
}

const SECONDS_PER_DAY: u64 = 86_400;

impl KanaalView {
    /// Shows a kanaal.
    pub fn new(api: &Api, headers: &HeaderMap, kanaal: &Kanaal) -> Self {
        let filters = kanaal.filters.iter().map(|filter| {
            let plain = model::AttributeName::from_free_text(&filter.naam);
            match &filter.attribute {
                Some(attribute) if plain.as_ref() != Some(attribute) => {
                    FilterView::Alias { naam: filter.naam.clone(), attribute: attribute.to_string() }
                }
                _ => FilterView::Name(filter.naam.clone()),
            }
        });
        Self {
            naam: kanaal.naam.to_string(),
            documentatie_link: kanaal.documentatie_link.clone(),
            filters: filters.collect(),
            type_routes: kanaal.type_routes.clone(),
            source: kanaal.source.clone(),
            owner: kanaal.owner.clone(),
            approval: if kanaal.approval { "required" } else { "none" },
            retention_days: kanaal.retention_seconds.map(|seconds| seconds.div_ceil(SECONDS_PER_DAY)),
            profile: kanaal.rules.profile.map(Profile::label),
            strictness: kanaal.rules.mode.map(Mode::label),
            privacy: kanaal.rules.privacy.map(Mode::label),
            payload_schemas: kanaal.payloads.label(),
            clearance: kanaal.clearance.as_ref().map(|clearance| ClearanceView {
                classifications: clearance.classifications.clone(),
                regulations: clearance.regulations.clone(),
            }),
            own_events: api.management.is_own_kanaal(kanaal),
            url: url(api, headers, kanaal.naam.as_str()),
            created: kanaal.created.to_rfc3339(),
        }
    }
}

/// A subscription as the owner of a kanaal sees it.
async fn subscription_view(api: &Api, kanaal: &Kanaal, subscription: &Subscription) -> SubscriptionView {
    SubscriptionView::new(subscription, StatusView::now(api, subscription).await).for_owner_of(&kanaal.naam)
}

/// The subscription that a request of the owner of a kanaal decides about. An id that is none names no subscription.
fn approval_target(kanaal: String, id: &str, headers: &HeaderMap) -> Result<ApprovalTarget, Problem> {
    let subscription = id.parse().map(SubscriptionId);
    let subscription = subscription.map_err(|_| Error::NotFound(Resource::KanaalSubscription))?;
    Ok(ApprovalTarget { kanaal, subscription, expected: if_match::precondition(headers) })
}

/// The address of a kanaal.
fn url(api: &Api, headers: &HeaderMap, naam: &str) -> String {
    format!("{}/v1/kanalen/{}", api.public_url(headers), web::public_url::path_segment(naam))
}
