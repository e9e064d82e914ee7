//! A receiver on the loopback interface that is correct except for one fault.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// What the receiver does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Behaves as required.
    None,
    /// Answers `OPTIONS` without consent.
    Silent,
    /// Knows no `OPTIONS`.
    NoOptions,
    /// Consents without a rate.
    NoRate,
    /// Consents without a rate unless one is asked for.
    NoRateUnasked,
    /// Says how fast in words.
    RateInWords,
    /// Consents to another origin.
    OtherOrigin,
    /// Consents to a URL.
    OriginAsUrl,
    /// Sends `WebHook-Allowed-Origin` twice.
    OriginTwice,
    /// Consents with 503.
    ConsentWith503,
    /// Consents with 405.
    ConsentWith405,
    /// Leaves `Allow` out.
    NoAllow,
    /// Repeats whatever origin asks.
    Echo,
    /// Consents to everybody, asked or not.
    Everybody,
    /// Redirects `OPTIONS`.
    RedirectOptions,
    /// Redirects events.
    RedirectEvents,
    /// Answers events with this status.
    Status(u16),
    /// Answers 429 and does not say until when.
    Busy,
    /// Answers 429 and says until when in words.
    BusyInWords,
    /// Answers 200 with a text without type.
    Untyped,
    /// Answers 202 with a text.
    Wordy,
    /// Answers 200 without a text.
    Empty200,
    /// Answers 206.
    Partial,
    /// Refuses a repeat.
    NoRepeat,
    /// Refuses attributes it does not know.
    NoExtensions,
    /// Refuses more than 10,000 bytes.
    Small,
    /// Fails where `id` is missing.
    FailsWithoutId,
    /// Accepts what has no `id`.
    AcceptsWithoutId,
    /// Fails on broken JSON.
    FailsOnBroken,
    /// Compares the media type as text.
    MediaTypeAsText,
    /// Wants to know the length beforehand.
    NoChunks,
    /// Accepts formats it does not know.
    AcceptsAnyFormat,
    /// Answers 400 to formats it does not know.
    UnknownWith400,
    /// Answers 500 to binary mode.
    FailsOnBinary,
    /// Refuses an empty batch.
    NoEmptyBatch,
    /// Wants no credential.
    Open,
    /// Takes no token in the query.
    HeaderOnly,
    /// Lets answers to a token in the query be cached.
    Public,
    /// Takes a token in both places at once.
    TokenTwice,
    /// Answers slowly, but within the time-out.
    Slow,
}

/// One request.
struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

struct Receiver {
    fault: Fault,
    seen: Mutex<BTreeSet<String>>,
}

/// Starts a receiver; returns its URL.
pub async fn start(fault: Fault) -> io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook?key=s3cret", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router(fault)).await });
    Ok(url)
}

/// What one answers, for whoever listens.
pub fn router(fault: Fault) -> Router {
    let receiver = Arc::new(Receiver { fault, seen: Mutex::default() });
    let answer = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let receiver = Arc::clone(&receiver);
        async move {
            if receiver.fault == Fault::Slow {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            receiver.answer(&Call { method, uri, headers, body })
        }
    };
    Router::new().fallback(answer)
}

impl Receiver {
    fn answer(&self, call: &Call) -> Response {
        if call.method == Method::OPTIONS { self.consent(&call.headers) } else { self.event(call) }
    }

