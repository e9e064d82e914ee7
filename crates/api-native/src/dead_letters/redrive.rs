//! `POST /v1/dead-letters/redrive`: delivers a filtered set of dead letters again, or only counts it.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use management::journal::DeadLetterQuery;
use model::{SubscriptionId, Timestamp};
use serde::Serialize;
use serde_json::Map;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{audit::Unrecorded, auth::Caller, body::Payload, problem::Problem};

use super::filter;
use crate::{
    Api,
    members::{self, Faults, Members},
    runs::RunView,
};

/// Most ids in a filter.
const MAX_IDS: usize = 1_000;

/// The body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct Redrive {
    /// Which dead letters; all that are given must hold.
    filter: RedriveFilter,
    /// Whether to count only.
    dry_run: Option<bool>,
}

/// Which dead letters.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct RedriveFilter {
    /// These ones, at most 1,000.
    ids: Option<Vec<String>>,
    /// Of this subscription.
    subscription: Option<String>,
    /// Of events on this kanaal.
    kanaal: Option<String>,
    /// Of events of this type.
    r#type: Option<String>,
    /// With this last status.
    status: Option<u16>,
    /// At or after this moment.
    #[schema(format = "date-time")]
    from: Option<String>,
    /// Before this moment.
    #[schema(format = "date-time")]
    until: Option<String>,
}

/// What a redrive does.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redriven {
    /// How many dead letters match.
    pub count: u64,
    /// The runs that deliver them.
    pub runs: Vec<RunView>,
}

/// What a redrive would do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedriveCount {
    /// How many dead letters match.
    pub count: u64,
    /// The size of their events as stored, in bytes.
    pub bytes: u64,
    /// When the oldest of them ended; null when there is none.
    #[schema(format = "date-time")]
    pub oldest: Option<String>,
    /// How many seconds it takes at least at the granted rates; null when no rate was granted.
    pub estimated_seconds: Option<u64>,
}

/// Redrives dead letters.
#[utoipa::path(
    post, path = "/v1/dead-letters/redrive", tag = "dead-letters", operation_id = "redriveDeadLetters",
    request_body = Redrive,
    responses(
        (status = 200, description = "Counted (dry run)", body = RedriveCount),
        (status = 202, description = "Started", body = Redriven),
        (status = 400, description = "A member breaks a rule, or the filter matches too many"),
    ),
)]
pub async fn handler(State(api): State<Api>, caller: Caller, Payload(body): Payload) -> Result<Response, Problem> {
    let (wanted, dry_run) = read(&body)?;
    if dry_run {
        let count = api.management.count_redrive(&caller.actor(), wanted).await?;
        let oldest = count.oldest.map(Timestamp::to_rfc3339);
        let (count, bytes, estimated_seconds) = (count.events, count.bytes, count.seconds);
        let counted = RedriveCount { count, bytes, oldest, estimated_seconds };
        return Ok((Extension(Unrecorded), Json(counted)).into_response());
    }
    let redriven = api.management.redrive(&caller.actor(), wanted).await?;
    let runs = redriven.runs.iter().map(|run| RunView::started(run)).collect();
    Ok((StatusCode::ACCEPTED, Json(Redriven { count: redriven.count, runs })).into_response())
}

fn read(body: &[u8]) -> Result<(DeadLetterQuery, bool), Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["filter", "dryRun"]);
    let dry_run = top.boolean("dryRun").unwrap_or(false);
    if top.value("filter").is_none() {
        top.fault("filter", "is required; an empty one means all");
    }
    let empty = Map::new();
    let filter = top.object("filter").unwrap_or_else(|| Members::new(&empty, &faults));
    filter.only(&["ids", "subscription", "kanaal", "type", "status", "from", "until"]);
    let uuid = |text: &str, name: &str| -> Option<Uuid> {
        let id = text.parse().ok();
        if id.is_none() {
            filter.fault(name, "must be a UUID");
        }
        id
    };
    let query = DeadLetterQuery {
        ids: filter.texts("ids", MAX_IDS).into_iter().filter_map(|text| uuid(text, "ids")).collect(),
        subscription: filter.text("subscription").and_then(|text| uuid(text, "subscription")).map(SubscriptionId),
        kanaal: filter.text("kanaal").and_then(|text| {
            let naam = filter::kanaal(text);
            if naam.is_none() {
                filter.fault("kanaal", "must be the name of a kanaal");
            }
            naam
        }),
        kind: filter.text("type").map(str::to_owned),
        code: filter.integer("status", 100, 599).map(|status| status as u16),
        from: filter.timestamp("from"),
        until: filter.timestamp("until"),
        ..DeadLetterQuery::default()
    };
    if filter.value("ids").is_some() && query.ids.is_empty() {
        filter.fault("ids", "must hold at least one id");
    }
    faults.check((query, dry_run))
}
