//! Documents that are the same for every client except for the address of the gateway: rendered once, shared by all answers
//! without a copy, and cacheable by clients (ETag, Cache-Control).
//!
//! A client chooses the address by its `Host` header, so a document is not kept per address. It is kept in the pieces around the
//! address, and an answer consists of these pieces with the address between them.

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body::{Frame, SizeHint};
use ring::digest::{self, SHA256};
use serde_json::Value;

/// The placeholder of the address in a document that is rendered for [`Document::new`]. It needs no escape in JSON and
/// YAML.
pub const ADDRESS: &str = "http://address-of-the-gateway.invalid";

/// How long a client may cache a document.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Marks an answer, in its extensions, whose bytes are shared by all answers.
#[derive(Debug, Clone, Copy)]
pub struct SharedBytes;

/// A document in the pieces around the address of the gateway.
#[derive(Debug)]
pub struct Document {
    pieces: Vec<Bytes>,
    media_type: &'static str,
}

/// The documents of a gateway, each rendered when it is first needed. Their number is that of the names in the code.
#[derive(Debug, Default)]
pub struct Documents(Mutex<BTreeMap<&'static str, Arc<Document>>>);

impl Documents {
    /// The document of this name, rendered by `render` the first time.
    pub fn get(&self, name: &'static str, render: impl FnOnce() -> Document) -> Arc<Document> {
        let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(documents.entry(name).or_insert_with(|| Arc::new(render())))
    }
}

impl Document {
    /// The document with this text, in which [`ADDRESS`] is the address of the gateway.
    pub fn new(media_type: &'static str, text: &str) -> Self {
        let pieces = text.split(ADDRESS).map(|piece| Bytes::copy_from_slice(piece.as_bytes())).collect();
        Self { pieces, media_type }
    }

    /// The answer to a request with these headers, for a gateway at `address`, a URL that needs no escape: 200, or 304 when the
    /// client has this version.
    pub fn answer(&self, request: &HeaderMap, address: &str, more: &[(HeaderName, HeaderValue)]) -> Response {
        let (body, tag) = self.body(address);
        let known = request.get_all(header::IF_NONE_MATCH).iter().any(|tags| matches_tag(tags, &tag));
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(Body::new(body));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
            response
        };
        response.extensions_mut().insert(SharedBytes);
        let headers = response.headers_mut();
        headers.extend(more.iter().cloned());
        headers.insert(header::CACHE_CONTROL, CACHE);
        if let Ok(tag) = HeaderValue::try_from(tag) {
            headers.insert(header::ETAG, tag);
        }
        response
    }

    fn body(&self, address: &str) -> (SharedBody, String) {
        // An address comes from a header: as an authority it holds no character that JSON or YAML would escape.
        let escaped = Value::from(address).to_string();
        let address = Bytes::copy_from_slice(escaped.trim_matches('"').as_bytes());
        let mut hash = digest::Context::new(&SHA256);
        let mut pieces = VecDeque::with_capacity(2 * self.pieces.len());
        for (at, piece) in self.pieces.iter().enumerate() {
            if at > 0 {
                pieces.push_back(address.clone());
            }
            pieces.push_back(piece.clone());
        }
        for piece in &pieces {
            hash.update(piece);
        }
        let tag =
            hash.finish().as_ref()[..16].iter().fold(String::from("\""), |tag, byte| tag + &format!("{byte:02x}"));
        let left = pieces.iter().map(|piece| piece.len() as u64).sum();
        (SharedBody { pieces, left }, tag + "\"")
    }
}

/// Whether `If-None-Match` names this tag; weak tags count (RFC 9110 section 13.1.2).
fn matches_tag(tags: &HeaderValue, tag: &str) -> bool {
    let tags = tags.to_str().unwrap_or_default();
    tags.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// A body of shared pieces.
struct SharedBody {
    pieces: VecDeque<Bytes>,
    left: u64,
}

impl HttpBody for SharedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let piece = this.pieces.pop_front();
        this.left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn c1_a_document_is_rendered_once_and_shared() {
        let document = Document::new("application/json", &format!("{{\"a\": \"{ADDRESS}/v1\", \"b\": \"{ADDRESS}\"}}"));
        let none = HeaderMap::new();
        let response = document.answer(&none, "https://a.example", &[]);
        assert!(response.extensions().get::<SharedBytes>().is_some());
        assert_eq!(response.headers()["cache-control"], "public, max-age=300");
        let tag = response.headers()["etag"].clone();
        let length = response.body().size_hint().exact();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, r#"{"a": "https://a.example/v1", "b": "https://a.example"}"#);
        assert_eq!(length, Some(body.len() as u64));
        let (pieces, _) = document.body("https://b.example");
        assert_eq!(pieces.pieces[0].as_ptr(), document.pieces[0].as_ptr(), "no copy");
        for (known, status) in [(tag.to_str().unwrap(), 304), ("\"other\"", 200), ("\"x\", *", 304)] {
            let mut request = HeaderMap::new();
            request.insert(header::IF_NONE_MATCH, known.parse().unwrap());
            assert_eq!(document.answer(&request, "https://a.example", &[]).status(), status, "{known}");
            let elsewhere = document.answer(&request, "https://b.example", &[]).status();
            assert_eq!(elsewhere == 304, known.contains('*'), "the address is part of the version");
        }
    }
}
