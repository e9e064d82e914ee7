//! The driver of the handshake: one `OPTIONS` through the way out, and its outcome as input of the machine.
//! It sends no credential and no body (CE-WHV-26), follows no redirect, and decides nothing.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::SystemTime;

use ::http::header::USER_AGENT;
use ::http::{HeaderMap, HeaderValue, Method, Uri};
use bytes::Bytes;
use egress::{Egress, Limits, Request, Response, SendError, retry_after};

use crate::handshake::{Answer, Input};
use crate::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, Field, Origin, REQUEST_CALLBACK, REQUEST_ORIGIN, REQUEST_RATE};

/// How this crate names itself to receivers.
pub const AGENT: HeaderValue = HeaderValue::from_static(concat!("webhook-validator/", env!("CARGO_PKG_VERSION")));

/// The question put to a receiver.
#[derive(Debug, Clone)]
pub struct Question {
    /// The exact URL that would receive, query included (CE-WHV-03).
    pub url: Uri,
    /// Who asks.
    pub origin: Origin,
    /// The rate asked for.
    pub request_rate: Option<NonZeroU32>,
    /// Where consent may be given later: an absolute URL.
    pub callback: Option<HeaderValue>,
    /// Name of the TLS profile for this receiver.
    pub tls: Option<Arc<str>>,
}

impl Question {
    /// The request as it is sent.
    pub fn request(&self) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, AGENT);
        // Names and numbers are always good header values.
        if let Ok(origin) = HeaderValue::from_str(self.origin.as_str()) {
            headers.insert(REQUEST_ORIGIN, origin);
        }
        if let Some(rate) = self.request_rate {
            headers.insert(REQUEST_RATE, HeaderValue::from(rate.get()));
        }
        if let Some(callback) = &self.callback {
            headers.insert(REQUEST_CALLBACK, callback.clone());
        }
        Request { method: Method::OPTIONS, url: self.url.clone(), headers, body: Bytes::new(), tls: self.tls.clone() }
    }
}

/// Puts the question. `now` is used only to read a Retry-After date in an answer without `Date`.
pub async fn ask(egress: &Egress, question: &Question, limits: Limits, now: SystemTime) -> Input {
    input(&egress.send(question.request(), limits).await, now)
}

/// What the outcome of the request is to the machine.
pub fn input(outcome: &Result<Response, SendError>, now: SystemTime) -> Input {
    match outcome {
        Ok(response) => Input::Answered(answer(response, now)),
        // A refused address, too, is for the owner to mend: asking again would only ask our own policy.
        Err(error) => Input::Failed {
            problem: error.to_string(),
            retry: error.is_sinks_failure() && !matches!(error, SendError::Refused(_)),
        },
    }
}

/// The parts of a response that matter.
pub fn answer(response: &Response, now: SystemTime) -> Answer {
    Answer {
        status: response.status.as_u16(),
        origin: Field::of(&response.headers, &ALLOWED_ORIGIN),
        rate: Field::of(&response.headers, &ALLOWED_RATE),
        retry_after: retry_after(&response.headers, now),
    }
}
