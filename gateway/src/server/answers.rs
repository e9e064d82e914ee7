//! Answers under way: their bytes are bounded for each connection and for the node until the last one is written, and a client
//! must take them in time. An answer that does not fit is replaced by a 503; when it does not fit into the node, the connection
//! that holds most bytes is closed as well, so that clients that take nothing cannot keep the others without answers. Documents
//! that all answers share cost nothing.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use tokio::time::Instant;
use web::{Streaming, document::SharedBytes};

use super::{connection::UnderWay, connections::Connections, times::Times};

/// An answer above this size only gets three quarters of the bytes of the node, so that small ones still fit.
const LARGE: usize = 64 * 1024;

/// The least time in which a client must take the next part of a stream; longer than any pause between two parts.
const STREAM_SILENCE: Duration = Duration::from_mins(1);

/// The bytes of answers that a node holds at most.
pub struct Answers {
    held: AtomicUsize,
    total: usize,
    per_connection: usize,
    times: Times,
    listeners: Mutex<Vec<Weak<Connections>>>,
}

impl Answers {
    /// At most `total` bytes in all and `per_connection` for each connection; a single answer may be larger.
    pub fn new(total: usize, per_connection: usize, times: Times) -> Self {
        Self { held: AtomicUsize::new(0), total, per_connection, times, listeners: Mutex::default() }
    }

    /// Lets it close connections of a listener.
    pub(super) fn watch(&self, connections: &Arc<Connections>) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(connections));
    }

    fn close_heaviest(&self) {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let heaviest = listeners.iter().filter_map(Weak::upgrade).filter_map(|connections| connections.heaviest());
        if let Some(connection) = heaviest.max_by_key(|connection| connection.held().load(Ordering::Relaxed)) {
            connection.close();
        }
    }

    /// The answer to a request, which holds its bytes and its place among the requests under way until it is written.
    pub fn send(self: &Arc<Self>, request: UnderWay, response: Response<Body>) -> Response<Answer> {
        if response.body().is_end_stream() {
            return response.map(Answer::Free);
        }
        let shared = response.extensions().get::<SharedBytes>().is_some();
        let size = response.body().size_hint();
        let bytes = size.upper().unwrap_or(size.lower());
        let charged = if shared { 0 } else { bytes as usize };
        if !self.take(request.connection().held(), charged) {
            metrics::counter!(crate::telemetry::connections::ANSWERS_REFUSED).increment(1);
            return unavailable("Too many answers are under way.").map(Answer::Free);
        }
        request.answered(Instant::now(), bytes, &self.times);
        let streaming = response.extensions().get::<Streaming>().is_some();
        let held = Arc::new(Held { answers: Arc::clone(self), request, bytes: charged, streaming });
        response.map(|body| Answer::Held(body, held))
    }

    fn take(&self, connection: &AtomicUsize, bytes: usize) -> bool {
        if bytes == 0 {
            return true;
        }
        let limit = if bytes > LARGE { self.total / 4 * 3 } else { self.total };
        if !reserve(connection, bytes, self.per_connection) {
            return false;
        }
        if !reserve(&self.held, bytes, limit) {
            connection.fetch_sub(bytes, Ordering::Relaxed);
            self.close_heaviest();
            return false;
        }
        true
    }
}

/// Adds to `held` when that stays within the limit, or when nothing is held yet.
fn reserve(held: &AtomicUsize, bytes: usize, limit: usize) -> bool {
    let add = |present: usize| {
        let sum = present.saturating_add(bytes);
        (present == 0 || sum <= limit).then_some(sum)
    };
    held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
}

/// The body of an answer.
pub enum Answer {
    /// Nothing is held for it.
    Free(Body),
    /// Its bytes count until they are written.
    Held(Body, Arc<Held>),
}

/// What an answer holds until its last byte is written.
pub struct Held {
    answers: Arc<Answers>,
    request: UnderWay,
    bytes: usize,
    streaming: bool,
}

