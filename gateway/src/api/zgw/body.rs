//! Bodies of requests on these paths, with refusals in Dutch. What is in them is `fields`' to read.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use crate::{app::App, inbound::body, problem::Problem};

/// The body of a management request, whole; what it says of its type is looked at when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(pub Bytes);

impl FromRequest<App> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        receive(app, &parts.headers, body).await.map(Self)
    }
}

/// Reads a body: 413 when too large, 408 when too slow, 415 when compressed.
pub async fn receive(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(Problem::unsupported_media_type(
            "Content-Encoding wordt niet ondersteund; stuur de inhoud zoals zij is.",
        )
        .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))),
        _ => body::receive(app, headers, body).await,
    }
}
