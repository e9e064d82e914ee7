//! `GET /v1/statistics`: figures of the last 24 hours, of everything, a kanaal or a subscription.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::statistics::{CLASSES, Counts, Figures, Request, Step, Subject};
use model::{KanaalName, SubscriptionId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    auth::Caller,
    csv::{self, Form},
    problem::{Fault, Problem},
};

use crate::{Api, list::Query};

/// Figures over time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statistics)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsView {
    /// The period of each step: `1m` or `1h`.
    pub step: &'static str,
    /// Always true: figures are kept in memory, may miss what happened while the node did not run, and may count a delivery twice
    /// after a failure.
    pub approximate: bool,
    /// From when on they are complete: the node that answers counts what happens on all nodes since it started.
    #[schema(format = "date-time")]
    pub complete_since: String,
    /// The sums of all steps.
    pub total: CountsView,
    /// Each step, oldest first, without gaps; the last one is not over yet.
    pub results: Vec<StepView>,
}

/// The figures of one step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatisticsStep)]
pub struct StepView {
    /// Its start.
    #[schema(format = "date-time")]
    pub at: String,
    /// Its figures.
    #[serde(flatten)]
    pub counts: CountsView,
}

/// Figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatisticsCounts)]
pub struct CountsView {
    /// Events that were accepted; absent for subscriptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u32>,
    /// Deliveries that the sink accepted.
    pub delivered: u32,
    /// Deliveries that ended as a dead letter.
    pub failed: u32,
    /// Deliveries that ended otherwise: duplicates, expired, or with their subscription.
    pub other: u32,
    /// Requests to sinks by their answer.
    pub requests: RequestsView,
}

/// Requests by the class of the status of their answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatisticsRequests)]
pub struct RequestsView {
    /// Success.
    #[serde(rename = "2xx")]
    pub success: u64,
    /// Redirection.
    #[serde(rename = "3xx")]
    pub redirection: u64,
    /// Errors of the request.
    #[serde(rename = "4xx")]
    pub client_error: u64,
    /// Errors of the sink.
    #[serde(rename = "5xx")]
    pub server_error: u64,
    /// No answer.
    pub none: u64,
}

impl RequestsView {
    /// Requests by class, as in [`Counts::attempts`].
    pub fn new([success, redirection, client_error, server_error, none]: [u64; CLASSES]) -> Self {
        Self { success, redirection, client_error, server_error, none }
    }
}

impl CountsView {
    fn new(counts: &Counts, with_accepted: bool) -> Self {
        Self {
            accepted: with_accepted.then_some(counts.accepted),
            delivered: counts.delivered,
            failed: counts.failed,
            other: counts.other,
            requests: RequestsView::new(counts.attempts.map(u64::from)),
        }
    }
}

impl StatisticsView {
    fn new(step: Step, with_accepted: bool, figures: &Figures) -> Self {
        let mut total = Counts::default();
        figures.steps.iter().for_each(|(_, counts)| total.add(counts));
        let one = |(at, counts): &(Timestamp, Counts)| StepView {
            at: at.to_rfc3339(),
            counts: CountsView::new(counts, with_accepted),
        };
        Self {
            step: if step == Step::Minute { "1m" } else { "1h" },
            approximate: true,
            complete_since: figures.since.to_rfc3339(),
            total: CountsView::new(&total, with_accepted),
            results: figures.steps.iter().map(one).collect(),
        }
    }
}

impl StepView {
    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 10] = [
        "at",
        "accepted",
        "delivered",
        "failed",
        "other",
        "requests2xx",
        "requests3xx",
        "requests4xx",
        "requests5xx",
        "requestsNone",
    ];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        let counts = self.counts;
        let RequestsView { success, redirection, client_error, server_error, none } = counts.requests;
        let mut row = vec![self.at, counts.accepted.map(|accepted| accepted.to_string()).unwrap_or_default()];
        row.extend([counts.delivered, counts.failed, counts.other].map(|number| number.to_string()));
        row.extend([success, redirection, client_error, server_error, none].map(|number| number.to_string()));
        row
    }
}

fn step(text: &str) -> Option<Step> {
    match text {
        "1m" => Some(Step::Minute),
        "1h" => Some(Step::Hour),
        _ => None,
    }
}

/// Shows figures over time. Without kanaal and subscription an administrator sees everything, others all their subscriptions.
#[utoipa::path(
    get, path = "/v1/statistics", tag = "operations", operation_id = "readStatistics",
    params(
        ("kanaal" = Option<String>, Query, description = "Of this kanaal; for administrators and its owner"),
        ("subscription" = Option<String>, Query, description = "Of this subscription"),
        ("step" = Option<String>, Query, description = "The period of each step, 1m or 1h; 1m when absent"),
        ("from" = Option<String>, Query, description = "From this moment, at most 24 hours ago; absent: the last 60 minutes or 24 hours"),
    ),
    responses(
        (status = 200, description = "The figures", content((StatisticsView = "application/json"), (String = "text/csv"))),
        (status = 404, description = "There is no such kanaal or subscription"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["kanaal", "subscription", "step", "from"])?;
    let kanaal = query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?;
    let subscription = query.uuid("subscription")?.map(SubscriptionId);
    let subject = match (kanaal, subscription) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid(vec![Fault::new("subscription", "must not be combined with kanaal")]));
        }
        (Some(naam), None) => Subject::Kanaal(naam),
        (None, Some(id)) => Subject::Subscription(id),
        (None, None) => Subject::Everything,
    };
    let step = query.typed("step", "must be 1m or 1h", step)?.unwrap_or(Step::Minute);
    let actor = caller.actor();
    let with_accepted = match subject {
        Subject::Everything => actor.sees_all(),
        Subject::Kanaal(_) => true,
        Subject::Subscription(_) => false,
    };
    let request = Request { subject, step, from: query.timestamp("from")? };
    let figures = api.management.read_statistics(&actor, &request)?;
    let view = StatisticsView::new(step, with_accepted, &figures);
    if accept::prefers_csv(&headers) {
        let rows = view.results.into_iter().map(StepView::cells);
        return csv::answer_rows(Form::Csv, "statistics", &StepView::COLUMNS, rows).await;
    }
    Ok(Json(view).into_response())
}