impl Held {
    /// A client that takes a stream has the whole time again for what comes next: it asks for it because it took what was before.
    fn continued(&self) {
        if self.streaming {
            let times = &self.answers.times;
            let answer = times.answer.max(STREAM_SILENCE);
            self.request.answered(Instant::now(), 0, &Times { answer, ..*times });
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.answers.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.request.connection().held().fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Bytes on their way to the socket.
struct Piece {
    bytes: Bytes,
    _held: Arc<Held>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.get_mut() {
            Self::Free(body) => Pin::new(body).poll_frame(context),
            Self::Held(body, held) => Pin::new(body).poll_frame(context).map(|frame| {
                held.continued();
                let hold = |bytes| Bytes::from_owner(Piece { bytes, _held: Arc::clone(held) });
                frame.map(|frame| frame.map(|frame| frame.map_data(hold)))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Free(body) | Self::Held(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Free(body) | Self::Held(body, _) => body.size_hint(),
        }
    }
}

/// 503 in the form that every client understands; made here because no route has seen the request, or its answer cannot go out.
pub fn unavailable(detail: &'static str) -> Response<Body> {
    problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable", detail)
}

/// A problem document for a request that no route has seen.
pub fn problem(status: StatusCode, kind: &str, title: &str, detail: &str) -> Response<Body> {
    let document = serde_json::json!({
        "type": format!("{}{kind}", web::problem::kind::TYPE_PREFIX),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, time::Duration};

    use http_body_util::BodyExt;

    use super::*;
    use crate::server::connection::{Connection, Kind, Verdict};

    const TIMES: Times =
        Times { first_request: Duration::from_secs(1), idle: Duration::from_secs(1), answer: Duration::from_secs(1) };

    fn connection() -> Arc<Connection> {
        Arc::new(Connection::new(1, IpAddr::from([127, 0, 0, 1]), Kind::Regular, Instant::now()))
    }

    fn send(answers: &Arc<Answers>, connection: &Arc<Connection>, bytes: usize) -> Response<Answer> {
        answers.send(connection.begin().1, Response::new(Body::from(vec![b'x'; bytes])))
    }

    #[tokio::test]
    async fn c1_bytes_of_answers_are_bounded_until_the_last_is_written() {
        let answers = Arc::new(Answers::new(1_000, 600, TIMES));
        let (one, two) = (connection(), connection());
        let first = send(&answers, &one, 500);
        assert_eq!((first.status().as_u16(), send(&answers, &one, 500).status().as_u16()), (200, 503));
        assert_eq!(send(&answers, &two, 2_000).status(), 503, "the node holds an answer already");
        let second = send(&answers, &two, 500);
        assert_eq!((second.status().as_u16(), send(&answers, &connection(), 1).status().as_u16()), (200, 503));
        let written = first.into_body().frame().await.expect("a frame").expect("bytes").into_data().expect("data");
        assert_eq!((one.held().load(Ordering::Relaxed), one.idle_since()), (500, None), "it is not written yet");
        drop(written);
        assert!(one.held().load(Ordering::Relaxed) == 0 && one.idle_since().is_some());
        drop(second);
        assert_eq!(send(&answers, &two, 2_000).status(), 200, "a single one may be larger");
        assert_eq!(answers.held.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_stream_has_its_time_again_for_each_part_that_is_taken() {
        let answers = Arc::new(Answers::new(1_000, 600, TIMES));
        let one = connection();
        let parts = futures_util::stream::iter(["a", "b"].map(Ok::<_, std::convert::Infallible>));
        let mut response = Response::new(Body::from_stream(parts));
        response.extensions_mut().insert(Streaming);
        let mut body = answers.send(one.begin().1, response).into_body();
        let before = Instant::now();
        assert_eq!(one.check(before + Duration::from_secs(2), &TIMES), Verdict::Close("answer"), "nothing is taken");
        body.frame().await.expect("a frame").expect("bytes");
        let soon = before + STREAM_SILENCE - Duration::from_secs(1);
        assert!(matches!(one.check(soon, &TIMES), Verdict::Keep(_)), "it goes on");
        let late = Instant::now() + STREAM_SILENCE;
        assert_eq!(one.check(late, &TIMES), Verdict::Close("answer"), "it stopped");
    }

    #[tokio::test]
    async fn c1_shared_documents_cost_nothing() {
        let answers = Arc::new(Answers::new(10, 10, TIMES));
        let one = connection();
        let sent: Vec<_> = (0..100)
            .map(|_| {
                let mut response = Response::new(Body::from("a document"));
                response.extensions_mut().insert(SharedBytes);
                answers.send(one.begin().1, response)
            })
            .collect();
        assert!(sent.iter().all(|response| response.status() == 200));
        assert_eq!((one.held().load(Ordering::Relaxed), one.idle_since()), (0, None));
    }
}
