//! `POST /v1/events/redeliver`: sends many events again to the subscriptions that missed them, or only counts that.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use management::{
    events::{RedeliverEvents, RedeliverRequest},
    journal::{EventQuery, RecordPlace},
};
use model::{KanaalName, Partition, Position, SubscriptionId};
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

/// Most places.
const MAX_PLACES: usize = 1_000;

/// The highest `count`.
const MAX_COUNTED: u64 = 100_000;

/// The highest position: the largest whole number that JSON programs read alike.
const MAX_POSITION: u64 = (1 << 53) - 1;

/// The body: one of `filter`, `ids` and `places`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct RedeliverEventsInput {
    /// Which events; all that are given must hold.
    filter: Option<RedeliverFilter>,
    /// `id` of these events, of every source; at most 1,000.
    ids: Option<Vec<String>>,
    /// The events at these places; at most 1,000.
    places: Option<Vec<PlaceInput>>,
    /// Only to this subscription; to all of the client when absent.
    subscription: Option<String>,
    /// Whether only to subscriptions that want the event and have no success (default), or to all that want it.
    only_missed: Option<bool>,
    /// The `count` of a dry run: nothing is started when it is another number now, and `runs` is empty.
    counted: Option<u64>,
    /// Whether to count only.
    dry_run: Option<bool>,
}

/// The place of an event in the log.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(as = Place)]
pub struct PlaceInput {
    /// The kanaal.
    kanaal: String,
    /// The partition.
    partition: u32,
    /// The place in it.
    position: u64,
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
    top.only(&["filter", "ids", "places", "subscription", "onlyMissed", "counted", "dryRun"]);
    let events = events(&top);
    let subscription = top.text("subscription").and_then(|text| {
        let id = text.parse().ok().map(SubscriptionId);
        if id.is_none() {
            top.fault("subscription", "must be a UUID");
        }
        id
    });
    let only_missed = top.boolean("onlyMissed").unwrap_or(true);
    let dry_run = top.boolean("dryRun").unwrap_or(false);
    let counted = top.integer("counted", 0, MAX_COUNTED);
    faults.check((RedeliverRequest { events, subscription, only_missed, counted }, dry_run))
}

/// Which events, by the one member that says so.
fn events(top: &Members<'_>) -> RedeliverEvents {
    let given: Vec<&str> = ["filter", "ids", "places"].into_iter().filter(|name| top.value(name).is_some()).collect();
    match given.as_slice() {
        [] => top.fault("filter", "is required, or ids, or places"),
        [_] => {}
        [first, others @ ..] => {
            for other in others {
                top.fault(other, format!("may not be given together with {first}"));
            }
        }
    }
    let is_empty = |name: &str| top.value(name).and_then(Value::as_array).is_some_and(Vec::is_empty);
    for name in ["ids", "places"].into_iter().filter(|name| is_empty(name)) {
        top.fault(name, "must hold at least one");
    }
    if let Some(filter) = top.object("filter") {
        return RedeliverEvents::Matching(query(&filter));
    }
    if given.contains(&"places") {
        let places = top.list("places", MAX_PLACES).iter().enumerate();
        return RedeliverEvents::Places(
            places.filter_map(|(at, item)| place(&top.item("places", at, item)?)).collect(),
        );
    }
    RedeliverEvents::Ids(top.texts("ids", MAX_IDS).into_iter().map(str::to_owned).collect())
}

fn place(item: &Members<'_>) -> Option<RecordPlace> {
    item.only(&["kanaal", "partition", "position"]);
    for name in ["partition", "position"].into_iter().filter(|name| item.value(name).is_none()) {
        item.fault(name, "is required");
    }
    let kanaal = item.required("kanaal").and_then(|text| kanaal(item, text));
    let partition = item.integer("partition", 0, u64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok());
    let position = item.integer("position", 0, MAX_POSITION);
    Some((kanaal?, Partition(partition?), Position(position?)))
}

fn kanaal(members: &Members<'_>, text: &str) -> Option<KanaalName> {
    let naam = KanaalName::new(text);
    if naam.is_none() {
        members.fault("kanaal", "must be the name of a kanaal");
    }
    naam
}

fn query(filter: &Members<'_>) -> EventQuery {
    filter.only(&["kanaal", "source", "subject", "type", "from", "until"]);
    if filter.value("until").is_none() {
        filter.fault("until", "is required");
    }
    let text = |name: &str| filter.text(name).map(str::to_owned);
    EventQuery {
        id: None,
        kanaal: filter.text("kanaal").and_then(|text| kanaal(filter, text)),
        source: text("source"),
        subject: text("subject"),
        kind: text("type"),
        from: filter.timestamp("from"),
        until: filter.timestamp("until"),
        newest: None,
    }
}
