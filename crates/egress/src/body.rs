//! Reads a response body within bounds on the bytes kept, the bytes read and the time (CE-WH-24). It never fails: the
//! status has arrived, and a body that breaks off is marked as truncated.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::limits::Limits;

/// The start of the body, and whether there was, or may have been, more.
pub(crate) async fn read(mut body: Incoming, limits: &Limits, deadline: Instant) -> (Bytes, bool) {
    let mut kept = Bytes::new();
    let mut seen = 0_usize;
    while !body.is_end_stream() {
        let read_deadline = deadline.min(Instant::now() + limits.idle);
        let frame = match timeout_at(read_deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => return (kept, true),
        };
        let Ok(mut data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        data.truncate(limits.keep - kept.len());
        kept = join(kept, data);
        // Reading a little further makes the connection reusable; reading without end would let a server occupy it.
        if seen > limits.keep.saturating_add(limits.drain) {
            return (kept, true);
        }
    }
    (kept, seen > limits.keep)
}

/// Most bodies arrive in one piece, which is returned without a copy.
fn join(head: Bytes, tail: Bytes) -> Bytes {
    if head.is_empty() {
        return tail;
    }
    if tail.is_empty() {
        return head;
    }
    let mut both = BytesMut::from(head);
    both.extend_from_slice(&tail);
    both.freeze()
}
