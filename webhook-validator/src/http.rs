//! Performs the handshake's request: one `OPTIONS`, whose result becomes an input of the state machine. It sends no
//! credential and no body (CE-WHV-26), follows no redirect, and decides nothing.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::SystemTime;

use ::http::{HeaderMap, HeaderValue, Method, Uri};
use bytes::Bytes;
use egress::{Egress, Limits, Request, Response, SendError, retry_after};

use crate::handshake::{Answer, Input};
use crate::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, Field, Origin, REQUEST_CALLBACK, REQUEST_ORIGIN, REQUEST_RATE};

/// The `User-Agent` of the program `webhook-validator`; requests of the library have that of their sender.
pub const AGENT: HeaderValue = HeaderValue::from_static(concat!("webhook-validator/", env!("CARGO_PKG_VERSION")));

/// A request for consent.
#[derive(Debug, Clone)]
pub struct Question {
    /// The exact URL of the receiver, with its query (CE-WHV-03).
    pub url: Uri,
    /// The origin that asks for consent.
    pub origin: Origin,
    /// The requested rate, if any.
    pub request_rate: Option<NonZeroU32>,
    /// The absolute URL for consent by callback, if offered.
    pub callback: Option<HeaderValue>,
    /// The name of the TLS profile of this receiver; `None` for the general configuration.
    pub tls: Option<Arc<str>>,
}

impl Question {
    /// The HTTP request.
    pub fn request(&self) -> Request {
        let mut headers = HeaderMap::new();
        // DNS names and numbers are always valid header values.
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

/// Sends the request. `now` is used only for a Retry-After date in a response without `Date`.
pub async fn ask(egress: &Egress, question: &Question, limits: Limits, now: SystemTime) -> Input {
    input(&egress.send(question.request(), limits).await, now)
}

/// The input for the state machine that a result represents.
pub fn input(outcome: &Result<Response, SendError>, now: SystemTime) -> Input {
    match outcome {
        Ok(response) if response.has_only_status() => Input::Failed {
            problem: format!(
                "the receiver answered {}, and the rest of its answer broke off",
                response.status.as_u16()
            ),
            retry: true,
        },
        Ok(response) => Input::Answered(answer(response, now)),
        Err(error @ SendError::Own(_)) => Input::NotSent { problem: error.to_string() },
        // A refused address is for the owner to correct: a retry would only repeat our own refusal.
        Err(error) => Input::Failed { problem: error.to_string(), retry: error.may_pass() },
    }
}

/// The relevant parts of a response.
pub fn answer(response: &Response, now: SystemTime) -> Answer {
    Answer {
        status: response.status.as_u16(),
        origin: Field::of(&response.headers, &ALLOWED_ORIGIN),
        rate: Field::of(&response.headers, &ALLOWED_RATE),
        retry_after: retry_after(&response.headers, now),
    }
}
