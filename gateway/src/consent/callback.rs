//! `GET` and `POST /consent/{id}/{secret}`: the `WebHook-Request-Callback` of the handshake (CE-WHV-06 to CE-WHV-10).
//!
//! The secret is the whole authorisation. A wrong one, and an unknown subscription, look the same from outside.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use model::{SubscriptionId, consent::Validation};
use webhook_validator::{Action, CallbackReply, Field, Input, headers::ALLOWED_RATE};

use crate::{
    app::App,
    problem::{Fault, Problem},
};

/// Consent to receive; the request header `WebHook-Allowed-Rate` may set the rate.
#[utoipa::path(
    get, path = "/consent/{id}/{secret}", tag = "consent", operation_id = "consentByGet",
    params(("id" = String, Path, description = "The subscription"), ("secret" = String, Path, description = "The secret")),
    responses(
        (status = 200, description = "Consent is on record"),
        (status = 400, description = "WebHook-Allowed-Rate cannot be read"),
        (status = 404, description = "No such consent request"),
        (status = 410, description = "The consent request is closed"),
    ),
)]
pub async fn get(
    State(app): State<App>,
    method: Method,
    Path((id, secret)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    called(&app, method, &id, &secret, &headers).await
}

/// Consent to receive; the request header `WebHook-Allowed-Rate` may set the rate.
#[utoipa::path(
    post, path = "/consent/{id}/{secret}", tag = "consent", operation_id = "consentByPost",
    params(("id" = String, Path, description = "The subscription"), ("secret" = String, Path, description = "The secret")),
    responses(
        (status = 200, description = "Consent is on record"),
        (status = 400, description = "WebHook-Allowed-Rate cannot be read"),
        (status = 404, description = "No such consent request"),
        (status = 410, description = "The consent request is closed"),
    ),
)]
pub async fn post(
    State(app): State<App>,
    method: Method,
    Path((id, secret)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    called(&app, method, &id, &secret, &headers).await
}

async fn called(app: &App, method: Method, id: &str, secret: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let none = || Problem::not_found("There is no such consent request.");
    let id = SubscriptionId(id.parse().map_err(|_| none())?);
    let subscription = app.registry.read().subscription(id).cloned().ok_or_else(none)?;
    let right = app.consent.secret(&subscription).is_some_and(|own| own.matches(secret));
    if !right || subscription.validation != Validation::Handshake {
        return Err(none());
    }
    let input = Input::CalledBack { method, rate: Field::of(headers, &ALLOWED_RATE) };
    match app.consent.called_back(&subscription, input).await? {
        Some(Action::Reply(CallbackReply::Granted)) => Ok(StatusCode::OK.into_response()),
        Some(Action::Reply(CallbackReply::BadRate)) => {
            Err(Problem::invalid(vec![Fault::new("WebHook-Allowed-Rate", "must be * or a positive whole number")]))
        }
        Some(Action::Reply(CallbackReply::MethodNotAllowed)) => Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
            "Consent is given by GET or POST.",
        )
        .with_header(header::ALLOW, HeaderValue::from_static("GET, POST"))),
        Some(_) => Err(Problem::gone("This consent request is closed; a new one has to be made.")),
        None => Err(none()),
    }
}
