//! `POST /api/v1/callbacks`: notifications for the gateway itself. Those of the Autorisaties API invalidate the
//! cached rights of applicaties; the URLs in them are never fetched. 204, whatever the kanaal.

use axum::extract::{Request, State};
use http::StatusCode;
use translator::notificatie::{self, FieldError};
use web::{auth::Caller, problem::Problem};

use super::{
    body::receive,
    fields::expect_json,
    problem::{self, InvalidParam, invalid},
};
use crate::Api;

/// Take a notification for the gateway itself.
pub async fn receive_notificatie(
    State(api): State<Api>,
    caller: Caller,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (parts, body) = request.into_parts();
    let body = receive(&api, &parts.headers, body).await?;
    if !body.is_empty() {
        expect_json(&parts.headers)?;
    }
    let body = if body.is_empty() { bytes::Bytes::from_static(b"{}") } else { body };
    let notificatie = notificatie::decode(&body, &api.publishing.settings.limits).map_err(|errors| refused(&errors))?;
    match &api.web.autorisaties {
        Some(autorisaties) if autorisaties.is_kanaal(&notificatie.kanaal) => {
            autorisaties.notify(&notificatie.actie, &notificatie.resource_url);
            tracing::info!(client_id = %caller.client_id, actie = notificatie.actie, "cached rights invalidated");
        }
        _ => {
            tracing::debug!(client_id = %caller.client_id, kanaal = notificatie.kanaal, "unused callback");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn refused(errors: &[FieldError]) -> Problem {
    if let [error] = errors
        && error.code == "parse_error"
    {
        return problem::parse_error(&error.reason);
    }
    let name = |error: &FieldError| match &error.key {
        Some(key) => format!("{}.{key}", error.field),
        None => error.field.to_owned(),
    };
    let params: Vec<InvalidParam> =
        errors.iter().map(|error| InvalidParam::new(name(error), error.code, error.reason.clone())).collect();
    invalid(&params)
}
