//! `POST /api/v1/callbacks`: notifications for the gateway itself. Those of the Autorisaties API have the rights of
//! applicaties asked anew; what they point to is never fetched. 204, whatever the kanaal.

use axum::extract::{Request, State};
use http::StatusCode;
use translator::notificatie::{self, FieldError};

use super::{
    body::receive,
    fields::expect_json,
    problem::{self, InvalidParam, invalid},
};
use crate::{app::App, auth::Caller, problem::Problem};

/// Take a notification for the gateway itself.
pub async fn receive_notificatie(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (parts, body) = request.into_parts();
    let body = receive(&app, &parts.headers, body).await?;
    if !body.is_empty() {
        expect_json(&parts.headers)?;
    }
    let body = if body.is_empty() { bytes::Bytes::from_static(b"{}") } else { body };
    let notificatie = notificatie::decode(&body, &app.ingest.limits).map_err(|errors| refused(&errors))?;
    match &app.autorisaties {
        Some(autorisaties) if autorisaties.hears(&notificatie.kanaal) => {
            autorisaties.notify(&notificatie.actie, &notificatie.resource_url);
            tracing::info!(client_id = %caller.client_id, actie = notificatie.actie, "rights are asked anew");
        }
        _ => {
            tracing::debug!(client_id = %caller.client_id, kanaal = notificatie.kanaal, "a callback that concerns nothing");
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
