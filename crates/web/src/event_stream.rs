//! Answers of server-sent events (HTML standard, section 9.2): their head and their opening. What the messages are is not here.

use std::convert::Infallible;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http::{HeaderName, HeaderValue, header};

use crate::Streaming;

/// The header with which a client that connects again names the last id that it got.
pub const LAST_EVENT_ID: &str = "last-event-id";

/// Asks nginx not to collect the answer before it passes it on.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// An answer that sends these messages, each with the empty line that ends it, until there are no more.
///
/// It begins at once with the time after which a client connects again, 3 seconds, and with `start`, the id to continue from when the
/// connection ends before the first message. Proxies pass on the head with them.
pub fn event_stream(start: &str, messages: impl Stream<Item = String> + Send + 'static) -> Response {
    let opening = format!("retry: 3000\nid: {start}\n\n");
    let all = stream::once(async { opening }).chain(messages);
    let body = Body::from_stream(all.map(|message| Ok::<_, Infallible>(Bytes::from(message))));
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (UNBUFFERED, HeaderValue::from_static("no")),
    ];
    let mut response = (head, body).into_response();
    response.extensions_mut().insert(Streaming);
    response
}
