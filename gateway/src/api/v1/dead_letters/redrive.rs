//! `POST /v1/dead-letters/redrive`: delivers a filtered set of dead letters again, or only counts it.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use model::SubscriptionId;
use serde::Serialize;
use serde_json::Map;
use storage::journal::{DeadLetterQuery, Page};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{filter, start};
use crate::{
    api::v1::{
        members::{self, Faults, Members},
        runs::RunView,
    },
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::Problem,
};

/// Most dead letters of one request.
const MOST: u64 = 100_000;
/// Most ids in a filter.
const MAX_IDS: usize = 1_000;
/// Rows of one read.
const CHUNK: u32 = 1_000;

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
    /// The runs that deliver them; absent on a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<Vec<RunView>>,
}

/// Redrives dead letters.
#[utoipa::path(
    post, path = "/v1/dead-letters/redrive", tag = "dead-letters", operation_id = "redriveDeadLetters",
    request_body = Redrive,
    responses(
        (status = 200, description = "Counted (dry run)", body = Redriven),
        (status = 202, description = "Started", body = Redriven),
        (status = 400, description = "A member breaks a rule, or the filter matches too many"),
    ),
)]
pub async fn handler(State(app): State<App>, caller: Caller, Payload(body): Payload) -> Result<Response, Problem> {
    let (wanted, dry_run) = read(&body)?;
    let queries = filter::visible(&app, &caller, wanted)?;
    let count = filter::count(&app, &queries).await?;
    if dry_run {
        return Ok(Json(Redriven { count, runs: None }).into_response());
    }
    if count > MOST {
        let detail = format!("{count} dead letters match; redrive at most {MOST} at once by narrowing the filter.");
        return Err(Problem::bad_request("too-broad", detail));
    }
    let mut places = start::Places::new();
    for query in queries {
        for offset in (0..MOST).step_by(CHUNK as usize) {
            let letters = app.journal.dead_letters(query.clone(), Page { offset, limit: CHUNK }).await?;
            let last = letters.len() < CHUNK as usize;
            for letter in letters {
                let delivery = letter.delivery;
                let record = (delivery.kanaal, delivery.partition, delivery.position);
                places.entry(delivery.subscription).or_default().insert(record);
            }
            if last {
                break;
            }
        }
    }
    let runs = start::runs(&app, &caller, places).await?;
    Ok((StatusCode::ACCEPTED, Json(Redriven { count, runs: Some(runs) })).into_response())
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
        status: filter.integer("status", 100, 599).map(|status| status as u16),
        from: filter.moment("from"),
        until: filter.moment("until"),
    };
    if filter.value("ids").is_some() && query.ids.is_empty() {
        filter.fault("ids", "must hold at least one id");
    }
    faults.check((query, dry_run))
}
