//! `POST /v1/subscriptions/{id}/replay`: delivers past events again, beside the present deliveries.

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use management::subscriptions::{CountedReplay, ReplayFilter, ReplayPosition, ReplayRequest};
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{audit::Unrecorded, auth::Caller, body::Payload, problem::Problem};

use super::access;
use crate::{
    Api,
    members::{self, Faults, Members},
    runs::RunView,
};

/// Most types.
const MAX_TYPES: usize = 100;

/// The body.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
#[schema(rename_all = "camelCase")]
pub struct Replay {
    /// The first moment, RFC 3339.
    #[schema(format = "date-time")]
    from: String,
    /// Up to but not including this moment; now when absent.
    #[schema(format = "date-time")]
    until: Option<String>,
    /// Only these kanalen; all that the subscription covers when absent.
    kanalen: Option<Vec<String>>,
    /// Only events of one of these types, at most 100.
    types: Option<Vec<String>>,
    /// Only events with this source.
    source: Option<String>,
    /// Only events with this subject.
    subject: Option<String>,
    /// Whether to count only.
    dry_run: Option<bool>,
}

/// What a replay would deliver.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayCount {
    /// How many events.
    pub events: u64,
    /// Their size as stored, in bytes.
    pub bytes: u64,
    /// When the oldest was accepted; null when there is none.
    #[schema(format = "date-time")]
    pub oldest: Option<String>,
    /// How many seconds it takes at least at the granted rate; null when no rate was granted.
    pub estimated_seconds: Option<u64>,
    /// The end of what was counted. A replay with this `until` delivers exactly these events.
    #[schema(format = "date-time")]
    pub until: String,
    /// Whether everything was counted; `false` after 200,000 events or 10 seconds, when there are more.
    pub exact: bool,
    /// Where the present deliveries are and what the replay reads, by partition, at most 100; empty with a filter.
    pub positions: Vec<ReplayPositionView>,
}

/// Where the present deliveries and a replay are in a partition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplayPosition)]
pub struct ReplayPositionView {
    /// The kanaal.
    pub kanaal: String,
    /// The partition.
    pub partition: u32,
    /// The position before which every present delivery has ended; null when another node delivers. A replay does not move it.
    pub next: Option<u64>,
    /// The first position that the replay reads.
    pub from: u64,
    /// The position behind the last one that it reads.
    pub until: u64,
}

/// Starts a replay.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/replay", tag = "subscriptions", operation_id = "replaySubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body = Replay,
    responses(
        (status = 200, description = "Counted (dry run)", body = ReplayCount),
        (status = 202, description = "Started", body = RunView),
        (status = 400, description = "A member breaks a rule, or the filter matches too many"),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "The client has as many replays under way as it may have"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let (actor, id) = (caller.actor(), access::id_of(&id)?);
    api.management.find_subscription(&actor, id)?;
    let (request, dry_run) = read(&body)?;
    if dry_run {
        let counted = api.management.count_replay(&actor, id, request).await?;
        return Ok((Extension(Unrecorded), Json(ReplayCount::new(counted))).into_response());
    }
    let run = api.management.replay_subscription(&actor, id, request).await?;
    Ok((StatusCode::ACCEPTED, Json(RunView::started(&run))).into_response())
}

impl ReplayCount {
    fn new(counted: CountedReplay) -> Self {
        let CountedReplay { count, until, positions } = counted;
        let position = |own: ReplayPosition| ReplayPositionView {
            kanaal: own.kanaal.to_string(),
            partition: own.partition.0,
            next: own.next.map(|mark| mark.0),
            from: own.from.0,
            until: own.until.0,
        };
        Self {
            events: count.events,
            bytes: count.bytes,
            oldest: count.oldest.map(Timestamp::to_rfc3339),
            estimated_seconds: count.seconds,
            until: until.to_rfc3339(),
            exact: count.exact,
            positions: positions.into_iter().map(position).collect(),
        }
    }
}

fn read(body: &[u8]) -> Result<(ReplayRequest, bool), Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let members = Members::new(&object, &faults);
    members.only(&["from", "until", "kanalen", "types", "source", "subject", "dryRun"]);
    let dry_run = members.boolean("dryRun").unwrap_or(false);
    if members.value("from").is_none() {
        members.fault("from", "is required");
    }
    let (from, until) = (members.timestamp("from"), members.timestamp("until"));
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        members.fault("until", "must not be before from");
    }
    let texts = |name: &str, most| members.texts(name, most).into_iter().map(str::to_owned).collect();
    let text = |name: &str| members.text(name).map(str::to_owned);
    let filter = ReplayFilter { types: texts("types", MAX_TYPES), source: text("source"), subject: text("subject") };
    let kanalen = texts("kanalen", 256);
    faults.check((ReplayRequest { from: from.unwrap_or_default(), until, kanalen, filter }, dry_run))
}
