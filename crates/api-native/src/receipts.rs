//! `POST /v1/receipts/{provider}` and `/v1/receipts/{provider}/{secret}`: what a provider of messages to people reports, and
//! replies of people by text message (CH-37, CH-40, CH-147).
//!
//! The secret, in the path or as bearer token, is the whole authorisation. A wrong one, and an unknown provider, look the same
//! from outside. The port [`ReceiptEndpoint`] handles what was posted.

use std::time::Duration;

use async_trait::async_trait;
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use web::problem::{Problem, ProblemType};

use crate::Api;

/// When a provider may try again a receipt that cannot be stored.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Settles what providers post. A port: the gateway implements it where providers are configured.
#[async_trait]
pub trait ReceiptEndpoint: Send + Sync {
    /// Something was posted for a provider. Returns when what follows from it is durable.
    async fn post(&self, provider: &str, secret: &str, query: &str, body: &[u8]) -> ReceiptOutcome;
}

/// The result of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// What follows from it is stored; also when nothing does.
    Settled,
    /// There is no such provider, or the secret is wrong.
    Unknown,
    /// It is no receipt and no reply.
    Malformed,
    /// It cannot be stored now.
    Later,
}

/// A provider of messages reports by bearer token.
///
/// The body is a receipt of NotifyNL, or a delivery report or reply of another provider, of at most 16 KiB.
#[utoipa::path(
    post, path = "/v1/receipts/{provider}", tag = "people", operation_id = "receiptByToken",
    params(("provider" = String, Path, description = "`notifynl` or `sms`")),
    responses(
        (status = 204, description = "What follows from it is stored"),
        (status = 400, description = "It is no receipt"),
        (status = 404, description = "No such provider, or the secret is wrong"),
        (status = 413, description = "The body is too large"),
        (status = 503, description = "It cannot be stored now"),
    ),
)]
pub async fn by_token(
    State(api): State<Api>,
    Path(provider): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map_or("", |(_, token)| token.trim());
    settle(&api, (&provider, token), &uri, &headers, body).await
}

/// A provider of messages reports by an address with a secret.
///
/// The body or query is a receipt of NotifyNL, or a delivery report or reply of another provider, of at most 16 KiB.
#[utoipa::path(
    post, path = "/v1/receipts/{provider}/{secret}", tag = "people", operation_id = "receiptBySecret",
    params(
        ("provider" = String, Path, description = "`notifynl` or `sms`"),
        ("secret" = String, Path, description = "The secret"),
    ),
    responses(
        (status = 204, description = "What follows from it is stored"),
        (status = 400, description = "It is no receipt"),
        (status = 404, description = "No such provider, or the secret is wrong"),
        (status = 413, description = "The body is too large"),
        (status = 503, description = "It cannot be stored now"),
    ),
)]
pub async fn by_secret(
    State(api): State<Api>,
    Path((provider, secret)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    settle(&api, (&provider, &secret), &uri, &headers, body).await
}

async fn settle(
    api: &Api,
    (provider, secret): (&str, &str),
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("There is no such provider.");
    let endpoint = api.receipts.as_ref().ok_or_else(unknown)?;
    let body = web::body::receive(&api.web, headers, body).await?;
    match endpoint.post(provider, secret, uri.query().unwrap_or_default(), &body).await {
        ReceiptOutcome::Settled => Ok(StatusCode::NO_CONTENT.into_response()),
        ReceiptOutcome::Unknown => Err(unknown()),
        ReceiptOutcome::Malformed => Err(Problem::new(ProblemType::InvalidRequest, "This is no receipt.")),
        ReceiptOutcome::Later => Err(Problem::unavailable("The receipt cannot be stored now.", RETRY_AFTER)),
    }
}
