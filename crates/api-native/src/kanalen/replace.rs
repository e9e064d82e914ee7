//! `PUT /v1/kanalen/{naam}`: replaces what can change of a kanaal; its name and identity stay.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{KanaalView, input};
use crate::{Api, members};

/// Replaces a kanaal.
#[utoipa::path(
    put, path = "/v1/kanalen/{naam}", tag = "kanalen", operation_id = "replaceKanaal",
    params(("naam" = String, Path, description = "Its name")),
    request_body = KanaalView,
    responses(
        (status = 200, description = "Replaced", body = KanaalView),
        (status = 400, description = "A member breaks a rule"),
        (status = 403, description = "Not its owner: others may change filters and documentatieLink only, nothing where configured so"),
        (status = 404, description = "No such kanaal"),
        (status = 409, description = "A type route overlaps the routes or name of a kanaal of another client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Path(naam): Path<String>,
    Payload(body): Payload,
) -> Result<Json<KanaalView>, Problem> {
    let actor = caller.actor();
    api.management.find_kanaal_to_change(&actor, &naam)?;
    let request = input::read(&members::object(&body, false)?, false)?;
    let kanaal = api.management.replace_kanaal(&actor, &naam, request).await?;
    Ok(Json(KanaalView::new(&api, &headers, &kanaal)))
}
