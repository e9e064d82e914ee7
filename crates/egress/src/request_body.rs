//! The body of a request, which remembers the task of the connection that took the request. A request that runs out of time
//! finds its connection by it; nothing else shows which connection the HTTP library chose.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task;

/// The task of the connection that took a request last.
#[derive(Debug, Default)]
pub(crate) struct TakenBy(Mutex<Option<task::Id>>);

impl TakenBy {
    /// The task; `None` while no connection took the request.
    pub fn task(&self) -> Option<task::Id> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = task::try_id();
    }
}

/// A body that is complete when it is made.
pub(crate) struct RequestBody {
    bytes: Full<Bytes>,
    taken_by: Arc<TakenBy>,
}

impl RequestBody {
    pub fn new(bytes: Bytes, taken_by: Arc<TakenBy>) -> Self {
        Self { bytes: Full::new(bytes), taken_by }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.bytes).poll_frame(cx)
    }

    /// The task of a connection calls this before it writes a request, also for one without a body; no other task does.
    fn is_end_stream(&self) -> bool {
        self.taken_by.record();
        self.bytes.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.size_hint()
    }
}
