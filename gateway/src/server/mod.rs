//! The listener: plain or TLS, HTTP/1.1 and HTTP/2 on one port, bounds set on purpose (GW-08), and a stop that lets
//! requests under way finish.

pub mod tls;

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use crate::config::Limits;

/// How long a connection may stay open without a request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long to wait before accepting again when the system gives no connection (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bytes hyper buffers of one HTTP/1 message head at least; its own default.
const LEAST_BUFFER: usize = 417_792;

/// Headers beyond the limit that are still read, to be refused in words.
const SPARE_HEADERS: usize = 64;

/// Requests under way on one HTTP/2 connection.
const STREAMS: u32 = 256;

/// Serves until `stop` is cancelled, then lets requests under way finish for at most `drain`.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<tls::Certificate>>,
    router: Router,
    limits: &Limits,
    stop: CancellationToken,
    drain: Duration,
) {
    let protocol = protocol(limits);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Without it small answers wait for acknowledgements; a failure costs only time.
        let _ = stream.set_nodelay(true);
        let (protocol, router, stop, tls) = (protocol.clone(), router.clone(), stop.clone(), tls.clone());
        connections.spawn(async move {
            match tls {
                None => converse(protocol, stream, peer, router, stop).await,
                Some(certificate) => {
                    if let Some(stream) = encrypt(&certificate, stream, peer).await {
                        converse(protocol, stream, peer, router, stop).await;
                    }
                }
            }
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(left = connections.len(), "connections were cut off at the stop");
    }
}

/// The bounds: more than the configuration allows, so that our own check comes first and can answer in words. (Room for
/// headers is reserved for every request, so not much more.)
fn protocol(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(KEEP_ALIVE)
        .max_headers(limits.headers.saturating_add(SPARE_HEADERS))
        .max_buf_size(limits.header_bytes.saturating_mul(2).max(LEAST_BUFFER));
    protocol
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .max_concurrent_streams(STREAMS)
        .adaptive_window(true)
        .max_header_list_size(u32::try_from(limits.header_bytes.saturating_mul(2)).unwrap_or(u32::MAX));
    protocol
}

async fn encrypt(
    certificate: &tls::Certificate,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    match tokio::time::timeout(HANDSHAKE, certificate.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::debug!(%peer, %error, "TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

async fn converse(
    protocol: auto::Builder<TokioExecutor>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    let service = hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, error = %error, "connection ended");
    }
}
