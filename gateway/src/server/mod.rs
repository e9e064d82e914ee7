//! The listener: plain or TLS, HTTP/1.1 and HTTP/2 on one port, bounds set on purpose (GW-08), and a stop that lets
//! requests under way finish.
//!
//! `connections` bounds how many connections there are, `connection` holds the state of one, `serve` runs one to its end,
//! `lines` notices malformed heads, `answers` bounds what is sent, and `client_authorities` verifies client certificates. Not here: what a request means (`web`).

pub mod answers;
mod bind;
pub mod client_authorities;
mod connection;
mod connections;
mod lines;
mod serve;
mod times;
pub mod tls;

use std::{sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{answers::Answers, bind::bind, connections::Bounds, times::Times};
use self::{connections::Connections, serve::Server};
use crate::config::Limits;

/// How long to wait before accepting again when the system gives no connection (too many open files).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A listener and what it serves.
pub struct Listener {
    /// The bound socket.
    pub socket: TcpListener,
    /// The certificate; `None` for plain HTTP.
    pub tls: Option<Arc<tls::Certificate>>,
    /// The routes.
    pub router: Router,
    /// The bounds of its connections.
    pub bounds: Bounds,
    /// The bytes of answers, shared by the listeners of a node.
    pub answers: Arc<Answers>,
}

/// Serves until `stop` is cancelled, then lets requests under way finish for at most `drain`.
pub async fn serve(listener: Listener, limits: &Limits, stop: CancellationToken, drain: Duration) {
    let Listener { socket, tls, router, bounds, answers } = listener;
    let connections = Arc::new(Connections::new(bounds));
    answers.watch(&connections);
    let server = Arc::new(Server::new(router, tls, answers, limits, stop.clone()));
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
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
        let Some(slot) = connections.admit(peer.ip(), Instant::now()) else { continue };
        // Without it small answers wait for acknowledgements; a failure costs only time.
        let _ = stream.set_nodelay(true);
        tasks.spawn(Arc::clone(&server).run(stream, peer, slot));
    }
    drop(socket);
    tasks.close();
    if tokio::time::timeout(drain, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "connections were cut off at the stop");
    }
}
