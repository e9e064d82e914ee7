//! `PUT` and `PATCH /api/v1/kanaal/{uuid}`: changes link and filters; what is not mentioned stays, also with PUT.

use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use model::{
    Kanaal,
    decide::{Command, Rejection},
};

use super::{Input, find, link, view};
use crate::{
    api::{
        v1::kanalen,
        zgw::{
            body::Payload,
            fields::{Fields, json_answer},
            problem,
        },
    },
    app::App,
    auth::Caller,
    problem::Problem,
};

/// Replace a kanaal; `naam` must be its own.
pub async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&app, &caller, &uuid, &headers, &body, true).await
}

/// Change a kanaal.
pub async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&app, &caller, &uuid, &headers, &body, false).await
}

async fn change(
    app: &App,
    caller: &Caller,
    uuid: &str,
    headers: &HeaderMap,
    body: &Bytes,
    whole: bool,
) -> Result<Response, Problem> {
    let present = find(app, uuid).await?;
    if !kanalen::may_change(app, caller, &present) {
        return Err(problem::permission_denied());
    }
    let mut fields = Fields::read(headers, body)?;
    let mentioned = fields.has("naam");
    let input = Input::read(&mut fields);
    if whole && !mentioned {
        fields.required("naam");
    }
    if input.naam.as_ref().is_some_and(|naam| naam != present.naam.as_str()) {
        fields.fail::<()>("naam", "wijzigen-niet-toegelaten", "Dit veld mag niet gewijzigd worden.");
    }
    fields.finish()?;
    link::check(app, input.documentatie_link.as_deref()).await?;
    let mut next = Kanaal::clone(&present);
    if let Some(link) = input.documentatie_link {
        next.documentatie_link = link;
    }
    if let Some(filters) = input.filters {
        // A native alias of a filter that stays is kept.
        next.filters = Kanaal::filterkenmerken(filters)
            .into_iter()
            .map(|new| present.filters.iter().find(|old| old.naam == new.naam).cloned().unwrap_or(new))
            .collect();
    }
    app.control.submit(Command::ChangeKanaal(next.clone())).await?.map_err(|rejection| match rejection {
        Rejection::UnknownKanaal(_) => problem::not_found(),
        other => other.into(),
    })?;
    Ok(json_answer(StatusCode::OK, &view(&next, &app.public_url(headers))))
}
