//! `GET` and `POST /consent/{id}/{secret}`: the `WebHook-Request-Callback` of the handshake (CE-WHV-06 to CE-WHV-10).
//!
//! The secret is the whole authorisation. A wrong one, and an unknown subscription, look the same from outside. The
//! port [`ConsentEndpoint`] handles the callback.

use async_trait::async_trait;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use web::problem::{Fault, Problem, ProblemType};

use crate::Api;

/// Answers the requests of the handshake. A port: consent of webhooks implements it.
#[async_trait]
pub trait ConsentEndpoint: Send + Sync {
    /// A sink called the callback URL of its subscription. Returns when the outcome is durable.
    async fn call_back(
        &self,
        id: &str,
        secret: &str,
        method: Method,
        headers: &HeaderMap,
    ) -> Result<CallbackOutcome, management::Error>;

    /// The headers of the answer to a system that asks whether it may send to the gateway (CE-WHV-22).
    fn answer(&self, headers: &HeaderMap) -> HeaderMap;
}

/// The result of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// The consent is stored.
    Granted,
    /// `WebHook-Allowed-Rate` cannot be read.
    BadRate,
    /// The method is neither GET nor POST.
    MethodNotAllowed,
    /// The consent request is over.
    Closed,
    /// There is no such consent request, or the secret is wrong.
    Unknown,
}

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
    State(api): State<Api>,
    method: Method,
    Path((id, secret)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    called(&api, method, &id, &secret, &headers).await
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
    State(api): State<Api>,
    method: Method,
    Path((id, secret)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    called(&api, method, &id, &secret, &headers).await
}

async fn called(api: &Api, method: Method, id: &str, secret: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    match api.consent.call_back(id, secret, method, headers).await? {
        CallbackOutcome::Granted => Ok(StatusCode::OK.into_response()),
        CallbackOutcome::BadRate => {
            Err(Problem::invalid(vec![Fault::new("WebHook-Allowed-Rate", "must be * or a positive whole number")]))
        }
        CallbackOutcome::MethodNotAllowed => {
            Err(Problem::new(ProblemType::MethodNotAllowed, "Consent is given by GET or POST.")
                .with_header(header::ALLOW, HeaderValue::from_static("GET, POST")))
        }
        CallbackOutcome::Closed => Err(Problem::gone("This consent request is closed; a new one has to be made.")),
        CallbackOutcome::Unknown => Err(Problem::not_found("There is no such consent request.")),
    }
}
