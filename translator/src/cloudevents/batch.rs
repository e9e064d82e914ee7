//! The JSON batch format: an array of events (CE JSON format 1.0, section 4). A batch has no meaning of its own.

use bytes::Bytes;
use model::Event;

use super::structured::{read_event, write_event};
use crate::{
    Limits, Strictness,
    json::{Scanner, SyntaxError, Writer},
    rejection::{Place, Reason, Rejection},
};

/// The media type of a batch as it is sent.
pub const CONTENT_TYPE: &str = "application/cloudevents-batch+json";

/// Why a batch was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchRejection {
    /// The body as a whole is no batch.
    #[error("{0}")]
    Whole(Rejection),
    /// More events than the limit.
    #[error("more than {0} events in one batch")]
    TooManyEvents(usize),
    /// At least one event is invalid: a verdict on each, in order (CE-BATCH-06).
    #[error("{} of {} events in the batch are invalid", .0.iter().filter(|verdict| verdict.is_err()).count(), .0.len())]
    Events(Vec<Result<(), Rejection>>),
}

/// Parses `body` as a batch: all events or none. Payloads share the memory of `body`.
pub fn decode(body: &Bytes, strictness: Strictness, limits: &Limits) -> Result<Vec<Event>, BatchRejection> {
    let whole = |reason| BatchRejection::Whole(Rejection::new("body", Place::Pointer(String::new()), reason));
    let syntax = |error: SyntaxError| whole(Reason::Json(error));
    // The array adds one level to events that may use the whole depth.
    let mut scanner = Scanner::new(body, limits.depth.saturating_add(1)).map_err(syntax)?;
    if !scanner.open(b'[').map_err(syntax)? {
        scanner.value().and_then(|_| scanner.end()).map_err(syntax)?;
        return Err(whole(Reason::NotAnArray));
    }
    let mut verdicts = Vec::new();
    let mut first = true;
    while scanner.element(&mut first).map_err(syntax)? {
        if verdicts.len() == limits.events {
            return Err(BatchRejection::TooManyEvents(limits.events));
        }
        let pointer = format!("/{}", verdicts.len());
        verdicts.push(read_event(&mut scanner, body, strictness, limits, &pointer).map_err(syntax)?);
    }
    scanner.end().map_err(syntax)?;
    if verdicts.iter().any(Result::is_err) {
        return Err(BatchRejection::Events(verdicts.into_iter().map(|verdict| verdict.map(drop)).collect()));
    }
    Ok(verdicts.into_iter().flatten().collect())
}

/// The events as one batch, to be sent as [`CONTENT_TYPE`].
pub fn encode<'a>(events: impl IntoIterator<Item = &'a Event>) -> Bytes {
    let mut out = Writer::default();
    out.raw("[");
    for (at, event) in events.into_iter().enumerate() {
        if at > 0 {
            out.raw(",");
        }
        write_event(&mut out, event);
    }
    out.raw("]");
    out.finish()
}
