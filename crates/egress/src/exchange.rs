//! One exchange: a request, sent again where the receiver cannot have processed it, and its response. It decides no retry
//! of what a receiver may have processed: that is for the caller.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{ACCEPT, CONTENT_LENGTH, USER_AGENT};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use hyper_util::client::legacy;
use tokio::time::{Instant, timeout_at};

use crate::body;
use crate::client::{ANYTHING, Response, SharedRequest};
use crate::clients::ProfileClients;
use crate::dial::DialError;
use crate::error::{Phase, SendError};
use crate::head::Head;
use crate::http1_only::Http1Only;
use crate::limits::Limits;
use crate::reason;
use crate::request_body::{RequestBody, TakenBy};
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

/// A request with everything that sending it takes.
pub(crate) struct Exchange<'a> {
    pub clients: &'a ProfileClients,
    pub http1_only: &'a Http1Only,
    /// The `User-Agent` of a request that has none.
    pub user_agent: &'a HeaderValue,
    pub request: SharedRequest<'a>,
    pub limits: &'a Limits,
    pub deadline: Instant,
    /// Whether a connection that served requests before and failed without an answer counts as one that the receiver closed
    /// before it read the request.
    pub trusts_reuse: bool,
}

impl Exchange<'_> {
    /// Sends the request until it has a response or a failure that counts.
    pub async fn perform(&self) -> Result<Response, SendError> {
        let mut fresh = false;
        let mut left = MAX_REQUESTS;
        loop {
            let failure = match self.attempt(fresh).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            left -= 1;
            match failure.next {
                Next::Http1 => self.http1_only.learn(self.request.url, Instant::now()),
                Next::AnotherConnection if !fresh && left > 1 => {}
                Next::AnotherConnection | Next::FreshConnection if !fresh => fresh = true,
                _ => return Err(failure.error),
            }
            if left == 0 {
                return Err(failure.error);
            }
        }
    }

    /// The request for the HTTP library.
    fn outgoing(&self, taken_by: Arc<TakenBy>) -> http::Request<RequestBody> {
        let mut outgoing = http::Request::new(RequestBody::new(self.request.body.clone(), taken_by));
        *outgoing.method_mut() = self.request.method.clone();
        *outgoing.uri_mut() = self.request.url.clone();
        let mut headers = self.request.headers.clone();
        if let Some(length) = headers.get_mut(CONTENT_LENGTH) {
            *length = self.request.body.len().into();
        }
        headers.entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        headers.entry(ACCEPT).or_insert(ANYTHING);
        *outgoing.headers_mut() = headers;
        outgoing
    }

    async fn attempt(&self, fresh: bool) -> Result<Response, Failure> {
        let http1 = self.http1_only.contains(self.request.url, Instant::now);
        let client = self.clients.client(http1, fresh);
        let taken_by = Arc::new(TakenBy::default());
        let mut sending = client.request(self.outgoing(Arc::clone(&taken_by)));
        let (failure, used) = match timeout_at(self.deadline, &mut sending).await {
            Ok(Ok(answer)) => return Ok(self.response(answer).await),
            Ok(Err(error)) => {
                let used = UsedConnection::of_error(&error);
                (Some(error), used)
            }
            // `sending` still lives, so that its connection does as well.
            Err(_) => {
                let unfinished = taken_by.task().and_then(|task| self.clients.unfinished_heads().get(task));
                (None, UsedConnection::of(unfinished.as_deref()))
            }
        };
        // The receiver has accepted the request, whatever became of the rest of its answer. A complete head is that of this
        // request only if it is what the library could not parse.
        let parsed = !failure
            .as_ref()
            .is_some_and(|error| reason::find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse));
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
            Some(error) => {
                classify_failure(&error, &UsedConnection { reused: used.reused && self.trusts_reuse, ..used })
            }
            None => Failure { error: SendError::Timeout(Phase::Answer), next: Next::Fail },
        })
    }

    async fn response(&self, answer: http::Response<hyper::body::Incoming>) -> Response {
        let (head, body) = answer.into_parts();
        let exchanges = head.extensions.get::<Arc<Exchanges>>();
        if let Some(exchanges) = exchanges {
            exchanges.response_taken();
        }
        let remote = exchanges.and_then(|exchanges| exchanges.remote());
        let (body, truncated) = body::read(body, self.limits, self.deadline).await;
        Response { version: head.version, status: head.status, headers: head.headers, body, truncated, remote }
    }
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
    /// The one on which this error occurred, if it came to a connection.
    fn of_error(error: &legacy::Error) -> Self {
        let mut extras = Extensions::new();
        if let Some(connected) = error.connect_info() {
            connected.get_extras(&mut extras);
        }
        Self::of(extras.get::<Arc<Exchanges>>().map(AsRef::as_ref))
    }

    fn of(exchanges: Option<&Exchanges>) -> Self {
        Self {
            reused: exchanges.is_some_and(Exchanges::has_answered),
            http2: exchanges.is_some_and(Exchanges::is_http2),
            head: exchanges.map_or(Head::Nothing, Exchanges::head),
            remote: exchanges.and_then(Exchanges::remote),
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
