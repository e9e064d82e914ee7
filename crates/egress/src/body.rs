//! Reading a response body within bounds: so many bytes kept, so many read, so long waited (CE-WH-24).
//! It never fails: the status has arrived, and that is what counts; a body that breaks off is marked as cut.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::client::Limits;

/// The start of the body, and whether there was, or may have been, more.
pub(crate) async fn read(mut body: Incoming, limits: &Limits, deadline: Instant) -> (Bytes, bool) {
    let mut kept = Bytes::new();
    let mut seen = 0_usize;
    while !body.is_end_stream() {
        let patience = deadline.min(Instant::now() + limits.idle);
        let frame = match timeout_at(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => return (kept, true),
        };
        let Ok(mut data) = frame.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        data.truncate(limits.keep - kept.len());
        kept = joined(kept, data);
        // Reading on a little makes the connection usable again; reading on for ever would be a gift to an attacker.
        if seen > limits.keep.saturating_add(limits.drain) {
            return (kept, true);
        }
    }
    (kept, seen > limits.keep)
}

/// Most bodies come in one piece, which is then passed on without a copy.
fn joined(head: Bytes, tail: Bytes) -> Bytes {
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
