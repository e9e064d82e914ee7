//! `POST /v1/kanalen`: makes a kanaal.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use model::{Kanaal, decide::Command};

use super::{KanaalView, input};
use crate::{
    api::v1::members,
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::{Fault, Problem},
};

/// Makes a kanaal.
#[utoipa::path(
    post, path = "/v1/kanalen", tag = "kanalen", operation_id = "createKanaal",
    request_body = KanaalView,
    responses(
        (status = 201, description = "Made", body = KanaalView, headers(("Location" = String))),
        (status = 400, description = "A member breaks a rule"),
        (status = 403, description = "owner names somebody else"),
        (status = 409, description = "The name is taken"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let wanted = input::read(&members::object(&body, false)?, true)?;
    let naam = wanted.naam.ok_or_else(|| Problem::invalid(vec![Fault::new("naam", "is required")]))?;
    let mine = Some(caller.client_id.to_string());
    let owner = if wanted.names_owner { wanted.owner } else { mine.clone() };
    if owner != mine && !caller.is_beheer() {
        return Err(Problem::forbidden("Only an administrator may make a kanaal somebody else's."));
    }
    let kanaal = Kanaal {
        id: app.random.uuid(),
        naam,
        documentatie_link: wanted.documentatie_link,
        filters: wanted.filters,
        type_routes: wanted.type_routes,
        source: wanted.source,
        retention_seconds: wanted.retention_seconds,
        rules: wanted.rules,
        payloads: wanted.payloads,
        clearance: wanted.clearance,
        created: app.clock.now(),
        owner,
        approval: wanted.approval.unwrap_or(false),
    };
    app.control.submit(Command::CreateKanaal(kanaal.clone())).await??;
    let view = KanaalView::new(&app, &headers, &kanaal);
    let location = [(header::LOCATION, view.url.clone())];
    Ok((StatusCode::CREATED, location, Json(view)).into_response())
}
