//! Request bodies: bounded in size and time, and not copied when they arrive in one chunk.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRef, FromRequest, Request},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt;
use model::media_type::MediaType;

use crate::{Context, Problem, ProblemType};

/// How much of a too large body is read and discarded, so that the client reads the response.
const DRAIN: usize = 8 * 1024 * 1024;

/// How long discarding may take.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The complete body of a management request: declared as JSON, or empty (415 otherwise, ADR-32); see [`receive`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(pub Bytes);

impl<S> FromRequest<S> for Payload
where
    Context: FromRef<S>,
    S: Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = receive(&Context::from_ref(state), &parts.headers, body).await?;
        if bytes.is_empty() || is_json(&parts.headers) {
            return Ok(Self(bytes));
        }
        Err(Problem::unsupported_media_type("Send JSON, with a Content-Type that says so.")
            .fault("Content-Type", "must be application/json or end in +json, in UTF-8")
            .with_header(header::ACCEPT, HeaderValue::from_static("application/json")))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    MediaType::parse(text).is_some_and(|kind| kind.is_json() && kind.is_utf8())
}

/// Reads a body: 413 when too large, 408 when too slow, 415 when compressed.
pub async fn receive(context: &Context, headers: &HeaderMap, mut body: Body) -> Result<Bytes, Problem> {
    let limits = context.settings.limits;
    let limit = limits.body_bytes;
    refuse_encoding(headers)?;
    match tokio::time::timeout(limits.receive, read(&mut body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(Refused::Broken)) => Err(Problem::new(ProblemType::BrokenBody, "The body broke off.")),
        // A client that waits for 100 (Continue) reads the refusal without having sent the body.
        Ok(Err(Refused::TooLarge)) if expects_continue(headers) && is_too_large(&body, limit) => {
            Err(Problem::too_large(limit))
        }
        Ok(Err(Refused::TooLarge)) => {
            // Whether it was read to its end or not, the answer is the same.
            let _ = tokio::time::timeout(DRAIN_TIME, drain(&mut body)).await;
            Err(Problem::too_large(limit))
        }
        Err(_) => Err(Problem::new(ProblemType::RequestTimeout, "The body did not arrive in time.")),
    }
}

enum Refused {
    TooLarge,
    Broken,
}

fn expects_continue(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Whether the length that the client states is above the limit already.
fn is_too_large(body: &Body, limit: usize) -> bool {
    http_body::Body::size_hint(body).lower() > limit as u64
}

fn refuse_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(Problem::unsupported_media_type("Content-Encoding is not supported; send the body as it is.")
                .fault("Content-Encoding", "must be identity, or absent")
                .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
        }
        _ => Ok(()),
    }
}

async fn read(body: &mut Body, limit: usize) -> Result<Bytes, Refused> {
    if is_too_large(body, limit) {
        return Err(Refused::TooLarge);
    }
    let mut first: Option<Bytes> = None;
    let mut all: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Refused::Broken)?.into_data() else { continue };
        let size = all.as_ref().map_or(0, BytesMut::len) + first.as_ref().map_or(0, Bytes::len) + piece.len();
        if size > limit {
            return Err(Refused::TooLarge);
        }
        match (&mut all, first.take()) {
            (Some(all), _) => all.extend_from_slice(&piece),
            (None, None) => first = Some(piece),
            (None, Some(start)) => {
                let expected = http_body::Body::size_hint(body).lower() as usize;
                let mut pieces = BytesMut::with_capacity(size + expected.min(limit));
                pieces.extend_from_slice(&start);
                pieces.extend_from_slice(&piece);
                all = Some(pieces);
            }
        }
    }
    Ok(all.map(BytesMut::freeze).or(first).unwrap_or_default())
}

async fn drain(body: &mut Body) {
    let mut left = DRAIN;
    while let Some(Ok(frame)) = body.frame().await {
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http::StatusCode;

    use super::*;

    fn pieces(pieces: &[&'static str]) -> Body {
        let pieces: Vec<Result<Bytes, std::io::Error>> =
            pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn bodies_are_joined_and_bounded() {
        for (input, limit, expected) in [
            (&["abc"][..], 3, Some("abc")),
            (&["a", "b", "c"], 3, Some("abc")),
            (&["a", "b", "cd"], 3, None),
            (&["abcd"], 3, None),
            (&[], 3, Some("")),
        ] {
            let read = read(&mut pieces(input), limit).await.ok();
            assert_eq!(read, expected.map(Bytes::from), "{input:?}");
        }
    }

    #[test]
    fn codings_are_refused_ce_http_38() {
        let mut headers = HeaderMap::new();
        assert!(refuse_encoding(&headers).is_ok());
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(refuse_encoding(&headers).unwrap_err().status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
