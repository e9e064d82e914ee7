//! `PUT /v1/kanalen/{naam}`: replaces what can change of a kanaal; its name and identity stay.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use model::{Kanaal, decide::Command};

use super::{KanaalView, input, judge, read};
use crate::{
    api::v1::members,
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::{Fault, Problem},
};

/// Replaces a kanaal.
#[utoipa::path(
    put, path = "/v1/kanalen/{naam}", tag = "kanalen", operation_id = "replaceKanaal",
    params(("naam" = String, Path, description = "Its name")),
    request_body = KanaalView,
    responses(
        (status = 200, description = "Replaced", body = KanaalView),
        (status = 400, description = "A member breaks a rule"),
        (status = 403, description = "Not its owner: owner and approval are the owner's, all of it where configured so"),
        (status = 404, description = "No such kanaal"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(naam): Path<String>,
    Payload(body): Payload,
) -> Result<Json<KanaalView>, Problem> {
    let now = read::find(&app, &naam)?;
    if !super::may_change(&app, &caller, &now) {
        return Err(Problem::forbidden("Only the applicatie that made this kanaal may change it."));
    }
    let wanted = input::read(&members::object(&body, false)?, false)?;
    if wanted.naam.is_some_and(|naam| naam != now.naam) {
        return Err(Problem::invalid(vec![Fault::new("naam", "cannot be changed").at("/naam")]));
    }
    // What is not said stays: who writes back what an older version showed must not open it.
    let owner = if wanted.names_owner { wanted.owner } else { now.owner.clone() };
    let approval = wanted.approval.unwrap_or(now.approval);
    if (&owner, approval) != (&now.owner, now.approval) && !judge::may(&caller, &now) {
        return Err(Problem::forbidden("Only its owner or an administrator may change owner and approval."));
    }
    let kanaal = Kanaal {
        id: now.id,
        naam: now.naam.clone(),
        documentatie_link: wanted.documentatie_link,
        filters: wanted.filters,
        type_routes: wanted.type_routes,
        source: wanted.source,
        retention_seconds: wanted.retention_seconds,
        rules: wanted.rules,
        payloads: wanted.payloads,
        clearance: if wanted.names_clearance { wanted.clearance } else { now.clearance.clone() },
        created: now.created,
        owner,
        approval,
    };
    app.control.submit(Command::ChangeKanaal(kanaal.clone())).await??;
    Ok(Json(KanaalView::new(&app, &headers, &kanaal)))
}
