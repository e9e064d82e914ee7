//! `GET /v1/events/{id}/receivers`: which subscriptions of the caller got one event, and why the others did not.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::{
    events::{EventReceiver, Reception},
    journal::Page,
    waiting::Continuation,
};
use model::outcome::Outcome;
use serde::Serialize;
use utoipa::ToSchema;
use web::{accept, auth::Caller, csv, problem::Problem};

use super::find;
use crate::{Api, delivery::NextView, list::List};

/// A subscription and a stored event.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = EventReceiver)]
#[serde(rename_all = "camelCase")]
pub struct EventReceiverView {
    /// The subscription.
    #[schema(format = "uuid")]
    pub subscription: String,
    /// `delivered`, `open` (a delivery goes on or is to come), `failed` (it ended without success) or `none`.
    #[schema(pattern = "^(delivered|open|failed|none)$")]
    pub result: &'static str,
    /// How the delivery ended; null while it goes on, or when there is none.
    #[schema(pattern = "^(delivered|refused|dead-lettered|untranslatable|duplicate|expired|ended)$")]
    pub outcome: Option<&'static str>,
    /// The replay or redrive of the delivery; null for the live stream, or when there is none.
    pub run: Option<String>,
    /// Number of requests made.
    pub attempts_made: u32,
    /// When the delivery ended, or the last request; null when there is none.
    #[schema(format = "date-time")]
    pub at: Option<String>,
    /// Why there is no delivery: `kanaal`, `filter`, `approval`, `start`, `passed`, `gone`, `expired`; or, with result `open`,
    /// what it would wait for: `approval`, `consent`, `paused` or `suspended`. Null when there is one, or
    /// nothing prevents it.
    pub reason: Option<&'static str>,
    /// Whether the reason follows from the present settings of the subscription, which may have been others when the event
    /// came.
    pub by_present_settings: bool,
    /// What it waits for: `answer`, `retry`, `pace`, `order`, `turn`, `outage`, `consent`, `approval`, `paused` or
    /// `suspended`; absent when it has ended, and when another node delivers to the sink.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(answer|retry|pace|order|turn|outage|consent|approval|paused|suspended)$", nullable = false)]
    pub waiting_for: Option<&'static str>,
    /// The earliest moment of the next attempt; absent when no clock decides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time", nullable = false)]
    pub next_attempt: Option<String>,
    /// `true` when another node delivers to the sink and knows what it waits for; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub other_node: Option<bool>,
}

impl EventReceiverView {
    /// Shows what became of an event for a subscription.
    pub fn new(receiver: &EventReceiver) -> Self {
        let view = Self { subscription: receiver.subscription.to_string(), ..Self::default() };
        match &receiver.result {
            Reception::Delivery(record, continuation) => Self {
                result: match record.outcome {
                    None => "open",
                    Some(Outcome::Delivered | Outcome::Duplicate) => "delivered",
                    Some(_) => "failed",
                },
                outcome: record.outcome.map(Outcome::label),
                run: record.run.map(|run| run.to_string()),
                attempts_made: record.attempts,
                at: Some(record.at.to_rfc3339()),
                ..view.continued(*continuation)
            },
            Reception::Coming(continuation) => Self { result: "open", ..view.continued(*continuation) },
            Reception::After(reason) => {
                Self { result: "open", reason: Some(reason), by_present_settings: true, ..view }
            }
            Reception::Not(reason) => Self { result: "none", reason: Some(reason), by_present_settings: true, ..view },
        }
    }

    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 10] = [
        "subscription",
        "result",
        "outcome",
        "run",
        "attemptsMade",
        "at",
        "reason",
        "byPresentSettings",
        "waitingFor",
        "nextAttempt",
    ];

    fn cells(self) -> csv::Row {
        vec![
            self.subscription,
            self.result.to_owned(),
            self.outcome.unwrap_or_default().to_owned(),
            self.run.unwrap_or_default(),
            self.attempts_made.to_string(),
            self.at.unwrap_or_default(),
            self.reason.unwrap_or_default().to_owned(),
            self.by_present_settings.to_string(),
            self.waiting_for.unwrap_or_default().to_owned(),
            self.next_attempt.unwrap_or_default(),
        ]
    }

    fn continued(self, continuation: Continuation) -> Self {
        let NextView { waiting_for, next_attempt, other_node } = NextView::new(continuation);
        Self { waiting_for, next_attempt, other_node, ..self }
    }
}

/// Lists the subscriptions of this client with what became of an event.
#[utoipa::path(
    get, path = "/v1/events/{id}/receivers", tag = "deliveries", operation_id = "listEventReceivers",
    params(
        ("id" = String, Path, description = "`id` of the event"),
        ("source" = Option<String>, Query, description = "`source` of the event; needed when several have the id"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<EventReceiverView> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "No such event that this client may see"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (query, source) = find::source(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let actor = caller.actor();
    if accept::prefers_csv(&headers) {
        return csv::answer("receivers", &EventReceiverView::COLUMNS, move |offset, limit| {
            let (management, actor) = (api.management.clone(), actor.clone());
            let (id, source) = (id.clone(), source.clone());
            async move {
                let rows = management.event_receivers(&actor, &id, source, Page { offset, limit }).await?;
                Ok(rows.iter().map(|row| EventReceiverView::new(row).cells()).collect())
            }
        })
        .await;
    }
    let rows = api.management.event_receivers(&actor, &id, source, paging.rows()).await?;
    Ok(Json(query.list(paging, rows.iter().map(EventReceiverView::new).collect(), None)).into_response())
}
