//! Bodies of requests on these paths, with refusals in Dutch. Their members are read in `fields`.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use web::{body, problem::Problem};

use crate::Api;

/// The body of a management request, complete; its `Content-Type` is checked when it is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(pub Bytes);

impl FromRequest<Api> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        receive(api, &parts.headers, body).await.map(Self)
    }
}

/// Reads a body: 413 when too large, 408 when too slow, 415 when compressed.
pub async fn receive(api: &Api, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(Problem::unsupported_media_type(
            "Content-Encoding wordt niet ondersteund; stuur de inhoud zoals zij is.",
        )
        .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))),
        _ => body::receive(&api.web, headers, body).await,
    }
}
