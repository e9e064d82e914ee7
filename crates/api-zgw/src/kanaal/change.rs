//! `PUT` and `PATCH /api/v1/kanaal/{uuid}`: changes link and filters; what is not mentioned stays, also with PUT.

use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use management::kanalen::KanaalChange;
use web::{auth::Caller, problem::Problem};

use super::{Input, documentation::check_documentation, kanaal_id, view};
use crate::{
    Api,
    body::Payload,
    fields::{Fields, json_answer},
    problem,
};

/// Replace a kanaal; `naam` must be its own.
pub async fn put(
    State(api): State<Api>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&api, &caller, &uuid, &headers, &body, true).await
}

/// Change a kanaal.
pub async fn patch(
    State(api): State<Api>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    change(&api, &caller, &uuid, &headers, &body, false).await
}

async fn change(
    api: &Api,
    caller: &Caller,
    uuid: &str,
    headers: &HeaderMap,
    body: &Bytes,
    whole: bool,
) -> Result<Response, Problem> {
    let id = kanaal_id(uuid)?;
    let actor = caller.actor();
    let present = api.management.find_kanaal_by_id_to_change(&actor, id).map_err(problem::of_management)?;
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
    check_documentation(api, input.documentatie_link.as_deref()).await?;
    let change = KanaalChange { documentatie_link: input.documentatie_link, filters: input.filters };
    let kanaal = api.management.change_kanaal(&actor, id, change).await.map_err(problem::of_management)?;
    Ok(json_answer(StatusCode::OK, &view(&kanaal, &api.public_url(headers))))
}