    fn consent(&self, headers: &HeaderMap) -> Response {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let asked = header("webhook-request-origin");
        let mut answer = HeaderMap::new();
        let mut add = |name: &'static str, value: &str| {
            answer.append(name, value.parse().expect("a value"));
        };
        if self.fault != Fault::NoAllow {
            add("allow", "POST, OPTIONS");
        }
        let ours = asked == Some("gateway.example");
        let welcome = match self.fault {
            Fault::Silent | Fault::NoOptions => false,
            Fault::Echo => asked.is_some(),
            Fault::Everybody => true,
            _ => ours,
        };
        if welcome {
            match self.fault {
                Fault::OtherOrigin => add("webhook-allowed-origin", "other.example"),
                Fault::OriginAsUrl => add("webhook-allowed-origin", "https://gateway.example"),
                Fault::Everybody => add("webhook-allowed-origin", "*"),
                _ => add("webhook-allowed-origin", asked.unwrap_or("*")),
            }
            if self.fault == Fault::OriginTwice {
                add("webhook-allowed-origin", "gateway.example");
            }
            match self.fault {
                Fault::NoRate => {}
                Fault::NoRateUnasked if header("webhook-request-rate").is_none() => {}
                Fault::RateInWords => add("webhook-allowed-rate", "fast"),
                _ => add("webhook-allowed-rate", "6000"),
            }
        }
        let status = match self.fault {
            Fault::NoOptions | Fault::ConsentWith405 => StatusCode::METHOD_NOT_ALLOWED,
            Fault::ConsentWith503 => StatusCode::SERVICE_UNAVAILABLE,
            Fault::RedirectOptions => StatusCode::PERMANENT_REDIRECT,
            _ => StatusCode::OK,
        };
        (status, answer).into_response()
    }

    fn event(&self, call: &Call) -> Response {
        match self.fault {
            Fault::Status(code) => return StatusCode::from_u16(code).expect("a status").into_response(),
            Fault::Busy => return StatusCode::TOO_MANY_REQUESTS.into_response(),
            Fault::BusyInWords => return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "soon")]).into_response(),
            Fault::RedirectEvents => return (StatusCode::FOUND, [("location", "/hook/?t=s3cret")]).into_response(),
            Fault::NoChunks if call.headers.contains_key("transfer-encoding") => {
                return StatusCode::LENGTH_REQUIRED.into_response();
            }
            _ => {}
        }
        let in_query = call.uri.query().is_some_and(|query| query.contains("access_token=abc"));
        let in_header = call.headers.get("authorization").is_some_and(|value| value == "Bearer abc");
        let known = match self.fault {
            Fault::Open => true,
            Fault::HeaderOnly => in_header,
            _ => in_header || in_query,
        };
        if !known {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        if in_header && in_query && !matches!(self.fault, Fault::TokenTwice | Fault::Open) {
            return StatusCode::BAD_REQUEST.into_response();
        }
        let status = self.taken(call);
        if !status.is_success() {
            return status.into_response();
        }
        match self.fault {
            Fault::Untyped => Response::new(Body::from("thanks, Bearer abc")),
            Fault::Wordy => (StatusCode::ACCEPTED, "thanks").into_response(),
            Fault::Empty200 => StatusCode::OK.into_response(),
            Fault::Partial => (StatusCode::PARTIAL_CONTENT, [("cache-control", "private")]).into_response(),
            Fault::Public => StatusCode::NO_CONTENT.into_response(),
            _ => (StatusCode::NO_CONTENT, [("cache-control", "private")]).into_response(),
        }
    }

    /// What becomes of the event itself.
    fn taken(&self, call: &Call) -> StatusCode {
        let spelled = call.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = match self.fault {
            Fault::MediaTypeAsText => spelled.to_owned(),
            _ => spelled.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
        };
        if self.fault == Fault::Small && call.body.len() > 10_000 {
            return StatusCode::PAYLOAD_TOO_LARGE;
        }
        let body = || match serde_json::from_slice::<Value>(&call.body) {
            Ok(body) => Ok(body),
            Err(_) if self.fault == Fault::FailsOnBroken => Err(StatusCode::INTERNAL_SERVER_ERROR),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        };
        let ids = match &*essence {
            "application/cloudevents+json" => body().map(|event| vec![event]),
            "application/cloudevents-batch+json" => body().map(|batch| batch.as_array().cloned().unwrap_or_default()),
            "application/json" if self.fault == Fault::FailsOnBinary => Err(StatusCode::INTERNAL_SERVER_ERROR),
            "application/json" if body().is_ok_and(|body| body["kanaal"] == "test") => return StatusCode::NO_CONTENT,
            "application/json" => Ok(vec![from_headers(&call.headers)]),
            _ if self.fault == Fault::AcceptsAnyFormat => Ok(Vec::new()),
            _ if self.fault == Fault::UnknownWith400 => Err(StatusCode::BAD_REQUEST),
            _ => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        };
        let events = match ids {
            Ok(events) => events,
            Err(status) => return status,
        };
        if events.is_empty() && self.fault == Fault::NoEmptyBatch {
            return StatusCode::BAD_REQUEST;
        }
        for event in events {
            let Some(id) = event["id"].as_str() else {
                return match self.fault {
                    Fault::FailsWithoutId => StatusCode::INTERNAL_SERVER_ERROR,
                    Fault::AcceptsWithoutId => StatusCode::NO_CONTENT,
                    _ => StatusCode::BAD_REQUEST,
                };
            };
            let again = !self.seen.lock().expect("no panic while held").insert(id.to_owned());
            if again && self.fault == Fault::NoRepeat {
                return StatusCode::CONFLICT;
            }
            if self.fault == Fault::NoExtensions && event.get("validatorunknown").is_some() {
                return StatusCode::BAD_REQUEST;
            }
        }
        StatusCode::NO_CONTENT
    }
}

fn from_headers(headers: &HeaderMap) -> Value {
    let attributes = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("ce-")?;
        Some((name.to_owned(), Value::from(value.to_str().ok()?)))
    });
    Value::Object(attributes.collect())
}
