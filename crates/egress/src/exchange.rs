//! One exchange: a request, sent again where the receiver cannot have processed it, and its response. It decides no retry
//! of what a receiver may have processed: that is for the caller.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Extensions, HeaderMap, StatusCode, Version};
use http_body_util::Full;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpInfo, capture_connection};
use tokio::time::{Instant, timeout_at};

use crate::body;
use crate::client::{Request, Response};
use crate::clients::{Http, ProfileClients};
use crate::dial::DialError;
use crate::error::{Phase, SendError};
use crate::head::Head;
use crate::http1_only::Http1Only;
use crate::limits::Limits;
use crate::reason;
use crate::stream::Exchanges;

/// Most requests of one exchange.
const MAX_REQUESTS: u32 = 3;

/// Why a request has no response.
struct Failure {
    error: SendError,
    next: Next,
}

/// What the client does after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing: the receiver may have processed the request, or a connection cannot be made.
    Fail,
    /// The connection is over, with all requests on it: another one, which they may share.
    AnotherConnection,
    /// A new connection of its own.
    FreshConnection,
    /// HTTP/1.1, for every request to this destination from now on.
    Http1,
}

/// Sends a request until it has a response or a failure that counts.
pub(crate) async fn exchange(
    clients: &ProfileClients,
    http1_only: &Http1Only,
    request: &Request,
    limits: &Limits,
    deadline: Instant,
) -> Result<Response, SendError> {
    let mut fresh = false;
    let mut left = MAX_REQUESTS;
    loop {
        let http1 = http1_only.contains(&request.url, Instant::now());
        let failure = match attempt(clients.client(http1, fresh), request, limits, deadline).await {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        left -= 1;
        match failure.next {
            Next::Http1 => http1_only.learn(&request.url, Instant::now()),
            Next::AnotherConnection if !fresh && left > 1 => {}
            Next::AnotherConnection | Next::FreshConnection if !fresh => fresh = true,
            _ => return Err(failure.error),
        }
        if left == 0 {
            return Err(failure.error);
        }
    }
}

async fn attempt(client: &Http, request: &Request, limits: &Limits, deadline: Instant) -> Result<Response, Failure> {
    let mut outgoing = http::Request::new(Full::new(request.body.clone()));
    *outgoing.method_mut() = request.method.clone();
    *outgoing.uri_mut() = request.url.clone();
    *outgoing.headers_mut() = request.headers.clone();
    let connection = capture_connection(&mut outgoing);
    let failure = match timeout_at(deadline, client.request(outgoing)).await {
        Ok(Ok(answer)) => {
            let (head, body) = answer.into_parts();
            if let Some(exchanges) = head.extensions.get::<Arc<Exchanges>>() {
                exchanges.response_taken();
            }
            let remote = head.extensions.get::<HttpInfo>().map(HttpInfo::remote_addr);
            let (body, truncated) = body::read(body, limits, deadline).await;
            return Ok(Response {
                version: head.version,
                status: head.status,
                headers: head.headers,
                body,
                truncated,
                remote,
            });
        }
        Ok(Err(error)) => Some(error),
        Err(_) => None,
    };
    let used = UsedConnection::of(&connection);
    // The receiver has accepted the request, whatever became of the rest of its answer. A complete head is that of this
    // request only if it is what the library could not parse.
    let parsed =
        !failure.as_ref().is_some_and(|error| reason::find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse));
    let status = used.head.status().filter(StatusCode::is_success);
    if let Some(status) = status.filter(|_| !(parsed && used.head.is_over())) {
        return Ok(Response {
            version: Version::HTTP_11,
            status,
            headers: HeaderMap::new(),
            body: bytes::Bytes::new(),
            truncated: true,
            remote: used.remote,
        });
    }
    Err(match failure {
        Some(error) => classify_failure(&error, &used),
        None => Failure { error: SendError::Timeout(Phase::Answer), next: Next::Fail },
    })
}

/// The connection of a request that failed.
struct UsedConnection {
    /// Whether it had answered a request before.
    reused: bool,
    http2: bool,
    head: Head,
    remote: Option<SocketAddr>,
}

impl UsedConnection {
    fn of(connection: &CaptureConnection) -> Self {
        let mut extras = Extensions::new();
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.get_extras(&mut extras);
        }
        let exchanges = extras.get::<Arc<Exchanges>>();
        Self {
            reused: exchanges.is_some_and(|exchanges| exchanges.has_answered()),
            http2: exchanges.is_some_and(|exchanges| exchanges.is_http2()),
            head: exchanges.map_or(Head::Nothing, |exchanges| exchanges.head()),
            remote: extras.get::<HttpInfo>().map(HttpInfo::remote_addr),
        }
    }
}

fn classify_failure(error: &(dyn Error + 'static), used: &UsedConnection) -> Failure {
    if let Some(dial) = reason::find::<DialError>(error) {
        let error = match dial {
            DialError::Refused(refusal) => SendError::Refused(*refusal),
            DialError::Own(shortage) => SendError::Own(*shortage),
            DialError::Dns(text) => SendError::Dns(text.clone()),
            DialError::Connect(text) => SendError::Connect(text.clone()),
            DialError::Tls(text) => SendError::Tls(text.clone()),
            DialError::Timeout => SendError::Timeout(Phase::Connect),
        };
        return Failure { error, next: Next::Fail };
    }
    // In TLS 1.3 the receiver refuses our certificate after the handshake.
    let text = match reason::find::<rustls::Error>(error) {
        Some(error) => SendError::Tls(reason::of_tls(error)),
        None => SendError::Protocol(reason::of_exchange(error)),
    };
    Failure { error: text, next: next(error, used) }
}

fn next(error: &(dyn Error + 'static), used: &UsedConnection) -> Next {
    let over = if used.http2 { Next::AnotherConnection } else { Next::FreshConnection };
    if let Some(error) = reason::find::<h2::Error>(error) {
        return match error.reason() {
            Some(h2::Reason::HTTP_1_1_REQUIRED) if error.is_remote() => Next::Http1,
            // A stream above the last one of a GOAWAY; the others go on or end with an IO error.
            _ if error.is_remote() && error.is_go_away() => over,
            Some(h2::Reason::REFUSED_STREAM) if error.is_remote() && error.is_reset() => Next::FreshConnection,
            _ if error.is_io() && used.reused => over,
            _ => Next::Fail,
        };
    }
    let Some(error) = reason::find::<hyper::Error>(error) else { return Next::Fail };
    // Nothing was written of a request that the library gives up itself.
    if error.is_canceled() {
        return over;
    }
    if used.reused && used.head == Head::Nothing && !error.is_user() { over } else { Next::Fail }
}
