//! `POST /v1/kanalen`: creates a kanaal.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{KanaalView, input};
use crate::{Api, members};

/// Makes a kanaal.
#[utoipa::path(
    post, path = "/v1/kanalen", tag = "kanalen", operation_id = "createKanaal",
    request_body = KanaalView,
    responses(
        (status = 201, description = "Made", body = KanaalView, headers(("Location" = String))),
        (status = 400, description = "A member breaks a rule"),
        (status = 403, description = "owner names somebody else"),
        (status = 409, description = "The name is taken, or a type route overlaps the routes or name of a kanaal of another client"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Problem> {
    let request = input::read(&members::object(&body, false)?, true)?;
    let kanaal = api.management.create_kanaal(&caller.actor(), request).await?;
    let view = KanaalView::new(&api, &headers, &kanaal);
    let location = [(header::LOCATION, view.url.clone())];
    Ok((StatusCode::CREATED, location, Json(view)).into_response())
}
