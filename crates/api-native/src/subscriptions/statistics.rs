//! `GET /v1/subscriptions/{id}/statistics`: figures of a subscription over an hour, a day, a week and 30 days, by type and by status.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use management::statistics::{Period, PeriodFigures};
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Caller, problem::Problem};

use super::access;
use crate::{Api, list::Query, operations::statistics::RequestsView};

/// Figures of a subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionStatistics)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionStatisticsView {
    /// Always true: a period begins at the start of an hour, and the last minutes before a restart are missing until they are
    /// counted.
    pub approximate: bool,
    /// When a delivery succeeded last; null without a success in the last 31 days.
    #[schema(format = "date-time")]
    pub last_delivered: Option<String>,
    /// Each period, shortest first.
    pub results: Vec<PeriodView>,
}

/// Figures of a period that ends now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionPeriod)]
#[serde(rename_all = "camelCase")]
pub struct PeriodView {
    /// The period: `1h`, `24h`, `7d` or `30d`.
    #[schema(pattern = "^(1h|24h|7d|30d)$")]
    pub period: &'static str,
    /// From when on its figures are complete; null when they are complete.
    #[schema(format = "date-time")]
    pub complete_since: Option<String>,
    /// Deliveries that the sink accepted.
    pub delivered: u64,
    /// Deliveries that ended as a dead letter.
    pub failed: u64,
    /// Requests to sinks by their answer.
    pub requests: RequestsView,
    /// Requests by status, ascending; those of the last minutes are missing.
    pub statuses: Vec<StatusCountView>,
    /// Deliveries by type, most first; of an hour at most 20 types by name.
    pub types: Vec<TypeCountView>,
    /// Whether the types of the last minutes are in it; false when there were too many deliveries to read.
    pub types_complete: bool,
}

/// Requests with the same status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionStatusCount)]
pub struct StatusCountView {
    /// The status; null without an answer.
    pub status: Option<u16>,
    /// The number of requests.
    pub requests: u64,
}

/// Deliveries of events of the same type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionTypeCount)]
pub struct TypeCountView {
    /// The type, at most 200 characters of it; null for types that are not known or were too many to name.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Deliveries that the sink accepted.
    pub delivered: u64,
    /// Deliveries that ended as a dead letter.
    pub failed: u64,
}

impl PeriodView {
    fn new(figures: PeriodFigures) -> Self {
        let statuses = figures.statuses.into_iter();
        let types = figures.types.into_iter();
        Self {
            period: match figures.period {
                Period::Hour => "1h",
                Period::Day => "24h",
                Period::Week => "7d",
                Period::Month => "30d",
            },
            complete_since: figures.since.map(Timestamp::to_rfc3339),
            delivered: figures.delivered,
            failed: figures.failed,
            requests: RequestsView::new(figures.requests),
            statuses: statuses
                .map(|(status, requests)| StatusCountView { status: (status > 0).then_some(status), requests })
                .collect(),
            types: types
                .map(|count| TypeCountView {
                    kind: Some(count.kind).filter(|kind| !kind.is_empty()),
                    delivered: count.delivered,
                    failed: count.failed,
                })
                .collect(),
            types_complete: !figures.lacks_types,
        }
    }
}

/// Shows figures of a subscription over an hour, 24 hours, 7 and 30 days.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}/statistics", tag = "subscriptions", operation_id = "readSubscriptionStatistics",
    params(("id" = String, Path, description = "The subscription")),
    responses(
        (status = 200, description = "The figures", body = SubscriptionStatisticsView),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<SubscriptionStatisticsView>, Problem> {
    Query::read(&api, &headers, &uri, &[])?;
    let (actor, id) = (caller.actor(), access::id_of(&id)?);
    let figures = api.management.read_subscription_figures(&actor, id).await?;
    let last = api.management.read_last_delivered(&actor, &[id]).await?;
    Ok(Json(SubscriptionStatisticsView {
        approximate: true,
        last_delivered: last.into_iter().next().flatten().map(Timestamp::to_rfc3339),
        results: figures.into_iter().map(PeriodView::new).collect(),
    }))
}
