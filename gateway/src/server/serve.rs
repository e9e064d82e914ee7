//! One connection from its acceptance to its end: TLS, HTTP, and the moments at which it is over time.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures_util::{StreamExt, stream::FuturesUnordered};
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tower::Service;
use web::auth::{certificates::Shown, failures::Failures};

use super::{
    answers::{Answer, Answers, problem, unavailable},
    client_authorities,
    connection::{Connection, Kind, Verdict},
    connections::Slot,
    lines::{BareLine, Watched},
    times::Times,
    tls,
};
use crate::{config::Limits, telemetry::connections::ended};

/// How long an idle connection may still be open after its end was announced.
const RETIREMENT: Duration = Duration::from_secs(5);

/// Headers beyond the limit that are still read, to be refused in words.
const SPARE_HEADERS: usize = 64;

/// Requests under way on one HTTP/2 connection.
const STREAMS: u32 = 64;

/// Paths that are answered when there is no room for other requests.
const HEALTH: [&str; 2] = ["/livez", "/readyz"];

/// What a connection has to react to besides bytes.
enum Signal {
    /// It makes room for another one.
    Close,
    /// The gateway stops.
    Stop,
    /// Its times have to be checked.
    Check,
}

/// What every connection of a listener needs.
pub(super) struct Server {
    router: Router,
    tls: Option<Arc<tls::Certificate>>,
    answers: Arc<Answers>,
    protocol: auto::Builder<TokioExecutor>,
    times: Times,
    stop: CancellationToken,
}

impl Server {
    pub fn new(
        router: Router,
        tls: Option<Arc<tls::Certificate>>,
        answers: Arc<Answers>,
        limits: &Limits,
        stop: CancellationToken,
    ) -> Self {
        Self { router, tls, answers, protocol: protocol(limits), times: Times::new(limits), stop }
    }

    /// Serves a connection to its end.
    pub async fn run(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, slot: Slot) {
        let connection = Arc::clone(&slot.connection);
        let Some(certificate) = &self.tls else {
            return self.serve(stream, peer, None, &connection).await;
        };
        let accepting = certificate.acceptor().accept(stream);
        let accepted = tokio::select! {
            accepted = timeout_at(connection.first_request(&self.times), accepting) => accepted,
            () = connection.closed() => return ended("full"),
            () = self.stop.cancelled() => return,
        };
        match accepted {
            Ok(Ok(stream)) => {
                let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
                let shown = Shown::new(certificates.iter().map(|der| der.to_vec()));
                self.serve(stream, peer, shown, &connection).await;
            }
            Ok(Err(error)) => handshake_failed(peer, &error),
            Err(_) => ended("first-request"),
        }
    }

    async fn serve(
        self: &Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        shown: Option<Shown>,
        connection: &Arc<Connection>,
    ) {
        let bare_line = Arc::<BareLine>::default();
        let stream = TokioIo::new(Watched::new(stream, Arc::clone(&bare_line)));
        let server = Arc::clone(self);
        let own = Arc::clone(connection);
        let service = hyper::service::service_fn(move |request| {
            let (server, own, bare_line) = (Arc::clone(&server), Arc::clone(&own), Arc::clone(&bare_line));
            let shown = shown.clone();
            async move { server.answer(request, peer, shown, &own, &bare_line).await }
        });
        let mut serving = pin!(self.protocol.serve_connection(stream, service));
        let mut check = connection.first_request(&self.times);
        let (mut stopping, mut retired) = (false, false);
        // This set polls a signal only when it fires, not each time that bytes arrive: the token is shared by all connections.
        let mut signals = FuturesUnordered::new();
        signals.push(self.signal(connection, check, stopping));
        loop {
            let signal = tokio::select! {
                biased;
                result = serving.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%peer, %error, "connection ended");
                    }
                    return;
                }
                Some(signal) = signals.next() => signal,
            };
            match signal {
                Signal::Close => return ended("full"),
                Signal::Stop => {
                    stopping = true;
                    serving.as_mut().graceful_shutdown();
                }
                Signal::Check => match connection.check(Instant::now(), &self.times) {
                    Verdict::Keep(until) => check = until,
                    Verdict::Close(reason) => {
                        tracing::debug!(%peer, reason, "connection closed");
                        return ended(reason);
                    }
                    Verdict::Retire if retired => return ended("idle"),
                    Verdict::Retire => {
                        retired = true;
                        serving.as_mut().graceful_shutdown();
                        check = Instant::now() + RETIREMENT;
                    }
                },
            }
            signals.push(self.signal(connection, check, stopping));
        }
    }

    /// The next signal for a connection whose check is due at `check`.
    async fn signal(&self, connection: &Connection, check: Instant, stopping: bool) -> Signal {
        tokio::select! {
            () = connection.closed() => Signal::Close,
            () = self.stop.cancelled(), if !stopping => Signal::Stop,
            () = sleep_until(check) => Signal::Check,
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        shown: Option<Shown>,
        connection: &Arc<Connection>,
        bare_line: &BareLine,
    ) -> Result<Response<Answer>, Infallible> {
        let (number, under_way) = connection.begin();
        if bare_line.is_in(number) {
            let detail = "A line of the head ends without a carriage return.";
            let mut response = problem(StatusCode::BAD_REQUEST, "invalid-request", "Invalid request", detail);
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            return Ok(self.answers.send(under_way, response));
        }
        if connection.kind == Kind::Reserve && !HEALTH.contains(&request.uri().path()) {
            let mut response = unavailable("The gateway has no room for more connections.");
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            return Ok(self.answers.send(under_way, response));
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(shown) = shown {
            request.extensions_mut().insert(shown);
        }
        let Ok(response) = self.router.clone().call(request).await;
        Ok(self.answers.send(under_way, response))
    }
}

/// Counts and logs a handshake that failed because of the certificate of the client; others are of no interest.
fn handshake_failed(peer: SocketAddr, error: &std::io::Error) {
    tracing::debug!(%peer, %error, "TLS handshake failed");
    let error = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    if let Some(error @ rustls::Error::InvalidCertificate(_)) = error {
        let address = Some(peer.ip().to_canonical());
        Failures::count_certificate(address, client_authorities::reason(error).into(), None, None);
    }
}

/// The bounds: more than the configuration allows, so that our own check comes first and can answer in words. (Room for
/// headers is reserved for every request, so not much more.)
fn protocol(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.idle_seconds))
        .max_headers(limits.headers.saturating_add(SPARE_HEADERS))
        .max_buf_size(limits.header_bytes.saturating_mul(2));
    protocol
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(limits.idle_seconds))
        .max_concurrent_streams(STREAMS)
        .adaptive_window(true)
        .max_header_list_size(u32::try_from(limits.header_bytes.saturating_mul(2)).unwrap_or(u32::MAX));
    protocol
}
