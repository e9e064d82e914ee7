//! `GET /v1/kanalen/{naam}/inbox`: what all people did with a message, in numbers (CH-11). Nobody sees who.

use ::inbox::Error;
use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use model::{KanaalName, addressee::EventReference};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    auth::Caller,
    problem::{Fault, Problem},
};

use super::{inbox, refused};
use crate::{Api, list::Query};

/// What people did with a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InboxTotals)]
pub struct InboxTotalsView {
    /// The message.
    #[schema(format = "uuid")]
    pub id: String,
    /// Whether it is for everybody.
    pub broadcast: bool,
    /// How many people it is for; null for everybody.
    pub addressed: Option<u64>,
    /// From when on it can be seen.
    #[schema(format = "date-time")]
    pub since: String,
    /// From when on it cannot be seen any more; null without an end.
    #[schema(format = "date-time")]
    pub until: Option<String>,
    /// `waiting` until it is due, `visible` or `expired`.
    #[schema(pattern = "^(waiting|visible|expired)$")]
    pub state: &'static str,
    /// How many people read it, also when they deleted it afterwards.
    pub read: u64,
    /// How many people deleted it.
    pub deleted: u64,
}

/// Shows how many people read or deleted the message that an event became, to who may publish such events.
#[utoipa::path(
    get, path = "/v1/kanalen/{naam}/inbox", tag = "inbox", operation_id = "readInboxTotals",
    params(
        ("naam" = String, Path, description = "The kanaal"),
        ("source" = String, Query, description = "`source` of the event"),
        ("id" = String, Query, description = "`id` of the event"),
    ),
    responses(
        (status = 200, description = "The totals", body = InboxTotalsView),
        (status = 404, description = "There is no such message that this client may publish, or this gateway has no inbox"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(naam): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<InboxTotalsView>, Problem> {
    let query = Query::read(&api, &headers, &uri, &["source", "id"])?;
    let needed = |name: &'static str| {
        query.text(name).ok_or_else(|| Problem::invalid(vec![Fault::new(name, "is required")])).map(str::to_owned)
    };
    let (source, id) = (needed("source")?, needed("id")?);
    let inbox = inbox(&api)?;
    let unknown = || refused(Error::Unknown);
    let kanaal = KanaalName::new(&naam).ok_or_else(unknown)?;
    if !caller.is_beheer() {
        let rights = &api.publishing.settings.rights;
        rights.check(&caller.client_id, &kanaal, Some(&source)).map_err(|_| unknown())?;
    }
    let totals = inbox.totals(&EventReference { kanaal, source, id }).await.map_err(refused)?;
    let state = match (totals.has_appeared, inbox.has_expired(&totals)) {
        (_, true) => "expired",
        (true, false) => "visible",
        (false, false) => "waiting",
    };
    Ok(Json(InboxTotalsView {
        id: totals.id.to_string(),
        broadcast: totals.is_broadcast,
        addressed: (!totals.is_broadcast).then_some(1),
        since: totals.since.to_rfc3339(),
        until: totals.expires.map(model::Timestamp::to_rfc3339),
        state,
        read: totals.read,
        deleted: totals.deleted,
    }))
}
