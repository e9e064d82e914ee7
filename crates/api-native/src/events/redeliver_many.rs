//! `POST /v1/events/redeliver`: sends many events again to the subscriptions that missed them, or only counts that.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use management::{
    events::{RedeliverEvents, RedeliverRequest},
    journal::EventQuery,
};
use model::{KanaalName, SubscriptionId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{audit::Unrecorded, auth::Caller, body::Payload, problem::Problem};

use crate::{
    Api,
    members::{self, Faults, Members},
    runs::RunView,
};

/// Most ids.
const MAX_IDS: usize = 1_000;

/// The body: either `filter` or `ids`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct RedeliverEventsInput {
    /// Which events; all that are given must hold.
    filter: Option<RedeliverFilter>,
    /// `id` of these events, of every source; at most 1,000.
    ids: Option<Vec<String>>,
    /// Only to this subscription; to all of the client when absent.
    subscription: Option<String>,
    /// Whether only to subscriptions that want the event and have no success (default), or to all that want it.
    only_missed: Option<bool>,
    /// Whether to count only.
    dry_run: Option<bool>,
}

/// Which events.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct RedeliverFilter {
    /// On this kanaal.
    kanaal: Option<String>,
    /// With this source.
    source: Option<String>,
    /// With this subject.
    subject: Option<String>,
    /// Of this type.
    r#type: Option<String>,
    /// Accepted at or after this moment.
    #[schema(format = "date-time")]
    from: Option<String>,
    /// Accepted before this moment, which is not in the future: a count and what follows it are about the same events.
    #[schema(format = "date-time")]
    until: String,
}

/// What is sent again.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventsRedelivered {
    /// How many events match and may be seen by this client.
    pub events: u64,
    /// How many deliveries are made: pairs of event and subscription.
    pub count: u64,
    /// The runs that make them; absent on a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub runs: Option<Vec<RunView>>,
}

/// Sends events again.
#[utoipa::path(
    post, path = "/v1/events/redeliver", tag = "events", operation_id = "redeliverEvents",
    request_body = RedeliverEventsInput,
    responses(
        (status = 200, description = "Counted (dry run)", body = EventsRedelivered),
        (status = 202, description = "Started", body = EventsRedelivered),
        (status = 400, description = "A member breaks a rule, or the filter matches too many"),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Payload(body): Payload) -> Result<Response, Problem> {
    let (request, dry_run) = read(&body)?;
    let actor = caller.actor();
    if dry_run {
        let counted = api.management.count_redelivery(&actor, &request).await?;
        let (events, count) = (counted.events, counted.deliveries);
        let counted = EventsRedelivered { events, count, runs: None };
        return Ok((Extension(Unrecorded), Json(counted)).into_response());
    }
    let redelivery = api.management.redeliver_events(&actor, &request).await?;
    let runs = redelivery.runs.iter().map(|run| RunView::started(run)).collect();
    let (events, count) = (redelivery.events, redelivery.deliveries);
    Ok((StatusCode::ACCEPTED, Json(EventsRedelivered { events, count, runs: Some(runs) })).into_response())
}

fn read(body: &[u8]) -> Result<(RedeliverRequest, bool), Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["filter", "ids", "subscription", "onlyMissed", "dryRun"]);
    let (filter, has_ids) = (top.object("filter"), top.value("ids").is_some());
    let ids: Vec<String> = top.texts("ids", MAX_IDS).into_iter().map(str::to_owned).collect();
    let events = match filter {
        Some(_) if has_ids => {
            top.fault("ids", "may not be given together with filter");
            RedeliverEvents::Ids(ids)
        }
        Some(filter) => RedeliverEvents::Matching(query(&filter)),
        None => {
            if top.value("filter").is_none() && !has_ids {
                top.fault("filter", "is required, or ids");
            } else if top.value("ids").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                top.fault("ids", "must hold at least one id");
            }
            RedeliverEvents::Ids(ids)
        }
    };
    let subscription = top.text("subscription").and_then(|text| {
        let id = text.parse().ok().map(SubscriptionId);
        if id.is_none() {
            top.fault("subscription", "must be a UUID");
        }
        id
    });
    let only_missed = top.boolean("onlyMissed").unwrap_or(true);
    let dry_run = top.boolean("dryRun").unwrap_or(false);
    faults.check((RedeliverRequest { events, subscription, only_missed }, dry_run))
}

fn query(filter: &Members<'_>) -> EventQuery {
    filter.only(&["kanaal", "source", "subject", "type", "from", "until"]);
    if filter.value("until").is_none() {
        filter.fault("until", "is required");
    }
    let text = |name: &str| filter.text(name).map(str::to_owned);
    EventQuery {
        id: None,
        kanaal: filter.text("kanaal").and_then(|text| {
            let naam = KanaalName::new(text);
            if naam.is_none() {
                filter.fault("kanaal", "must be the name of a kanaal");
            }
            naam
        }),
        source: text("source"),
        subject: text("subject"),
        kind: text("type"),
        from: filter.timestamp("from"),
        until: filter.timestamp("until"),
        newest: None,
    }
}
